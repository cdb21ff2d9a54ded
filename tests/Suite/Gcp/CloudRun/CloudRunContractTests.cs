using System.Text.Json.Nodes;
using Acceptance.Platform.Profiles;
using Acceptance.StandIns.Containers;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Contracts;
using Acceptance.Tests.Suite.Recette;

namespace Acceptance.Tests.Suite.Gcp.CloudRun;

/// <summary>A walk through every operation of jobs that the twin answers, held against Google's own description of the API.</summary>
public sealed class CloudRunContractTests : IDisposable
{
    private const string Location = "v2/projects/acc-lab/locations/europe-west1";

    private const string Job = """
        {"labels": {"team": "risk"}, "annotations": {"example.test/ticket": "41"}, "client": "recette", "clientVersion": "1", "launchStage": "GA", "binaryAuthorization": {"useDefault": true},
         "template": {"labels": {"kind": "batch"}, "annotations": {"example.test/a": "b"}, "parallelism": 1, "taskCount": 2, "template": {
           "serviceAccount": "run-agent@acc-lab.iam.gserviceaccount.com", "maxRetries": 1, "timeout": "30s", "executionEnvironment": "EXECUTION_ENVIRONMENT_GEN2",
           "vpcAccess": {"egress": "ALL_TRAFFIC", "networkInterfaces": [{"network": "n", "subnetwork": "s", "tags": ["t"]}]},
           "volumes": [{"name": "scratch", "emptyDir": {"medium": "MEMORY"}}],
           "containers": [{"name": "main", "image": "docker.io/test/score:1", "command": ["/run"], "args": ["a"], "env": [{"name": "A", "value": "b"}, {"name": "EMPTY"}],
             "resources": {"limits": {"cpu": "1", "memory": "1Gi"}}, "volumeMounts": [{"name": "scratch", "mountPath": "/scratch"}], "workingDir": "/w"}]}}}
        """;

    private readonly ScratchFolder _scratch = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [ContractFact]
    public async Task What_Cloud_Run_answers_of_jobs_is_what_its_description_says()
    {
        var traffic = _scratch.File("traffic.jsonl");
        await using (var runtime = new ScriptedRuntime())
        {
            runtime.Images["docker.io/test/score:1"] = new ContainerExit(0, null, null);
            runtime.Images["docker.io/test/broken:1"] = new ContainerExit(3, null, null);
            await WalkAsync(new TwinOptions { TrafficFile = traffic, Containers = runtime });
        }

        var check = await ContractChecker.CheckAsync(Variables.Find(Settings.SuiteContracts), traffic, Cancel);

        check.ExitCode.Should().Be(0, "{0}", check.Output);
        check.Printed.Should().EndWith(" exchanges, 0 violations");
        RecordedExchange.Read(traffic).Count(exchange => exchange.System == "run").Should().BeGreaterThan(35);
    }

    public void Dispose() => _scratch.Dispose();

    private static async Task WalkAsync(TwinOptions options)
    {
        var twin = new GcpTwin(options);
        await twin.InitializeAsync();
        await using (twin)
        {
            var walk = new Walk(twin, await twin.TokenAsync(GcpTwin.Owner));
            await JobsAsync(walk);
            await ExecutionsAsync(walk);
            await RefusalsAsync(walk, await twin.TokenAsync(GcpTwin.DataScientist));
        }
    }

    private static async Task JobsAsync(Walk walk)
    {
        await walk.EndAsync(await walk.WellAsync("POST", $"{Location}/jobs?jobId=score", Job));
        await walk.WellAsync("POST", $"{Location}/jobs?jobId=other&validateOnly=true", Job);
        await walk.EndAsync(await walk.WellAsync("POST", $"{Location}/jobs?jobId=missing", Job.Replace("score:1", "nothing:1", StringComparison.Ordinal)));
        await walk.WellAsync("GET", $"{Location}/jobs?pageSize=1");
        var read = await walk.WellAsync("GET", $"{Location}/jobs/score");
        await walk.EndAsync(await walk.WellAsync("PATCH", $"{Location}/jobs/score", Job.Replace("risk", "fraud", StringComparison.Ordinal)));
        await walk.WellAsync("PATCH", $"{Location}/jobs/score?validateOnly=true&allowMissing=true", Job);
        var policy = await walk.WellAsync("GET", $"{Location}/jobs/score:getIamPolicy?options.requestedPolicyVersion=3");
        await walk.WellAsync("POST", $"{Location}/jobs/score:setIamPolicy", new JsonObject
        {
            ["policy"] = new JsonObject { ["etag"] = (string?)policy["etag"], ["bindings"] = JsonNode.Parse("""[{"role": "roles/run.invoker", "members": ["user:data-scientist@example.test"]}]""") },
        }.ToJsonString());
        await walk.WellAsync("POST", $"{Location}/jobs/score:testIamPermissions", """{"permissions": ["run.jobs.run"]}""");
        ((string?)read["uid"]).Should().NotBeNull();
    }

