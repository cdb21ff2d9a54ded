using System.Text.Json.Nodes;
using Acceptance.StandIns.Containers;
using Acceptance.StandIns.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Jobs;

/// <summary>What takes time, on a clock that the test moves.</summary>
public sealed class JobTimeTests : IAsyncDisposable
{
    private const string Location = "v2/projects/acc-lab/locations/europe-west1";

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ScriptedRuntime _runtime = new();
    private GcpTwin _twin = null!;
    private string _token = "";

    [Fact]
    public async Task Nothing_is_ready_before_the_time_that_provisioning_takes()
    {
        await StartAsync(TimeSpan.FromSeconds(8));
        _runtime.Images["docker.io/test/quick:1"] = new ContainerExit(0, null, null);
        var operation = await CreateAsync("docker.io/test/quick:1");

        _clock.Advance(TimeSpan.FromSeconds(7));
        var early = await SendAsync("GET", $"v2/{operation["name"]}");
        var done = await PassAsync(operation, TimeSpan.FromSeconds(8));
        var run = await SendAsync("POST", $"{Location}/jobs/score:run", "{}");
        var ran = await PassAsync(run, TimeSpan.FromSeconds(8));

        early["done"].Should().BeNull();
        ((string?)done["response"]!["terminalCondition"]!["state"]).Should().Be("CONDITION_SUCCEEDED");
        (Time(ran["response"]!, "startTime") - Time(ran["response"]!, "createTime")).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task A_timeout_is_of_each_attempt()
    {
        await StartAsync(TimeSpan.Zero);
        await EndAsync(await CreateAsync("docker.io/test/endless:1", """, "timeout": "3600s", "maxRetries": 1"""));
        var run = await SendAsync("POST", $"{Location}/jobs/score:run", "{}");

        var ran = await PassAsync(run, TimeSpan.FromSeconds(3600));

        ((string?)ran["error"]!["message"]).Should().EndWith("failed with message: The configured timeout was reached.");
        (Time(ran["metadata"]!, "completionTime") - Time(ran["metadata"]!, "startTime")).Should().BeGreaterThanOrEqualTo(TimeSpan.FromHours(2));
        _runtime.Started.Should().HaveCount(2);
    }

    [Fact]
    public async Task R2_ends_at_its_deadline()
    {
        await StartAsync(TimeSpan.Zero);
        _twin.Twin.Faults.SwitchOn("R2");

        var done = await PassAsync(await CreateAsync("docker.io/test/endless:1"), TimeSpan.FromMinutes(30));

        ((string?)done["error"]!["message"], (string?)done["metadata"]!["terminalCondition"]!["reason"]).Should().Be(("Resource readiness deadline exceeded.", "PROGRESS_DEADLINE_EXCEEDED"));
    }

    [Fact]
    public async Task R11_containers_are_started_without_a_network()
    {
        await StartAsync(TimeSpan.Zero);
        _runtime.Images["docker.io/test/quick:1"] = new ContainerExit(0, null, null);
        await EndAsync(await CreateAsync("docker.io/test/quick:1"));
        await EndAsync(await SendAsync("POST", $"{Location}/jobs/score:run", "{}"));
        _twin.Twin.Faults.SwitchOn("R11");

        await EndAsync(await SendAsync("POST", $"{Location}/jobs/score:run", "{}"));

        _runtime.Started.Select(spec => spec.Network).Should().Equal(true, false);
        _twin.Twin.Faults.Hits("R11").Should().Be(1);
    }

    [Fact]
    public async Task A_job_that_is_being_deleted_is_not_changed()
    {
        await StartAsync(TimeSpan.FromSeconds(8));
        var operation = await CreateAsync("docker.io/test/endless:1");
        await PassAsync(operation, TimeSpan.FromSeconds(8));
        await SendAsync("DELETE", $"{Location}/jobs/score");

        var changed = await _twin.SendAsync("cloud-run", HttpMethod.Patch, $"{Location}/jobs/score", Job("docker.io/test/endless:2"), _token);

        (changed.Status, (string?)changed.Json["error"]!["status"]).Should().Be((400, "FAILED_PRECONDITION"));
    }

    public async ValueTask DisposeAsync()
    {
        await _twin.DisposeAsync();
        await _runtime.DisposeAsync();
    }

    private async Task StartAsync(TimeSpan provisioning)
    {
        _twin = new GcpTwin(new TwinOptions { Clock = _clock, Containers = _runtime, Provisioning = provisioning });
        await _twin.InitializeAsync();
        _token = await _twin.TokenAsync(GcpTwin.Owner);
    }

    private Task<JsonNode> CreateAsync(string image, string more = "") => SendAsync("POST", $"{Location}/jobs?jobId=score", Job(image, more));

    private static string Job(string image, string more = "") =>
        $$$$"""{"template": {"template": {"serviceAccount": "run-agent@acc-lab.iam.gserviceaccount.com", "containers": [{"image": "{{{{image}}}}"}] {{{{more}}}} }}}""";

    private Task<JsonNode> EndAsync(JsonNode operation) => SendAsync("POST", $"v2/{operation["name"]}:wait", """{"timeout": "10s"}""");

    /// <summary>Lets time pass until an operation is done; its timers may be set after a step.</summary>
    private async Task<JsonNode> PassAsync(JsonNode operation, TimeSpan step)
    {
        while (operation["done"] is null)
        {
            _clock.Advance(step);
            _token = await _twin.TokenAsync(GcpTwin.Owner);
            operation = await SendAsync("GET", $"v2/{operation["name"]}");
        }

        return operation;
    }

    private async Task<JsonNode> SendAsync(string method, string path, string? body = null)
    {
        var answer = await _twin.SendAsync("cloud-run", new HttpMethod(method), path, body, _token);
        answer.Status.Should().Be(200, answer.Text);
        return answer.Json;
    }

    private static DateTimeOffset Time(JsonNode resource, string name) => DateTimeOffset.Parse((string)resource[name]!);
}
