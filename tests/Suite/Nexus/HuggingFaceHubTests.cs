using System.Security.Cryptography;
using System.Text;
using Acceptance.Platform.Nexus.Content;
using Acceptance.Platform.Nexus.HuggingFace;

namespace Acceptance.Tests.Suite.Nexus;

public sealed class HuggingFaceHubTests : IAsyncLifetime
{
    private const string Commit = "5f1d3e7a9c0b2d4f6a8c1e3f5b7d9a0c2e4f6a8b";
    private static readonly byte[] Weights = RandomNumberGenerator.GetBytes(5000);

    private ContentServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static HubEntry Large => new()
    {
        Type = "file",
        Path = "model.safetensors",
        Oid = "0000000000000000000000000000000000000000",
        Size = Weights.Length,
        Lfs = new HubLfs { Oid = Convert.ToHexStringLower(SHA256.HashData(Weights)), Size = Weights.Length, PointerSize = 135 },
        XetHash = "x",
    };

    private HuggingFaceHub Hub => new(_server.Repository());

    public async ValueTask InitializeAsync() => _server = await ContentServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_model_and_a_revision_are_read()
    {
        _server.Serve("api/models/org/mini", $$"""{"id": "org/mini", "sha": "{{Commit}}", "private": false, "lastModified": "2026-01-02T03:04:05.000Z", "siblings": []}""", "application/json")
            .Serve("api/models/org/mini/revision/refs%2Fpr%2F1", $$"""{"id": "org/mini", "sha": "{{Commit}}"}""", "application/json")
            .Serve("api/models/org/mini/revision/refs/pr/1", $$"""{"id": "org/mini", "sha": "{{Commit}}"}""", "application/json");

        (await Hub.GetModelAsync("org/mini", Cancel)).LastModified.Should().Be(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        (await Hub.GetRevisionAsync("org/mini", "refs/pr/1", Cancel)).Sha.Should().Be(Commit);
    }

    [Fact]
    public async Task A_model_without_a_commit_is_refused()
    {
        _server.Serve("api/models/org/mini", """{"id": "org/mini"}""", "application/json");

        var read = () => Hub.GetModelAsync("org/mini", Cancel);

        (await read.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().StartWith("JSON that is not it: ").And.Contain("sha");
    }

    [Fact]
    public async Task The_tree_is_read_over_all_its_pages()
    {
        _server.Serve($"api/models/org/mini/tree/{Commit}?recursive=true&expand=false", """[{"type": "directory", "path": "a", "oid": "1", "size": 0}]""", "application/json", 200,
                ("Link", $"</prev>; rel=\"prev\", </repository/r/api/models/org/mini/tree/{Commit}?recursive=true&cursor=Mg%3D%3D>; rel=\"next\""))
            .Serve($"api/models/org/mini/tree/{Commit}?recursive=true&cursor=Mg%3D%3D", """[{"type": "file", "path": "a/b", "oid": "2", "size": 3, "lfs": {"oid": "4", "size": 3, "pointerSize": 127}, "xetHash": "h"}]""", "application/json");

        var tree = await Hub.ListTreeAsync("org/mini", Commit, Cancel);

        tree.Should().Equal(
            new HubEntry { Type = "directory", Path = "a", Oid = "1", Size = 0 },
            new HubEntry { Type = "file", Path = "a/b", Oid = "2", Size = 3, Lfs = new HubLfs { Oid = "4", Size = 3, PointerSize = 127 }, XetHash = "h" });
    }

    [Fact]
    public async Task Pages_that_lead_back_are_refused()
    {
        var first = $"api/models/org/mini/tree/{Commit}?recursive=true&expand=false";
        _server.Serve(first, "[]", "application/json", 200, ("Link", $"</repository/r/{first}>; rel=next"));

        var read = () => Hub.ListTreeAsync("org/mini", Commit, Cancel);

        (await read.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().StartWith("pages that lead back to an earlier one: ");
    }

    [Fact]
    public async Task A_next_page_at_the_hub_itself_is_a_finding()
    {
        _server.Serve($"api/models/org/mini/tree/{Commit}?recursive=true&expand=false", "[]", "application/json", 200, ("Link", "<https://hub.example.org/api/next>; rel=\"next\""));

        var read = () => Hub.ListTreeAsync("org/mini", Commit, Cancel);

        (await read.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().Be("a link to https://hub.example.org/api/next, past it");
    }

    [Fact]
    public async Task The_head_of_a_file_follows_relative_redirects_and_keeps_absolute_ones()
    {
        _server.Redirect("org/old/resolve/main/model.safetensors", "/repository/r/org/mini/resolve/main/model.safetensors", 307)
            .Serve("org/mini/resolve/main/model.safetensors", "", "text/plain", 302,
                ("Location", "https://cdn.example.org/w"), ("X-Repo-Commit", Commit), ("ETag", "\"local\""), ("X-Linked-Etag", "W/\"abc\""), ("X-Linked-Size", "5000"));

        var metadata = await Hub.HeadFileAsync("org/old", "main", "model.safetensors", Cancel);

        metadata.Should().Be(new HubFileMetadata(Commit, "abc", 5000, new Uri("https://cdn.example.org/w")));
        _server.RequestHeaders.Should().OnlyContain(headers => headers.AcceptEncoding.ToString() == "identity");
    }

    [Fact]
    public async Task A_head_without_the_commit_names_what_users_see()
    {
        _server.Serve("org/mini/resolve/main/config.json", "{}", "application/json", 200, ("ETag", "\"a\""));

        var read = () => Hub.HeadFileAsync("org/mini", "main", "config.json", Cancel);

        _server.Text((await read.Should().ThrowAsync<NexusContentException>()).Which).Should().Be("""
            Expected : the metadata of config.json of model org/mini at main
            Observed : an answer without X-Repo-Commit
            Request  : HEAD http://nexus/repository/r/org/mini/resolve/main/config.json -> 200
            Likely   : Nexus strips the hub's headers: the official client stops with LocalEntryNotFoundError, as if the file were not on the hub
            """.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData(302, "an answer without a size: X-Linked-Size and Content-Length are missing")]
    [InlineData(404, "404 Not Found")]
    public async Task A_head_that_says_too_little_is_refused(int status, string observed)
    {
        _server.Serve("org/mini/resolve/main/a", "", "text/plain", status, ("X-Repo-Commit", Commit), ("ETag", "\"a\""), ("Location", "https://cdn.example.org/w"));

        var read = () => Hub.HeadFileAsync("org/mini", "main", "a", Cancel);

        (await read.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().Be(observed);
    }

    [Fact]
    public async Task A_large_file_is_fetched_through_its_redirect()
    {
        _server.Redirect("org/mini/resolve/main/model.safetensors", "/repository/r/lfs/w").Serve("lfs/w", Weights);

        var artefact = await Hub.DownloadAsync("org/mini", "main", Large, Cancel);

        artefact.Sha256.Should().Be(Large.Lfs!.Oid);
        artefact.Hops.Should().ContainSingle();
    }

    [Fact]
    public async Task A_large_file_that_Nexus_does_not_proxy_is_named()
    {
        var download = () => Hub.DownloadAsync("org/mini", "main", Large, Cancel);

        (await download.Should().ThrowAsync<NexusContentException>()).Which.Likely
            .Should().Be("the file is kept in Xet or LFS, which this Nexus does not proxy: small files pass and weights fail");
    }

    [Fact]
    public async Task A_pointer_instead_of_the_file_is_named()
    {
        _server.Serve("org/mini/resolve/main/model.safetensors", new byte[135]);

        var download = () => Hub.DownloadAsync("org/mini", "main", Large, Cancel);

        (await download.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().Be("135 bytes: the LFS pointer instead of the file");
    }

    [Fact]
    public async Task A_small_file_must_have_the_git_id_of_the_tree()
    {
        // git hash-object of "hello\n".
        _server.Serve("org/mini/resolve/main/a%20b/hello.txt", "hello\n", "text/plain").Serve("org/mini/resolve/main/a b/hello.txt", "hello\n", "text/plain");
        var entry = new HubEntry { Type = "file", Path = "a b/hello.txt", Oid = "ce013625030ba8dba906f756967f9e9ca394464a", Size = 6 };

        (await Hub.DownloadAsync("org/mini", "main", entry, Cancel)).Size.Should().Be(6);
        var other = () => Hub.DownloadAsync("org/mini", "main", entry with { Oid = Commit }, Cancel);

        (await other.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().Be("git id ce013625030ba8dba906f756967f9e9ca394464a of 6 bytes");
    }

    [Fact]
    public async Task A_range_must_be_the_one_asked_for()
    {
        _server.Serve("org/mini/resolve/main/model.safetensors", Weights[100..200], "application/octet-stream", 206, ("Content-Range", "bytes 100-199/5000"));

        var range = await Hub.DownloadRangeAsync("org/mini", "main", Large, 100, 199, Cancel);
        var other = () => Hub.DownloadRangeAsync("org/mini", "main", Large, 0, 99, Cancel);

        range.Sha256.Should().Be(Convert.ToHexStringLower(SHA256.HashData(Weights.AsSpan(100, 100))));
        (await other.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().Be("bytes 100-199/5000, 100 bytes");
    }

    [Fact]
    public async Task A_range_that_is_ignored_is_refused()
    {
        _server.Serve("org/mini/resolve/main/model.safetensors", Encoding.ASCII.GetBytes("whole"));

        var range = () => Hub.DownloadRangeAsync("org/mini", "main", Large, 0, 99, Cancel);

        (await range.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().StartWith("200 OK");
    }
}
