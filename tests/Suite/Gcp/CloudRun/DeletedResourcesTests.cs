using System.Text.Json.Nodes;
using Acceptance.StandIns.Containers;
using Acceptance.Tests.Suite.Gcp.CloudRun.Jobs;
using Acceptance.Tests.Suite.Gcp.CloudRun.Services;

namespace Acceptance.Tests.Suite.Gcp.CloudRun;

/// <summary>Lists, while what is in them is being deleted.</summary>
public sealed class DeletedResourcesTests : IAsyncLifetime
{
    private readonly ServicesTwin _twin = new();

    public ValueTask InitializeAsync() => _twin.InitializeAsync();

    public ValueTask DisposeAsync() => _twin.DisposeAsync();

    [Fact]
    public async Task Jobs_executions_and_tasks_are_listed_only_where_asked()
    {
        await _twin.DoneAsync(HttpMethod.Post, "jobs?jobId=doomed", JobBench.Job(_twin.Image("doomed", new FakeProgram { Exit = new ContainerExit(0, null, null) })));
        var execution = ((string)(await _twin.DoneAsync(HttpMethod.Post, "jobs/doomed:run", new JsonObject()))["response"]!["name"]!).Split('/')[^1];
        DeleteSlowly();

        (await CountsAsync("jobs/doomed/executions", "executions")).Should().Be((1, 1));
        await DeleteAsync($"jobs/doomed/executions/{execution}");
        (await CountsAsync("jobs/doomed/executions", "executions")).Should().Be((0, 1));
        (await CountsAsync($"jobs/doomed/executions/{execution}/tasks", "tasks")).Should().Be((0, 1));
        (await CountsAsync("jobs", "jobs")).Should().Be((1, 1));
        await DeleteAsync("jobs/doomed");
        (await CountsAsync("jobs", "jobs")).Should().Be((0, 1));
    }

    [Fact]
    public async Task Services_and_revisions_are_listed_only_where_asked()
    {
        var (id, service) = await _twin.CreateAsync(FakeProgram.Saying("one"));
        await _twin.DoneAsync(HttpMethod.Patch, $"services/{id}", _twin.Body($"{id}-two", FakeProgram.Saying("two")));
        DeleteSlowly();

        (await CountsAsync("services/-/revisions", "revisions")).Should().Be((2, 2));
        await DeleteAsync($"services/{id}/revisions/{((string)service["latestReadyRevision"]!).Split('/')[^1]}");
        (await CountsAsync("services/-/revisions", "revisions")).Should().Be((1, 2));
        (await CountsAsync("services", "services")).Should().Be((1, 1));
        await DeleteAsync($"services/{id}");
        (await CountsAsync("services", "services")).Should().Be((0, 1));
    }

    [Theory]
    [InlineData("jobs")]
    [InlineData("jobs/-/executions")]
    [InlineData("jobs/-/executions/-/tasks")]
    [InlineData("services")]
    [InlineData("services/-/revisions")]
    public async Task Who_asks_neither_way_is_refused(string path)
    {
        var refused = await _twin.CallAsync(HttpMethod.Get, $"{path}?showDeleted=banana");

        (refused.Status, refused.Text.Contains("(TYPE_BOOL)")).Should().Be((400, true));
    }

    /// <summary>From here on, nothing that is deleted is gone before the twin is.</summary>
    private void DeleteSlowly() => _twin.Gcp.Twin.Settings.Provisioning = TimeSpan.FromHours(1);

    private async Task DeleteAsync(string path) => (await _twin.CallAsync(HttpMethod.Delete, path)).Status.Should().Be(200);

    /// <summary>How many a list has, and how many with those that are being deleted.</summary>
    private async Task<(int Plain, int WithDeleted)> CountsAsync(string path, string field) =>
        ((await _twin.GetAsync(path))[field]?.AsArray().Count ?? 0, (await _twin.GetAsync($"{path}?showDeleted=true"))[field]?.AsArray().Count ?? 0);
}
