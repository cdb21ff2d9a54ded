using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.RealClients.GoogleCloud;

/// <summary>@google-cloud/logging from npm, which speaks REST where it is told to fall back.</summary>
public sealed class NodeLoggingTests(ClientGcp twin, NodeClients node) : IClassFixture<ClientGcp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [ClientFact(OfficialClient.NodeLogging)]
    public async Task Node_writes_reads_filters_pages_and_lists()
    {
        var day = await LoggingAsync("day", ClientGcp.Recette);

        // The library adds an entry of its own, which says its version.
        day["all"]!.AsArray().OfType<JsonValue>().Select(data => (string?)data).Should().Equal("starting", "slow", "out of memory");
        day["severities"]!.AsArray().Select(severity => (string?)severity).Should().Contain(["INFO", "WARNING", "ERROR"]);
        ((string?)day["job"], (int?)day["grave"], (double?)day["slow"]![0], (bool?)day["listed"]).Should().Be(("score", 2, 12.5, true));
    }

    [ClientFact(OfficialClient.NodeLogging)]
    public async Task Node_is_told_what_is_wrong_and_what_it_may_not()
    {
        var wrong = await LoggingAsync("refused", ClientGcp.Recette);
        var denied = await LoggingAsync("refused", ClientGcp.CiOfRun);

        ((string?)wrong["filter"]!["message"]).Should().Contain("Unparseable filter: invalid severity 'LOUD'");
        wrong["write"].Should().BeNull();
        ((string?)denied["filter"]!["message"]).Should().Contain("Permission denied for all log views");
        ((string?)denied["write"]!["message"]).Should().Contain("logging.logEntries.create");
    }

    private async Task<JsonObject> LoggingAsync(string act, string email)
    {
        var run = await node.RunAsync("logging.cjs", [act, twin.Logging.AbsoluteUri, await twin.CredentialsAsync(email), "acc-lab", $"app/node-{act}"], Cancel);
        run.ExitCode.Should().Be(0, "{0}", run.Output);
        return JsonNode.Parse(run.Printed)!.AsObject();
    }
}
