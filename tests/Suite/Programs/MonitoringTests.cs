using Acceptance.Tests.Suite.Gcp;

namespace Acceptance.Tests.Suite.Programs;

public sealed class MonitoringTests(GcpTwin twin) : IClassFixture<GcpTwin>
{
    private const string Csv = "variable,count,nulls\nage,4,1\nville,4,0\n";

    private readonly string _name = $"m_{Guid.NewGuid():n}";

    private string Table => $"acc-lab.{_name}.scores";

    private string Place => $"gs://acc-lab-data/{_name}/qod.csv";

    [Fact]
    public async Task It_shows_the_figures_of_the_table_and_of_the_object()
    {
        await using var app = await StartAsync();

        var figures = (await app.GetAsync("figures")).Json;

        figures["scores"]!.ToJsonString().Should().Be("""[{"period":"2026-01","count":2,"mean":1},{"period":"2026-02","count":1,"mean":0.25}]""");
        figures["quality"]!.ToJsonString().Should().Be("""[{"variable":"age","count":4,"nulls":1,"nullShare":0.25},{"variable":"ville","count":4,"nulls":0,"nullShare":0}]""");
        (figures["table"]!.ToString(), figures["object"]!.ToString(), (long)figures["count"]!).Should().Be((Table, Place, 3));
    }

    [Fact]
    public async Task It_reads_them_anew_each_time()
    {
        await using var app = await StartAsync();
        await app.GetAsync("figures");

        await InsertAsync(("2026-03", "9"));
        await UploadAsync("""[{"variable":"age","count":10,"nulls":5}]""");
        var figures = (await app.GetAsync("figures")).Json;

        ((long)figures["count"]!, (double)figures["quality"]![0]!["nullShare"]!).Should().Be((4, 0.5));
    }

    [Fact]
    public async Task Its_page_is_French_and_its_figures_come_by_the_websocket()
    {
        await using var app = await StartAsync(("MONITORING_TITLE", "Suivi <crédit>"), ("K_REVISION", "suivi-00002-abc"));

        var page = (await app.GetAsync("")).Text;

        page.Should().ContainAll("<html lang=\"fr\">", "<title>Suivi &lt;cr&#233;dit&gt;</title>", "Score moyen par période", "Qualité des données", "suivi-00002-abc", "websocket/");
        (await app.GetAsync("healthz")).Status.Should().Be(200);
        (await app.GetAsync("websocket/")).Status.Should().Be(426);
    }

    [Fact]
    public async Task A_visitor_gets_a_session_and_the_figures_and_changes_what_is_shown()
    {
        await using var app = await StartAsync();
        using var visit = await app.VisitAsync();

        var first = await visit.InitAsync();
        var changed = await visit.SayAsync("""{"method":"update","data":{"periode":"2026-02"}}""");

        (first["config"]!["sessionId"]!.ToString().Length, (bool)first["config"]!["resumed"]!, (long)first["values"]!["count"]!).Should().Be((32, false, 3));
        (changed["inputs"]!["periode"]!.ToString(), (long)changed["values"]!["count"]!).Should().Be(("2026-02", 1));
    }

    [Fact]
    public async Task A_session_is_taken_up_again_on_its_own_instance_and_on_no_other()
    {
        await using var app = await StartAsync();
        await using var other = await MonitoringApp.StartAsync(MonitoringApp.VariablesOn(twin, Table, Place));
        using var visit = await app.VisitAsync();
        var session = (await visit.InitAsync())["config"]!["sessionId"]!.ToString();
        await visit.SayAsync("""{"method":"update","data":{"periode":"2026-01"}}""");

        using var again = await app.VisitAsync();
        using var elsewhere = await other.VisitAsync();
        var here = await again.InitAsync(session);
        var there = await elsewhere.InitAsync(session);

        ((bool)here["config"]!["resumed"]!, here["inputs"]!["periode"]!.ToString(), here["config"]!["sessionId"]!.ToString()).Should().Be((true, "2026-01", session));
        ((bool)there["config"]!["resumed"]!, there["config"]!["sessionId"]!.ToString() == session).Should().Be((false, false));
        there["config"]!["instance"]!.ToString().Should().NotBe(here["config"]!["instance"]!.ToString());
    }

    [Theory]
    [InlineData("bigquery", 404, "Not found: Dataset acc-lab:nothing *", "acc-lab.nothing.here", null)]
    [InlineData("bigquery", 403, "Access Denied: *", "acc-run.nothing.here", null)]
    [InlineData("gcs", 404, "No such object: acc-lab-data/nothing", null, "gs://acc-lab-data/nothing")]
    [InlineData("gcs", 403, "*does not have storage.objects.get access*", null, "gs://acc-run-data/x")]
    public async Task What_cannot_be_read_is_502_with_its_source_and_cause(string source, int status, string cause, string? table, string? place)
    {
        await using var app = await StartAsync(("MONITORING_TABLE", table), ("MONITORING_OBJECT", place));

        var answer = await app.GetAsync("figures");
        using var visit = await app.VisitAsync();
        var shown = await visit.InitAsync();

        var error = answer.Json["error"]!;
        (answer.Status, error["source"]!.ToString(), (int)error["status"]!, error["message"]!.ToString()).Should().Be((502, source, status, "Les chiffres ne peuvent pas être lus"));
        error["cause"]!.ToString().Should().Match(cause);
        (shown["errors"]!["source"]!.ToString(), shown["values"]).Should().Be((source, null));
    }

