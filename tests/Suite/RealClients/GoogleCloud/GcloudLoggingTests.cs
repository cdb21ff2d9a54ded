using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.RealClients.GoogleCloud;

public sealed class GcloudLoggingTests(ClientGcp twin) : IClassFixture<ClientGcp>
{
    [ClientFact(OfficialClient.Gcloud)]
    public async Task Gcloud_writes_reads_and_lists()
    {
        await WellAsync("write", "gcloud-log", """{"message": "structured", "rows": 3}""", "--payload-type=json", "--severity=ERROR");
        await WellAsync("write", "gcloud-log", "plain text");

        var grave = JsonNode.Parse((await WellAsync("read", "logName:gcloud-log AND severity>=ERROR AND jsonPayload.rows=3", "--format=json")).Printed)!.AsArray();
        var all = await WellAsync("read", "log_id(gcloud-log)", "--order=asc", "--format=value(textPayload,jsonPayload.message)");
        var logs = await WellAsync("logs", "list", "--format=value(NAME)");

        grave.Should().ContainSingle().Which!["jsonPayload"]!.ToJsonString().Should().Be("""{"message":"structured","rows":3}""");
        all.Printed.ReplaceLineEndings(" ").Should().MatchRegex("structured\\s+plain text");
        logs.Printed.Should().Contain("projects/acc-lab/logs/gcloud-log");
    }

    [ClientFact(OfficialClient.Gcloud)]
    public async Task Gcloud_says_what_is_wrong_with_a_filter()
    {
        var read = await LoggingAsync(ClientGcp.Recette, "read", "severity=LOUD");

        read.ExitCode.Should().Be(1, "{0}", read.Output);
        read.Output.Should().Contain("INVALID_ARGUMENT: Unparseable filter: invalid severity 'LOUD'");
    }

    [ClientFact(OfficialClient.Gcloud)]
    public async Task Gcloud_is_refused_as_an_account_of_the_other_project()
    {
        var read = await LoggingAsync(ClientGcp.CiOfRun, "read", "");
        var write = await LoggingAsync(ClientGcp.CiOfRun, "write", "x", "y");

        read.Output.Should().Contain("PERMISSION_DENIED: Permission denied for all log views");
        write.Output.Should().Contain("PERMISSION_DENIED: Permission 'logging.logEntries.create' denied");
    }

    private async Task<ClientRun> WellAsync(params string[] arguments)
    {
        var run = await LoggingAsync(ClientGcp.Recette, arguments);
        run.ExitCode.Should().Be(0, "{0}", run.Output);
        return run;
    }

    private async Task<ClientRun> LoggingAsync(string email, params string[] arguments) =>
        await Gcloud.RunAsync(twin, await twin.CredentialsAsync(email), ["logging", .. arguments]);
}
