using System.Security.Cryptography;
using System.Text;
using Acceptance.Platform.Nexus.Content;
using Acceptance.Platform.Nexus.Cran;

namespace Acceptance.Tests.Suite.Nexus;

public sealed class CranRepositoryTests : IAsyncLifetime
{
    private const string Packages = """
        Package: mini
        Version: 1.0.0
        Depends: R (>= 3.5),
                methods
        MD5sum: 9E107D9D372BB6826BD81D3542A419D6
        NeedsCompilation: no

        Package: jalon
        Version: 0.3-1
        NeedsCompilation: yes
        Path: 4.5.0/Recommended

        """;

    private ContentServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private CranRepository Cran => new(_server.Repository(), "cran");

    public async ValueTask InitializeAsync() => _server = await ContentServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(CranRepresentation.Plain)]
    [InlineData(CranRepresentation.Gzip)]
    public async Task The_index_is_read_from_each_text_form(CranRepresentation representation)
    {
        _server.Serve("cran/src/contrib/PACKAGES", Packages, "text/plain").Serve("cran/src/contrib/PACKAGES.gz", Compressed.Gzip(Packages));

        var packages = await Cran.GetPackagesAsync(representation, Cancel);

        packages.Should().Equal(
            new CranPackage { Package = "mini", Version = "1.0.0", Md5Sum = "9e107d9d372bb6826bd81d3542a419d6", NeedsCompilation = false },
            new CranPackage { Package = "jalon", Version = "0.3-1", NeedsCompilation = true, Path = "4.5.0/Recommended" });
        packages[1].TarballPath.Should().Be("src/contrib/4.5.0/Recommended/jalon_0.3-1.tar.gz");
    }

    [Fact]
    public async Task The_index_is_read_from_R_own_form()
    {
        _server.Serve("cran/src/contrib/PACKAGES.rds", File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Nexus", "Data", "packages-v3-xz.rds")));

        var packages = await Cran.GetPackagesAsync(CranRepresentation.Rds, Cancel);

        packages.Select(package => (package.Package, package.Version, package.NeedsCompilation)).Should().Equal(("mini", "1.0.0", false), ("mini", "2.1", true), ("jalon", "0.3-1", null));
    }

    [Theory]
    [InlineData("Package mini", "a text that is no index: Line 1 is no field of a control file: 'Package mini'")]
    [InlineData("  continued", "a text that is no index: Line 1 is no field of a control file: '  continued'")]
    [InlineData("Package: a\nPackage: b", "a text that is no index: Line 2 is no field of a control file: 'Package: b'")]
    [InlineData("Package: a", "a text that is no index: The entry of a has no Version.")]
    [InlineData("Version: 1", "a text that is no index: An entry has no Package.")]
    [InlineData("\n\n", "an index without a package")]
    public async Task What_is_no_index_is_refused_with_its_line(string text, string observed)
    {
        _server.Serve("cran/src/contrib/PACKAGES", text, "text/plain");

        var read = () => Cran.GetPackagesAsync(CranRepresentation.Plain, Cancel);

        (await read.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().Be(observed);
    }

    [Fact]
    public async Task A_superseded_version_that_the_index_still_lists_is_named()
    {
        var download = () => Cran.DownloadAsync(new CranPackage { Package = "mini", Version = "1.0.0" }, Cancel);

        _server.Text((await download.Should().ThrowAsync<NexusContentException>()).Which).Should().Be("""
            Expected : the source of mini 1.0.0
            Observed : 404 Not Found
            Request  : GET http://nexus/repository/r/cran/src/contrib/mini_1.0.0.tar.gz -> 404
            Likely   : a newer version superseded it and it moved to src/contrib/Archive/mini/mini_1.0.0.tar.gz: the index is stale
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_missing_archive_is_named()
    {
        var download = () => Cran.DownloadArchivedAsync("mini", "0.9", Cancel);

        (await download.Should().ThrowAsync<NexusContentException>()).Which.Likely
            .Should().Be("Nexus does not serve the Archive folder of its upstream, so renv cannot restore old versions; or no such version");
    }

    [Fact]
    public async Task A_corrupt_tarball_is_seen_by_its_MD5()
    {
        _server.Serve("cran/src/contrib/mini_1.0.0.tar.gz", [1, 2, 3]);
        var md5 = Convert.ToHexStringLower(MD5.HashData([1, 2, 3]));

        (await Cran.DownloadAsync(new CranPackage { Package = "mini", Version = "1.0.0", Md5Sum = md5 }, Cancel)).Size.Should().Be(3);
        var download = () => Cran.DownloadAsync(new CranPackage { Package = "mini", Version = "1.0.0", Md5Sum = "9e107d9d372bb6826bd81d3542a419d6" }, Cancel);

        _server.Text((await download.Should().ThrowAsync<NexusContentException>()).Which).Should().Be($"""
            Expected : md5 9e107d9d372bb6826bd81d3542a419d6, as the index says
            Observed : md5 {md5} of 3 bytes
            Request  : GET http://nexus/repository/r/cran/src/contrib/mini_1.0.0.tar.gz -> 200
            Likely   : a corrupt tarball in Nexus's cache, which R notices only when it unpacks it, or an index of another day
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Posit_serves_a_binary_to_the_user_agent_of_R()
    {
        var binary = Compressed.Tarball(("mini/DESCRIPTION", "Package: mini\nVersion: 1.0.0\nBuilt: R 4.2.2; x86_64-pc-linux-gnu; 2026-01-01 00:00:00 UTC; unix\n"), ("mini/R/mini.rdb", new string('x', 100_000)));
        _server.Serve("__linux__/bookworm/latest/src/contrib/mini_1.0.0.tar.gz", binary);
        var posit = new PositRepository(_server.Repository(), "__linux__/bookworm/latest");

        var package = await posit.DownloadAsync(new CranPackage { Package = "mini", Version = "1.0.0" }, Cancel);

        package.Description.Should().BeEquivalentTo(new { Binary = true, BuiltWith = "4.2.2", Platform = "x86_64-pc-linux-gnu" });
        package.Artefact.Sha256.Should().Be(Convert.ToHexStringLower(SHA256.HashData(binary)));
        _server.RequestHeaders.Single().UserAgent.ToString().Should().Be("R/4.2.2 R (4.2.2 x86_64-pc-linux-gnu x86_64 linux-gnu)");
    }

    [Fact]
    public async Task Posit_serving_a_source_is_told_from_a_binary()
    {
        _server.Serve("src/contrib/mini_1.0.0.tar.gz", Compressed.Tarball(("mini/src/a.c", "int a;"), ("mini/DESCRIPTION", "Package: mini\nVersion: 1.0.0\n")));

        var package = await new PositRepository(_server.Repository(), "").DownloadAsync(new CranPackage { Package = "mini", Version = "1.0.0" }, Cancel);

        package.Description.Should().BeEquivalentTo(new { Binary = false, BuiltWith = (string?)null, Platform = (string?)null });
    }

    [Theory]
    [InlineData("text", "a file that is no whole gzipped tar: ")]
    [InlineData("cut", "a file that is no whole gzipped tar: ")]
    [InlineData("empty", "a tarball without a DESCRIPTION")]
    [InlineData("other", "a tarball of other 2.0")]
    public async Task A_tarball_that_is_not_the_package_is_refused(string kind, string observed)
    {
        byte[] body = kind switch
        {
            "text" => Encoding.UTF8.GetBytes("not a tarball"),
            "cut" => Compressed.Tarball(("mini/R/x", string.Join(' ', Enumerable.Range(0, 9000))), ("mini/DESCRIPTION", "Package: mini\nVersion: 1.0.0\n"))[..2000],
            "empty" => Compressed.Tarball(("mini/R/x", "x")),
            _ => Compressed.Tarball(("other/DESCRIPTION", "Package: other\nVersion: 2.0\n")),
        };
        _server.Serve("src/contrib/mini_1.0.0.tar.gz", body);

        var download = () => new PositRepository(_server.Repository(), "").DownloadAsync(new CranPackage { Package = "mini", Version = "1.0.0" }, Cancel);

        (await download.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().StartWith(observed);
    }
}
