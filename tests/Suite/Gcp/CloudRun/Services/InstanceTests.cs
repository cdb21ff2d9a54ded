using System.Collections.Concurrent;
using Acceptance.StandIns.Containers;
using Acceptance.StandIns.Gcp.CloudRun.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Services;

/// <summary>How instances of a revision come up, how many there are, and how they end.</summary>
public sealed class InstanceTests : IAsyncLifetime
{
    private static readonly FakeProgram WhoAmI = new() { Answer = (context, container) => context.Response.WriteAsync(container.Spec.Name) };

    private ServingFloor _floor = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _floor = await ServingFloor.OpenAsync();

    public ValueTask DisposeAsync() => _floor.DisposeAsync();

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
    public async Task What_fails_at_a_start_is_told_and_the_instance_is_forgotten()
    {
        var disk = new Queue<string>(["no space left"]);

        var starting = () => _floor.ServeAsync(WhoAmI, revision => revision with { Volumes = () => disk.TryDequeue(out var full) ? throw new IOException(full) : null });

        (await starting.Should().ThrowAsync<InstanceStartException>()).Which.Message.Should().StartWith("The stand-in failed: no space left.");
        await _floor.Front.RouteAsync(new ServiceRoute([new RouteTarget("monitoring-00001-abc", 100)]), Cancel);
        (await _floor.GetAsync()).Status.Should().Be(200);
    }

    [Fact]
    public async Task Memory_that_is_not_there_at_a_start_is_told_too()
    {
        var full = true;
        var starting = () => _floor.ServeAsync(WhoAmI, revision => revision with { Volumes = () => { _ = full ? new string(' ', int.MaxValue) : ""; return null; } });

        (await starting.Should().ThrowAsync<InstanceStartException>()).Which.Message.Should().StartWith("The stand-in failed: ");
        full = false;
        await _floor.Front.RouteAsync(new ServiceRoute([new RouteTarget("monitoring-00001-abc", 100)]), Cancel);
        (await _floor.GetAsync()).Status.Should().Be(200);
    }

    [Theory, InlineData("//elsewhere.test/ready"), InlineData("/ready?a=b"), InlineData("/moved")]
    public async Task A_startup_check_asks_the_container_and_nobody_else(string path)
    {
        var asked = new ConcurrentQueue<string>();
        var program = new FakeProgram
        {
            Answer = (context, _) =>
            {
                asked.Enqueue(context.Request.Path + context.Request.QueryString);
                context.Response.Redirect("http://elsewhere.test/");
                return Task.CompletedTask;
            },
        };

        await _floor.ServeAsync(program, revision => revision with { Startup = new StartupCheck { Path = path } });

        asked.Should().Equal(path);
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
    public async Task The_least_number_of_instances_is_kept()
    {
        await _floor.ServeAsync(WhoAmI, revision => revision with { MinInstances = 2 });
        var two = _floor.Runtime.Running.Count();

        await _floor.Runtime.Started.First().CrashAsync();

        two.Should().Be(2);
        await Eventually(() => _floor.Runtime.Started.Count == 3 && _floor.Runtime.Running.Count() == 2);
    }

    [Fact]
    public async Task What_ends_as_soon_as_it_is_up_is_started_again_after_pauses_that_grow()
    {
        var clock = new PauseClock();
        await using var floor = await ServingFloor.OpenAsync(clock: clock);
        await floor.ServeAsync(WhoAmI, revision => revision with { MinInstances = 1 });

        var pauses = new List<double>();
        foreach (var life in new[] { 0, 0, 0, 0, 0, 0, 0, 10, 9 })
        {
            var turn = pauses.Count;
            await Eventually(() => floor.Entries("varlog%2Fsystem").Count(entry => ((string)entry["textPayload"]!).Contains("probe succeeded")) == turn + 1);
            var (pausesBefore, container) = (clock.Pauses.Count, floor.Runtime.Started.Last());
            clock.Advance(TimeSpan.FromSeconds(life));
            await container.CrashAsync();
            await Eventually(() => clock.Pauses.Count > pausesBefore || floor.Runtime.Started.Count > turn + 1);
            var pause = clock.Pauses.Skip(pausesBefore).SingleOrDefault();
            clock.Advance(pause);
            pauses.Add(pause.TotalSeconds);
        }

        pauses.Should().Equal(1, 2, 4, 8, 16, 30, 30, 0, 1);
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
        await Eventually(() => _floor.Runtime.Running.All(container => container.Spec.Image.Reference.Contains("two")));
        _floor.Runtime.Running.Should().ContainSingle();
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

    private static Task Eventually(Func<bool> holds) => ServingFloor.UntilAsync(holds);

    /// <summary>Knows what was waited for, but for the limits of requests and starts, which are longer.</summary>
    private sealed class PauseClock() : FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60))
    {
        public ConcurrentQueue<TimeSpan> Pauses { get; } = new();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime > TimeSpan.Zero && dueTime <= TimeSpan.FromSeconds(30))
            {
                Pauses.Enqueue(dueTime);
            }

            return timer;
        }
    }
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
