using Acceptance.Platform.CloudRun;
using Acceptance.Platform.Gcp.BigQuery;
using Acceptance.Platform.Gcp.Storage;
using Acceptance.Platform.Waiting;

namespace Acceptance.Tests.CloudRun;

/// <summary>Reads what a job gave back, without the job.</summary>
internal static class GivenBack
{
    /// <summary>Every row of a table, those that were just streamed in too.</summary>
    public static async Task<IReadOnlyList<BigQueryRow>> RowsOf(this BigQueryClient bigQuery, TableReference table, CancellationToken cancellationToken) =>
        await (await bigQuery.ExecuteQueryAsync($"SELECT * FROM {table.Sql}", cancellationToken)).GetRowsAsync(cancellationToken).ToListAsync(cancellationToken);

    /// <summary>The same, once so many rows are there, and of those that come later: a query sees a row some seconds after it was streamed, and one that was streamed twice as well.</summary>
    public static async Task<IReadOnlyList<BigQueryRow>> RowsOf(this CloudRunFixture cloudRun, TableReference table, int count, CancellationToken cancellationToken)
    {
        var bigQuery = await cloudRun.BigQuery();
        var wait = cloudRun.Patience($"{count} rows", $"SELECT * FROM {table.Sql} in BigQuery's console") with { Hold = cloudRun.Known.Within / 60 };
        var settled = await Eventually.Default.SettleAsync(
            $"The rows of {table}", token => bigQuery.RowsOf(table, token), rows => $"{rows.Count} rows", rows => rows.Count >= count, wait, cancellationToken);
        return settled.Judge();
    }

    /// <summary>The files below a prefix. An object whose name ends with a slash is none: gcsfuse makes one where a program makes a directory (docs/semantics.md of github.com/GoogleCloudPlatform/gcsfuse).</summary>
    public static IAsyncEnumerable<StoredObject> FilesOf(this GcsClient storage, BucketName bucket, string prefix, CancellationToken cancellationToken) =>
        storage.ListObjectsAsync(bucket, new ObjectQuery { Prefix = prefix }, cancellationToken).Where(stored => !stored.Path.Name.EndsWith('/'));

    /// <summary>Name and text of each file below a prefix.</summary>
    public static async Task<IReadOnlyList<string>> TextsOf(this GcsClient storage, BucketName bucket, string prefix, CancellationToken cancellationToken)
    {
        var texts = new List<string>();
        await foreach (var stored in storage.FilesOf(bucket, prefix, cancellationToken))
        {
            texts.Add($"{stored.Path.Name} {await storage.TextOf(stored.Path, cancellationToken)}");
        }

        return texts;
    }

    /// <summary>The text of an object.</summary>
    public static async Task<string> TextOf(this GcsClient storage, ObjectPath path, CancellationToken cancellationToken)
    {
        using var memory = new MemoryStream();
        await storage.DownloadAsync(path, memory, new ReadOptions(), cancellationToken);
        return System.Text.Encoding.UTF8.GetString(memory.ToArray());
    }
}
