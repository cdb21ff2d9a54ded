using System.Net.WebSockets;
using Acceptance.StandIns.Gcp.Auth;
using Acceptance.StandIns.Gcp.CloudRun.Serving;
using Microsoft.AspNetCore.Http;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Services;

/// <summary>Each fault of a service that is met at its address.</summary>
public sealed class ServingFaultTests : IAsyncLifetime
{
    private ServingFloor _floor = null!;
    private int _served;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _floor = await ServingFloor.OpenAsync(open: false);

    public ValueTask DisposeAsync() => _floor.DisposeAsync();

    [Fact]
    public async Task R5_no_instance_is_found_listening()
    {
        _floor.Faults.SwitchOn("R5");

        await FluentActions.Awaiting(() => _floor.ServeAsync(FakeProgram.Saying("hello"))).Should().ThrowAsync<InstanceStartException>().WithMessage("*PORT=8080*");

        _floor.Faults.Hits("R5").Should().Be(1);
    }

    [Fact]
    public async Task R7_the_work_is_done_and_the_answer_is_504()
    {
        await OpenAsync();
        _floor.Faults.SwitchOn("R7");

        var answer = await _floor.GetAsync();

        (answer.Status, answer.Text, _served, _floor.Faults.Hits("R7")).Should().Be((504, "upstream request timeout", 1, 1));
    }

    [Fact]
    public async Task Z20_a_websocket_does_not_open()
    {
        await OpenAsync();
        _floor.Faults.SwitchOn("Z20");
        using var socket = new ClientWebSocket();

        await FluentActions.Awaiting(() => socket.ConnectAsync(new Uri(_floor.Front.Uri.Replace("http", "ws")), Cancel))
            .Should().ThrowAsync<WebSocketException>().WithMessage("*'200'*'101'*");

        _floor.Faults.Hits("Z20").Should().Be(1);
    }

    [Fact]
    public async Task Z21_a_session_meets_another_instance()
    {
        await OpenAsync(revision => revision with { SessionAffinity = true });
        var first = await _floor.GetAsync();
        _floor.Faults.SwitchOn("Z21");

        var second = await _floor.GetAsync(cookie: first.Cookie);

        second.Text.Should().NotBe(first.Text);
        _floor.Faults.Hits("Z21").Should().Be(1);
    }

    [Fact]
    public async Task Z22_nobody_is_let_in()
    {
        await ServeAsync();
        _floor.Faults.SwitchOn("Z22");

        (await _floor.GetAsync()).Status.Should().Be(200);

        _floor.Faults.Hits("Z22").Should().Be(1);
    }

    [Fact]
    public async Task Z23_who_was_granted_is_refused()
    {
        await ServeAsync();
        _floor.Front.Policy = _floor.Front.Policy.With("roles/run.invoker", GcpPrincipal.MemberOf(ServingFloor.Agent));
        _floor.Faults.SwitchOn("Z23");

        (await _floor.GetAsync(bearer: await _floor.IdTokenAsync(ServingFloor.Agent))).Status.Should().Be(403);

        _floor.Faults.Hits("Z23").Should().Be(1);
    }

    [Fact]
    public async Task Z26_a_page_stays_as_it_was_first_seen()
    {
        await OpenAsync();
        _floor.Faults.SwitchOn("Z26");

        var pages = new[] { await _floor.GetAsync("page"), await _floor.GetAsync("page"), await _floor.GetAsync("other") };

        pages[1].Text.Should().Be(pages[0].Text);
        pages[2].Text.Should().NotBe(pages[0].Text);
        _floor.Faults.Hits("Z26").Should().Be(1);
    }

    private Task OpenAsync(Func<ServedRevision, ServedRevision>? with = null)
    {
        _floor.Front.Policy = _floor.Front.Policy.With("roles/run.invoker", "allUsers");
        return ServeAsync(with);
    }

    private Task ServeAsync(Func<ServedRevision, ServedRevision>? with = null) => _floor.ServeAsync(
        new FakeProgram { Answer = (context, container) => context.Response.WriteAsync($"{container.Spec.Name} {Interlocked.Increment(ref _served)}") }, with);
}
