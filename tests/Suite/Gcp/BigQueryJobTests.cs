using System.Text.Json.Nodes;
using static Acceptance.Tests.Suite.Gcp.BigQueryWire;

namespace Acceptance.Tests.Suite.Gcp;

public sealed class BigQueryJobTests : IAsyncLifetime
{
    private BigQueryWire _bigquery = null!;

    public async ValueTask InitializeAsync() => _bigquery = await StartAsync();

    public ValueTask DisposeAsync() => _bigquery.DisposeAsync();

    [Fact]
    public async Task Invalid_SQL_is_400_for_who_queries_and_the_result_of_a_job_for_who_inserts_one()
    {
        var asked = await _bigquery.QueryAsync("SELECT nothing");
        var job = await _bigquery.JobAsync("""{"query": {"query": "SELECT nothing", "useLegacySql": false}}""");

        asked.Refusal.Should().Be((400, "invalidQuery"));
        ((string?)job["status"]!["state"], (string?)job["status"]!["errorResult"]!["reason"], (string?)job["status"]!["errorResult"]!["message"])
            .Should().Be(("DONE", "invalidQuery", "Unrecognized name: nothing at [1:8]"));
    }

    [Fact]
    public async Task A_dry_run_says_schema_and_bytes_and_runs_nothing()
    {
        await _bigquery.QueryAsync("CREATE TABLE t AS SELECT 1 AS id, 'abc' AS name");

        var asked = await _bigquery.QueryAsync("SELECT name FROM t", "\"dryRun\": true");
        var job = await _bigquery.JobAsync("""{"dryRun": true, "query": {"query": "DELETE FROM d.t WHERE id > 0", "useLegacySql": false}}""");
        var wrong = await _bigquery.QueryAsync("SELECT nothing FROM t", "\"dryRun\": true");

        ((string?)asked.Json["totalBytesProcessed"], (string?)asked.Json["schema"]!["fields"]![0]!["type"], asked.Json["jobReference"]!["jobId"]).Should().Be(("5", "STRING", null));
        ((string?)job["statistics"]!["query"]!["statementType"], (string?)job["statistics"]!["totalBytesProcessed"]).Should().Be(("DELETE", "8"));
        wrong.Refusal.Should().Be((400, "invalidQuery"));
        (await _bigquery.RowsAsync("SELECT COUNT(*) FROM t")).Should().Equal("1");
    }

    [Fact]
    public async Task A_query_that_would_cost_more_than_it_may_is_not_run()
    {
        await _bigquery.QueryAsync("CREATE TABLE t AS SELECT 1 AS id");

        var refused = await _bigquery.QueryAsync("SELECT id FROM t", "\"maximumBytesBilled\": \"1000000\"");

        refused.Refusal.Should().Be((400, "bytesBilledLimitExceeded"));
        refused.Message.Should().Be("Query exceeded limit for bytes billed: 1000000. 10485760 or higher required.");
        (await _bigquery.QueryAsync("SELECT id FROM t", "\"maximumBytesBilled\": \"10485760\"")).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("WRITE_EMPTY", "duplicate", "1")]
    [InlineData("WRITE_APPEND", null, "1,2")]
    [InlineData("WRITE_TRUNCATE", null, "2")]
    public async Task A_write_disposition_decides_what_becomes_of_rows_that_are_there(string disposition, string? reason, string rows)
    {
        await _bigquery.QueryAsync("CREATE TABLE t AS SELECT 1 AS x");

        var job = await _bigquery.JobAsync($$$$$$"""{"query": {"query": "SELECT 2 AS x", "useLegacySql": false, "destinationTable": {"projectId": "acc-lab", "datasetId": "d", "tableId": "t"}, "writeDisposition": "{{{{{{disposition}}}}}}"}}""");

        ((string?)job["status"]!["errorResult"]?["reason"]).Should().Be(reason, "{0}", job.ToJsonString());
        string.Join(',', await _bigquery.RowsAsync("SELECT x FROM t ORDER BY x")).Should().Be(rows);
    }

    [Fact]
    public async Task A_destination_that_must_be_there_and_is_not_fails_the_job()
    {
        var job = await _bigquery.JobAsync("""{"query": {"query": "SELECT 2 AS x", "useLegacySql": false, "destinationTable": {"projectId": "acc-lab", "datasetId": "d", "tableId": "t"}, "createDisposition": "CREATE_NEVER"}}""");

        ((string?)job["status"]!["errorResult"]!["message"]).Should().Be("Not found: Table acc-lab:d.t was not found in location europe-west1");
    }

