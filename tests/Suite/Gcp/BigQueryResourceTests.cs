using static Acceptance.Tests.Suite.Gcp.BigQueryWire;

namespace Acceptance.Tests.Suite.Gcp;

public sealed class BigQueryResourceTests : IAsyncLifetime
{
    private BigQueryWire _bigquery = null!;

    public async ValueTask InitializeAsync() => _bigquery = await StartAsync();

    public ValueTask DisposeAsync() => _bigquery.DisposeAsync();

    [Fact]
    public async Task A_dataset_has_what_strict_clients_need()
    {
        var dataset = (await _bigquery.GetAsync($"{Root}/datasets/d")).Json;

        ((string?)dataset["kind"], (string?)dataset["id"], (string?)dataset["location"]).Should().Be(("bigquery#dataset", "acc-lab:d", "europe-west1"));
        ((string?)dataset["selfLink"]).Should().EndWith("/bigquery/v2/projects/acc-lab/datasets/d");
        ((string?)dataset["etag"]).Should().NotBeNullOrEmpty();
        ((string?)dataset["creationTime"]).Should().Be("1893456000000");
        dataset["access"]!.AsArray().Should().HaveCount(4);
    }

    [Fact]
    public async Task The_same_paths_answer_without_their_prefix()
    {
        (await _bigquery.GetAsync("projects/acc-lab/datasets/d")).Status.Should().Be(200);
        (await _bigquery.GetAsync("projects")).Json["projects"]!.AsArray().Select(project => (string?)project!["id"]).Should().Equal("acc-lab");
    }

    [Fact]
    public async Task A_dataset_with_tables_goes_only_with_its_contents()
    {
        await _bigquery.QueryAsync("CREATE TABLE t AS SELECT 1 AS x");

        var refused = await _bigquery.DeleteAsync($"{Root}/datasets/d");
        var deleted = await _bigquery.DeleteAsync($"{Root}/datasets/d?deleteContents=true");

        refused.Refusal.Should().Be((400, "resourceInUse"));
        refused.Message.Should().Be("Dataset acc-lab:d is still in use");
        deleted.Status.Should().Be(204);
        (await _bigquery.GetAsync($"{Root}/datasets/d")).Refusal.Should().Be((404, "notFound"));
    }

    [Fact]
    public async Task A_patch_changes_what_it_names_and_a_tag_that_is_not_the_last_is_refused()
    {
        var first = (string)(await _bigquery.GetAsync($"{Root}/datasets/d")).Json["etag"]!;
        var patched = await _bigquery.PatchAsync($"{Root}/datasets/d", """{"labels": {"team": "mlops", "stage": "lab"}, "description": "x"}""", ("If-Match", first));
        var again = await _bigquery.PatchAsync($"{Root}/datasets/d", """{"description": "y"}""", ("If-Match", first));
        var cleared = await _bigquery.PatchAsync($"{Root}/datasets/d", """{"labels": {"stage": null}}""");

        patched.Json["labels"]!.ToJsonString().Should().Be("""{"team":"mlops","stage":"lab"}""");
        again.Refusal.Should().Be((412, "conditionNotMet"));
        (cleared.Json["labels"]!.ToJsonString(), (string?)cleared.Json["description"]).Should().Be(("""{"team":"mlops"}""", "x"));
    }

    [Theory]
    [InlineData("""{"datasetReference": {"datasetId": "with-dash"}}""", "invalid", "Invalid dataset ID \"with-dash\"")]
    [InlineData("""{"datasetReference": {"datasetId": "d"}}""", "duplicate", "Already Exists: Dataset acc-lab:d")]
    [InlineData("""{"datasetReference": {}}""", "required", "Required parameter is missing")]
    [InlineData("""{"datasetReference": {"datasetId": "e"}, "labels": {"Team": "x"}}""", "invalid", "Label key \"Team\" has an invalid format")]
    [InlineData("""{"datasetReference": {"datasetId": "e"}""", "parseError", "Parse Error")]
    [InlineData("[1]", "parseError", "Parse Error")]
    public async Task A_dataset_that_cannot_be_is_refused(string body, string reason, string message)
    {
        var refused = await _bigquery.PostAsync($"{Root}/datasets", body);

        refused.Refusal.Reason.Should().Be(reason);
        refused.Message.Should().StartWith(message);
    }

