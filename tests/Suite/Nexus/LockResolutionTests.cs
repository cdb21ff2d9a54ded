using Acceptance.Platform.Nexus.Conda;
using Acceptance.Platform.Nexus.Cran;
using Acceptance.Platform.Nexus.Locks;
using Acceptance.Platform.Nexus.PyPi;

namespace Acceptance.Tests.Suite.Nexus;

public sealed class LockResolutionTests : IAsyncLifetime
{
    private const string Md5 = "0cc175b9c0f1b6a831c399e269772661";
    private const string Right = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    private const string Other = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";

    private ContentServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private LockIndexes Indexes => new()
    {
        PyPi = new PyPiIndex(_server.Repository()),
        Cran = new CranRepository(_server.Repository()),
        Conda = new Dictionary<string, CondaChannel> { ["main"] = new(_server.Repository(), "main") },
    };

    public async ValueTask InitializeAsync() => _server = await ContentServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Python_entries_need_their_version_and_a_pinned_hash()
    {
        ServePyPi("mini", "1.0.0", Right);

        var report = await ResolveAsync(PyPi("Mini", "1.0", Right), PyPi("mini", "1.0", Other, Right), PyPi("mini", "1.0"), PyPi("mini", "2.0", Right), PyPi("mini", "1.0", Other), PyPi("gone", "1.0", Right));

        report.Entries.Should().Be(6);
        report.WithoutHash.Should().Be(1);
        report.Complete.Should().BeFalse();
        report.Missing.Select(finding => finding.Reason).Should().Equal(
            "the project is there, version 2.0 is not",
            "404 Not Found (no such repository or path, or the absence is remembered (negative cache))");
        report.WrongHash.Should().ContainSingle().Which.Reason.Should().Be($"none of its 1 files has a pinned sha256; mini-1.0.0-py3-none-any.whl has {Right}");
        _server.Requests.Should().HaveCount(6);
    }

    [Fact]
    public async Task R_entries_are_looked_for_among_the_current_and_in_the_archive()
    {
        _server.Serve("src/contrib/PACKAGES.gz", Compressed.Gzip("Package: mini\nVersion: 1.0\n\nPackage: moved\nVersion: 2.0\n"))
            .Serve("src/contrib/mini_1.0.tar.gz", [1]).Serve("src/contrib/Archive/mini/mini_0.9.tar.gz", [1]);

        var report = await ResolveAsync(R("mini", "1.0"), R("mini", "0.9"), R("mini", "0.8"), R("moved", "2.0"), R("none", "1"), R("own", "1") with { ForeignSource = "GitHub" });

        report.Missing.Select(finding => finding.Reason).Should().Equal(
            "1.0 is current, and src/contrib/Archive/mini/mini_0.8.tar.gz is not there",
            "the index lists moved_2.0.tar.gz, and it is not there",
            "it is not in the index, and src/contrib/Archive/none/none_1.tar.gz is not there",
            "it comes from GitHub, not from a repository");
        _server.Requests.Should().HaveCount(6);
    }

    [Fact]
    public async Task Conda_entries_are_looked_for_in_one_index_a_subdirectory()
    {
        _server.Serve("main/noarch/repodata.json", $$"""{"packages.conda": {"mini-1-0.conda": {"name": "mini", "version": "1", "build": "0", "md5": "{{Md5}}"}, "lost-1-0.conda": {"name": "lost", "version": "1", "build": "0"} } }""", "application/json")
            .Serve("main/noarch/mini-1-0.conda", [1]);

        var report = await ResolveAsync(Conda("mini", Md5), Conda("mini", "00000000000000000000000000000000"), Conda("lost"), Conda("none"), Conda("mini") with { Subdir = "linux-64" });

        report.WrongHash.Should().ContainSingle().Which.Reason.Should().Be($"md5 {Md5} in the index, 00000000000000000000000000000000 in the lock");
        report.Missing.Select(finding => finding.Reason).Should().Equal(
            "the index of noarch lists lost-1-0.conda, and it is not there",
            "the index of noarch does not list none-1-0.conda",
            "its index cannot be read: 404 Not Found (no such channel or subdirectory)");
        _server.Requests.Count(request => request.Contains("noarch/repodata", StringComparison.Ordinal)).Should().Be(2);
    }

    [Fact]
    public async Task A_format_without_a_repository_is_missing()
    {
        var report = await LockResolution.ResolveAsync([PyPi("a", "1"), R("a", "1"), Conda("a")], new LockIndexes(), 2, TimeProvider.System, Cancel);

        report.Missing.Select(finding => finding.Reason).Should().Equal("no PyPI repository is set for it", "no CRAN repository is set for it", "no repository is set for channel main");
    }

    [Fact]
    public void The_report_shows_twenty_findings_and_counts_the_rest()
    {
        var missing = Enumerable.Range(1, 22).Select(at => new LockFinding(PyPi($"p{at}", "1") with { Line = at }, "it is not there")).ToList();

        var message = new LockReport(100, missing, [new LockFinding(R("r", "2"), "other hash")], 3, TimeSpan.FromSeconds(12.34)).Message;

        message.Should().Be($"""
            77 of 100 pinned entries resolve in 12.3 s; 3 of them are pinned without a hash.
            Missing: 22
            {string.Join('\n', Enumerable.Range(1, 20).Select(at => $"  p{at} 1 (lock:{at}): it is not there"))}
              … and 2 more
            Wrong hash: 1
              r 2 (lock:1): other hash
            """.ReplaceLineEndings("\n"));
        new LockReport(2, [], [], 0, TimeSpan.FromSeconds(1)).Message.Should().Be("2 of 2 pinned entries resolve in 1 s.");
    }

    [Fact]
    public async Task No_more_requests_are_under_way_than_connections()
    {
        var (now, most) = (0, 0);
        foreach (var at in Enumerable.Range(0, 30))
        {
            _server.On($"/repository/r/simple/p{at}/", async context =>
            {
                var seen = Interlocked.Increment(ref now);
                InterlockedMax(ref most, seen);
                await Task.Yield();
                Interlocked.Decrement(ref now);
                context.Response.StatusCode = 404;
            });
        }

        await LockResolution.ResolveAsync([.. Enumerable.Range(0, 30).Select(at => PyPi($"p{at}", "1"))], Indexes, 3, TimeProvider.System, Cancel);

        most.Should().BeInRange(1, 3);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = target; seen < value; seen = target)
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }

    private static LockedPackage PyPi(string name, string version, params string[] sha256) =>
        new(LockFormat.PyPi, name, version, null, [.. sha256.Select(hash => new LockedHash("sha256", hash))], "lock", 1);

    private static LockedPackage R(string name, string version) => new(LockFormat.Cran, name, version, $"{name}_{version}.tar.gz", [], "lock", 1);

    private static LockedPackage Conda(string name, params string[] md5) =>
        new(LockFormat.Conda, name, "1", $"{name}-1-0.conda", [.. md5.Select(hash => new LockedHash("md5", hash))], "lock", 1) { Subdir = "noarch", Channel = "main" };

    private Task<LockReport> ResolveAsync(params LockedPackage[] locks) => LockResolution.ResolveAsync(locks, Indexes, 4, TimeProvider.System, Cancel);

    private void ServePyPi(string name, string version, string sha256) => _server.Serve(
        $"simple/{name}/",
        $$"""{"meta": {"api-version": "1.0"}, "name": "{{name}}", "files": [{"filename": "{{name}}-{{version}}-py3-none-any.whl", "url": "../../{{name}}.whl", "hashes": {"sha256": "{{sha256}}"} }]}""",
        "application/vnd.pypi.simple.v1+json");
}
