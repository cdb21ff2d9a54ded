using System.Text.Json.Nodes;
using Acceptance.StandIns.Containers;
using Acceptance.StandIns.Gcp.Auth.Iam;
using Acceptance.StandIns.Gcp.CloudRun;
using Acceptance.StandIns.Gcp.CloudRun.Instances;
using Acceptance.StandIns.Gcp.CloudRun.Resources;
using Acceptance.StandIns.Gcp.CloudRun.Services;
using Acceptance.StandIns.Hosting;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Services;

/// <summary>Deployments of one service, in an order that no client can bring about.</summary>
public sealed class DeploymentTests : IAsyncLifetime
{
    private ServingFloor _floor = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _floor = await ServingFloor.OpenAsync();

    public ValueTask DisposeAsync() => _floor.DisposeAsync();

    [Fact]
    public async Task The_newest_revision_has_the_traffic_though_an_older_one_comes_up_after_it()
    {
        var state = new CloudRunState(_floor.Faults, _floor.Clock) { Serving = _floor.Engine };
        var service = new Service("acc-lab", "europe-west1", "monitoring", _floor.Front, Spec("older"), ResourceMetadata.New("owner", _floor.Clock.GetUtcNow()));
        var older = Add(service);
        service.Spec = Spec("newer");
        var newer = Add(service);

        await DeployAsync(state, service, newer, 2);
        await DeployAsync(state, service, older, 1);

        (service.LatestReady, (await _floor.GetAsync()).Text).Should().Be((newer, "newer"));
        state.Dispose();
    }

    private Task DeployAsync(CloudRunState state, Service service, Revision revision, long generation) => Deployment().RunAsync(
        state, service, revision, true, generation, state.Operations.Begin("projects/acc-lab/locations/europe-west1", Service.Type, service.View), Cancel);

    private Deployment Deployment()
    {
        var surroundings = new CloudRunSurroundings
        {
            Access = _floor.Auth.Access,
            PolicyOfAccount = _ => IamPolicy.Empty,
            Runtime = _floor.Runtime,
            Upstream = () => new Uri("https://harbor.test/"),
            UpstreamCredential = _ => new RegistryCredential("robot", "secret"),
            Buckets = () => throw new InvalidOperationException("no revision here has a volume"),
            Log = _floor.Log.Enqueue,
            Metadata = _floor.Auth.Metadata,
        };
        return new Deployment(surroundings, new ImageSource(surroundings, _floor.Faults, _floor.Clock), new Provisioning(new TwinSettings(), _floor.Clock), _floor.Faults, _floor.Clock);
    }

    private Revision Add(Service service) => service.AddRevision((JsonObject)service.Spec["template"]!, "owner", _floor.Clock.GetUtcNow());

    private JsonObject Spec(string says)
    {
        var spec = ServicesTwin.Body(_floor.Runtime.Image($"harbor/{says}:1", FakeProgram.Saying(says)).Reference);
        spec["template"]!["revision"] = $"monitoring-{says}";
        new ServiceRules(_floor.Faults).Check(spec, "monitoring", "service", "acc-lab");
        return spec;
    }
}
