using System.Text;
using Acceptance.Platform.Gcp.Storage;

namespace Acceptance.Tests.Suite.Gcp.Storage;

/// <summary>A folder of the twin's bucket that one test has to itself, and the client that writes there.</summary>
internal sealed class GcsFolder(GcpTwin twin)
{
    public static readonly BucketName Bucket = BucketName.Parse("acc-lab-data");

    public string Name { get; } = $"client-{Guid.NewGuid():n}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));

    public static async Task<string> ReadAsync(GcsClient gcs, ObjectPath path, ByteRange? range)
    {
        using var back = new MemoryStream();
        await gcs.DownloadAsync(path, back, new ReadOptions { Range = range }, Cancel);
        return Encoding.UTF8.GetString(back.ToArray());
    }

    public ObjectPath Path(string name) => new(Bucket, $"{Name}/{name}");

    public async Task<GcsClient> ClientAsync() => new(twin.Pipeline, twin.AddressOf("gcs"), await twin.AsAsync(GcpTwin.Recette), twin.Limits);

    /// <summary>A session that has the first 256 KiB of a content.</summary>
    public async Task<Uri> BegunAsync(GcsClient gcs, ObjectPath path, byte[] content)
    {
        var session = await gcs.BeginUploadAsync(path, content.Length, new UploadOptions(), Cancel);
        using var http = await twin.ClientAsync("gcs", GcpTwin.Recette);
        using var part = new ByteArrayContent(content, 0, 256 * 1024);
        part.Headers.TryAddWithoutValidation("Content-Range", $"bytes 0-262143/{content.Length}");
        using var answer = await http.PutAsync(session, part, Cancel);
        return session;
    }
}
