using System.Text.Json.Nodes;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Gcp.CloudRun.Services;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Jobs;

/// <summary>How executions begin and end, whatever their containers are.</summary>
public sealed class ExecutionEngineTests : IAsyncLifetime
{
    private const string Location = "v2/projects/acc-lab/locations/europe-west1";
    private const string Endless = "docker.io/test/endless:1";

    private readonly ScriptedRuntime _runtime = new();
    private GcpTwin _twin = null!;
    private string _token = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _twin = new GcpTwin(new TwinOptions { Containers = _runtime });
        await _twin.InitializeAsync();
        _token = await _twin.TokenAsync(GcpTwin.Owner);
    }

    public async ValueTask DisposeAsync()
    {
        await _twin.DisposeAsync();
        await _runtime.DisposeAsync();
    }

    [Fact]
    public async Task What_the_twin_has_no_memory_for_ends_and_a_reset_does_not_wait_for_it()
    {
        _runtime.Pulling = NoMemory;
        var created = await EndAsync(await CreateAsync());
        var run = await SendAsync("POST", $"{Location}/jobs/score:run", "{}");
        var ran = await EndAsync(run);
        var deleted = await EndAsync(await SendAsync("DELETE", $"v2/{run["metadata"]!["name"]}"));

        await Task.Run(_twin.Twin.Reset, Cancel).WaitAsync(TimeSpan.FromSeconds(10), Cancel);

        ((int?)created["error"]?["code"], (int?)ran["error"]?["code"], (bool?)deleted["done"]).Should().Be((13, 13, true));
        ((string?)ran["error"]!["message"]).Should().StartWith("The stand-in failed: ");
    }

    [Fact]
    public async Task No_more_than_a_hundred_tasks_run_at_a_time()
    {
        await EndAsync(await CreateAsync());
        var run = await SendAsync("POST", $"{Location}/jobs/score:run", """{"overrides": {"taskCount": 400}}""");
        var execution = $"v2/{run["metadata"]!["name"]}";
        await ServingFloor.UntilAsync(() => _runtime.Started.Count >= 100);
        var seen = await SendAsync("GET", execution);

        await EndAsync(await SendAsync("POST", $"{execution}:cancel", "{}"));

        ((int?)seen["parallelism"], (int?)seen["runningCount"], _runtime.Started.Count).Should().Be((400, 100, 100));
    }

    // What Encoding.GetString does with a text of more than a thousand million characters.
    private static void NoMemory() => _ = new string(' ', int.MaxValue);

    private Task<JsonNode> CreateAsync() => SendAsync("POST", $"{Location}/jobs?jobId=score",
        $$$$"""{"template": {"template": {"serviceAccount": "run-agent@acc-lab.iam.gserviceaccount.com", "containers": [{"image": "{{{{Endless}}}}"}]}}}""");

    private Task<JsonNode> EndAsync(JsonNode operation) => SendAsync("POST", $"v2/{operation["name"]}:wait", """{"timeout": "10s"}""");

    private async Task<JsonNode> SendAsync(string method, string path, string? body = null)
    {
        var answer = await _twin.SendAsync("cloud-run", new HttpMethod(method), path, body, _token);
        answer.Status.Should().Be(200, answer.Text);
        return answer.Json;
    }
}