    [Fact]
    public async Task Datasets_are_listed_page_by_page_and_by_label()
    {
        foreach (var id in new[] { "a", "b" })
        {
            await _bigquery.PostAsync($"{Root}/datasets", $$$$$$"""{"datasetReference": {"datasetId": "{{{{{{id}}}}}}"}, "labels": {"key": "{{{{{{id}}}}}}"}}""");
        }

        var page = await _bigquery.GetAsync($"{Root}/datasets?maxResults=2");
        var rest = await _bigquery.GetAsync($"{Root}/datasets?maxResults=2&pageToken={page.Json["nextPageToken"]}");
        var filtered = await _bigquery.GetAsync($"{Root}/datasets?filter=labels.key:b");

        page.Json["datasets"]!.AsArray().Select(one => (string?)one!["id"]).Should().Equal("acc-lab:a", "acc-lab:b");
        rest.Json["datasets"]!.AsArray().Select(one => (string?)one!["id"]).Should().Equal("acc-lab:d");
        filtered.Json["datasets"]!.AsArray().Should().ContainSingle();
    }

    [Fact]
    public async Task A_table_keeps_its_schema_partitioning_clustering_and_labels()
    {
        var made = await _bigquery.PostAsync($"{Root}/datasets/d/tables", """
            {
              "tableReference": {"tableId": "t"},
              "schema": {"fields": [
                {"name": "id", "type": "INT64", "mode": "REQUIRED", "description": "key"}, {"name": "day", "type": "DATE"},
                {"name": "items", "type": "STRUCT", "mode": "REPEATED", "fields": [{"name": "x", "type": "NUMERIC"}]}]},
              "timePartitioning": {"type": "DAY", "field": "day"}, "clustering": {"fields": ["id"]}, "labels": {"team": "mlops"}, "expirationTime": 1893456600000
            }
            """);

        made.Status.Should().Be(200, "{0}", made.Text);
        made.Json["schema"]!["fields"]!.ToJsonString().Should().Be("""[{"name":"id","type":"INTEGER","mode":"REQUIRED","description":"key"},{"name":"day","type":"DATE","mode":"NULLABLE"},{"name":"items","type":"RECORD","mode":"REPEATED","fields":[{"name":"x","type":"NUMERIC","mode":"NULLABLE"}]}]""");
        made.Json["timePartitioning"]!.ToJsonString().Should().Be("""{"type":"DAY","field":"day"}""");
        ((string?)made.Json["expirationTime"], (string?)made.Json["numRows"], (string?)made.Json["type"]).Should().Be(("1893456600000", "0", "TABLE"));
    }

    [Fact]
    public async Task A_table_is_gone_when_its_time_has_come()
    {
        await _bigquery.PostAsync($"{Root}/datasets/d/tables", """{"tableReference": {"tableId": "t"}, "schema": {"fields": [{"name": "x", "type": "STRING"}]}, "expirationTime": "1893456600000"}""");

        _bigquery.Clock.Advance(TimeSpan.FromMinutes(11));

        (await _bigquery.GetAsync($"{Root}/datasets/d/tables/t")).Message.Should().Be("Not found: Table acc-lab:d.t");
    }

    [Fact]
    public async Task A_patch_adds_columns_and_relaxes_them_and_nothing_else()
    {
        await _bigquery.QueryAsync("CREATE TABLE t (id INT64 NOT NULL)");
        await _bigquery.QueryAsync("INSERT INTO t VALUES (1)");

        var added = await _bigquery.PatchAsync($"{Root}/datasets/d/tables/t", """{"schema": {"fields": [{"name": "id", "type": "INTEGER"}, {"name": "tags", "type": "STRING", "mode": "REPEATED"}]}}""");
        var retyped = await _bigquery.PatchAsync($"{Root}/datasets/d/tables/t", """{"schema": {"fields": [{"name": "id", "type": "STRING"}, {"name": "tags", "type": "STRING", "mode": "REPEATED"}]}}""");
        var dropped = await _bigquery.PatchAsync($"{Root}/datasets/d/tables/t", """{"schema": {"fields": [{"name": "id", "type": "INTEGER"}]}}""");

        added.Status.Should().Be(200, "{0}", added.Text);
        (await _bigquery.RowsAsync("SELECT * FROM t")).Should().Equal("1,[]");
        retyped.Message.Should().Be("Provided Schema does not match Table acc-lab:d.t. Field id has changed type from INTEGER to STRING");
        dropped.Message.Should().Be("Provided Schema does not match Table acc-lab:d.t. Field tags is missing in new schema");
    }

    [Theory]
    [InlineData("""{"name": "a b", "type": "STRING"}""", "Invalid field name \"a b\"")]
    [InlineData("""{"name": "a", "type": "FOO"}""", "Invalid value for type: FOO is not a valid value")]
    [InlineData("""{"name": "a", "type": "RECORD"}""", "Field a is type RECORD but has no schema")]
    [InlineData("""{"name": "a", "type": "STRING", "mode": "OFTEN"}""", "Invalid value for mode")]
    [InlineData("""{"name": "a", "type": "STRING"}, {"name": "A", "type": "STRING"}""", "Field A already exists in schema")]
    public async Task A_schema_that_cannot_be_is_refused(string fields, string message)
    {
        var refused = await _bigquery.PostAsync($"{Root}/datasets/d/tables", $$$$$$"""{"tableReference": {"tableId": "t"}, "schema": {"fields": [{{{{{{fields}}}}}}]}}""");

        refused.Refusal.Should().Be((400, "invalid"));
        refused.Message.Should().StartWith(message);
    }

