using static Acceptance.Tests.Suite.Gcp.BigQueryWire;

namespace Acceptance.Tests.Suite.Gcp;

/// <summary>What several clients at once, and clients that are cut, find afterwards.</summary>
public sealed class BigQueryConcurrencyTests : IAsyncLifetime
{
    private const string Endless = "INSERT INTO d.t SELECT a FROM UNNEST(GENERATE_ARRAY(1, 50000)) AS a, UNNEST(GENERATE_ARRAY(1, 50000)) AS b";

    private BigQueryWire _bigquery = null!;

    public async ValueTask InitializeAsync() => _bigquery = await StartAsync();

    public ValueTask DisposeAsync() => _bigquery.DisposeAsync();

    [Fact]
    public async Task Jobs_that_append_to_a_table_that_none_has_made_yet_all_succeed()
    {
        var jobs = await Task.WhenAll(Enumerable.Range(0, 8).Select(index => _bigquery.JobAsync(Writing($"SELECT {index} AS x", "WRITE_APPEND"))));

        jobs.Select(job => (string?)job["status"]!["errorResult"]?["message"]).Should().OnlyContain(message => message == null);
        (await _bigquery.RowsAsync("SELECT COUNT(*) FROM d.t")).Should().Equal("8");
    }

    [Fact]
    public async Task Changes_and_queries_beside_truncations_meet_the_table_before_or_after_them()
    {
        await _bigquery.QueryAsync("CREATE TABLE t AS SELECT 1 AS x");

        var jobs = await Task.WhenAll(Enumerable.Range(0, 12).Select(index => _bigquery.JobAsync((index % 3) switch
        {
            0 => Writing("SELECT 1 AS x", "WRITE_TRUNCATE"),
            1 => """{"query": {"query": "UPDATE d.t SET x = x + 1 WHERE TRUE", "useLegacySql": false}}""",
            _ => """{"query": {"query": "SELECT SUM(x) FROM d.t", "useLegacySql": false}}""",
        })));

        jobs.Select(job => (string?)job["status"]!["errorResult"]?["message"]).Should().OnlyContain(message => message == null);
    }

    [Theory]
    [InlineData("d")]
    [InlineData("d/tables/t")]
    public async Task Of_changes_that_know_the_same_tag_one_is_made(string resource)
    {
        await _bigquery.QueryAsync("CREATE TABLE t AS SELECT 1 AS x");
        var tag = (string)(await _bigquery.GetAsync($"{Root}/datasets/{resource}")).Json["etag"]!;

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(index =>
            _bigquery.PatchAsync($"{Root}/datasets/{resource}", $$"""{"description": "{{new string('x', 20_000)}}{{index}}"}""", ("If-Match", tag))));

        answers.Count(answer => answer.Status == 200).Should().Be(1);
        answers.Where(answer => answer.Status != 200).Should().OnlyContain(answer => answer.Status == 412);
    }

    [Fact]
    public async Task A_row_whose_writing_was_cut_is_written_when_it_is_sent_again()
    {
        await _bigquery.QueryAsync("CREATE TABLE t (x INT64)");
        var busy = await _bigquery.PostAsync($"{Root}/jobs", $$"""{"configuration": {"query": {"query": "{{Endless}}", "useLegacySql": false} }, "jobReference": {"projectId": "acc-lab", "jobId": "busy"} }""");
        await _bigquery.RunningAsync(busy.Json);
        using var cut = new CancellationTokenSource(TimeSpan.FromSeconds(1));

        var first = () => _bigquery.SendAsync(HttpMethod.Post, $"{Root}/datasets/d/tables/t/insertAll", Row, cut.Token);
        await first.Should().ThrowAsync<OperationCanceledException>();
        await _bigquery.SendAsync(HttpMethod.Post, $"{Root}/jobs/busy/cancel?location=europe-west1");
        await _bigquery.DoneAsync(busy.Json);
        var again = await _bigquery.SendAsync(HttpMethod.Post, $"{Root}/datasets/d/tables/t/insertAll", Row);

        again.Status.Should().Be(200, "{0}", again.Text);
        (await _bigquery.RowsAsync("SELECT x FROM d.t")).Should().Equal("-1");
    }

    private static StringContent Row => Json("""{"rows": [{"insertId": "a", "json": {"x": -1}}]}""");

    private static string Writing(string sql, string disposition) =>
        $$$"""{"query": {"query": "{{{sql}}}", "useLegacySql": false, "destinationTable": {"projectId": "acc-lab", "datasetId": "d", "tableId": "t"}, "writeDisposition": "{{{disposition}}}"}}""";
}
