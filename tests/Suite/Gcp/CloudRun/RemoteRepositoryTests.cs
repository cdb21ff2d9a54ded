using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Acceptance.StandIns.Containers;
using Acceptance.StandIns.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.Gcp.CloudRun;

/// <summary>What the remote repository asks of Harbor, and as whom, on a clock that the test moves.</summary>
public sealed class RemoteRepositoryTests : IAsyncLifetime
{
    private const string Location = "v2/projects/acc-lab/locations/europe-west1";

    private static readonly string Digest = "sha256:" + new string('b', 64);

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Pulls _pulls = new();
    private GcpTwin _twin = null!;

    private string Harbor => _twin.AddressOf("harbor").Authority;

    public async ValueTask InitializeAsync()
    {
        _twin = new GcpTwin(new TwinOptions { Clock = _clock, Containers = _pulls });
        await _twin.InitializeAsync();
    }

    public ValueTask DisposeAsync() => _twin.DisposeAsync();

    [Fact]
    public async Task It_pulls_from_Harbor_with_the_pull_robot_of_the_project_and_keeps_what_a_tag_meant_for_an_hour()
    {
        const string Image = "europe-west1-docker.pkg.dev/acc-lab/harbor/mlops-lab/churn:v1";

        await LookAsync("first", Image);
        _clock.Advance(TimeSpan.FromMinutes(59));
        await LookAsync("second", Image);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await LookAsync("third", Image);

        _pulls.Asked.Should().Equal(
            ($"{Harbor}/mlops-lab/churn:v1", "robot$mlops-lab+pull"), ($"{Harbor}/mlops-lab/churn@{Digest}", "robot$mlops-lab+pull"), ($"{Harbor}/mlops-lab/churn:v1", "robot$mlops-lab+pull"));
    }

    [Fact]
    public async Task A_reset_of_the_twin_forgets_what_a_tag_meant()
    {
        const string Image = "europe-west1-docker.pkg.dev/acc-lab/harbor/mlops-lab/churn:v1";

        await LookAsync("first", Image);
        _twin.Twin.Reset();
        await LookAsync("second", Image);

        _pulls.Asked.Select(asked => asked.Reference).Should().Equal($"{Harbor}/mlops-lab/churn:v1", $"{Harbor}/mlops-lab/churn:v1");
    }

    [Theory]
    [InlineData("docker.io/library/nginx:1")]
    [InlineData("europe-west1-docker.pkg.dev/acc-lab/other/mlops-lab/churn:v1")]
    [InlineData("us-central1-docker.pkg.dev/acc-lab/harbor/mlops-lab/churn:v1")]
    public async Task No_other_registry_is_given_the_robot_of_Harbor(string image)
    {
        await LookAsync("other", image);

        _pulls.Asked.Should().Equal((image, null));
    }

    [Fact]
    public async Task The_repository_of_another_project_asks_nothing()
    {
        var operation = await LookAsync("other", "europe-west1-docker.pkg.dev/acc-run/harbor/mlops-run/churn:v1");

        _pulls.Asked.Should().BeEmpty();
        ((int?)operation["error"]!["code"]).Should().Be(7);
    }

    private async Task<JsonNode> LookAsync(string id, string image)
    {
        var token = await _twin.TokenAsync(GcpTwin.Owner);
        var body = new JsonObject
        {
            ["template"] = new JsonObject
            {
                ["template"] = new JsonObject { ["serviceAccount"] = "run-agent@acc-lab.iam.gserviceaccount.com", ["containers"] = new JsonArray(new JsonObject { ["image"] = image }) },
            },
        };
        var begun = await _twin.SendAsync("cloud-run", HttpMethod.Post, $"{Location}/jobs?jobId={id}", body.ToJsonString(), token);
        begun.Status.Should().Be(200, begun.Text);
        var ended = await _twin.SendAsync("cloud-run", HttpMethod.Post, $"v2/{begun.Json["name"]}:wait", """{"timeout": "20s"}""", token);
        ((bool?)ended.Json["done"]).Should().BeTrue(ended.Text);
        return ended.Json;
    }

    /// <summary>A runtime that has every image, and says what it was asked for.</summary>
    private sealed class Pulls : IContainerRuntime
    {
        public ConcurrentQueue<(string Reference, string? User)> Asked { get; } = new();

        public Task<ContainerImage> PullAsync(string reference, RegistryCredential? credential, CancellationToken cancellationToken)
        {
            Asked.Enqueue((reference, credential?.User));
            return Task.FromResult(new ContainerImage(reference, Digest, ["/run"], [], new Dictionary<string, string>(), "/", ""));
        }

        public Task<IContainer> StartAsync(ContainerSpec spec, CancellationToken cancellationToken) => throw new NotSupportedException("Nothing is run here.");

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
