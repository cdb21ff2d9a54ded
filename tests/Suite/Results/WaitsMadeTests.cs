using Acceptance.Platform.Evidence;
using Acceptance.Platform.Results;
using Acceptance.Platform.Waiting;
using Acceptance.Tests.Suite.Recette;

namespace Acceptance.Tests.Suite.Results;

public sealed class WaitsMadeTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ScratchFolder _scratch = new();
    private readonly string _what = $"Job {Guid.NewGuid():n} to be ready";

    [Fact]
    public async Task A_wait_is_noted_with_the_collection_that_waited()
    {
        await ReachAsync(questions: 3);

        var noted = TestJournal.Waits.Should().ContainSingle(wait => wait.What == _what).Which;
        noted.Collection.Should().Be(TestContext.Current.TestCollection!.TestCollectionDisplayName);
        noted.Stop.Should().BeAfter(noted.Start);
    }

    [Fact]
    public async Task What_is_reached_at_once_was_not_waited_for()
    {
        await ReachAsync(questions: 1);

        TestJournal.Waits.Should().NotContain(wait => wait.What == _what);
    }

    [Fact]
    public async Task A_wait_that_fails_is_noted_too()
    {
        var reaching = () => ReachAsync(questions: int.MaxValue, TimeSpan.FromMilliseconds(100));

        await reaching.Should().ThrowAsync<NotReachedException>();

        TestJournal.Waits.Should().ContainSingle(wait => wait.What == _what);
    }

    [Fact]
    public void The_longest_chain_is_that_of_one_collection_and_of_what_is_waited_for_outside_any()
    {
        var waits = new WaitsMade("p", [Wait("a", 0, 10), Wait("a", 20, 30), Wait("b", 0, 15), Wait(null, 40, 43), Wait(null, 43, 44)]);

        var chain = waits.LongestChain();

        (chain.Collection, chain.Length, chain.Waits.Count).Should().Be(("a", TimeSpan.FromSeconds(24), 4));
    }

    [Fact]
    public void Waits_of_one_collection_that_overlap_count_once()
    {
        var waits = new WaitsMade("p", [Wait("a", 0, 10), Wait("a", 2, 5), Wait("a", 8, 12), Wait("a", 12, 13)]);

        waits.LongestChain().Length.Should().Be(TimeSpan.FromSeconds(13));
    }

    [Fact]
    public void Without_a_wait_there_is_no_chain() => new WaitsMade("p", []).LongestChain().Length.Should().Be(TimeSpan.Zero);

    [Fact]
    public void They_are_read_as_they_were_written()
    {
        var folder = new ResultsFolder(_scratch.Path);

        folder.Write(new WaitsMade("p", [Wait("a", 0, 10)]));

        folder.Waits().Should().ContainSingle().Which.Waits.Should().Equal(Wait("a", 0, 10));
    }

    public void Dispose() => _scratch.Dispose();

    private static WaitMade Wait(string? collection, int from, int to) => new("w", collection, Noon.AddSeconds(from), Noon.AddSeconds(to));

    private Task<int> ReachAsync(int questions, TimeSpan? within = null)
    {
        var asked = 0;
        return Eventually.Default.ReachAsync(
            _what,
            _ => Task.FromResult(++asked),
            _ => "waiting",
            count => count == questions,
            new Wait("ready", within ?? TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(5)),
            TestContext.Current.CancellationToken);
    }
}
