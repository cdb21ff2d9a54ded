using System.Text.Json.Nodes;
using Acceptance.StandIns.Containers;
using Acceptance.Tests.Suite.Gcp.CloudRun.Services;

namespace Acceptance.Tests.Suite.RealClients.GoogleCloud;

/// <summary>Services with @google-cloud/run from npm, which speaks REST where it is told to fall back.</summary>
public sealed class NodeRunServicesTests(ServicesTwin twin, NodeClients node) : IClassFixture<ServicesTwin>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [ClientFact(OfficialClient.NodeRun)]
    public async Task Node_creates_a_service_opens_it_changes_it_moves_its_traffic_and_deletes_it()
    {
        var day = await RunAsync("day", Gcp.GcpTwin.Owner);

        ((string?)day["metadata"], (string?)day["ready"], (string?)day["generation"], (string?)day["timeout"])
            .Should().Be(("projects/acc-lab/locations/europe-west1/services/node-day", "CONDITION_SUCCEEDED", "1", "30"));
        ((string?)day["closed"], (string?)day["open"], (string?)day["afterSecond"], (string?)day["second"]).Should().Be(("403", "200 one", "200 two", "node-day-second"));
        ((string?)day["back"]!["own"], (string?)day["back"]!["tag"]).Should().Be(("200 one", "200 two"));
        ((int?)day["bad"]!["code"], (string?)day["afterBad"], (string?)day["readyAfterBad"], (string?)day["state"]).Should().Be((9, "200 one", "node-day-second", "CONDITION_FAILED"));
        ((string?)day["bad"]!["message"]).Should().Contain("failed to start and listen on the port defined provided by the PORT=8080 environment variable");
        ((bool?)day["listed"], (int?)day["revisions"], day["permitted"]!.AsArray().Count, (bool?)day["deleted"], (int?)day["gone"]!["code"]).Should().Be((true, 3, 2, true, 5));
    }

    [ClientFact(OfficialClient.NodeRun)]
    public async Task Node_is_told_what_it_may_not_and_what_is_wrong()
    {
        var denied = await RunAsync("refused", Gcp.GcpTwin.DataScientist);
        var wrong = await RunAsync("refused", Gcp.GcpTwin.Owner);

        ((string?)denied["create"]!["message"]).Should().Contain("Permission 'run.services.create' denied on resource 'projects/acc-lab/locations/europe-west1/services/node-refused'");
        ((string?)wrong["invalid"]!["message"]).Should().Contain("CreateServiceRequest.service.template.timeout");
    }

    private async Task<JsonObject> RunAsync(string act, string email)
    {
        var images = new[]
        {
            twin.Image("node-one", FakeProgram.Saying("one")),
            twin.Image("node-two", FakeProgram.Saying("two")),
            twin.Image("node-bad", new FakeProgram { Exit = new ContainerExit(1, null, null) }),
        };
        var run = await node.RunAsync("run-services.cjs", [act, twin.Gcp.AddressOf("cloud-run").AbsoluteUri, await twin.Gcp.TokenAsync(email), "acc-lab", $"node-{act}", .. images], Cancel);
        run.ExitCode.Should().Be(0, "{0}", run.Output);
        return JsonNode.Parse(run.Printed)!.AsObject();
    }
}