    [Fact]
    public async Task A_job_id_serves_once()
    {
        const string Job = """{"query": {"query": "SELECT 1", "useLegacySql": false}}""";
        await _bigquery.JobAsync(Job, """{"jobId": "once", "projectId": "acc-lab"}""");

        var again = await _bigquery.PostAsync($"{Root}/jobs", $$$"""{"configuration": {{{Job}}}, "jobReference": {"jobId": "once", "projectId": "acc-lab"}}""");
        var wrong = await _bigquery.PostAsync($"{Root}/jobs", $$$"""{"configuration": {{{Job}}}, "jobReference": {"jobId": "a b", "projectId": "acc-lab"}}""");

        again.Refusal.Should().Be((409, "duplicate"));
        again.Message.Should().StartWith("Already Exists: Job acc-lab:");
        wrong.Message.Should().StartWith("Invalid job ID \"a b\"");
    }

    [Fact]
    public async Task The_same_request_id_gives_the_same_job_for_a_quarter_of_an_hour()
    {
        await _bigquery.QueryAsync("CREATE TABLE t (x INT64)");

        var first = await _bigquery.QueryAsync("INSERT INTO t VALUES (1)", "\"requestId\": \"r\"");
        var same = await _bigquery.QueryAsync("INSERT INTO t VALUES (1)", "\"requestId\": \"r\", \"timeoutMs\": 5000");
        var other = await _bigquery.QueryAsync("INSERT INTO t VALUES (2)", "\"requestId\": \"r\"");
        _bigquery.Clock.Advance(TimeSpan.FromMinutes(16));
        var late = await _bigquery.QueryAsync("INSERT INTO t VALUES (1)", "\"requestId\": \"r\"");

        Id(same).Should().Be(Id(first));
        Id(other).Should().NotBe(Id(first));
        Id(late).Should().NotBe(Id(first));
        (await _bigquery.RowsAsync("SELECT x FROM t ORDER BY x")).Should().Equal("1", "1", "2");
        ((string?)first.Json["numDmlAffectedRows"], (string?)first.Json["dmlStats"]!["insertedRowCount"]).Should().Be(("1", "1"));
    }

    [Fact]
    public async Task A_job_is_found_in_its_own_location_only()
    {
        await _bigquery.PostAsync($"{Root}/datasets", """{"datasetReference": {"datasetId": "us"}, "location": "us"}""");

        var elsewhere = await _bigquery.QueryAsync("SELECT 1 FROM d.t", "\"location\": \"US\"");
        var both = await _bigquery.QueryAsync("SELECT * FROM d.INFORMATION_SCHEMA.TABLES UNION ALL SELECT * FROM us.INFORMATION_SCHEMA.TABLES");
        var there = await _bigquery.JobAsync("""{"query": {"query": "SELECT table_name FROM us.INFORMATION_SCHEMA.TABLES", "useLegacySql": false}}""", """{"projectId": "acc-lab", "jobId": "there", "location": "US"}""");

        elsewhere.Refusal.Should().Be((404, "notFound"));
        elsewhere.Message.Should().Be("Not found: Dataset acc-lab:d was not found in location US");
        both.Message.Should().Be("Not found: Dataset acc-lab:us was not found in location europe-west1");
        there["status"]!["errorResult"].Should().BeNull();
        (await _bigquery.GetAsync($"{Root}/jobs/there?location=europe-west1")).Refusal.Should().Be((404, "notFound"));
        (await _bigquery.GetAsync($"{Root}/jobs/there?location=US")).Status.Should().Be(200);
        (await _bigquery.GetAsync($"{Root}/jobs/there")).Status.Should().Be(200);
    }

    [Fact]
    public async Task Results_are_asked_for_with_the_jobs_location()
    {
        var asked = await _bigquery.QueryAsync("SELECT 1");

        (await _bigquery.GetAsync($"{Root}/queries/{Id(asked)}?location=europe-west1")).Status.Should().Be(200);
        (await _bigquery.GetAsync($"{Root}/queries/{Id(asked)}")).Refusal.Should().Be((404, "notFound"));
        (await _bigquery.GetAsync($"{Root}/queries/{Id(asked)}?location=US")).Message.Should().Be($"Not found: Job acc-lab:{Id(asked)}");
    }

