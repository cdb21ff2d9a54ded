using System.Security.Cryptography;
using System.Text;
using Acceptance.Platform.Nexus.Content;
using Acceptance.Platform.Nexus.PyPi;

namespace Acceptance.Tests.Suite.Nexus;

public sealed class PyPiIndexTests : IAsyncLifetime
{
    private const string Json = "application/vnd.pypi.simple.v1+json";
    private const string Hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private ContentServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private PyPiIndex Index => new(_server.Repository());

    public async ValueTask InitializeAsync() => _server = await ContentServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task An_HTML_page_is_read_with_its_base_fragments_and_data_attributes()
    {
        _server.Serve("simple/mini-pkg/", $"""
            <!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.1"><base href="../../packages/"><title>Links for mini-pkg</title></head>
            <body><a href="mini_pkg-1.0-py3-none-any.whl#sha256={Hash.ToUpperInvariant()}" data-requires-python="&gt;=3.9" data-core-metadata="sha256={Hash}">mini_pkg-1.0-py3-none-any.whl</a><br/>
            <a href='mini_pkg-1.0.tar.gz#sha256={Hash}' data-yanked="bad &amp; old" data-dist-info-metadata="true">mini_pkg-1.0.tar.gz</a>
            <a href="a%2Bb/Mini.Pkg-0.9-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl">…</a>
            </body></html>
            """, "text/html; charset=utf-8");

        var project = await Index.GetProjectHtmlAsync(new PyPiName("Mini_Pkg"), Cancel);

        var root = _server.Repository().Root;
        project.Json.Should().BeFalse();
        project.Files.Should().Equal(
            new PyPiFile
            {
                FileName = "mini_pkg-1.0-py3-none-any.whl",
                Uri = new Uri(root, "packages/mini_pkg-1.0-py3-none-any.whl"),
                Sha256 = Hash,
                RequiresPython = ">=3.9",
                CoreMetadata = new PyPiCoreMetadata(Hash),
                Kind = PyPiFileKind.PureWheel,
                Version = "1.0",
            },
            new PyPiFile
            {
                FileName = "mini_pkg-1.0.tar.gz",
                Uri = new Uri(root, "packages/mini_pkg-1.0.tar.gz"),
                Sha256 = Hash,
                YankedReason = "bad & old",
                CoreMetadata = new PyPiCoreMetadata(null),
                Kind = PyPiFileKind.Sdist,
                Version = "1.0",
            },
            new PyPiFile
            {
                FileName = "Mini.Pkg-0.9-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
                Uri = new Uri(root, "packages/a%2Bb/Mini.Pkg-0.9-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"),
                Kind = PyPiFileKind.PlatformWheel,
                Version = "0.9",
            });
    }

    [Fact]
    public async Task A_JSON_page_is_read()
    {
        _server.Serve("simple/mini/", $$"""
            {"meta":{"api-version":"1.1"},"name":"mini","versions":["1.0"],"files":[
              {"filename":"mini-1.0-py3-none-any.whl","url":"../../packages/mini-1.0-py3-none-any.whl","hashes":{"sha256":"{{Hash}}"},"size":4,
               "requires-python":">=3.9","yanked":false,"core-metadata":{"sha256":"{{Hash}}" } },
              {"filename":"mini-0.9.zip","url":"/repository/r/x.zip","hashes":{},"yanked":true,"requires-python":null,"size":1}]}
            """, Json);

        var project = await Index.GetProjectJsonAsync(new PyPiName("mini"), Cancel);

        project.Json.Should().BeTrue();
        project.Files.Should().Equal(
            new PyPiFile
            {
                FileName = "mini-1.0-py3-none-any.whl",
                Uri = new Uri(_server.Repository().Root, "packages/mini-1.0-py3-none-any.whl"),
                Sha256 = Hash,
                RequiresPython = ">=3.9",
                CoreMetadata = new PyPiCoreMetadata(Hash),
                Size = 4,
                Kind = PyPiFileKind.PureWheel,
                Version = "1.0",
            },
            new PyPiFile { FileName = "mini-0.9.zip", Uri = new Uri(_server.Repository().Root, "x.zip"), YankedReason = "", Size = 1, Kind = PyPiFileKind.Sdist, Version = "0.9" });
        _server.RequestHeaders.Single().Accept.ToString().Should().Be(Json);
    }

