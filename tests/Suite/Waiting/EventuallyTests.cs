using Acceptance.Platform.Waiting;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.Waiting;

public sealed class EventuallyTests
{
    private readonly FakeTimeProvider _clock = new() { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };

    [Fact]
    public async Task It_returns_the_value_that_reached_the_state()
    {
        var value = await Reach(["STARTING", "STARTING", "RUNNING"], new Wait("RUNNING", TimeSpan.FromMinutes(5), TimeSpan.Zero));

        value.Should().Be("RUNNING");
    }

    [Fact]
    public async Task Out_of_time_it_says_every_state_and_since_when()
    {
        var wait = new Wait("RUNNING", TimeSpan.FromSeconds(10), TimeSpan.Zero) { LookAt = "the console" };

        var reaching = () => Reach(["STARTING", "REPAIRING"], wait);

        (await reaching.Should().ThrowAsync<NotReachedException>()).Which.Message.Should().Be(
            """
            Workstation acc-boot to reach RUNNING was not reached within 10 s.
              Expected : RUNNING
              Observed : STARTING (1 s), REPAIRING (2 s), unchanged for 9 s
              Look at  : the console
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task In_a_terminal_state_it_stops_at_once()
    {
        var wait = new Wait("RUNNING", TimeSpan.FromHours(1), TimeSpan.Zero) { Terminal = ["FAILED"] };

        var reaching = () => Reach(["STARTING", "FAILED", "RUNNING"], wait);

        var exception = (await reaching.Should().ThrowAsync<NotReachedException>()).Which;
        exception.Terminal.Should().BeTrue();
        exception.Message.Should().Contain("will not be").And.Contain("STARTING (1 s), FAILED (2 s), from which it cannot be reached");
    }

    private Task<string> Reach(string[] states, Wait wait)
    {
        var turn = 0;
        return new Eventually(_clock).ReachAsync(
            "Workstation acc-boot to reach RUNNING",
            _ => Task.FromResult(states[Math.Min(turn++, states.Length - 1)]),
            state => state,
            state => state == "RUNNING",
            wait,
            TestContext.Current.CancellationToken);
    }
}