    private static async Task ExecutionsAsync(Walk walk)
    {
        var done = await walk.EndAsync(await walk.WellAsync("POST", $"{Location}/jobs/score:run",
            """{"overrides": {"taskCount": 2, "timeout": "20s", "containerOverrides": [{"name": "main", "args": ["b"], "env": [{"name": "A", "value": "c"}]}]}}"""));
        var execution = (string)done["response"]!["name"]!;
        await walk.WellAsync("GET", $"v2/{execution}");
        await walk.WellAsync("GET", $"{Location}/jobs/score/executions?pageSize=1");
        await walk.WellAsync("GET", $"{Location}/jobs/-/executions");
        var tasks = await walk.WellAsync("GET", $"v2/{execution}/tasks?pageSize=1");
        await walk.WellAsync("GET", $"v2/{tasks["tasks"]![0]!["name"]}");
        await walk.WellAsync("GET", $"{Location}/operations?pageSize=2");
        await walk.WellAsync("GET", $"v2/{done["name"]}");
        await walk.WellAsync("DELETE", $"v2/{done["name"]}");
        await walk.EndAsync(await walk.WellAsync("PATCH", $"{Location}/jobs/score", Job.Replace("score:1", "broken:1", StringComparison.Ordinal)));
        var failed = await walk.EndAsync(await walk.WellAsync("POST", $"{Location}/jobs/score:run", "{}"));
        failed["error"].Should().NotBeNull();
        await walk.WellAsync("GET", $"v2/{failed["metadata"]!["name"]}/tasks");
        await walk.EndAsync(await walk.WellAsync("PATCH", $"{Location}/jobs/score", Job.Replace("score:1", "endless:1", StringComparison.Ordinal)));
        var running = (string)(await walk.WellAsync("POST", $"{Location}/jobs/score:run", "{}"))["metadata"]!["name"]!;
        await walk.WellAsync("GET", $"{Location}/jobs/score");
        await walk.EndAsync(await walk.WellAsync("POST", $"v2/{running}:cancel", """{"validateOnly": false}"""));
        await walk.EndAsync(await walk.WellAsync("DELETE", $"v2/{execution}"));
        await walk.EndAsync(await walk.WellAsync("DELETE", $"{Location}/jobs/score"));
    }

    private static async Task RefusalsAsync(Walk walk, string scientist)
    {
        await walk.RefusedAsync(404, "GET", $"{Location}/jobs/score");
        await walk.RefusedAsync(404, "POST", $"{Location}/jobs/score:run", "{}");
        await walk.RefusedAsync(409, "POST", $"{Location}/jobs?jobId=missing", Job);
        await walk.RefusedAsync(400, "POST", $"{Location}/jobs?jobId=Capital", Job);
        await walk.RefusedAsync(400, "GET", $"{Location}/jobs?pageToken=x");
        await walk.RefusedAsync(409, "DELETE", $"{Location}/jobs/missing?etag=%22old%22");
        await walk.RefusedAsync(403, "DELETE", $"{Location}/jobs/missing", null, scientist);
        await walk.RefusedAsync(401, "GET", $"{Location}/jobs", null, "nobody");
    }

    /// <summary>Calls of one walk, each with what it must be answered.</summary>
    private sealed class Walk(GcpTwin twin, string token)
    {
        public async Task<JsonNode> WellAsync(string method, string path, string? body = null)
        {
            var answer = await twin.SendAsync("cloud-run", new HttpMethod(method), path, body, token);
            answer.Status.Should().Be(200, "{0} {1}: {2}", method, path, answer.Text);
            return answer.Json;
        }

        public Task<JsonNode> EndAsync(JsonNode operation) => WellAsync("POST", $"v2/{operation["name"]}:wait", """{"timeout": "10s"}""");

        public async Task RefusedAsync(int status, string method, string path, string? body = null, string? other = null) =>
            (await twin.SendAsync("cloud-run", new HttpMethod(method), path, body, other ?? token)).Status.Should().Be(status);
    }
}
