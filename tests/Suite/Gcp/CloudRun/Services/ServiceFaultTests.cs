using System.Text.Json.Nodes;
using Acceptance.StandIns.Containers;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Services;

/// <summary>Each fault of a service that is met by deploying it.</summary>
public sealed class ServiceFaultTests : IAsyncLifetime
{
    private readonly ServicesTwin _twin = new();

    public ValueTask InitializeAsync() => _twin.InitializeAsync();

    public ValueTask DisposeAsync() => _twin.DisposeAsync();

    [Fact]
    public async Task Z24_a_bad_revision_takes_the_traffic()
    {
        var (id, service) = await _twin.CreateAsync(FakeProgram.Saying("one"));
        _twin.Gcp.Twin.Faults.SwitchOn("Z24");

        await PatchAsync(id, new FakeProgram { Exit = new ContainerExit(1, null, null) });

        ((await _twin.AskAsync((string)service["uri"]!)).Status, _twin.Gcp.Twin.Faults.Hits("Z24")).Should().Be((503, 1));
    }

    [Fact]
    public async Task Z25_nothing_answers_while_a_bad_revision_was_tried()
    {
        var (id, service) = await _twin.CreateAsync(FakeProgram.Saying("one"));
        _twin.Gcp.Twin.Faults.SwitchOn("Z25");

        await PatchAsync(id, new FakeProgram { Exit = new ContainerExit(1, null, null) });
        var during = await _twin.AskAsync((string)service["uri"]!);
        await PatchAsync(id, FakeProgram.Saying("two"));

        (during.Status, await _twin.AskAsync((string)service["uri"]!), _twin.Gcp.Twin.Faults.Hits("Z25")).Should().Be((503, (200, "two"), 2));
    }

    [Fact]
    public async Task Z27_a_policy_is_read_back_and_not_applied()
    {
        var (id, service) = await _twin.CreateAsync(FakeProgram.Saying("one"));
        _twin.Gcp.Twin.Faults.SwitchOn("Z27");

        await _twin.GrantAsync(id, "serviceAccount:ci-lab@acc-lab.iam.gserviceaccount.com");

        ((await _twin.GetAsync($"services/{id}:getIamPolicy")).ToJsonString().Contains("ci-lab"), (await _twin.AskAsync((string)service["uri"]!)).Status, _twin.Gcp.Twin.Faults.Hits("Z27"))
            .Should().Be((true, 200, 1));
    }

    [Fact]
    public async Task R5_a_deployment_fails_for_the_port()
    {
        _twin.Gcp.Twin.Faults.SwitchOn("R5");

        var done = await _twin.DoneAsync(HttpMethod.Post, "services?serviceId=port", _twin.Body("port", FakeProgram.Saying("one")));

        ((string?)done["error"]!["message"]).Should().Contain("failed to start and listen on the port defined provided by the PORT=8080 environment variable");
    }

    [Fact]
    public async Task After_a_reset_no_container_runs_and_no_service_is_there()
    {
        await _twin.CreateAsync(FakeProgram.Saying("one"), (_, body) => body["template"]!["scaling"] = new JsonObject { ["minInstanceCount"] = 2 });

        _twin.Gcp.Twin.Reset();
        _twin.Gcp.Twin.Reset();

        _twin.Runtime.Running.Should().BeEmpty();
        (await _twin.Gcp.SendAsync("cloud-run", HttpMethod.Get, "/v2/projects/acc-lab/locations/europe-west1/services", token: await _twin.Gcp.TokenAsync(GcpTwin.Owner))).Json["services"].Should().BeNull();
    }

    private Task<JsonObject> PatchAsync(string id, FakeProgram program) => _twin.DoneAsync(HttpMethod.Patch, $"services/{id}", _twin.Body($"{id}-{Guid.NewGuid():n}", program));
}
