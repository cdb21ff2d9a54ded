using System.Text;
using Acceptance.Platform.Http;
using Acceptance.Platform.Nexus.Content;

namespace Acceptance.Tests.Suite.Nexus;

public sealed class CompressedContentTests : IAsyncLifetime
{
    private ContentServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await ContentServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task A_decompression_bomb_ends_at_the_limit(string coding)
    {
        var zeros = new byte[5_000_000];
        var bomb = coding == "gzip" ? Compressed.Gzip(zeros) : Compressed.Zstandard(zeros);
        _server.Serve("index", bomb, "application/json", 200, ("Content-Encoding", coding));

        var read = () => _server.Repository(new HttpLimits { IndexBytes = 1_000_000 }).ReadIndexAsync("index", Cancel);

        var exception = (await read.Should().ThrowAsync<NexusContentException>()).Which;
        exception.Observed.Should().Be($"the {coding} encoding of the transfer that grows past 1000000 bytes when it is decompressed");
        exception.Likely.Should().Be("a decompression bomb, or a limit set too low for this platform");
    }

    [Fact]
    public async Task An_endless_answer_ends_at_the_limit()
    {
        _server.On("/repository/r/index", async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(new byte[10_000]);
            }
        });

        var read = () => _server.Repository(new HttpLimits { IndexBytes = 1_000_000 }).ReadIndexAsync("index", Cancel);

        var exception = (await read.Should().ThrowAsync<NexusContentException>()).Which;
        exception.Observed.Should().Be("a body that goes on after 1000000 bytes, without a declared length");
        exception.Likely.Should().Be("an endless answer, or a limit set too low for this platform");
    }

    [Theory]
    [InlineData(Compression.Gzip, 4)]
    [InlineData(Compression.Gzip, 300)]
    [InlineData(Compression.Zstandard, 300)]
    public async Task A_cut_compressed_file_is_damaged(Compression compression, int cut)
    {
        var plain = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 2000)));
        var whole = compression is Compression.Gzip ? Compressed.Gzip(plain) : Compressed.Zstandard(plain);
        _server.Serve("index", whole[..^cut]);
        var content = _server.Repository();

        var read = () => content.ReadIndexAsync(new ContentRequest(content.UriOf("index")) { Compression = compression }, Cancel);

        (await read.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().StartWith($"damaged or truncated {(compression is Compression.Gzip ? "gzip" : "zstd")} after ");
    }

    [Theory]
    [InlineData(Compression.Gzip, "it begins with 506163")]
    [InlineData(Compression.Zstandard, "it begins with 506163")]
    public async Task A_file_that_is_not_compressed_as_its_name_says_is_a_finding(Compression compression, string words)
    {
        _server.Serve("index", "Package: a", "text/plain");
        var content = _server.Repository();

        var read = () => content.ReadIndexAsync(new ContentRequest(content.UriOf("index")) { Compression = compression }, Cancel);

        (await read.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().Contain(words);
    }

    [Fact]
    public async Task A_compressed_file_whose_transfer_was_decoded_already_is_taken()
    {
        _server.Serve("PACKAGES.gz", Compressed.Gzip("Package: a"), "text/plain", 200, ("Content-Encoding", "gzip"));
        var content = _server.Repository();

        var index = await content.ReadIndexAsync(new ContentRequest(content.UriOf("PACKAGES.gz")) { Compression = Compression.Gzip }, Cancel);

        index.Text.Should().Be("Package: a");
    }

    [Fact]
    public async Task An_unknown_encoding_is_a_finding()
    {
        _server.Serve("index", [1, 2, 3], "text/plain", 200, ("Content-Encoding", "rot13"));

        var read = () => _server.Repository().ReadIndexAsync("index", Cancel);

        (await read.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().Be("a body with the unknown Content-Encoding 'rot13'");
    }
}
