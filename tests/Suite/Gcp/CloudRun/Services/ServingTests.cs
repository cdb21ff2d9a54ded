using System.Net;
using System.Net.WebSockets;
using System.Text;
using Acceptance.StandIns.Containers;
using Acceptance.StandIns.Gcp.CloudRun.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Services;

/// <summary>From the address of a service to its containers and back.</summary>
public sealed class ServingTests : IAsyncLifetime
{
    private static readonly FakeProgram WhoAmI = new() { Answer = (context, container) => context.Response.WriteAsync(container.Spec.Name) };

    private ServingFloor _floor = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _floor = await ServingFloor.OpenAsync();

    public ValueTask DisposeAsync() => _floor.DisposeAsync();

    [Fact]
    public async Task A_container_knows_what_it_is_and_whom_it_acts_as()
    {
        await _floor.ServeAsync(FakeProgram.Saying("hello"));

        (await _floor.GetAsync("a?b=c")).Should().Match<FrontAnswer>(answer => answer.Status == 200 && answer.Text == "hello");

        var environment = _floor.Runtime.Started.Single().Spec.Environment;
        environment.Should().Contain("K_SERVICE", "monitoring").And.Contain("K_REVISION", "monitoring-00001-abc").And.Contain("K_CONFIGURATION", "monitoring");
        environment["GCE_METADATA_HOST"].Should().Be((await _floor.Auth.Metadata.AddressOfAsync("acc-lab", ServingFloor.Agent, Cancel)).Authority);
    }

    [Fact]
    public async Task A_service_without_a_revision_is_a_page_that_is_not_there()
    {
        var answer = await _floor.GetAsync("x");

        (answer.Status, answer.Text).Should().Match<(int Status, string Text)>(page => page.Status == 404 && page.Text.Contains("<h1>Error: Page not found</h1>"));
    }

    [Fact]
    public async Task An_answer_streams_as_it_is_written()
    {
        var more = new TaskCompletionSource();
        await _floor.ServeAsync(new FakeProgram
        {
            Answer = async (context, _) =>
            {
                await context.Response.WriteAsync("first ");
                await context.Response.Body.FlushAsync();
                await more.Task;
                await context.Response.WriteAsync("second");
            },
        });

        await using var body = await _floor.Http.GetStreamAsync(_floor.Front.Uri, Cancel);
        var first = new byte[6];
        await body.ReadExactlyAsync(first, Cancel);
        more.SetResult();
        using var rest = new StreamReader(body);

        (Encoding.ASCII.GetString(first), await rest.ReadToEndAsync(Cancel)).Should().Be(("first ", "second"));
    }

    [Fact]
    public async Task What_is_sent_arrives_with_its_method_path_and_headers()
    {
        await _floor.ServeAsync(new FakeProgram
        {
            Answer = async (context, _) =>
            {
                using var body = new StreamReader(context.Request.Body);
                await context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Request.Headers["X-Own"]} {context.Request.Host} {await body.ReadToEndAsync()}");
            },
        });
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{_floor.Front.Uri}/a%20b?c=d") { Content = new StringContent("body"), Headers = { { "X-Own", "mine" } } };
        using var answer = await _floor.Http.SendAsync(request, Cancel);

