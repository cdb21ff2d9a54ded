using Acceptance.Tests.Suite.Gcp;

namespace Acceptance.Tests.Suite.Programs;

/// <summary>What the probe does as its own identity, on a machine of the twin.</summary>
public sealed class ProbeGoogleTests(GcpTwin twin) : IClassFixture<GcpTwin>
{
    private readonly string _dataset = $"probe_{Guid.NewGuid():n}";

    [Fact]
    public async Task It_knows_who_it_is_and_never_writes_a_token()
    {
        var run = await Probe.RunOnAsync(twin, "identity");

        (run.Last["email"]!.ToString(), run.Last["project"]!.ToString(), run.Last["tokenSha256"]!.ToString().Length).Should().Be(("run-agent@acc-lab.iam.gserviceaccount.com", "acc-lab", 12));
        (run.Printed + run.Errors).Should().NotContain("ya29");
    }

    [Fact]
    public async Task Where_no_metadata_server_answers_it_has_no_identity()
    {
        var run = await Probe.RunAsync(new Dictionary<string, string> { ["GCE_METADATA_HOST"] = "127.0.0.1:1" }, ["identity"]);

        (run.ExitCode, run.Last["socketError"]!.ToString()).Should().Be((3, "ConnectionRefused"));
    }

    [Fact]
    public async Task It_gives_rows_to_BigQuery_each_as_often_as_it_is_told()
    {
        await MakeTableAsync();
        string[] act = ["bigquery", "acc-lab", _dataset, "rows", """{"execution":"e1","score":0.5}""", """{"execution":"e1","score":1.5}"""];

        var run = await Probe.RunOnAsync(twin, [.. act, "then", .. act]);

        (run.ExitCode, (int)run.Last["rows"]!).Should().Be((0, 2));
        (await CountAsync()).Should().Be("4");
    }

    [Fact]
    public async Task A_row_that_BigQuery_refuses_is_told_with_its_reason()
    {
        await MakeTableAsync();

        var run = await Probe.RunOnAsync(twin, "bigquery", "acc-lab", _dataset, "rows", """{"wrong":1}""");

        (run.ExitCode, run.Last["error"]!.ToString()).Should().Be((3, "BigQuery refused 1 of 1 rows"));
        run.Last["insertErrors"]!.ToJsonString().Should().Contain("no such field: wrong");
    }

    [Theory]
    [InlineData("*answered 404: Not found: Table acc-lab:*.absent", """{"score":1}""")]
    [InlineData("'[1]' is no JSON object, which a row is", "[1]")]
    [InlineData("'{' is no JSON object, which a row is: *", "{")]
    public async Task Rows_that_go_nowhere_are_told(string error, string row)
    {
        await MakeTableAsync();

        var run = await Probe.RunOnAsync(twin, "bigquery", "acc-lab", _dataset, "absent", row);

        run.ExitCode.Should().Be(3);
        run.Last["error"]!.ToString().Should().Match(error);
    }

    [Fact]
    public async Task It_uploads_an_object_and_tells_its_generation()
    {
        var run = await Probe.RunOnAsync(twin, "gcs", "acc-lab-data", $"{_dataset}/é.txt", "probas");

        var stored = await twin.SendAsync("gcs", HttpMethod.Get, $"storage/v1/b/acc-lab-data/o/{_dataset}%2F%C3%A9.txt", null, await twin.TokenAsync(GcpTwin.Recette));
        (run.ExitCode, run.Last["generation"]!.ToString(), run.Last["size"]!.ToString()).Should().Be((0, stored.Json["generation"]!.ToString(), "6"));
    }

    [Fact]
    public async Task It_uploads_a_file()
    {
        var run = await Probe.RunOnAsync(twin, "gcs", "acc-lab-data", $"{_dataset}/program.dll", $"@{ProgramProcess.FolderOf("Probe")}/Acceptance.Probe.dll");

        run.Last["size"]!.ToString().Should().Be($"{new FileInfo(Path.Combine(ProgramProcess.FolderOf("Probe"), "Acceptance.Probe.dll")).Length}");
    }

