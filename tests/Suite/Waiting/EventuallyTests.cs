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

    [Fact]
    public async Task What_is_to_last_is_looked_at_again_and_given_as_it_was_at_last()
    {
        var wait = new Wait("2 rows", TimeSpan.FromSeconds(10), TimeSpan.Zero) { Hold = TimeSpan.FromSeconds(3) };

        var settled = await Settle([1, 2, 2, 3, 3], wait);

        settled.Judge().Should().Be(3, "the third row came late, and is one too many");
        settled.Overdue.Should().BeNull();
    }

    [Fact]
    public async Task What_lasts_may_last_beyond_the_time_in_which_it_must_come()
    {
        var settled = await Settle([2], new Wait("2 rows", TimeSpan.FromSeconds(2), TimeSpan.Zero) { Hold = TimeSpan.FromSeconds(5) });

        settled.Overdue.Should().BeNull("it came in time");
    }

    [Fact]
    public async Task What_does_not_last_begins_anew()
    {
        var settled = await Settle([2, 1, 2], new Wait("2 rows", TimeSpan.FromSeconds(10), TimeSpan.Zero) { Hold = TimeSpan.FromSeconds(2) });

        _clock.GetUtcNow().Should().BeOnOrAfter(_clock.Start + TimeSpan.FromSeconds(5), "it was there at the third look, and for two seconds more");
        settled.Judge().Should().Be(2);
    }

    [Fact]
    public async Task What_is_judged_all_the_same_is_what_was_seen_last_with_what_was_awaited_in_vain()
    {
        var settled = await Settle([0, 1], new Wait("2 rows", TimeSpan.FromSeconds(4), TimeSpan.Zero) { LookAt = "the table" });

        settled.Judge().Should().Be(1);
        settled.Overdue!.Message.Should().Be(
            """
            The rows was not reached within 4 s.
              Expected : 2 rows
              Observed : 0 rows (1 s), 1 rows (2 s), unchanged for 3 s
              Look at  : the table
            """.ReplaceLineEndings("\n"));
    }

    private Task<string> Reach(string[] states, Wait wait) => new Eventually(_clock).ReachAsync(
        "Workstation acc-boot to reach RUNNING", Seen(states), state => state, state => state == "RUNNING", wait, TestContext.Current.CancellationToken);

    private Task<Settled<int>> Settle(int[] counts, Wait wait) => new Eventually(_clock).SettleAsync(
        "The rows", Seen(counts), count => $"{count} rows", count => count >= 2, wait, TestContext.Current.CancellationToken);

    private static Func<CancellationToken, Task<T>> Seen<T>(T[] values)
    {
        var turn = 0;
        return _ => Task.FromResult(values[Math.Min(turn++, values.Length - 1)]);
    }
}
