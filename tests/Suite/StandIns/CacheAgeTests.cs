using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.StandIns;

public sealed class CacheAgeTests : IAsyncLifetime
{
    private static readonly TimeSpan MetadataMaxAge = TimeSpan.FromMinutes(1440);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private TwinOnFakeClock _twin = null!;

    public async ValueTask InitializeAsync() => _twin = await TwinOnFakeClock.StartAsync();

    public ValueTask DisposeAsync() => _twin.DisposeAsync();

    [Theory]
    [InlineData("pypi-proxy", "simple/acc-pure/", "pypi", "acc-pure", "acc_pure-1.3.0-py3-none-any.whl")]
    [InlineData("pypi-group", "simple/acc-pure/", "pypi", "acc-pure", "acc_pure-1.3.0-py3-none-any.whl")]
    [InlineData("conda-forge", "noarch/repodata.json", "conda", "acc-noarch", "acc-noarch-1.3.0")]
    [InlineData("cran-proxy", "src/contrib/PACKAGES", "cran", "accpure", "Version: 1.3.0")]
    public async Task An_index_is_served_as_it_was_until_its_age_is_over(string repository, string path, string index, string package, string sign)
    {
        await _twin.Get(repository, path);
        await _twin.Publish(index, package, "1.3.0");

        _twin.Clock.Advance(MetadataMaxAge - Second);
        var within = await _twin.Get(repository, path);
        _twin.Clock.Advance(Second);
        var after = await _twin.Get(repository, path);

        within.Text.Should().NotContain(sign);
        after.Text.Should().Contain(sign);
    }

    [Fact]
    public async Task An_index_of_a_shorter_age_is_asked_for_sooner()
    {
        await _twin.Configure("pypi/proxy/pypi-proxy", settings => settings["proxy"]!["metadataMaxAge"] = 5);
        await _twin.Get("pypi-proxy", "simple/acc-pure/");
        await _twin.Publish("pypi", "acc-pure", "1.2.0");

        _twin.Clock.Advance(TimeSpan.FromMinutes(5));

        (await _twin.Get("pypi-proxy", "simple/acc-pure/")).Text.Should().Contain("acc_pure-1.2.0");
    }

    [Fact]
    public async Task An_index_that_the_remote_confirms_is_fresh_for_its_whole_age_again()
    {
        await _twin.Get("conda-forge", "noarch/repodata.json");
        _twin.Clock.Advance(MetadataMaxAge);
        await _twin.Get("conda-forge", "noarch/repodata.json");
        await _twin.SetReachable("conda", false);

        _twin.Clock.Advance(MetadataMaxAge - Second);
        await _twin.Get("conda-forge", "noarch/repodata.json");
        var within = await _twin.RemoteState("conda-forge");
        _twin.Clock.Advance(Second);
        var after = await _twin.Get("conda-forge", "noarch/repodata.json");

        within.Should().Be("Remote Available", "nobody asked the remote, which is cut off");
        after.Status.Should().Be(200, "what was cached outlives its age while the remote fails");
        (await _twin.RemoteState("conda-forge")).Should().Be("Remote Auto Blocked and Unavailable");
    }

    [Fact]
    public async Task A_cache_that_is_invalidated_shows_the_newest_at_once()
    {
        await _twin.Get("pypi-group", "simple/acc-pure/");
        await _twin.Publish("pypi", "acc-pure", "1.2.0");

        await _twin.Invalidate("pypi-group");

        (await _twin.Get("pypi-group", "simple/acc-pure/")).Text.Should().Contain("acc_pure-1.2.0");
    }

    [Fact]
    public async Task What_is_absent_is_remembered_as_absent_for_its_time()
    {
        await _twin.Get("cran-proxy", "src/contrib/accpure_1.2.0.tar.gz");
        await _twin.Publish("cran", "accpure", "1.2.0");

        _twin.Clock.Advance(TimeSpan.FromMinutes(1440) - Second);
        var within = await _twin.Get("cran-proxy", "src/contrib/accpure_1.2.0.tar.gz");
        _twin.Clock.Advance(Second);
        var after = await _twin.Get("cran-proxy", "src/contrib/accpure_1.2.0.tar.gz");

        (within.Status, after.Status).Should().Be((404, 200));
    }

    [Fact]
    public async Task Without_a_negative_cache_what_was_absent_is_asked_for_again()
    {
        await _twin.Configure("r/proxy/cran-proxy", settings => settings["negativeCache"] = new JsonObject { ["enabled"] = false, ["timeToLive"] = 1440 });
        var before = await _twin.Get("cran-proxy", "src/contrib/accpure_1.2.0.tar.gz");
        await _twin.Publish("cran", "accpure", "1.2.0");

        var after = await _twin.Get("cran-proxy", "src/contrib/accpure_1.2.0.tar.gz");

        (before.Status, after.Status).Should().Be((404, 200));
    }
}