    [Theory]
    [InlineData("nothing of the kind", "gs://acc-lab-data/* is no list of variable, count and nulls: its first line is 'nothing of the kind'")]
    [InlineData("variable,count,nulls\nage,4", "gs://acc-lab-data/* is no list of variable, count and nulls: *")]
    [InlineData("[1]", "gs://acc-lab-data/* is no list of variable, count and nulls: *")]
    public async Task An_object_that_holds_something_else_is_told(string content, string cause)
    {
        await using var app = await StartAsync();
        await UploadAsync(content);

        var answer = await app.GetAsync("figures");

        answer.Status.Should().Be(502);
        answer.Json["error"]!["cause"]!.ToString().Should().Match(cause);
    }

    [Fact]
    public async Task Without_an_identity_it_says_that_the_metadata_server_does_not_answer()
    {
        await using var app = await StartAsync(("GCE_METADATA_HOST", "127.0.0.1:1"));

        var error = (await app.GetAsync("figures")).Json["error"]!;

        (error["source"]!.ToString(), error["cause"]!.ToString(), error["status"]).Should().Be(("metadata", "Connection refused (127.0.0.1:1)", null));
    }

    [Theory]
    [InlineData("no JSON", "a message is a JSON object with a method")]
    [InlineData("[]", "a message is a JSON object with a method")]
    [InlineData("""{"method":1}""", "a message is a JSON object with a method")]
    [InlineData("""{"method":"init","session":7}""", "a message is a JSON object with a method")]
    [InlineData("""{"method":"close"}""", "there is no method 'close'")]
    [InlineData("""{"method":"update","data":{}}""", "update comes after init")]
    public async Task A_message_that_is_none_is_answered_and_the_visit_goes_on(string message, string problem)
    {
        await using var app = await StartAsync();
        using var visit = await app.VisitAsync();

        (await visit.SayAsync(message))["errors"]!["message"]!.ToString().Should().Be(problem);

        (await visit.InitAsync())["values"].Should().NotBeNull();
        (await visit.SayAsync("""{"method":"update","data":{"couleur":"x"}}"""))["errors"]!["message"]!.ToString().Should().Be("there is no input 'couleur'");
    }

    [Fact]
    public async Task A_wrong_configuration_ends_it_with_all_that_is_wrong()
    {
        await using var process = ProgramProcess.Start("Monitoring", new Dictionary<string, string> { ["PORT"] = "http", ["MONITORING_OBJECT"] = "bucket/x", ["MONITORING_GCS_URL"] = "gcs" }, []);

        var run = await process.EndAsync();

        (run.ExitCode, run.Errors).Should().Be((78, """
            {"severity":"ERROR","message":"the configuration is wrong: PORT is 'http' and must be a port; MONITORING_TABLE is absent and must be project.dataset.table; MONITORING_OBJECT is 'bucket/x' and must be gs://bucket/object; MONITORING_GCS_URL is 'gcs' and must be an http or https address"}

            """));
    }

    [Fact]
    public async Task SIGTERM_ends_it_with_a_visitor_there()
    {
        await using var app = await StartAsync();
        using var visit = await app.VisitAsync();
        await visit.InitAsync();

        var run = await app.TerminateAsync();

        run.ExitCode.Should().Be(0);
        run.Printed.Should().EndWith(" ends\"}\n");
    }

    private async Task<MonitoringApp> StartAsync(params (string Name, string? Value)[] over)
    {
        await MakeTableAsync();
        await InsertAsync(("2026-01", "0.5"), ("2026-01", "1.5"), ("2026-02", "0.25"));
        await UploadAsync(Csv);
        var variables = MonitoringApp.VariablesOn(twin, Table, Place);
        foreach (var (name, value) in over.Where(one => one.Value is not null))
        {
            variables[name] = value!;
        }

        return await MonitoringApp.StartAsync(variables);
    }

    private async Task MakeTableAsync()
    {
        await PostAsync("bigquery", "bigquery/v2/projects/acc-lab/datasets", $$$"""{"datasetReference":{"datasetId":"{{{_name}}}"},"location":"europe-west1"}""");
        await PostAsync("bigquery", $"bigquery/v2/projects/acc-lab/datasets/{_name}/tables", """
            {"tableReference":{"tableId":"scores"},"schema":{"fields":[{"name":"period","type":"STRING"},{"name":"score","type":"FLOAT64"}]}}
            """);
    }

    private Task InsertAsync(params (string Period, string Score)[] rows) => PostAsync(
        "bigquery",
        $"bigquery/v2/projects/acc-lab/datasets/{_name}/tables/scores/insertAll",
        $$"""{"rows":[{{string.Join(',', rows.Select(row => $$$"""{"json":{"period":"{{{row.Period}}}","score":{{{row.Score}}}}}"""))}}]}""");

    private Task UploadAsync(string content) => PostAsync("gcs", $"upload/storage/v1/b/acc-lab-data/o?uploadType=media&name={_name}/qod.csv", content);

    private async Task PostAsync(string system, string path, string body)
    {
        var answer = await twin.SendAsync(system, HttpMethod.Post, path, body, await twin.TokenAsync(GcpTwin.Recette));
        answer.Status.Should().Be(200, answer.Text);
    }
}