    [Fact]
    public async Task A_view_is_a_query_that_is_bound_where_it_is_made()
    {
        await _bigquery.QueryAsync("CREATE TABLE t AS SELECT 1 AS x UNION ALL SELECT 2");

        var made = await _bigquery.PostAsync($"{Root}/datasets/d/tables", """{"tableReference": {"tableId": "v"}, "view": {"query": "SELECT x * 10 AS y FROM d.t", "useLegacySql": false}}""");
        var wrong = await _bigquery.PostAsync($"{Root}/datasets/d/tables", """{"tableReference": {"tableId": "w"}, "view": {"query": "SELECT z FROM d.t", "useLegacySql": false}}""");

        ((string?)made.Json["type"], (string?)made.Json["schema"]!["fields"]![0]!["name"]).Should().Be(("VIEW", "y"));
        (await _bigquery.RowsAsync("SELECT y FROM v ORDER BY y")).Should().Equal("10", "20");
        wrong.Message.Should().Be("Unrecognized name: z at [1:8]");
    }

    [Fact]
    public async Task What_is_not_emulated_answers_501_and_names_the_call()
    {
        var answer = await _bigquery.GetAsync($"{Root}/datasets/d/models");

        answer.Refusal.Should().Be((501, "notImplemented"));
        answer.Message.Should().Contain("GET /bigquery/v2/projects/acc-lab/datasets/d/models");
    }

    [Theory]
    [InlineData("isCaseInsensitive", "true")]
    [InlineData("defaultCollation", "\"und:ci\"")]
    [InlineData("defaultRoundingMode", "\"ROUND_HALF_EVEN\"")]
    [InlineData("access", """[{"view": {"projectId": "acc-lab", "datasetId": "d", "tableId": "v"}}]""")]
    public async Task What_a_dataset_would_not_keep_is_refused(string name, string value)
    {
        (await _bigquery.PatchAsync($"{Root}/datasets/d", $$"""{"{{name}}": {{value}}}""")).Refusal.Should().Be((501, "notImplemented"));
    }

    [Theory]
    [InlineData(""" "requirePartitionFilter": true """)]
    [InlineData(""" "maxStaleness": "0-0 0 4:0:0" """)]
    [InlineData(""" "timePartitioning": {"type": "DAY", "requirePartitionFilter": true} """)]
    [InlineData(""" "schema": {"fields": [{"name": "x", "type": "STRING", "policyTags": {"names": ["projects/p/locations/l/taxonomies/1/policyTags/2"]}}]} """)]
    [InlineData(""" "schema": {"fields": [{"name": "x", "type": "NUMERIC", "roundingMode": "ROUND_HALF_EVEN"}]} """)]
    public async Task What_a_table_would_not_keep_is_refused(string more)
    {
        var made = await _bigquery.PostAsync($"{Root}/datasets/d/tables", $$"""{"tableReference": {"projectId": "acc-lab", "datasetId": "d", "tableId": "kept"}, {{more}}}""");

        made.Refusal.Should().Be((501, "notImplemented"));
    }

    [Fact]
    public async Task A_jobs_timeout_is_refused()
    {
        (await _bigquery.QueryAsync("SELECT 1", "\"jobTimeoutMs\": \"1\"")).Refusal.Should().Be((501, "notImplemented"));
        (await _bigquery.PostAsync($"{Root}/jobs", """{"configuration": {"jobTimeoutMs": "1", "query": {"query": "SELECT 1", "useLegacySql": false}}}""")).Refusal.Should().Be((501, "notImplemented"));
    }

    [Fact]
    public async Task Tables_that_jobs_make_live_as_long_as_their_dataset_says()
    {
        await _bigquery.PatchAsync($"{Root}/datasets/d", """{"defaultTableExpirationMs": "3600000"}""");
        await _bigquery.QueryAsync("CREATE TABLE made AS SELECT 1 AS x");
        await _bigquery.JobAsync("""{"query": {"query": "SELECT 1 AS x", "useLegacySql": false, "destinationTable": {"projectId": "acc-lab", "datasetId": "d", "tableId": "written"}}}""");

        var before = (int?)(await _bigquery.GetAsync($"{Root}/datasets/d/tables")).Json["totalItems"];
        _bigquery.Clock.Advance(TimeSpan.FromHours(2));

        before.Should().Be(2);
        ((int?)(await _bigquery.GetAsync($"{Root}/datasets/d/tables", await _bigquery.TokenAsync(Scientist))).Json["totalItems"]).Should().Be(0);
    }
}
