using static Acceptance.Tests.Suite.Gcp.BigQueryWire;

namespace Acceptance.Tests.Suite.Gcp;

public sealed class BigQueryAccessTests : IAsyncLifetime
{
    private BigQueryWire _bigquery = null!;

    public async ValueTask InitializeAsync()
    {
        _bigquery = await StartAsync();
        await _bigquery.QueryAsync("CREATE TABLE t AS SELECT 1 AS id, 'lille' AS city UNION ALL SELECT 2, 'paris'");
    }

    public ValueTask DisposeAsync() => _bigquery.DisposeAsync();

    [Fact]
    public async Task Who_has_no_credentials_is_asked_for_some()
    {
        var answer = await _bigquery.GetAsync($"{Root}/datasets/d", token: "");

        answer.Refusal.Should().Be((401, "required"));
        answer["WWW-Authenticate"].Should().StartWith("Bearer");
    }

    [Fact]
    public async Task An_account_of_the_other_project_may_neither_run_jobs_here_nor_read()
    {
        var stranger = await _bigquery.TokenAsync(CiOfRun);

        var job = await _bigquery.QueryAsync("SELECT 1", token: stranger);
        var read = await _bigquery.PostAsync("bigquery/v2/projects/acc-run/queries", """{"query": "SELECT * FROM `acc-lab.d.t`", "useLegacySql": false}""", stranger);
        var rows = await _bigquery.GetAsync($"{Root}/datasets/d/tables/t/data", stranger);

        job.Message.Should().Be("Access Denied: Project acc-lab: User does not have bigquery.jobs.create permission in project acc-lab.");
        (read.Refusal, read.Message).Should().Be(((403, "accessDenied"), "Access Denied: Table acc-lab:d.t: User does not have permission to query table acc-lab:d.t, or perhaps it does not exist."));
        rows.Refusal.Should().Be((403, "accessDenied"));
    }

    [Fact]
    public async Task A_dataset_lets_in_whom_its_access_entries_name()
    {
        var stranger = await _bigquery.TokenAsync(CiOfRun);
        await _bigquery.PatchAsync($"{Root}/datasets/d", $$"""{"access": [{"role": "OWNER", "userByEmail": "{{Scientist}}"}, {"role": "READER", "userByEmail": "{{CiOfRun}}"}]}""");

        var read = await _bigquery.PostAsync("bigquery/v2/projects/acc-run/queries", """{"query": "SELECT COUNT(*) FROM `acc-lab.d.t`", "useLegacySql": false}""", stranger);
        var written = await _bigquery.PostAsync("bigquery/v2/projects/acc-run/queries", """{"query": "DELETE FROM `acc-lab.d.t` WHERE TRUE", "useLegacySql": false}""", stranger);

        Rows(read).Should().Equal("2");
        written.Message.Should().StartWith("Access Denied: Table acc-lab:d.t: User does not have bigquery.tables.updateData permission");
    }

    [Fact]
    public async Task Row_access_policies_show_each_only_their_rows()
    {
        var policies = $"{Root}/datasets/d/tables/t/rowAccessPolicies";
        var made = await _bigquery.PostAsync(policies, $$"""
            {"rowAccessPolicyReference": {"projectId": "acc-lab", "datasetId": "d", "tableId": "t", "policyId": "north"}, "filterPredicate": "city = 'lille'", "grantees": ["user:{{Scientist}}"]}
            """);
        var other = await _bigquery.TokenAsync(BigQueryWire.Recette);

        ((string?)made.Json["filterPredicate"]).Should().Be("city = 'lille'", "{0}", made.Text);
        (await _bigquery.RowsAsync("SELECT city FROM t")).Should().Equal("lille");
        (await _bigquery.RowsAsync("SELECT city FROM t", other)).Should().BeEmpty();
        (await _bigquery.GetAsync($"{Root}/datasets/d/tables/t/data")).Refusal.Should().Be((403, "accessDenied"));
        (await _bigquery.GetAsync(policies)).Json["rowAccessPolicies"]!.AsArray().Should().ContainSingle();
        (await _bigquery.DeleteAsync($"{policies}/north")).Status.Should().Be(400, "the last policy goes by force only");
        (await _bigquery.DeleteAsync($"{policies}/north?force=true")).Status.Should().Be(204);
        (await _bigquery.RowsAsync("SELECT city FROM t ORDER BY city", other)).Should().Equal("lille", "paris");
    }

    [Fact]
    public async Task A_policys_filter_must_be_a_condition_on_the_tables_columns()
    {
        var refused = await _bigquery.PostAsync($"{Root}/datasets/d/tables/t/rowAccessPolicies", """
            {"rowAccessPolicyReference": {"projectId": "acc-lab", "datasetId": "d", "tableId": "t", "policyId": "p"}, "filterPredicate": "town = 'lille'"}
            """);

        refused.Message.Should().Be("Unrecognized name: town at [1:1]");
    }

