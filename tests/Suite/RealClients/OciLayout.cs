using System.Security.Cryptography;
using Acceptance.Platform.Harbor.Oci;

namespace Acceptance.Tests.Suite.RealClients;

/// <summary>An image, or an index of images, as files (opencontainers/image-spec, image-layout.md).</summary>
/// <param name="Folder">Where it is.</param>
/// <param name="Top">What its name stands for.</param>
internal sealed record OciLayout(string Folder, Manifest Top)
{
    private const string Name = "v1";

    /// <summary>As skopeo names it.</summary>
    public string Source => SourceAt(Folder);

    /// <summary>The name of a layout that is, or is to be, in a folder.</summary>
    public static string SourceAt(string folder) => $"oci:{folder}:{Name}";

    /// <summary>An image whose one layer has this many random bytes, which no registry has yet.</summary>
    public static async Task<OciLayout> OfImageAsync(string folder, int size, CancellationToken cancellationToken)
    {
        var image = await BuildAsync(size, cancellationToken);
        return await WriteAsync(folder, image.Manifest, [image], cancellationToken);
    }

    /// <summary>An index of two images, for two kinds of machine.</summary>
    public static async Task<OciLayout> OfIndexAsync(string folder, CancellationToken cancellationToken)
    {
        OciImage[] images = [await BuildAsync(1000, cancellationToken), await BuildAsync(1000, cancellationToken)];
        string[] architectures = ["amd64", "arm64"];
        var index = Manifest.Of(new ImageIndex(2, [.. images.Zip(
            architectures, (image, architecture) => image.Manifest.Descriptor with { Platform = new ImagePlatform(architecture, "linux") })])
        {
            MediaType = OciMediaTypes.ImageIndex,
        });
        return await WriteAsync(folder, index, images, cancellationToken);
    }

    /// <summary>The files of a layout's blobs: their names, and the sha256 of what is in them.</summary>
    public static IReadOnlyDictionary<string, string> BlobsAt(string folder) =>
        new DirectoryInfo(Path.Combine(folder, "blobs", "sha256")).EnumerateFiles()
            .ToDictionary(file => file.Name, file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file.FullName))));

    private static Task<OciImage> BuildAsync(int size, CancellationToken cancellationToken) =>
        OciImage.Build().WithLayer(new LayerFile("data", RandomNumberGenerator.GetBytes(size))).WithLabel("made-by", "acceptance").BuildAsync(cancellationToken);

    private static async Task<OciLayout> WriteAsync(string folder, Manifest top, IEnumerable<OciImage> images, CancellationToken cancellationToken)
    {
        var blobs = Directory.CreateDirectory(Path.Combine(folder, "blobs", "sha256")).FullName;
        foreach (var image in images)
        {
            await WriteManifestAsync(image.Manifest);
            foreach (var blob in image.Blobs)
            {
                await using var file = File.Create(Path.Combine(blobs, blob.Descriptor.Digest.Hex));
                await using var bytes = blob.Source.Open();
                await bytes.CopyToAsync(file, cancellationToken);
            }
        }

        await WriteManifestAsync(top);
        var named = top.Descriptor with { Annotations = new Dictionary<string, string> { ["org.opencontainers.image.ref.name"] = Name } };
        await File.WriteAllBytesAsync(Path.Combine(folder, "index.json"), Manifest.Of(new ImageIndex(2, [named])).Bytes, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""", cancellationToken);
        return new OciLayout(folder, top);

        Task WriteManifestAsync(Manifest manifest) =>
            File.WriteAllBytesAsync(Path.Combine(blobs, manifest.Digest.Hex), manifest.Bytes, cancellationToken);
    }
}