    [Theory]
    [InlineData("""{"meta":{"api-version":"2.0"},"name":"mini","files":[]}""", "meta.api-version is 2.0; clients know 1.x.")]
    [InlineData("""{"name":"mini","files":[]}""", "'meta' is missing.")]
    [InlineData("""{"meta":{"api-version":"1.0"},"name":"mini"}""", "'files' is missing.")]
    [InlineData("""{"meta":{"api-version":"1.0"},"name":"other","files":[]}""", "The page is about 'other'.")]
    [InlineData("""{"meta":{"api-version":"1.0"},"name":"mini","files":[{"filename":"a","url":"b"}]}""", "'hashes' is missing.")]
    [InlineData("""{"meta":{"api-version":"1.0"},"name":"mini","files":[{"filename":1}]}""", "'filename' is Number, not String.")]
    public async Task A_JSON_page_that_breaks_the_specification_is_refused(string json, string words)
    {
        _server.Serve("simple/mini/", json, Json);

        var read = () => Index.GetProjectJsonAsync(new PyPiName("mini"), Cancel);

        (await read.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().Be($"JSON that is not it: {words}");
    }

    [Fact]
    public async Task A_cut_JSON_page_is_refused()
    {
        _server.Serve("simple/mini/", """{"meta":{"api-version":"1.0"},"na""", Json);

        var read = () => Index.GetProjectJsonAsync(new PyPiName("mini"), Cancel);

        (await read.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().StartWith("JSON that is not it: ");
    }

    [Fact]
    public async Task A_Nexus_without_the_JSON_form_is_named()
    {
        _server.Serve("simple/mini/", "<html><head><title>Links for mini</title></head></html>", "text/html");

        var read = () => Index.GetProjectJsonAsync(new PyPiName("mini"), Cancel);

        _server.Text((await read.Should().ThrowAsync<NexusContentException>()).Which).Should().Be("""
            Expected : the JSON page of project mini (application/vnd.pypi.simple.v1+json)
            Observed : an HTML page titled "Links for mini"
            Request  : GET http://nexus/repository/r/simple/mini/ -> 200
            Likely   : this Nexus serves only the HTML form of the index
            """.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("<html><head><title>Sign in</title></head><body><form><input name=password></form></body></html>")]
    [InlineData("<html><head><title>Sign in</title></head><body><p>Please call the help desk.</p></body></html>")]
    public async Task A_portal_is_no_index_though_both_are_HTML(string page)
    {
        _server.Serve("simple/mini/", page, "text/html");

        var read = () => Index.GetProjectHtmlAsync(new PyPiName("mini"), Cancel);

        (await read.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().Be("an HTML page titled \"Sign in\": it looks like a portal or login page");
    }

    [Fact]
    public async Task The_preferred_form_is_asked_for_once_as_pip_does()
    {
        _server.Serve("simple/mini/", "<html><head><title>Links for mini</title></head></html>", "text/html");

        var project = await Index.GetProjectAsync(new PyPiName("mini"), Cancel);

        project.Files.Should().BeEmpty();
        _server.Requests.Should().ContainSingle();
        _server.RequestHeaders.Single().Accept.ToString().Should().Be($"{Json}, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01");
    }

    [Fact]
    public async Task Both_lists_of_projects_are_read()
    {
        _server.On("/repository/r/simple/", async context =>
        {
            var json = context.Request.Headers.Accept.ToString().Contains("json", StringComparison.Ordinal);
            context.Response.ContentType = json ? Json : "text/html";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(json
                ? """{"meta":{"api-version":"1.0"},"projects":[{"name":"mini"},{"name":"Jalon"}]}"""
                : """<html><body><a href="mini/">mini</a> <a href="jalon/">Jalon</a></body></html>"""));
        });

        (await Index.GetProjectListHtmlAsync(Cancel)).Should().Equal("mini", "Jalon");
        (await Index.GetProjectListJsonAsync(Cancel)).Should().Equal("mini", "Jalon");
    }

    [Fact]
    public async Task A_file_whose_hash_is_not_the_pages_is_refused()
    {
        _server.Serve("mini-1.0.tar.gz", "other", "application/gzip");
        var file = new PyPiFile { FileName = "mini-1.0.tar.gz", Uri = _server.Repository().UriOf("mini-1.0.tar.gz"), Sha256 = Hash };

        var download = () => Index.DownloadAsync(file, Cancel);

        _server.Text((await download.Should().ThrowAsync<NexusContentException>()).Which).Should().Be($"""
            Expected : sha256 {Hash}, as the index says
            Observed : sha256 {Convert.ToHexStringLower(SHA256.HashData("other"u8))} of 5 bytes
            Request  : GET http://nexus/repository/r/mini-1.0.tar.gz -> 200
            Likely   : a group merges repositories that hold different files under this name, or a corrupt cache
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_listed_file_that_is_not_there_is_named()
    {
        var download = () => Index.DownloadAsync(new PyPiFile { FileName = "a.whl", Uri = _server.Repository().UriOf("a.whl") }, Cancel);

        (await download.Should().ThrowAsync<NexusContentException>()).Which.Likely
            .Should().Be("the page lists a file that is not there: its link was rewritten wrongly, or the upstream is not laid out as PyPI");
    }

    [Fact]
    public async Task Metadata_beside_a_file_are_read_and_their_hash_compared()
    {
        const string metadata = "Metadata-Version: 2.1\nName: mini\nVersion: 1.0\nRequires-Dist: a\nRequires-Dist: b\n\nText: of the description\n";
        _server.Serve("mini-1.0-py3-none-any.whl.metadata", metadata, "text/plain");
        var file = new PyPiFile { FileName = "mini-1.0-py3-none-any.whl", Uri = _server.Repository().UriOf("mini-1.0-py3-none-any.whl") };

        var read = await Index.GetMetadataAsync(file, Cancel);
        var wrong = () => Index.GetMetadataAsync(file with { CoreMetadata = new PyPiCoreMetadata(Hash) }, Cancel);

        (read.Name, read.Version, read.RequiresPython).Should().Be(("mini", "1.0", null));
        read.RequiresDist.Should().Equal("a", "b");
        (await wrong.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().Be($"metadata of sha256 {read.Sha256}; the page announces {Hash}");
    }
}
