using Acceptance.Platform.CloudRun;
using Acceptance.Platform.Gcp.BigQuery;
using Acceptance.Platform.Gcp.Storage;

namespace Acceptance.Tests.CloudRun;

/// <summary>Reads what a job gave back, without the job.</summary>
internal static class GivenBack
{
    /// <summary>Every row of a table, those that were just streamed in too.</summary>
    public static async Task<IReadOnlyList<BigQueryRow>> RowsOf(this BigQueryClient bigQuery, TableReference table, CancellationToken cancellationToken) =>
        await (await bigQuery.ExecuteQueryAsync($"SELECT * FROM {table.Sql}", cancellationToken)).GetRowsAsync(cancellationToken).ToListAsync(cancellationToken);

    /// <summary>The same, once so many rows are there: a query sees a row some seconds after it was streamed.</summary>
    public static Task<IReadOnlyList<BigQueryRow>> RowsOf(this CloudRunFixture cloudRun, TableReference table, int count, CancellationToken cancellationToken) => cloudRun.Settled(
        $"{count} rows of {table}", async token => await (await cloudRun.BigQuery()).RowsOf(table, token), rows => rows.Count >= count, cancellationToken);

    /// <summary>Name and text of each object below a prefix.</summary>
    public static async Task<IReadOnlyList<string>> TextsOf(this GcsClient storage, BucketName bucket, string prefix, CancellationToken cancellationToken)
    {
        var texts = new List<string>();
        await foreach (var stored in storage.ListObjectsAsync(bucket, new ObjectQuery { Prefix = prefix }, cancellationToken))
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
