using System.Net;
using System.Text.Json.Nodes;
using Acceptance.Tests.Suite.Containers;
using Acceptance.Tests.Suite.Gcp.CloudRun.Jobs;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Services;

/// <summary>Services whose containers are the probe as a process of this host, from its image in Harbor.</summary>
public sealed class ServiceProcessTests(JobBench bench) : IClassFixture<JobBench>
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_probe_is_served_and_its_lines_are_logged_for_its_revision()
    {
        var service = await DeployedAsync("probe-serves", ["serve"]);

        var page = await Http.GetStringAsync((string?)service["uri"], Cancel);

        page.Should().Contain("probe-serves");
        var revision = ((string)service["latestReadyRevision"]!).Split('/')[^1];
        (await bench.EntriesAsync($"resource.type=\"cloud_run_revision\" resource.labels.revision_name=\"{revision}\" log_id(\"run.googleapis.com/stdout\")")).Should().NotBeEmpty();
        (await bench.EntriesAsync($"resource.labels.revision_name=\"{revision}\" httpRequest.status=200")).Should().ContainSingle();
    }

    [Fact]
    public async Task A_request_over_the_timeout_is_504()
    {
        var service = await DeployedAsync("probe-slow", ["serve"], template => template["timeout"] = "1s");

        using var answer = await Http.GetAsync($"{service["uri"]}/?seconds=20", Cancel);

        (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel)).Should().Be((HttpStatusCode.GatewayTimeout, "upstream request timeout"));
    }

    [Fact]
    public async Task Who_listens_on_loopback_only_is_not_listening()
    {
        var created = await bench.EndAsync(await bench.WellAsync(HttpMethod.Post, $"{JobBench.Lab}/services?serviceId=probe-loopback",
            await BodyAsync(["serve", "--address", "127.0.0.1"], template => template["containers"]![0]!["startupProbe"]!["periodSeconds"] = 2)));

        ((string?)created["error"]?["message"]).Should().Match("*The user-provided container failed*");
        var revision = (await bench.GetAsync($"{JobBench.Lab}/services/probe-loopback/revisions"))["revisions"]![0]!;
        revision["conditions"]!.AsArray().Select(condition => (string?)condition!["revisionReason"]).Should().Contain("HEALTH_CHECK_CONTAINER_ERROR");
    }

    [Theory]
    [InlineData("probe-elsewhere", 1, "serve --address 127.0.0.1 --port 9", "*The user-provided container failed*")]
    [InlineData("probe-exits", 6, "exit 3", "*Container called exit(3).*")]
    [InlineData("probe-full", 6, "memory 900 then serve", "*Memory limit of 512 MiB exceeded with * MiB used.*")]
    public async Task A_bad_revision_says_why_and_leaves_the_good_one_serving(string id, int period, string arguments, string message)
    {
        var service = await DeployedAsync(id, ["serve"]);

        var failed = await bench.EndAsync(await bench.WellAsync(HttpMethod.Patch, $"{JobBench.Lab}/services/{id}", await BodyAsync(arguments.Split(' '), template => template["containers"]![0]!["startupProbe"]!["periodSeconds"] = period)));

        ((string?)failed["error"]?["message"]).Should().Match(message);
        using var answer = await Http.GetAsync((string?)service["uri"], Cancel);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }


    private async Task<JsonNode> DeployedAsync(string id, string[] arguments, Action<JsonObject>? with = null)
    {
        var operation = await bench.EndAsync(await bench.WellAsync(HttpMethod.Post, $"{JobBench.Lab}/services?serviceId={id}", await BodyAsync(arguments, with)));
        ((string?)operation["error"]?["message"]).Should().BeNull();
        await bench.WellAsync(HttpMethod.Post, $"{JobBench.Lab}/services/{id}:setIamPolicy", JsonNode.Parse("""{"policy": {"bindings": [{"role": "roles/run.invoker", "members": ["allUsers"]}]}}"""));
        return operation["response"]!;
    }

    private async Task<JsonObject> BodyAsync(string[] arguments, Action<JsonObject>? with = null)
    {
        var probe = new TestImage
        {
            Layers = [new Layer().Files("app", Path.Combine(AppContext.BaseDirectory, "programs", "Probe"))],
            Entrypoint = ["dotnet", "Acceptance.Probe.dll"],
            WorkingDirectory = "/app",
        };
        var template = new JsonObject
        {
            ["serviceAccount"] = JobBench.Agent,
            ["containers"] = new JsonArray(new JsonObject
            {
                ["image"] = await bench.PushAsync(probe, "probe-service"),
                ["args"] = new JsonArray([.. arguments.Select(argument => (JsonNode?)argument)]),
                ["startupProbe"] = JsonNode.Parse("""{"periodSeconds": 6, "failureThreshold": 5, "tcpSocket": {}}"""),
            }),
        };
        with?.Invoke(template);
        return new JsonObject { ["template"] = template };
    }
}
