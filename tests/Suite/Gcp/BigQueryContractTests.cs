using Acceptance.Platform.Profiles;
using Acceptance.Tests.Suite.Contracts;
using Acceptance.Tests.Suite.Recette;
using static Acceptance.Tests.Suite.Gcp.BigQueryWire;

namespace Acceptance.Tests.Suite.Gcp;

/// <summary>A walk through every operation of BigQuery that the twin answers, held against Google's own description of the API.</summary>
public sealed class BigQueryContractTests : IDisposable
{
    private const string Policies = $"{Root}/datasets/d/tables/t/rowAccessPolicies";

    private readonly ScratchFolder _scratch = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [ContractFact]
    public async Task What_BigQuery_answers_is_what_its_description_says()
    {
        var traffic = _scratch.File("traffic.jsonl");
        await using (var bigquery = await StartAsync(traffic))
        {
            await ResourcesAsync(bigquery);
            await RowsAsync(bigquery);
            await JobsAsync(bigquery);
            await RefusalsAsync(bigquery);
        }

        var check = await ContractChecker.CheckAsync(Variables.Find(Settings.SuiteContracts), traffic, Cancel);

        check.ExitCode.Should().Be(0, "{0}", check.Output);
        check.Printed.Should().EndWith(" exchanges, 0 violations");
        RecordedExchange.Read(traffic).Where(exchange => exchange.System == "bigquery").Should().HaveCountGreaterThan(45);
    }

    public void Dispose() => _scratch.Dispose();

    private static async Task ResourcesAsync(BigQueryWire bigquery)
    {
        await WellAsync(bigquery.GetAsync("bigquery/v2/projects"));
        await WellAsync(bigquery.GetAsync($"{Root}/serviceAccount", await bigquery.TokenAsync(BigQueryWire.Recette)));
        await WellAsync(bigquery.PostAsync($"{Root}/datasets", """{"datasetReference": {"datasetId": "walk"}, "location": "europe-west1", "labels": {"k": "v"}, "defaultTableExpirationMs": 3600000, "friendlyName": "f"}"""));
        await WellAsync(bigquery.GetAsync($"{Root}/datasets?maxResults=1&all=true"));
        await WellAsync(bigquery.GetAsync($"{Root}/datasets/walk"));
        await WellAsync(bigquery.PatchAsync($"{Root}/datasets/walk", """{"description": "x"}"""));
        await WellAsync(bigquery.SendAsync(HttpMethod.Put, $"{Root}/datasets/walk", Json("""{"datasetReference": {"projectId": "acc-lab", "datasetId": "walk"}, "description": "y"}""")));
        await WellAsync(bigquery.DeleteAsync($"{Root}/datasets/walk"));
        await WellAsync(bigquery.PostAsync($"{Root}/datasets/d/tables", """
            {"tableReference": {"projectId": "acc-lab", "datasetId": "d", "tableId": "t"}, "schema": {"fields": [{"name": "id", "type": "INTEGER", "mode": "REQUIRED"}, {"name": "seen", "type": "TIMESTAMP"},
             {"name": "r", "type": "RECORD", "mode": "REPEATED", "fields": [{"name": "x", "type": "FLOAT"}]}]}, "timePartitioning": {"type": "DAY", "field": "seen"}, "clustering": {"fields": ["id"]}, "labels": {"k": "v"}}
            """));
        await WellAsync(bigquery.PostAsync($"{Root}/datasets/d/tables", """{"tableReference": {"projectId": "acc-lab", "datasetId": "d", "tableId": "v"}, "view": {"query": "SELECT id FROM d.t", "useLegacySql": false}}"""));
        await WellAsync(bigquery.GetAsync($"{Root}/datasets/d/tables?maxResults=1"));
        await WellAsync(bigquery.GetAsync($"{Root}/datasets/d/tables/t?selectedFields=id&view=FULL"));
        await WellAsync(bigquery.GetAsync($"{Root}/datasets/d/tables/v"));
        await WellAsync(bigquery.PatchAsync($"{Root}/datasets/d/tables/t", """{"description": "walk", "expirationTime": "1993456000000"}"""));
        await WellAsync(bigquery.SendAsync(HttpMethod.Put, $"{Root}/datasets/d/tables/t", Json("""{"tableReference": {"projectId": "acc-lab", "datasetId": "d", "tableId": "t"}, "labels": {"k": "w"}}""")));
    }

    private static async Task RowsAsync(BigQueryWire bigquery)
    {
        await WellAsync(bigquery.PostAsync($"{Root}/datasets/d/tables/t/insertAll", """{"rows": [{"insertId": "a", "json": {"id": 1, "seen": "2024-06-01T12:00:00Z", "r": [{"x": 1.5}]}}, {"json": {"id": 2}}]}"""));
        await WellAsync(bigquery.PostAsync($"{Root}/datasets/d/tables/t/insertAll", """{"rows": [{"json": {"id": "x"}}], "skipInvalidRows": true, "ignoreUnknownValues": true}"""));
        var page = await bigquery.GetAsync($"{Root}/datasets/d/tables/t/data?maxResults=1&formatOptions.useInt64Timestamp=true");
        await WellAsync(bigquery.GetAsync($"{Root}/datasets/d/tables/t/data?pageToken={page.Json["pageToken"]}&selectedFields=id,seen&formatOptions.timestampOutputFormat=ISO8601_STRING"));
        await WellAsync(bigquery.PostAsync(Policies, """{"rowAccessPolicyReference": {"projectId": "acc-lab", "datasetId": "d", "tableId": "t", "policyId": "p"}, "filterPredicate": "id > 0", "grantees": ["allAuthenticatedUsers"]}"""));
        await WellAsync(bigquery.GetAsync($"{Policies}?pageSize=10"));
        await WellAsync(bigquery.SendAsync(HttpMethod.Put, $"{Policies}/p", Json("""{"rowAccessPolicyReference": {"projectId": "acc-lab", "datasetId": "d", "tableId": "t", "policyId": "p"}, "filterPredicate": "id > 1"}""")));
        await WellAsync(bigquery.GetAsync($"{Policies}/p"));
        await WellAsync(bigquery.QueryAsync("SELECT * FROM d.t"));
        await WellAsync(bigquery.PostAsync($"{Policies}:batchDelete", """{"policyIds": ["p"], "force": true}"""));
    }