    [Fact]
    public async Task A_bucket_that_it_may_not_write_to_refuses_in_Googles_words()
    {
        var run = await Probe.RunOnAsync(twin, "gcs", "acc-run-data", "x", "text");

        run.ExitCode.Should().Be(3);
        run.Last["error"]!.ToString().Should().Match("POST http://*/upload/storage/v1/b/acc-run-data/o answered 403: run-agent@acc-lab.iam.gserviceaccount.com does not have storage.objects.create access*");
    }

    [Fact]
    public async Task It_waits_for_an_object_until_another_writes_it()
    {
        await using var waiting = ProgramProcess.Start("Probe", Probe.VariablesOn(twin), ["log", "INFO", "begins", "then", "await", "60", "acc-lab-data", $"{_dataset}/there.txt", $"{_dataset}/late.txt"]);
        await waiting.LineAsync("begins");
        var writing = await Probe.RunOnAsync(twin, "gcs", "acc-lab-data", $"{_dataset}/there.txt", "text", "then", "gcs", "acc-lab-data", $"{_dataset}/late.txt", "text");

        var run = await waiting.EndAsync();

        (writing.ExitCode, run.ExitCode).Should().Be((0, 0), "{0}", run.Printed);
        ((double)run.Last["seconds"]!).Should().BePositive();
    }

    [Fact]
    public async Task An_object_that_does_not_come_is_told_with_what_Cloud_Storage_said()
    {
        var run = await Probe.RunOnAsync(twin, "await", "0.5", "acc-lab-data", $"{_dataset}/absent.txt");

        run.ExitCode.Should().Be(3);
        run.Last["error"]!.ToString().Should().Match($"not there after 0.5 s: {_dataset}/absent.txt; Cloud Storage said last: GET http://*/o/* answered 404: *");
        ((double)run.Last["seconds"]!).Should().BeGreaterThanOrEqualTo(0.5, "it may come until the end");
    }

    [Fact]
    public async Task Where_Cloud_Storage_cannot_be_reached_it_waits_all_the_same()
    {
        var run = await Probe.RunAsync(new Dictionary<string, string>(Probe.VariablesOn(twin)) { ["PROBE_GCS_URL"] = "http://127.0.0.1:1" }, ["await", "0.5", "acc-lab-data", "x"]);

        run.Last["error"]!.ToString().Should().Match("not there after 0.5 s: x; Cloud Storage said last: Connection refused*");
    }

    [Fact]
    public async Task An_address_that_is_none_is_told()
    {
        var run = await Probe.RunAsync(new Dictionary<string, string> { ["PROBE_GCS_URL"] = "gcs" }, ["gcs", "b", "o", "text"]);

        run.Last["error"]!.ToString().Should().Be("PROBE_GCS_URL is 'gcs', which is no http or https address");
    }

    private async Task MakeTableAsync()
    {
        var owner = await twin.TokenAsync(GcpTwin.Recette);
        await twin.SendAsync("bigquery", HttpMethod.Post, "bigquery/v2/projects/acc-lab/datasets", $$$"""{"datasetReference":{"datasetId":"{{{_dataset}}}"},"location":"europe-west1"}""", owner);
        var made = await twin.SendAsync("bigquery", HttpMethod.Post, $"bigquery/v2/projects/acc-lab/datasets/{_dataset}/tables", """
            {"tableReference":{"tableId":"rows"},"schema":{"fields":[{"name":"execution","type":"STRING"},{"name":"score","type":"FLOAT64"}]}}
            """, owner);
        made.Status.Should().Be(200, made.Text);
    }

    private async Task<string> CountAsync()
    {
        var answer = await twin.SendAsync("bigquery", HttpMethod.Post, "bigquery/v2/projects/acc-lab/queries", $$"""
            {"query":"SELECT COUNT(*) FROM `acc-lab.{{_dataset}}.rows`","useLegacySql":false}
            """, await twin.TokenAsync(GcpTwin.Recette));
        return answer.Json["rows"]![0]!["f"]![0]!["v"]!.ToString();
    }
}
