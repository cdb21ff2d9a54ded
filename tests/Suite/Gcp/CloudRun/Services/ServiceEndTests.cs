using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Services;

/// <summary>Whatever is going on, nothing is left of a service that ends.</summary>
public sealed class ServiceEndTests : IAsyncLifetime
{
    private static readonly FakeProgram NeverListens = new();

    private readonly ServicesTwin _twin = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _twin.InitializeAsync();

    public ValueTask DisposeAsync() => _twin.DisposeAsync();

    [Fact]
    public async Task A_deletion_in_the_middle_of_a_deployment_ends_both()
    {
        var begun = await _twin.CallAsync(HttpMethod.Post, "services?serviceId=endless", _twin.Body("endless", NeverListens));
        await ServingFloor.UntilAsync(() => _twin.Runtime.Running.Any());

        var deleted = await _twin.DoneAsync(HttpMethod.Delete, "services/endless");
        var created = await _twin.EndAsync((string)begun.Json["name"]!);

        ((bool?)deleted["done"], created["error"] is not null).Should().Be((true, true));
        _twin.Runtime.Running.Should().BeEmpty();
    }

    [Fact]
    public async Task A_deletion_that_fails_ends_its_operation_and_the_service()
    {
        var (id, service) = await _twin.CreateAsync(FakeProgram.Saying("x"));
        var container = _twin.Runtime.Started.Single();
        container.Stuck = "its folder is in use";

        var deleted = await _twin.DoneAsync(HttpMethod.Delete, $"services/{id}");
        container.Stuck = null;

        ((int?)deleted["error"]!["code"], (string?)deleted["error"]!["message"]).Should().Be((13, "The stand-in failed: its folder is in use"));
        (await _twin.CallAsync(HttpMethod.Get, $"services/{id}")).Status.Should().Be(StatusCodes.Status404NotFound);
        await FluentActions.Awaiting(() => _twin.AskAsync((string)service["uri"]!)).Should().ThrowAsync<HttpRequestException>();
    }

    [Fact]
    public async Task A_deployment_ends_though_the_twin_has_no_memory_for_it()
    {
        _twin.Runtime.Pulling = () => _ = new string(' ', int.MaxValue);

        var created = await _twin.DoneAsync(HttpMethod.Post, "services?serviceId=huge", _twin.Body("huge", NeverListens));

        ((bool?)created["done"], (int?)created["error"]?["code"]).Should().Be((true, 13));
    }

    [Fact]
    public async Task A_reset_in_the_middle_of_a_deployment_ends_it()
    {
        await _twin.CallAsync(HttpMethod.Post, "services?serviceId=endless", _twin.Body("endless", NeverListens));
        await ServingFloor.UntilAsync(() => _twin.Runtime.Running.Any());

        await Task.Run(_twin.Gcp.Twin.Reset, Cancel).WaitAsync(TimeSpan.FromSeconds(10), Cancel);

        _twin.Runtime.Running.Should().BeEmpty();
    }

    [Fact]
    public async Task A_reset_ends_requests_that_run()
    {
        var arrived = new TaskCompletionSource();
        var (_, service) = await _twin.CreateAsync(new FakeProgram
        {
            Answer = (context, _) =>
            {
                arrived.SetResult();
                return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
            },
        });
        var running = _twin.AskAsync((string)service["uri"]!);
        await arrived.Task.WaitAsync(Cancel);

        await Task.Run(_twin.Gcp.Twin.Reset, Cancel).WaitAsync(TimeSpan.FromSeconds(10), Cancel);

        await FluentActions.Awaiting(async () => (await running).Status.Should().Be(StatusCodes.Status200OK)).Should().ThrowAsync<Exception>("a connection that broke, or 503");
        _twin.Runtime.Running.Should().BeEmpty();
    }

    [Fact]
    public async Task Twins_side_by_side_serve_services_of_one_name()
    {
        await using var other = new ServicesTwin();
        await other.InitializeAsync();

        var services = await Task.WhenAll(CreateAsync(_twin, "mine"), CreateAsync(other, "theirs"));

        (await _twin.AskAsync(services[0]), await _twin.AskAsync(services[1])).Should().Be(((200, "mine"), (200, "theirs")));
    }

    private static async Task<string> CreateAsync(ServicesTwin twin, string says)
    {
        var body = twin.Body("same", FakeProgram.Saying(says));
        body["labels"] = new JsonObject { ["says"] = says };
        var done = await twin.DoneAsync(HttpMethod.Post, "services?serviceId=same", body);
        await twin.GrantAsync("same", "allUsers");
        return (string)done["response"]!["uri"]!;
    }
}
