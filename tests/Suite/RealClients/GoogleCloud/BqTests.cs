namespace Acceptance.Tests.Suite.RealClients.GoogleCloud;

public sealed class BqTests(ClientGcp twin) : IClassFixture<ClientGcp>
{
    private const string Scientist = "data-scientist@example.test";

    [ClientFact(OfficialClient.Bq)]
    public async Task Bq_makes_a_dataset_loads_queries_and_removes_it()
    {
        var dataset = await CreateAsync();
        await WellAsync("load", "--source_format=CSV", "--skip_leading_rows=1", $"{dataset}.people", await twin.FileAsync("p.csv", "id,name,f\n1,Ada,1.5\n2,Zoé,2.5\n"), "id:INTEGER,name:STRING,f:FLOAT");

        var queried = await WellAsync("--format=csv", "query", "--use_legacy_sql=false", "--parameter=n:INT64:1", $"SELECT name, f FROM {dataset}.people WHERE id > @n");
        var dry = await WellAsync("query", "--use_legacy_sql=false", "--dry_run", $"SELECT name FROM {dataset}.people");
        var head = await WellAsync("--format=csv", "head", "-n", "1", "-s", "1", $"{dataset}.people");
        var listed = await WellAsync("--format=json", "ls", dataset);
        var shown = await WellAsync("show", "--schema", $"{dataset}.people");
        await WellAsync("rm", "-r", "-f", dataset);

        queried.Printed.Should().EndWith("name,f\nZoé,2.5");
        dry.Printed.Should().Contain("will process 11 bytes of data");
        head.Printed.Should().Be("id,name,f\n2,Zoé,2.5");
        listed.Printed.Should().Contain($"\"id\":\"acc-lab:{dataset}.people\"");
        shown.Printed.Should().Contain("""{"name":"id","type":"INTEGER","mode":"NULLABLE"}""");
        (await RunAsync("show", dataset)).Output.Should().Contain($"Not found: Dataset acc-lab:{dataset}");
    }

    [ClientFact(OfficialClient.Bq)]
    public async Task Bq_extracts_to_Cloud_Storage_and_loads_Parquet_from_there()
    {
        var dataset = await CreateAsync();
        await WellAsync("query", "--use_legacy_sql=false", $"CREATE TABLE {dataset}.s AS SELECT n, CONCAT('v', CAST(n AS STRING)) AS v FROM UNNEST(GENERATE_ARRAY(1, 100)) AS n");
        await WellAsync("extract", "--destination_format=PARQUET", $"{dataset}.s", $"gs://acc-lab-data/{dataset}-*.parquet");

        await WellAsync("load", "--source_format=PARQUET", $"{dataset}.t", $"gs://acc-lab-data/{dataset}-*.parquet");
        await WellAsync("cp", $"{dataset}.t", $"{dataset}.copy");
        var counted = await WellAsync("--format=csv", "query", "--use_legacy_sql=false", $"SELECT COUNT(*), SUM(n), MAX(v) FROM {dataset}.copy");

        counted.Printed.Should().EndWith("100,5050,v99");
    }

    [ClientFact(OfficialClient.Bq)]
    public async Task Bq_resumes_a_large_upload_and_its_rows_come_back_the_same()
    {
        await using var front = await BreakingFront.StartAsync(new Uri(twin.Twin.Variables["ACCEPTANCE_BIGQUERY_URL"]));
        var dataset = await CreateAsync();
        var rows = await LargeRows.WriteAsync(twin.NewPath("large.csv"), TestContext.Current.CancellationToken);

        var loaded = await Bq.RunAsync(twin, front.Address, Scientist, "load", "--source_format=CSV", $"{dataset}.large", rows.Path, LargeRows.Schema);
        await WellAsync("extract", "--noprint_header", $"{dataset}.large", $"gs://acc-lab-data/{dataset}.csv");

        (loaded.ExitCode, front.HasBroken).Should().Be((0, true), "{0}", loaded.Output);
        ((string?)(await twin.ResourceAsync("acc-lab-data", $"{dataset}.csv"))["md5Hash"]).Should().Be(rows.Md5);
    }

    [ClientFact(OfficialClient.Bq)]
    public async Task Bq_pages_through_more_rows_than_an_answer_holds()
    {
        var queried = await WellAsync("--format=csv", "--max_rows_per_request=1000", "query", "--use_legacy_sql=false", "--max_rows=3000", "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 2500)) AS n ORDER BY n");

        queried.Printed.Split('\n').Should().HaveCountGreaterThanOrEqualTo(2501);
        queried.Printed.Should().EndWith("\n2500");
    }

    [ClientFact(OfficialClient.Bq)]
    public async Task Bq_is_told_which_rows_do_not_fit()
    {
        var dataset = await CreateAsync();
        await WellAsync("mk", "--table", $"{dataset}.t", "id:INTEGER,name:STRING");

        var inserted = await RunAsync("insert", $"{dataset}.t", await twin.FileAsync("rows.json", "{\"id\": 1}\n{\"id\": \"x\"}\n"));

        inserted.ExitCode.Should().Be(1, "{0}", inserted.Output);
        inserted.Output.Should().Contain("record 1 errors").And.Contain("Cannot convert value to integer (bad value): x");
    }

    [ClientFact(OfficialClient.Bq)]
    public async Task Bq_says_in_its_own_words_what_is_wrong()
    {
        var dataset = await CreateAsync();
        await WellAsync("query", "--use_legacy_sql=false", $"--destination_table={dataset}.full", "SELECT 1 AS x");

        var invalid = await RunAsync("query", "--use_legacy_sql=false", "SELEC 1");
        var full = await RunAsync("query", "--use_legacy_sql=false", $"--destination_table={dataset}.full", "SELECT 1 AS x");
        var unsupported = await RunAsync("query", "--use_legacy_sql=false", "SELECT APPROX_QUANTILES(1, 2)");

        invalid.Output.Should().Contain("Syntax error: Unexpected");
        full.Output.ReplaceLineEndings(" ").Should().Contain("Already Exists: Table");
        unsupported.Output.ReplaceLineEndings(" ").Should().Contain("does not support function APPROX_QUANTILES");
    }

    [ClientFact(OfficialClient.Bq)]
    public async Task Bq_is_refused_as_an_account_of_the_other_project()
    {
        var refused = await Bq.RunAsync(twin, ClientGcp.CiOfRun, "query", "--use_legacy_sql=false", "SELECT 1");

        refused.ExitCode.Should().Be(1, "{0}", refused.Output);
        refused.Output.ReplaceLineEndings(" ").Should().Contain("User does not have bigquery.jobs.create permission in project acc-lab.");
    }

    private async Task<string> CreateAsync()
    {
        var dataset = twin.NewBucket().Replace('-', '_');
        await WellAsync("mk", "--dataset", "--location=europe-west1", $"acc-lab:{dataset}");
        return dataset;
    }

    private Task<ClientRun> RunAsync(params string[] arguments) => Bq.RunAsync(twin, Scientist, arguments);

    private async Task<ClientRun> WellAsync(params string[] arguments)
    {
        var run = await RunAsync(arguments);
        run.ExitCode.Should().Be(0, "{0}", run.Output);
        return run;
    }
}
