using Acceptance.StandIns.Gcp.CloudRun.Services;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Services;

public sealed class TurnsTests
{
    private readonly List<string> _done = [];
    private readonly Turns _turns = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_asked_for_first_is_done_first_whoever_comes_first()
    {
        var (first, second) = (Take("first"), Take("second"));

        var late = second(Cancel);
        _done.Should().BeEmpty();
        await first(Cancel);
        await late;

        _done.Should().Equal("first", "second");
    }

    [Fact]
    public async Task What_fails_lets_the_next_one_begin()
    {
        var (first, second) = (_turns.Take(_ => throw new IOException("broken")), Take("second"));

        await FluentActions.Awaiting(() => first(Cancel)).Should().ThrowAsync<IOException>();
        await second(Cancel);

        _done.Should().Equal("second");
    }

    [Fact]
    public async Task Who_waits_ends_with_its_token()
    {
        var (_, second) = (Take("first"), Take("second"));
        using var ending = new CancellationTokenSource();
        var late = second(ending.Token);

        await ending.CancelAsync();

        await FluentActions.Awaiting(() => late).Should().ThrowAsync<OperationCanceledException>();
        _done.Should().BeEmpty();
    }

    private Func<CancellationToken, Task> Take(string name) => _turns.Take(_ =>
    {
        _done.Add(name);
        return Task.CompletedTask;
    });
}
