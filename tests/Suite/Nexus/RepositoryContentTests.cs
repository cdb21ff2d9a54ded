using System.Security.Cryptography;
using Acceptance.Platform.Http;
using Acceptance.Platform.Nexus.Content;
using Acceptance.Platform.Results;

namespace Acceptance.Tests.Suite.Nexus;

public sealed class RepositoryContentTests : IAsyncLifetime
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);
    private ContentServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await ContentServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task An_artefact_is_hashed_as_it_passes()
    {
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        _server.Serve("a/b.bin", bytes).Redirect("old/b.bin", "../a/b.bin", 301);

        var artefact = await _server.Repository().FetchAsync("old/b.bin", Cancel);

        artefact.Should().BeEquivalentTo(new
        {
            Path = "old/b.bin",
            Size = 300_000L,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)),
            Sha1 = Convert.ToHexStringLower(SHA1.HashData(bytes)),
            Md5 = Convert.ToHexStringLower(MD5.HashData(bytes)),
            ContentType = "application/octet-stream",
        });
        artefact.Hops.Should().ContainSingle().Which.Location.Should().Be("../a/b.bin");
    }

    [Fact]
    public async Task An_artefact_can_be_kept()
    {
        _server.Serve("b.bin", "bytes", "application/octet-stream");
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var content = _server.Repository();

        await content.FetchAsync(new ContentRequest(content.UriOf("b.bin")), file, null, Cancel);

        File.ReadAllText(file).Should().Be("bytes");
        File.Exists($"{file}.part").Should().BeFalse();
        File.Delete(file);
    }

    [Fact]
    public async Task A_cut_artefact_leaves_no_file_and_says_how_much_came()
    {
        await using var server = new RawServer($"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{new string('x', 400)}");
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var client = new HttpClient { BaseAddress = server.Address };
        var content = new RepositoryContent(client, "r", new HttpLimits());

        var fetch = () => content.FetchAsync(new ContentRequest(content.UriOf("b.bin")) { Expected = "b.bin" }, file, null, Cancel);

        var exception = (await fetch.Should().ThrowAsync<NexusContentException>()).Which;
        exception.Message.Replace(server.Address.Authority, "nexus", StringComparison.Ordinal).Should().Be("""
            Expected : b.bin, 1000 bytes as declared
            Observed : the connection ended after 400 of 1000 bytes
            Request  : GET http://nexus/repository/r/b.bin -> 200
            Likely   : a truncated answer: a proxy or Nexus stopped in the middle
            """.ReplaceLineEndings("\n"));
        exception.Should().BeAssignableTo<IAssertionException>();
        File.Exists(file).Should().BeFalse();
        File.Exists($"{file}.part").Should().BeFalse();
    }

    [Fact]
    public async Task A_half_open_connection_is_left_after_the_stall()
    {
        _server.On("/repository/r/index", async context =>
        {
            await context.Response.Body.WriteAsync("begun"u8.ToArray(), Cancel);
            await context.Response.Body.FlushAsync(Cancel);
            await ContentServer.HangAsync(context);
        });

        var read = () => _server.Repository(new HttpLimits { Stall = Short }).ReadIndexAsync("index", Cancel);

        _server.Text((await read.Should().ThrowAsync<NexusContentException>()).Which).Should().Be("""
            Expected : index
            Observed : no byte for 200 ms after 5 bytes
            Request  : GET http://nexus/repository/r/index -> 200
            Likely   : a half-open connection: a firewall, balancer or Nexus dropped it without closing
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task An_answer_that_never_begins_is_not_waited_for()
    {
        _server.On("/repository/r/index", ContentServer.HangAsync);

        var read = () => _server.Repository(new HttpLimits { Answer = Short }).ReadIndexAsync("index", Cancel);

        _server.Text((await read.Should().ThrowAsync<NexusContentException>()).Which).Should().Be("""
            Expected : index
            Observed : no answer within 200 ms
            Request  : GET http://nexus/repository/r/index -> no answer
            Likely   : a half-open connection, or Nexus waits for an upstream that does not answer
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task The_callers_own_cancellation_is_no_finding()
    {
        using var cancel = new CancellationTokenSource(Short);
        _server.On("/repository/r/index", ContentServer.HangAsync);

        var read = () => _server.Repository().ReadIndexAsync("index", cancel.Token);

        await read.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task A_redirect_loop_names_its_hops()
    {
        _server.Redirect("a", "b").Redirect("b", "/repository/r/a", 307);

        var read = () => _server.Repository().ReadIndexAsync("a", Cancel);

        _server.Text((await read.Should().ThrowAsync<NexusContentException>()).Which).Should().Be("""
            Expected : a
            Observed : a redirect loop: http://nexus/repository/r/b leads back to http://nexus/repository/r/a
            Request  : GET http://nexus/repository/r/b -> 307
            Hops     : http://nexus/repository/r/a (302)
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_chain_of_redirects_ends_at_the_limit()
    {
        foreach (var hop in Enumerable.Range(0, 9))
        {
            _server.Redirect($"{hop}", $"{hop + 1}");
        }

        var read = () => _server.Repository(new HttpLimits { Redirects = 3 }).ReadIndexAsync("0", Cancel);

        (await read.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().Be("more than 3 redirects");
        _server.Requests.Should().HaveCount(4);
    }

    [Fact]
    public async Task A_redirect_past_the_Nexus_is_a_finding()
    {
        _server.Redirect("a", "https://cdn.example.org/a?X-Amz-Signature=abc&n=1");

        var fetch = () => _server.Repository().FetchAsync("a", Cancel);

        _server.Text((await fetch.Should().ThrowAsync<NexusContentException>()).Which).Should().Be("""
            Expected : a
            Observed : a redirect to https://cdn.example.org/a?X-Amz-Signature=***&n=1, past the Nexus at nexus
            Request  : GET http://nexus/repository/r/a -> 302
            Likely   : Nexus hands out its upstream's address: clients without access to the Internet fail there
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_link_past_the_Nexus_is_a_finding_before_any_request()
    {
        var fetch = () => _server.Repository().FetchAsync(new ContentRequest(new Uri("https://files.example.org/a.whl")) { Expected = "a.whl" }, null, null, Cancel);

        var exception = (await fetch.Should().ThrowAsync<NexusContentException>()).Which;
        exception.Observed.Should().Be("a link to https://files.example.org/a.whl, past it");
        exception.Status.Should().BeNull();
    }

    [Theory]
    [InlineData("text/html; charset=utf-8", "<!DOCTYPE html><html><head><title>Sign in &amp; continue</title></head></html>")]
    [InlineData("application/json", "\uFEFF \n<html><title>\n Sign in &amp;\n continue</title>")]
    public async Task A_portal_page_instead_of_an_index_is_named_by_its_title(string type, string page)
    {
        _server.Serve("index.json", page, type);

        var read = () => _server.Repository().ReadIndexAsync("index.json", Cancel);

        _server.Text((await read.Should().ThrowAsync<NexusContentException>()).Which).Should().Be("""
            Expected : index.json
            Observed : an HTML page titled "Sign in & continue": it looks like a portal or login page
            Request  : GET http://nexus/repository/r/index.json -> 200
            Likely   : a portal, login or error page of something between here and Nexus, answered with success
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_portal_page_instead_of_an_artefact_is_named_by_its_title()
    {
        _server.Serve("a.whl", "<html><head><title>Proxy</title>", "application/octet-stream");

        var fetch = () => _server.Repository().FetchAsync("a.whl", Cancel);

        (await fetch.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().Be("an HTML page titled \"Proxy\": it looks like a portal or login page");
    }

    [Fact]
    public async Task An_artefact_that_only_begins_with_markup_is_one()
    {
        _server.Serve("README.md", "<div align=center>\n", "text/markdown");

        (await _server.Repository().FetchAsync("README.md", Cancel)).Size.Should().Be(19);
    }

    [Fact]
    public async Task An_auto_blocked_proxy_is_named()
    {
        _server.Serve("index", "<html><head><title>404 - Nexus Repository</title></head><body><p>Remote Auto Blocked until 2026-03-01T12:00:00Z</p></body></html>", "text/html", 404);

        var read = () => _server.Repository().ReadIndexAsync("index", Cancel);

        _server.Text((await read.Should().ThrowAsync<NexusContentException>()).Which).Should().Be("""
            Expected : index
            Observed : 404 Not Found: "Remote Auto Blocked until 2026-03-01T12:00:00Z"
            Request  : GET http://nexus/repository/r/index -> 404
            Likely   : Nexus cannot reach the upstream and has blocked the proxy itself: "Remote Auto Blocked until 2026-03-01T12:00:00Z"
            """.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData(401, "no credential was sent, or it is expired or wrong")]
    [InlineData(403, "the identity may not read this repository, or the upstream refused Nexus")]
    [InlineData(404, "no such repository or path, or the absence is remembered (negative cache)")]
    [InlineData(502, "Nexus is starting, overloaded or offline, or cannot reach the upstream")]
    [InlineData(418, null)]
    public async Task A_refusal_says_what_it_usually_means(int status, string? likely)
    {
        _server.Serve("index", [], status: status);

        var read = () => _server.Repository().ReadIndexAsync("index", Cancel);

        (await read.Should().ThrowAsync<NexusContentException>()).Which.Likely.Should().Be(likely);
    }

    [Fact]
    public async Task Presence_is_asked_by_HEAD_and_refusals_are_not_absence()
    {
        _server.Serve("there", "x", "text/plain").Serve("down", "", "text/plain", 503).Serve("page", "<html>", "text/html");
        var content = _server.Repository();

        (await content.ExistsAsync("there", Cancel)).Should().BeTrue();
        (await content.ExistsAsync("gone", Cancel)).Should().BeFalse();
        (await content.Invoking(it => it.ExistsAsync("down", Cancel)).Should().ThrowAsync<NexusContentException>()).Which.Status.Should().Be(System.Net.HttpStatusCode.ServiceUnavailable);
        (await content.Invoking(it => it.ExistsAsync("page", Cancel)).Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().StartWith("an HTML page");
        _server.Requests.Should().OnlyContain(request => request.StartsWith("HEAD "));
    }

    [Theory]
    [InlineData("../other/a")]
    [InlineData("a/../../other/a")]
    public void A_path_stays_in_its_repository(string path) =>
        _server.Repository().Invoking(content => content.UriOf(path)).Should().Throw<ArgumentException>().WithMessage($"'{path}' leads out of the repository 'r'.*");

    [Fact]
    public void Encoded_characters_of_a_path_are_kept() =>
        _server.Repository().UriOf("a%2Fb/c+d%2B.whl").AbsolutePath.Should().Be("/repository/r/a%2Fb/c+d%2B.whl");

    [Fact]
    public void The_context_path_of_a_Nexus_is_kept()
    {
        using var client = new HttpClient { BaseAddress = new Uri("https://tools.example.org/nexus") };

        new RepositoryContent(client, "pypi-all", new HttpLimits()).Root.Should().Be(new Uri("https://tools.example.org/nexus/repository/pypi-all/"));
    }
}