    [Fact]
    public async Task Somebody_elses_job_is_theirs()
    {
        var job = (string)(await _bigquery.QueryAsync("SELECT 1")).Json["jobReference"]!["jobId"]!;

        var refused = await _bigquery.GetAsync($"{Root}/queries/{job}?location=europe-west1", await _bigquery.TokenAsync(CiOfRun));

        refused.Refusal.Should().Be((403, "accessDenied"));
    }

    [Fact]
    public async Task The_results_of_a_query_are_for_who_asked_whatever_the_others_roles()
    {
        var asked = await _bigquery.JobAsync("""{"query": {"query": "SELECT city FROM d.t", "useLegacySql": false}}""");
        var results = $"{Root}/queries/{asked["jobReference"]!["jobId"]}?location=europe-west1";
        var hidden = asked["configuration"]!["query"]!["destinationTable"]!;
        var rows = $"{Root}/datasets/{hidden["datasetId"]}/tables/{hidden["tableId"]}/data";

        foreach (var email in new[] { "viewer@example.test", BigQueryWire.Recette, "ci-lab@acc-lab.iam.gserviceaccount.com" })
        {
            var other = await _bigquery.TokenAsync(email);

            (await _bigquery.GetAsync(results, other)).Refusal.Should().Be((403, "accessDenied"), "of {0}", email);
            (await _bigquery.GetAsync(rows, other)).Refusal.Should().Be((403, "accessDenied"), "of {0}", email);
        }

        (await _bigquery.GetAsync(results)).Json["totalRows"]!.ToString().Should().Be("2");
        (await _bigquery.GetAsync(rows)).Json["totalRows"]!.ToString().Should().Be("2");
    }

    [Theory]
    [InlineData("SELECT city FROM v", "lille")]
    [InlineData("SELECT a.city FROM t AS a JOIN t AS b ON TRUE", "lille")]
    [InlineData("SELECT (SELECT MAX(id) FROM t)", "1")]
    public async Task Policies_hold_wherever_a_table_is_read(string sql, string expected)
    {
        await _bigquery.QueryAsync("CREATE VIEW v AS SELECT * FROM d.t");
        await RestrictAsync();

        (await _bigquery.RowsAsync(sql)).Should().Equal(expected);
    }

    [Fact]
    public async Task Policies_hold_where_a_table_is_the_source_of_a_change()
    {
        await _bigquery.QueryAsync("CREATE TABLE other (id INT64, city STRING)");
        await RestrictAsync();

        await _bigquery.QueryAsync("INSERT INTO other SELECT * FROM t");
        await _bigquery.QueryAsync("MERGE INTO other USING t ON FALSE WHEN NOT MATCHED THEN INSERT ROW");
        await _bigquery.QueryAsync("CREATE TABLE made AS SELECT * FROM t");

        (await _bigquery.RowsAsync("SELECT city FROM other UNION ALL SELECT city FROM made")).Should().Equal("lille", "lille", "lille");
    }

    [Theory]
    [InlineData("TRUNCATE TABLE t")]
    [InlineData("DELETE FROM t WHERE TRUE")]
    [InlineData("UPDATE t SET id = 0 WHERE TRUE")]
    [InlineData("MERGE INTO t USING (SELECT 1 AS id) AS s ON t.id = s.id WHEN MATCHED THEN DELETE")]
    public async Task A_table_with_policies_is_not_changed_beyond_what_its_caller_sees(string sql)
    {
        await RestrictAsync();

        (await _bigquery.QueryAsync(sql)).Refusal.Should().Be((501, "notImplemented"));
    }

    [Theory]
    [InlineData("""{"copy": {"sourceTable": {"datasetId": "d", "tableId": "t"}, "destinationTable": {"datasetId": "d", "tableId": "c"}}}""")]
    [InlineData("""{"extract": {"sourceTable": {"datasetId": "d", "tableId": "t"}, "destinationUris": ["gs://acc-lab-data/t.csv"]}}""")]
    public async Task A_table_with_policies_is_neither_copied_nor_extracted(string configuration)
    {
        await RestrictAsync();

        ((string?)(await _bigquery.JobAsync(configuration))["status"]!["errorResult"]!["reason"]).Should().Be("notImplemented");
    }

    private async Task RestrictAsync() => (await _bigquery.PostAsync($"{Root}/datasets/d/tables/t/rowAccessPolicies", $$"""
        {"rowAccessPolicyReference": {"projectId": "acc-lab", "datasetId": "d", "tableId": "t", "policyId": "north"}, "filterPredicate": "city = 'lille'", "grantees": ["user:{{Scientist}}"]}
        """)).Status.Should().Be(200);
}