    [Fact]
    public async Task A_job_is_listed_cancelled_and_deleted()
    {
        await _bigquery.JobAsync("""{"query": {"query": "SELECT 1", "useLegacySql": false}, "labels": {"run": "41"}}""", """{"jobId": "one", "projectId": "acc-lab"}""");

        var listed = await _bigquery.GetAsync($"{Root}/jobs?stateFilter=done&projection=full");
        var cancelled = await _bigquery.SendAsync(HttpMethod.Post, $"{Root}/jobs/one/cancel?location=europe-west1");
        var deleted = await _bigquery.SendAsync(HttpMethod.Delete, $"{Root}/jobs/one/delete?location=europe-west1", token: await _bigquery.TokenAsync(BigQueryWire.Recette));

        ((string?)listed.Json["jobs"]![0]!["configuration"]!["labels"]!["run"]).Should().Be("41");
        ((string?)cancelled.Json["kind"], (string?)cancelled.Json["job"]!["status"]!["state"]).Should().Be(("bigquery#jobCancelResponse", "DONE"));
        deleted.Status.Should().Be(204);
        (await _bigquery.GetAsync($"{Root}/jobs/one?location=europe-west1")).Refusal.Should().Be((404, "notFound"));
    }

    [Theory]
    [InlineData("{}", "exactly one job-specific configuration object")]
    [InlineData("""{"query": {"useLegacySql": false}}""", "Required parameter is missing: query")]
    [InlineData("""{"query": {"query": "SELECT 1", "useLegacySql": "maybe"}}""", "Invalid value at 'useLegacySql'")]
    [InlineData("""{"query": {"query": "SELECT 1", "useLegacySql": false, "writeDisposition": "WRITE_OFTEN", "destinationTable": {"datasetId": "d", "tableId": "t"}}}""", "Invalid value at 'writeDisposition'")]
    [InlineData("""{"extract": {"sourceTable": {"datasetId": "d", "tableId": "t"}, "destinationUris": ["http://x"]}}""", "Not found: Table acc-lab:d.t")]
    [InlineData("""{"load": {"destinationTable": {"datasetId": "nowhere", "tableId": "t"}, "sourceUris": ["gs://acc-lab-data/x"]}}""", "Not found: Dataset acc-lab:nowhere")]
    [InlineData("""{"load": {"destinationTable": {"datasetId": "d", "tableId": "t"}, "sourceUris": ["s3://x/y"]}}""", "Source URI must be a Google Cloud Storage location")]
    [InlineData("""{"load": {"destinationTable": {"datasetId": "d", "tableId": "t"}, "sourceUris": ["gs://acc-lab-data/*/*"]}}""", "Invalid URI")]
    public async Task A_job_that_cannot_be_says_why(string configuration, string message)
    {
        var inserted = await _bigquery.PostAsync($"{Root}/jobs", $$"""{"configuration": {{configuration}}}""");
        var said = inserted.Status == 200 ? (string?)(await _bigquery.DoneAsync(inserted.Json))["status"]!["errorResult"]!["message"] : inserted.Message;

        said.Should().Contain(message);
    }

    [Theory]
    [InlineData("\"maxResults\": -5", "maxResults")]
    [InlineData("\"maxResults\": 9223372036854775807", "maxResults")]
    [InlineData("\"timeoutMs\": -1", "timeoutMs")]
    [InlineData("\"timeoutMs\": -5", "timeoutMs")]
    public async Task A_number_that_no_call_may_have_is_refused(string more, string name)
    {
        var asked = await _bigquery.QueryAsync("SELECT 1", more);
        var job = Id(await _bigquery.QueryAsync("SELECT 1"));
        var results = await _bigquery.GetAsync($"{Root}/queries/{job}?location=europe-west1&{name}={more.Split(' ')[1]}");

        (asked.Refusal, results.Refusal).Should().Be(((400, "invalid"), (400, "invalid")));
        asked.Message.Should().StartWith($"Invalid value at '{name}'");
    }

    private static string Id(StorageAnswer answer) => (string)answer.Json["jobReference"]!["jobId"]!;
}
