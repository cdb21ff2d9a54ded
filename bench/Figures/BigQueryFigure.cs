using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Acceptance.StandIns.Hosting;
using DuckDB.NET.Data;

namespace Acceptance.Bench;

/// <summary>
/// What the BigQuery stand-in adds to its engine: the load of a Parquet file from Cloud Storage and an aggregate query, each against
/// the same in DuckDB alone, in turns. Then a large result is read page by page, and memory with it.
/// </summary>
internal static class BigQueryFigure
{
    private const string Account = "data-scientist@example.test";

    /// <summary>An aggregate takes a few hundredths of a second: one alone would measure the machine's other work.</summary>
    private const int Turns = 9;

    public static async Task MeasureAsync(int rows, int rounds, TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("acceptance-figure-");
        try
        {
            var parquet = Path.Combine(folder.FullName, "scores.parquet");
            ScoreRows.WriteParquet(parquet, rows);
            await using var twin = await Twin.StartAsync(new TwinOptions());
            using var http = await ClientAsync(twin);
            await PutAsync(twin, http, parquet);
            await PostAsync(http, "datasets", """{"datasetReference": {"datasetId": "figure"}, "location": "europe-west1"}""");
            await RoundAsync(http, parquet, Path.Combine(folder.FullName, "warm.duckdb"), "warm");
            var (loads, queries) = (new List<double>(), new List<double>());
            for (var round = 1; round <= rounds; round++)
            {
                var (load, query) = await RoundAsync(http, parquet, Path.Combine(folder.FullName, $"{round}.duckdb"), $"t{round}");
                loads.Add(load.StandIn / load.Engine);
                queries.Add(query.StandIn / query.Engine);
                await output.WriteLineAsync(FormattableString.Invariant(
                    $"BigQuery, {rows} rows, round {round}: load {load.StandIn:0.00} s, DuckDB alone {load.Engine:0.00} s; aggregate {query.StandIn:0.000} s, DuckDB alone {query.Engine:0.000} s"));
            }

            await output.WriteLineAsync(FormattableString.Invariant(
                $"BigQuery, median ratio: load {Median(loads):0.00}, aggregate {Median(queries):0.00} (each at most 1.5)"));
            await PagesAsync(http, output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<((double StandIn, double Engine) Load, (double StandIn, double Engine) Query)> RoundAsync(HttpClient http, string parquet, string file, string table)
    {
        var load = await SecondsAsync(() => JobAsync(http, $$$"""
            {"load": {"destinationTable": {"projectId": "acc-lab", "datasetId": "figure", "tableId": "{{{table}}}"}, "sourceUris": ["gs://acc-lab-data/scores.parquet"], "sourceFormat": "PARQUET"}}
            """));
        using var connection = new DuckDBConnection($"DataSource={file}");
        await connection.OpenAsync();
        var engineLoad = await SecondsAsync(() => RunAsync(connection, $"CREATE TABLE t AS SELECT * FROM read_parquet('{parquet}')"));
        var (queries, engineQueries) = (new List<double>(), new List<double>());
        for (var turn = 0; turn < Turns; turn++)
        {
            queries.Add(await SecondsAsync(() => QueryAsync(http, Aggregate($"figure.{table}"))));
            engineQueries.Add(await SecondsAsync(() => RunAsync(connection, Aggregate("t"))));
        }

        return ((load, engineLoad), (Median(queries), Median(engineQueries)));
    }

    private static async Task PagesAsync(HttpClient http, TextWriter output)
    {
        var answer = await QueryAsync(http, "SELECT client_id, segment, proba FROM figure.t1");
        var job = (string)answer["jobReference"]!["jobId"]!;
        var (read, pages, clock) = (((JsonArray)answer["rows"]!).Count, 1, Stopwatch.StartNew());
        var (before, peak) = (Resident(), 0L);
        for (var token = (string?)answer["pageToken"]; token is not null; pages++)
        {
            await using var stream = await http.GetStreamAsync($"queries/{job}?location=europe-west1&maxResults=50000&pageToken={token}");
            using var page = await JsonDocument.ParseAsync(stream);
            read += page.RootElement.GetProperty("rows").GetArrayLength();
            token = page.RootElement.TryGetProperty("pageToken", out var next) ? next.GetString() : null;
            peak = Math.Max(peak, Resident());
        }

        await output.WriteLineAsync(FormattableString.Invariant(
            $"BigQuery, a result of {read} rows in {pages} pages: {clock.Elapsed.TotalSeconds:0.0} s; memory of reader and stand-in {before >> 20} MB before, {(peak - before) >> 20} MB more at most (flat: a page and the engine's buffers)"));
    }

    private static async Task<HttpClient> ClientAsync(Twin twin)
    {
        var http = new HttpClient { BaseAddress = new Uri(new Uri(twin.Variables["ACCEPTANCE_BIGQUERY_URL"]), "bigquery/v2/projects/acc-lab/"), Timeout = TimeSpan.FromMinutes(5) };
        var token = JsonNode.Parse(await http.GetStringAsync(new Uri(new Uri(twin.Variables["ACCEPTANCE_GCP_AUTH_URL"]), $"_standin/gcp-auth/token/{Account}")))!["access_token"]!;
        http.DefaultRequestHeaders.Authorization = new("Bearer", (string)token!);
        return http;
    }

    /// <summary>A file that appears in a bucket's directory is an object; it is asked for once, so that its checksums are no part of the figure.</summary>
    private static async Task PutAsync(Twin twin, HttpClient http, string parquet)
    {
        var storage = new Uri(twin.Variables["ACCEPTANCE_GCS_URL"]);
        var directory = (string)JsonNode.Parse(await http.GetStringAsync(new Uri(storage, "_standin/gcs/buckets/acc-lab-data/directory")))!["directory"]!;
        File.Copy(parquet, Path.Combine(directory, "scores.parquet"));
        await http.GetStringAsync(new Uri(storage, "storage/v1/b/acc-lab-data/o/scores.parquet"));
    }

    private static async Task JobAsync(HttpClient http, string configuration)
    {
        var job = await PostAsync(http, "jobs", $$"""{"configuration": {{configuration}}}""");
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((string?)job["status"]!["state"] != "DONE")
        {
            await pace.WaitForNextTickAsync();
            job = JsonNode.Parse(await http.GetStringAsync($"jobs/{job["jobReference"]!["jobId"]}?location=europe-west1"))!;
        }

        if (job["status"]!["errorResult"] is { } error)
        {
            throw new InvalidOperationException(error.ToJsonString());
        }
    }

    private static Task<JsonNode> QueryAsync(HttpClient http, string sql) =>
        PostAsync(http, "queries", $$"""{"query": "{{sql}}", "useLegacySql": false, "maxResults": 50000, "timeoutMs": 200000}""");

    private static async Task<JsonNode> PostAsync(HttpClient http, string path, string body)
    {
        using var answer = await http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException(text);
    }

    private static async Task RunAsync(DuckDBConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
        }
    }

    private static async Task<double> SecondsAsync(Func<Task> act)
    {
        var clock = Stopwatch.StartNew();
        await act();
        return clock.Elapsed.TotalSeconds;
    }

    private static string Aggregate(string table) =>
        $"SELECT segment, COUNT(*), AVG(proba), SUM(nb_ops), MAX(f5) FROM {table} WHERE decile > 1 GROUP BY segment ORDER BY segment";

    private static long Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
