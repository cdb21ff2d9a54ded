using System.Text.Json.Nodes;
using static Acceptance.Tests.Suite.Gcp.BigQueryWire;

namespace Acceptance.Tests.Suite.Gcp;

public sealed class BigQueryFaultTests : IAsyncLifetime
{
    private BigQueryWire _bigquery = null!;

    public async ValueTask InitializeAsync()
    {
        _bigquery = await StartAsync();
        await _bigquery.QueryAsync("CREATE TABLE t AS SELECT 1 AS id, TIMESTAMP '2024-06-01 12:00:00.123456' AS seen");
    }

    public ValueTask DisposeAsync() => _bigquery.DisposeAsync();

    [Theory]
    [InlineData("B1", 404, "notFound", "Not found: Dataset acc-lab:d was not found in location US")]
    [InlineData("B2", 404, "notFound", "Not found: Dataset acc-lab:d was not found in location europe-west1")]
    [InlineData("B9", 403, "accessDenied", "Access Denied: Table acc-lab:d.t")]
    [InlineData("B12", 403, "responseTooLarge", "Response too large to return")]
    [InlineData("B13", 400, "jobBackendError", "Error encountered during execution")]
    public async Task A_query_meets_the_fault_as_BigQuery_says_it(string id, int status, string reason, string message)
    {
        _bigquery.Faults.SwitchOn(id);

        var refused = await _bigquery.QueryAsync("SELECT id FROM t ORDER BY id");

        refused.Refusal.Should().Be((status, reason));
        refused.Message.Should().StartWith(message);
        _bigquery.Faults.Hits(id).Should().Be(1);
    }

    [Fact]
    public async Task B1_is_no_matter_to_who_names_the_location()
    {
        _bigquery.Faults.SwitchOn("B1");

        (await _bigquery.QueryAsync("SELECT id FROM t", "\"location\": \"europe-west1\"")).Status.Should().Be(200);
    }

    [Fact]
    public async Task B4_takes_the_bucket_to_lie_elsewhere()
    {
        await _bigquery.PutObjectAsync("acc-lab-data", "a.csv", "1\n"u8.ToArray());
        _bigquery.Faults.SwitchOn("B4");

        var job = await _bigquery.JobAsync("""{"load": {"destinationTable": {"projectId": "acc-lab", "datasetId": "d", "tableId": "l"}, "sourceUris": ["gs://acc-lab-data/a.csv"], "autodetect": true}}""");

        ((string?)job["status"]!["errorResult"]!["message"]).Should().StartWith("Cannot read and write in different locations");
    }

    [Fact]
    public async Task B5_hides_a_failure_behind_200()
    {
        _bigquery.Faults.SwitchOn("B5");

        var answer = await _bigquery.QueryAsync("SELECT 1 / 0");

        (answer.Status, (bool?)answer.Json["jobComplete"], answer.Json["rows"]).Should().Be((200, true, null));
        ((string?)answer.Json["errors"]![0]!["reason"]).Should().Be("invalidQuery");
    }

    [Fact]
    public async Task B6_takes_no_row_and_answers_200()
    {
        _bigquery.Faults.SwitchOn("B6");

        var answer = await _bigquery.PostAsync($"{Root}/datasets/d/tables/t/insertAll", """{"rows": [{"json": {"id": 5}}]}""");

        (answer.Status, answer.Json["insertErrors"]!.AsArray().Count).Should().Be((200, 1));
        (await _bigquery.RowsAsync("SELECT COUNT(*) FROM t")).Should().Equal("1");
    }

    [Fact]
    public async Task B7_keeps_rows_in_the_streaming_buffer_for_ninety_minutes()
    {
        await _bigquery.PostAsync($"{Root}/datasets/d/tables/t/insertAll", """{"rows": [{"json": {"id": 5}}]}""");
        _bigquery.Faults.SwitchOn("B7");

        var refused = await _bigquery.QueryAsync("DELETE FROM t WHERE id = 5");
        _bigquery.Clock.Advance(TimeSpan.FromMinutes(91));
        var token = await _bigquery.TokenAsync(Scientist);
        var deleted = await _bigquery.QueryAsync("DELETE FROM t WHERE id = 5", token: token);

        refused.Message.Should().Be("DELETE statement over table acc-lab.d.t would affect rows in the streaming buffer, which is not supported");
        ((string?)deleted.Json["numDmlAffectedRows"]).Should().Be("1");
    }

    [Fact]
    public async Task B8_asks_to_come_back_and_lets_the_third_try_pass()
    {
        _bigquery.Faults.SwitchOn("B8");

        var first = await _bigquery.QueryAsync("SELECT 1");
        var second = await _bigquery.QueryAsync("SELECT 1");
        var third = await _bigquery.QueryAsync("SELECT 1");
        var streamed = await _bigquery.PostAsync($"{Root}/datasets/d/tables/t/insertAll", """{"rows": [{"json": {"id": 5}}]}""");

        (first.Refusal, first["Retry-After"], second.Status, third.Status).Should().Be(((403, "rateLimitExceeded"), "1", 403, 200));
        streamed.Refusal.Should().Be((403, "quotaExceeded"));
    }

    [Fact]
    public async Task B9_lets_an_administrator_read()
    {
        _bigquery.Faults.SwitchOn("B9");

        (await _bigquery.RowsAsync("SELECT id FROM t", await _bigquery.TokenAsync(BigQueryWire.Recette))).Should().Equal("1");
    }

    [Fact]
    public async Task B11_finds_a_destination_full_that_is_empty()
    {
        _bigquery.Faults.SwitchOn("B11");

        var job = await _bigquery.JobAsync("""{"query": {"query": "SELECT 1 AS x", "useLegacySql": false, "destinationTable": {"projectId": "acc-lab", "datasetId": "d", "tableId": "fresh"}}}""");

        ((string?)job["status"]!["errorResult"]!["reason"]).Should().Be("duplicate");
    }

    [Fact]
    public async Task B13_passes_under_a_new_job_id()
    {
        _bigquery.Faults.SwitchOn("B13");
        await _bigquery.QueryAsync("SELECT 1");

        (await _bigquery.QueryAsync("SELECT 1")).Status.Should().Be(200);
    }

    [Fact]
    public async Task B14_answers_as_a_proxy_does_and_not_as_Google()
    {
        _bigquery.Faults.SwitchOn("B14");

        var asks = await _bigquery.QueryAsync("SELECT 1");
        var fails = await _bigquery.QueryAsync("SELECT 1");

        (asks.Status, asks["Proxy-Authenticate"], fails.Status).Should().Be((407, "Basic realm=\"proxy.example.test\"", 502));
        fails.Text.Should().StartWith("<html>");
    }

    [Fact]
    public async Task B15_gives_seconds_whatever_was_asked_for()
    {
        _bigquery.Faults.SwitchOn("B15");

        var answer = await _bigquery.QueryAsync("SELECT seen FROM t", "\"formatOptions\": {\"useInt64Timestamp\": true}");

        Rows(answer).Should().Equal("1.717243200123456E9");
    }
}