    private static async Task JobsAsync(BigQueryWire bigquery)
    {
        var query = await bigquery.QueryAsync("SELECT id, seen, r FROM t ORDER BY id", """ "maxResults": 1, "labels": {"k": "v"}, "formatOptions": {"useInt64Timestamp": true}, "requestId": "r", "timeoutMs": 1000, "useQueryCache": false """);
        await WellAsync(bigquery.GetAsync($"{Root}/queries/{query.Json["jobReference"]!["jobId"]}?location=europe-west1&maxResults=1&pageToken={query.Json["pageToken"]}&formatOptions.useInt64Timestamp=true&timeoutMs=10"));
        await WellAsync(bigquery.QueryAsync("SELECT id FROM t WHERE id = @id", """ "parameterMode": "NAMED", "queryParameters": [{"name": "id", "parameterType": {"type": "INT64"}, "parameterValue": {"value": "1"}}], "dryRun": true, "maximumBytesBilled": "100000000" """));
        await WellAsync(bigquery.QueryAsync("UPDATE t SET id = 3 WHERE id = 2"));
        await WellAsync(bigquery.QueryAsync("CREATE TABLE made AS SELECT 1 AS x"));
        await DoneAsync(bigquery, """{"query": {"query": "SELECT 1 AS x", "useLegacySql": false, "destinationTable": {"projectId": "acc-lab", "datasetId": "d", "tableId": "made"}, "writeDisposition": "WRITE_APPEND", "priority": "INTERACTIVE"}, "labels": {"k": "v"}}""", """{"projectId": "acc-lab", "jobId": "walk", "location": "europe-west1"}""");
        await bigquery.JobAsync("""{"query": {"query": "SELECT nothing", "useLegacySql": false}}""");
        await DoneAsync(bigquery, """{"extract": {"sourceTable": {"projectId": "acc-lab", "datasetId": "d", "tableId": "made"}, "destinationUris": ["gs://acc-lab-data/walk-*.csv"], "destinationFormat": "CSV"}}""");
        await DoneAsync(bigquery, """{"load": {"destinationTable": {"projectId": "acc-lab", "datasetId": "d", "tableId": "loaded"}, "sourceUris": ["gs://acc-lab-data/walk-*.csv"], "skipLeadingRows": 1, "autodetect": true, "maxBadRecords": 2}}""");
        await DoneAsync(bigquery, """{"copy": {"sourceTables": [{"projectId": "acc-lab", "datasetId": "d", "tableId": "made"}], "destinationTable": {"projectId": "acc-lab", "datasetId": "d", "tableId": "copied"}}}""");
        await WellAsync(bigquery.GetAsync($"{Root}/jobs?maxResults=2&projection=full&stateFilter=done&allUsers=false&minCreationTime=0"));
        await WellAsync(bigquery.GetAsync($"{Root}/jobs/walk?location=europe-west1"));
        await WellAsync(bigquery.SendAsync(HttpMethod.Post, $"{Root}/jobs/walk/cancel?location=europe-west1"));
        await WellAsync(bigquery.SendAsync(HttpMethod.Delete, $"{Root}/jobs/walk/delete?location=europe-west1", token: await bigquery.TokenAsync(BigQueryWire.Recette)));
        await WellAsync(bigquery.DeleteAsync($"{Root}/datasets/d/tables/copied"));
    }

    private static async Task RefusalsAsync(BigQueryWire bigquery)
    {
        (await bigquery.GetAsync($"{Root}/datasets/nothing")).Status.Should().Be(404);
        (await bigquery.GetAsync($"{Root}/datasets/d", token: "")).Status.Should().Be(401);
        (await bigquery.QueryAsync("SELECT nothing")).Status.Should().Be(400);
        (await bigquery.DeleteAsync($"{Root}/datasets/d")).Status.Should().Be(400);
        (await bigquery.GetAsync($"{Root}/datasets/d/models")).Status.Should().Be(501);
    }

    /// <summary>A job that must succeed.</summary>
    private static async Task DoneAsync(BigQueryWire bigquery, string configuration, string reference = "")
    {
        var job = await bigquery.JobAsync(configuration, reference);
        job["status"]!["errorResult"].Should().BeNull("{0}", job.ToJsonString());
    }

    private static async Task WellAsync(Task<StorageAnswer> answer) => (await answer).Status.Should().BeInRange(200, 299, "{0}", (await answer).Text);
}
