using System.Net;
using System.Net.WebSockets;
using System.Text;
using Acceptance.StandIns.Containers;
using Acceptance.StandIns.Gcp.CloudRun.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

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
    public async Task Open_websockets_do_not_hold_up_the_end_of_a_service()
    {
        await _floor.ServeAsync(new FakeProgram { Answer = (context, _) => EchoAsync(context) }, revision => revision with { Concurrency = 2 });
        var sockets = Enumerable.Range(0, 8).Select(_ => new ClientWebSocket()).ToList();
        await Task.WhenAll(sockets.Select(socket => socket.ConnectAsync(new Uri(_floor.Front.Uri.Replace("http", "ws") + "/ws"), Cancel)));
        var listening = sockets.Select(socket => socket.ReceiveAsync(new byte[64], Cancel)).ToList();

        await _floor.Front.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5), Cancel);

        _floor.Runtime.Running.Should().BeEmpty();
        await FluentActions.Awaiting(() => Task.WhenAll(listening)).Should().ThrowAsync<WebSocketException>();
        sockets.ForEach(socket => socket.Dispose());
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
