using System.Text.Json.Nodes;
using Acceptance.Platform.Profiles;
using Acceptance.StandIns.Containers;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Contracts;
using Acceptance.Tests.Suite.Recette;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Services;

/// <summary>A walk through every operation on services and revisions, held against Google's own description of the API.</summary>
public sealed class ServiceContractTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    [ContractFact]
    public async Task What_Cloud_Run_answers_of_services_is_what_its_description_says()
    {
        var traffic = _scratch.File("traffic.jsonl");
        await using (var twin = new ServicesTwin(traffic))
        {
            await twin.InitializeAsync();
            await LifeAsync(twin);
            await PoliciesAsync(twin);
            await RefusalsAsync(twin);
        }

        var check = await ContractChecker.CheckAsync(Variables.Find(Settings.SuiteContracts), traffic, TestContext.Current.CancellationToken);

        check.ExitCode.Should().Be(0, "{0}", check.Output);
        check.Printed.Should().EndWith(" exchanges, 0 violations");
        RecordedExchange.Read(traffic).Where(exchange => exchange.System == "run").Should().HaveCountGreaterThan(25);
    }

    public void Dispose() => _scratch.Dispose();

    private static async Task LifeAsync(ServicesTwin twin)
    {
        await twin.CallAsync(HttpMethod.Post, "services?serviceId=walk&validateOnly=true", Full(twin, "one"));
        await twin.DoneAsync(HttpMethod.Post, "services?serviceId=walk", Full(twin, "one"));
        await twin.GetAsync("services/walk");
        var second = Full(twin, "two");
        second["traffic"] = JsonNode.Parse("""[{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": "walk-one", "percent": 60}, {"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 40, "tag": "next"}]""");
        await twin.DoneAsync(HttpMethod.Patch, "services/walk?updateMask=template,traffic", second);
        await twin.DoneAsync(HttpMethod.Patch, "services/walk", ServicesTwin.Body("docker.io/test/none:1"));
        await twin.DoneAsync(HttpMethod.Patch, "services/walk", twin.Body("exits", new FakeProgram { Exit = new ContainerExit(2, null, null) }));
        await twin.DoneAsync(HttpMethod.Patch, "services/walk", twin.Body("three", FakeProgram.Saying("three")));
        await twin.GetAsync("services?pageSize=1");
        await twin.GetAsync("services/walk/revisions?pageSize=2");
        await twin.GetAsync("services/-/revisions");
        await twin.GetAsync("services/walk/revisions/walk-one");
        await twin.GetAsync("operations");
        await twin.CallAsync(HttpMethod.Delete, "services/walk/revisions/walk-one?validateOnly=true");
        await twin.DoneAsync(HttpMethod.Delete, "services/walk/revisions/walk-one");
        await twin.CallAsync(HttpMethod.Delete, "services/walk?validateOnly=true");
    }

    private static async Task PoliciesAsync(ServicesTwin twin)
    {
        await twin.GrantAsync("walk", "allUsers");
        await twin.GetAsync("services/walk:getIamPolicy?options.requestedPolicyVersion=3");
        await twin.CallAsync(HttpMethod.Post, "services/walk:testIamPermissions", new JsonObject { ["permissions"] = new JsonArray("run.services.get") });
        await twin.CallAsync(HttpMethod.Post, "services/walk:testIamPermissions", new JsonObject { ["permissions"] = new JsonArray("run.services.delete") }, GcpTwin.Viewer);
    }

    private static async Task RefusalsAsync(ServicesTwin twin)
    {
        await twin.CallAsync(HttpMethod.Get, "services/none");
        await twin.CallAsync(HttpMethod.Delete, "services/walk", account: GcpTwin.Viewer);
        await twin.CallAsync(HttpMethod.Post, "services?serviceId=walk", Full(twin, "one"));
        await twin.CallAsync(HttpMethod.Post, "services?serviceId=Bad", Full(twin, "one"));
        await twin.CallAsync(HttpMethod.Patch, "services/walk", new JsonObject { ["etag"] = "\"x\"", ["template"] = Full(twin, "one")["template"]!.DeepClone() });
        await twin.DoneAsync(HttpMethod.Delete, "services/walk");
    }

    private static JsonObject Full(ServicesTwin twin, string name) => JsonNode.Parse($$"""
        {
          "description": "a walk", "labels": {"team": "risk"}, "annotations": {"example.test/a": "b"}, "client": "walk", "clientVersion": "1",
          "launchStage": "GA", "ingress": "INGRESS_TRAFFIC_ALL", "customAudiences": ["https://walk.example.test"], "scaling": {"scalingMode": "AUTOMATIC"},
          "template": {
            "revision": "walk-{{name}}", "labels": {"stage": "{{name}}"}, "serviceAccount": "run-agent@acc-lab.iam.gserviceaccount.com", "timeout": "60s",
            "sessionAffinity": true, "maxInstanceRequestConcurrency": 10, "scaling": {"minInstanceCount": 1, "maxInstanceCount": 2},
            "executionEnvironment": "EXECUTION_ENVIRONMENT_GEN2",
            "vpcAccess": {"egress": "PRIVATE_RANGES_ONLY", "networkInterfaces": [{"network": "default", "subnetwork": "default"}] },
            "volumes": [{"name": "scratch", "emptyDir": {"medium": "MEMORY"} }],
            "containers": [{
              "name": "app", "image": "{{twin.Image(name, FakeProgram.Saying(name))}}", "env": [{"name": "A", "value": "b"}], "ports": [{"containerPort": 8081}],
              "resources": {"limits": {"cpu": "1", "memory": "512Mi"}, "cpuIdle": true, "startupCpuBoost": true},
              "volumeMounts": [{"name": "scratch", "mountPath": "/scratch"}], "startupProbe": {"periodSeconds": 1, "failureThreshold": 5, "tcpSocket": {} }
            }]
          }
        }
        """)!.AsObject();
}
