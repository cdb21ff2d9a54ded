namespace Acceptance.Tests.Suite.StandIns;

public sealed class RemoteBlockTests : IAsyncLifetime
{
    private static readonly TimeSpan FirstBlock = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    private TwinOnFakeClock _twin = null!;

    public async ValueTask InitializeAsync() => _twin = await TwinOnFakeClock.StartAsync();

    public ValueTask DisposeAsync() => _twin.DisposeAsync();

    [Fact]
    public async Task A_remote_that_fails_is_blocked_and_says_until_when()
    {
        await _twin.SetReachable("conda", false);

        var first = await _twin.Get("conda-forge", "noarch/repodata.json");
        var second = await _twin.Get("conda-forge", "noarch/repodata.json");

        (first.Status, first.Text).Should().Be((502, "Bad Gateway"));
        (second.Status, second.Text).Should().Be((404, "Remote Auto Blocked until 2030-01-01T00:00:40.000Z"));
        (await _twin.RemoteState("conda-forge")).Should().Be("Remote Auto Blocked and Unavailable");
    }

    [Fact]
    public async Task What_is_cached_is_served_while_its_remote_is_blocked()
    {
        var before = await _twin.Get("conda-forge", "noarch/repodata.json");
        _twin.Clock.Advance(TimeSpan.FromDays(3));
        await _twin.SetReachable("conda", false);
        await _twin.Get("conda-forge", "linux-64/repodata.json");

        var during = await _twin.Get("conda-forge", "noarch/repodata.json");

        during.Should().Be(before);
    }

    [Fact]
    public async Task A_remote_that_is_back_is_asked_once_its_block_is_over()
    {
        await _twin.SetReachable("conda", false);
        await _twin.Get("conda-forge", "noarch/repodata.json");
        await _twin.SetReachable("conda", true);

        _twin.Clock.Advance(FirstBlock - Millisecond);
        var blocked = await _twin.Get("conda-forge", "noarch/repodata.json");
        _twin.Clock.Advance(Millisecond);
        var after = await _twin.Get("conda-forge", "noarch/repodata.json");

        (blocked.Status, after.Status).Should().Be((404, 200));
        (await _twin.RemoteState("conda-forge")).Should().Be("Remote Available");
    }

    [Fact]
    public async Task Each_failure_in_a_row_blocks_for_longer()
    {
        await _twin.SetReachable("conda", false);

        var blocks = new[] { await BlockAsync(), await BlockAsync(), await BlockAsync(), await BlockAsync() };

        blocks.Should().Equal(["00:00:40", "00:01:20", "00:02:40", "00:04:40"], "40, 40, 80 and 120 seconds, one after the other");
    }

    [Fact]
    public async Task Other_repositories_go_on_while_one_remote_is_blocked()
    {
        await _twin.SetReachable("conda", false);
        await _twin.Get("conda-forge", "noarch/repodata.json");

        (await _twin.Get("cran-proxy", "src/contrib/PACKAGES")).Status.Should().Be(200);
    }

    /// <summary>Meets the failing remote, and moves on to the end of the block that follows; returns when that is.</summary>
    private async Task<string> BlockAsync()
    {
        await _twin.Get("conda-forge", "noarch/repodata.json");
        var until = DateTimeOffset.Parse((await _twin.Get("conda-forge", "noarch/repodata.json")).Text.Split(' ')[^1]);
        _twin.Clock.SetUtcNow(until);
        return $"{until:HH:mm:ss}";
    }
}