        (await answer.Content.ReadAsStringAsync(Cancel)).Should().Be($"PUT /a%20b?c=d mine {new Uri(_floor.Front.Uri).Authority} body");
    }

    [Fact]
    public async Task A_websocket_carries_messages_both_ways()
    {
        await _floor.ServeAsync(new FakeProgram { Answer = (context, _) => EchoAsync(context) });
        using var socket = new ClientWebSocket();

        await socket.ConnectAsync(new Uri(_floor.Front.Uri.Replace("http", "ws") + "/ws"), Cancel);
        await socket.SendAsync("bonjour"u8.ToArray(), WebSocketMessageType.Text, true, Cancel);
        var buffer = new byte[64];
        var received = await socket.ReceiveAsync(buffer, Cancel);

        Encoding.UTF8.GetString(buffer, 0, received.Count).Should().Be("bonjour");
    }

    [Fact]
    public async Task Requests_at_once_share_an_instance_as_far_as_its_concurrency_goes()
    {
        var everybody = new Rendezvous(4);
        await _floor.ServeAsync(
            new FakeProgram { Answer = async (context, container) => { await everybody.ArriveAsync(); await context.Response.WriteAsync(container.Spec.Name); } },
            revision => revision with { Concurrency = 2 });

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _floor.GetAsync()));

        answers.GroupBy(answer => answer.Text).Select(instance => instance.Count()).Should().Equal(2, 2);
    }

    [Fact]
    public async Task Beyond_the_most_instances_a_request_waits_and_is_then_refused()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var floor = await ServingFloor.OpenAsync(clock: clock);
        var never = new TaskCompletionSource();
        await floor.ServeAsync(new FakeProgram { Answer = (_, _) => never.Task }, revision => revision with { Concurrency = 1, MaxInstances = 1 });
        using var busy = floor.Http.GetAsync(floor.Front.Uri, HttpCompletionOption.ResponseHeadersRead, Cancel);
        await Eventually(() => floor.Front.InstancesOf("monitoring-00001-abc")!.Busy == 1);

        var refused = await ServingFloor.AdvanceUntilAsync(clock, TimeSpan.FromSeconds(1), floor.GetAsync());
        never.SetResult();

        (refused.Status, refused.Text).Should().Be((429, "Rate exceeded."));
        floor.Runtime.Started.Should().ContainSingle();
        (await busy).Dispose();
    }

    [Fact]
    public async Task A_session_stays_with_its_instance()
    {
        await _floor.ServeAsync(WhoAmI, revision => revision with { SessionAffinity = true, MinInstances = 3 });

        var first = await _floor.GetAsync();
        var others = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => _floor.GetAsync(cookie: first.Cookie)));

        first.Cookie.Should().StartWith("GAESA=");
        others.Should().OnlyContain(answer => answer.Text == first.Text && answer.Cookie == null);
    }

    [Fact]
    public async Task A_request_over_the_timeout_is_ended_with_504()
    {
        await _floor.ServeAsync(
            new FakeProgram { Answer = (context, _) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted) },
            revision => revision with { Timeout = TimeSpan.FromMilliseconds(200) });

        var answer = await _floor.GetAsync();

        (answer.Status, answer.Text).Should().Be((504, "upstream request timeout"));
        await Eventually(() => _floor.Entries("requests").Count == 1);
        _floor.Entries("requests").Single()["httpRequest"]!["status"]!.GetValue<int>().Should().Be(504);
    }

    [Fact]
    public async Task A_crash_under_a_request_is_503_and_the_next_one_has_a_new_instance()
    {
        await _floor.ServeAsync(new FakeProgram
        {
            Answer = async (context, container) => await (context.Request.Path == "/die" ? container.CrashAsync() : context.Response.WriteAsync(container.Spec.Name)),
        });
        var before = await _floor.GetAsync();

        var crash = await _floor.GetAsync("die");
        await _floor.Runtime.Started.First().Exit;
        await Eventually(() => _floor.Entries("varlog%2Fsystem").Any(entry => (string?)entry["textPayload"] == "Container called exit(1)."));
        var after = await _floor.GetAsync();

        (crash.Status, after.Status, after.Text).Should().Match<(int, int, string)>(seen => seen.Item1 == 503 && seen.Item2 == 200 && seen.Item3 != before.Text);
    }

    [Fact]
    public async Task The_least_number_of_instances_is_kept()
    {
        await _floor.ServeAsync(WhoAmI, revision => revision with { MinInstances = 2 });
        var two = _floor.Runtime.Running.Count();

        await _floor.Runtime.Started.First().CrashAsync();

        two.Should().Be(2);
        await Eventually(() => _floor.Runtime.Started.Count == 3 && _floor.Runtime.Running.Count() == 2);
    }

    [Fact]
    public async Task An_instance_without_requests_goes_after_a_quarter_of_an_hour()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var floor = await ServingFloor.OpenAsync(clock: clock);
        await floor.ServeAsync(WhoAmI);
        await floor.GetAsync();

        clock.Advance(TimeSpan.FromMinutes(16));

        await Eventually(() => !floor.Runtime.Running.Any());
        floor.Runtime.Started.Single().WasAskedToStop.Should().BeTrue();
        (await floor.GetAsync()).Status.Should().Be(200, "another one starts");
    }

    [Fact]
    public async Task Traffic_is_split_as_the_percentages_say_and_a_tag_has_its_own_address()
    {
        await _floor.Front.BringUpAsync(_floor.Revision("one", FakeProgram.Saying("one")), Cancel);
        await _floor.Front.BringUpAsync(_floor.Revision("two", FakeProgram.Saying("two")), Cancel);
        await _floor.Front.BringUpAsync(_floor.Revision("three", FakeProgram.Saying("three")), Cancel);
        await _floor.Front.RouteAsync(new ServiceRoute([new("one", 50), new("two", 50), new("three", 0, "next")]), Cancel);

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => _floor.GetAsync()));
        var tagged = await _floor.Http.GetStringAsync(_floor.Front.UriOfTag("next"), Cancel);

        (answers.Select(answer => answer.Text).Distinct().Order(), tagged).Should().BeEquivalentTo((new[] { "one", "two" }, "three"));
    }

    [Fact]
    public async Task A_revision_without_traffic_finishes_its_requests_and_stops()
    {
        var done = new TaskCompletionSource();
        await _floor.ServeAsync(_floor.Revision("one", new FakeProgram { Answer = async (context, _) => { await done.Task; await context.Response.WriteAsync("one"); } }));
        var running = _floor.GetAsync();
        await Eventually(() => _floor.Front.InstancesOf("one")!.Busy == 1);

        await _floor.ServeAsync(_floor.Revision("two", FakeProgram.Saying("two")));
        var next = await _floor.GetAsync();
        done.SetResult();

        ((await running).Text, next.Text).Should().Be(("one", "two"));
        await Eventually(() => _floor.Runtime.Running.Single().Spec.Image.Reference.Contains("two"));
    }

    [Theory]
    [InlineData(null, null, "The user-provided container failed to start and listen on the port defined provided by the PORT=8080 environment variable within the allocated timeout.*")]
    [InlineData(3, null, "Container called exit(3). The user-provided container failed to start*")]
    [InlineData(137, 540_000_000L, "Memory limit of 512 MiB exceeded with 515 MiB used. *")]
    public async Task A_revision_that_does_not_come_up_says_why(int? code, long? memory, string message)
    {
        var program = new FakeProgram { Exit = code is { } exited ? new ContainerExit(exited, null, memory) : null };
        var revision = _floor.Revision("bad", program) with { Startup = new StartupCheck { Limit = TimeSpan.FromMilliseconds(300) } };

        await FluentActions.Awaiting(() => _floor.Front.BringUpAsync(revision, Cancel)).Should().ThrowAsync<InstanceStartException>().WithMessage(message);

        _floor.Runtime.Running.Should().BeEmpty();
    }

    [Fact]
    public async Task What_cannot_be_executed_says_so() =>
        await FluentActions.Awaiting(() => _floor.Front.BringUpAsync(_floor.Revision("bad", new FakeProgram { Broken = "exec format error" }), Cancel))
            .Should().ThrowAsync<InstanceStartException>().WithMessage("Application exec likely failed: exec format error. *");

    [Fact]
    public async Task A_startup_probe_by_HTTP_waits_for_its_answer()
    {
        var ready = false;
        await _floor.ServeAsync(
            new FakeProgram { Answer = (context, _) => { context.Response.StatusCode = ready ? 200 : 503; ready = context.Request.Path == "/up"; return Task.CompletedTask; } },
            revision => revision with { Startup = new StartupCheck { Path = "/up", IsDeclared = true, Limit = TimeSpan.FromSeconds(10) } });

        (await _floor.GetAsync()).Status.Should().Be(200);
    }

    [Fact]
    public async Task Lines_and_requests_are_logged_for_their_revision()
    {
        await _floor.ServeAsync(WhoAmI);
        var output = _floor.Runtime.Started.Single().Spec.Output;
        output(new ContainerLine(false, "plain"));
        output(new ContainerLine(false, """{"severity":"WARNING","message":"structured"}"""));
        output(new ContainerLine(true, "wrong"));
        await _floor.GetAsync("page");
        await Eventually(() => _floor.Entries("requests").Count == 1);

        _floor.Entries("stdout").Select(entry => (string?)entry["textPayload"] ?? $"{entry["severity"]} {entry["jsonPayload"]!["message"]}").Should().Equal("plain", "WARNING structured");
        ((string?)_floor.Entries("stderr").Single()["textPayload"]).Should().Be("wrong");
        var request = _floor.Entries("requests").Single();
        ((string?)request["httpRequest"]!["requestUrl"], (int)request["httpRequest"]!["status"]!).Should().Be(($"{_floor.Front.Uri}/page", 200));
        request["labels"]!["instanceId"].Should().NotBeNull();
        _floor.Log.Should().OnlyContain(write => write["entries"]![0]!["resource"]!.ToJsonString() ==
            """{"type":"cloud_run_revision","labels":{"project_id":"acc-lab","location":"europe-west1","service_name":"monitoring","revision_name":"monitoring-00001-abc","configuration_name":"monitoring"}}""");
    }

    [Fact]
    public async Task The_end_does_not_wait_for_an_instance_that_takes_its_time_to_stop()
    {
        await _floor.ServeAsync(WhoAmI);
        _floor.Runtime.Started.Single().IsStubborn = true;
        await _floor.Front.RouteAsync(ServiceRoute.Empty, Cancel);

        await _floor.Front.DisposeAsync();

        (_floor.Runtime.Started.Single().WasAskedToStop, _floor.Runtime.Running.Count()).Should().Be((true, 0));
    }

    [Fact]
    public async Task Disposed_twice_nothing_runs_and_nothing_listens()
    {
        await _floor.ServeAsync(WhoAmI, revision => revision with { MinInstances = 2 });

        await _floor.Front.DisposeAsync();
        await _floor.Front.DisposeAsync();

        _floor.Runtime.Running.Should().BeEmpty();
        await FluentActions.Awaiting(() => _floor.GetAsync()).Should().ThrowAsync<HttpRequestException>();
    }

    private static async Task EchoAsync(HttpContext context)
    {
        var upgrade = context.Features.GetRequiredFeature<IHttpUpgradeFeature>();
        if (!upgrade.IsUpgradableRequest)
        {
            context.Response.StatusCode = (int)HttpStatusCode.UpgradeRequired;
            return;
        }

        var key = Convert.ToBase64String(System.Security.Cryptography.SHA1.HashData(Encoding.ASCII.GetBytes(context.Request.Headers.SecWebSocketKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
        context.Response.Headers.SecWebSocketAccept = key;
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.Connection = "Upgrade";
        using var socket = WebSocket.CreateFromStream(await upgrade.UpgradeAsync(), isServer: true, null, TimeSpan.FromSeconds(30));
        var buffer = new byte[1024];
        var message = await socket.ReceiveAsync(buffer, context.RequestAborted);
        await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, context.RequestAborted);
    }

    private static Task Eventually(Func<bool> holds) => ServingFloor.UntilAsync(holds);
}

/// <summary>Lets nobody go on before everybody has come.</summary>
internal sealed class Rendezvous(int expected)
{
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _arrived;

    public Task ArriveAsync()
    {
        if (Interlocked.Increment(ref _arrived) == expected)
        {
            _all.SetResult();
        }

        return _all.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
