using System.Text;
using Acceptance.Platform.Http;
using Acceptance.Platform.Nexus.Conda;
using Acceptance.Platform.Nexus.Content;

namespace Acceptance.Tests.Suite.Nexus;

public sealed class CondaChannelTests : IAsyncLifetime
{
    private const string Repodata = """
        {"info": {"subdir": "linux-64", "extra": [1, {"packages": {}}]}, "removed": ["a", "b"],
         "packages": {"mini-1.0-0.tar.bz2": {"name": "mini", "version": "1.0", "build": "0", "build_number": 0, "depends": ["x {", "y"], "md5": "0CC175B9C0F1B6A831C399E269772661", "size": 12}},
         "packages.conda": {
           "mini-2.0-h1_0.conda": {"build": "h1_0", "depends": [], "name": "mini", "sha256": "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08", "version": "2.0", "unknown": {"name": "x"}},
           "other-1-0.conda": {"name": "other", "version": "1", "build": "0"}},
         "repodata_version": 1}
        """;

    private ContentServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private CondaChannel Channel => new(_server.Repository(), "forge");

    public async ValueTask InitializeAsync() => _server = await ContentServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(CondaRepresentation.Json)]
    [InlineData(CondaRepresentation.Zstandard)]
    [InlineData(CondaRepresentation.Current)]
    public async Task Each_form_of_the_index_is_read(CondaRepresentation representation)
    {
        _server.Serve("forge/linux-64/repodata.json", Repodata, "application/json")
            .Serve("forge/linux-64/current_repodata.json", Repodata, "application/json")
            .Serve("forge/linux-64/repodata.json.zst", Compressed.Zstandard(Encoding.UTF8.GetBytes(Repodata)));

        var repodata = await Channel.GetRepodataAsync("linux-64", representation, name => name == "mini", Cancel);

        repodata.Total.Should().Be(3);
        repodata.Packages.Should().Equal(
            new CondaPackage { Subdir = "linux-64", FileName = "mini-1.0-0.tar.bz2", Name = "mini", Version = "1.0", Build = "0", Md5 = "0cc175b9c0f1b6a831c399e269772661", Size = 12 },
            new CondaPackage { Subdir = "linux-64", FileName = "mini-2.0-h1_0.conda", Name = "mini", Version = "2.0", Build = "h1_0", Sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" });
    }

    [Theory]
    [InlineData("[]", "It is no JSON object.")]
    [InlineData("{}", "It has neither 'packages' nor 'packages.conda'.")]
    [InlineData("""{"packages": []}""", "Its packages are no JSON object.")]
    [InlineData("""{"info": {"subdir": "noarch"}, "packages": {}}""", "It is the index of 'noarch', not of 'linux-64'.")]
    [InlineData("""{"packages": {"a.conda": 1}}""", "The record of a.conda is no JSON object.")]
    [InlineData("""{"packages": {"a.conda": {"version": "1"}}}""", "The record of a.conda has no name.")]
    [InlineData("""{"packages": {"a.conda": {"name": "a", "version": "1"}}}""", "The record of a.conda has no version or no build.")]
    [InlineData("plain", "'p' is an invalid start of a value.*")]
    public async Task What_is_no_index_is_refused_by_name(string text, string words)
    {
        _server.Serve("forge/linux-64/repodata.json", text, "application/json");

        var read = () => Channel.GetRepodataAsync("linux-64", CondaRepresentation.Json, null, Cancel);

        (await read.Should().ThrowAsync<NexusContentException>()).Which.Observed.Should().Match($"JSON that is not it: {words}");
    }

    [Fact]
    public async Task An_index_cut_anywhere_is_refused()
    {
        var bytes = Encoding.UTF8.GetBytes(Repodata);
        for (var length = 0; length < bytes.Length; length += 5)
        {
            var read = () => new RepodataReader("linux-64", _ => true).ReadAsync(new MemoryStream(bytes, 0, length), Cancel);

            await read.Should().ThrowAsync<System.Text.Json.JsonException>($"{length} bytes are not the whole");
        }
    }

    [Fact]
    public async Task An_index_is_the_same_in_whatever_pieces_it_arrives()
    {
        var bytes = Encoding.UTF8.GetBytes(Repodata);
        foreach (var piece in new[] { 1, 2, 3, 7, 100 })
        {
            var repodata = await new RepodataReader("linux-64", _ => true).ReadAsync(new Pieces(bytes, piece), Cancel);

            repodata.Packages.Select(package => package.FileName).Should().Equal("mini-1.0-0.tar.bz2", "mini-2.0-h1_0.conda", "other-1-0.conda");
        }
    }

    [Fact]
    public async Task A_large_index_is_read_without_keeping_it()
    {
        const int records = 200_000;
        using var index = new Generated(records);

        var repodata = await new RepodataReader("noarch", name => name == "p777").ReadAsync(index, Cancel);

        repodata.Total.Should().Be(records);
        repodata.Packages.Should().ContainSingle();
        index.LargestBuffer.Should().BeLessThan(1 << 20);
    }

    [Theory]
    [InlineData("noarch", CondaRepresentation.Json, "the channel has no noarch subdirectory: conda refuses it as UnavailableInvalidChannel")]
    [InlineData("linux-64", CondaRepresentation.Zstandard, "Nexus does not proxy this form; clients remember its absence for a week")]
    [InlineData("linux-64", CondaRepresentation.Current, "Nexus does not proxy this form, which conda's classic solver asks for")]
    public async Task A_missing_index_says_what_it_means(string subdir, CondaRepresentation representation, string likely)
    {
        var read = () => Channel.GetRepodataAsync(subdir, representation, null, Cancel);

        (await read.Should().ThrowAsync<NexusContentException>()).Which.Likely.Should().Be(likely);
    }

    [Fact]
    public async Task A_package_must_have_the_size_and_hash_of_its_index()
    {
        _server.Serve("forge/noarch/mini-1.0-0.conda", "bytes", "application/octet-stream");
        var package = new CondaPackage { Subdir = "noarch", FileName = "mini-1.0-0.conda", Name = "mini", Version = "1.0", Build = "0" };

        (await Channel.DownloadAsync(package, Cancel)).Size.Should().Be(5);
        var cut = () => Channel.DownloadAsync(package with { Size = 9 }, Cancel);
        var other = () => Channel.DownloadAsync(package with { Md5 = "0cc175b9c0f1b6a831c399e269772661" }, Cancel);

        (await cut.Should().ThrowAsync<NexusContentException>()).Which.Expected.Should().Be("9 bytes, as the index says");
        (await other.Should().ThrowAsync<NexusContentException>()).Which.Expected.Should().Be("md5 0cc175b9c0f1b6a831c399e269772661, as the index says");
    }

    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }

    private sealed class Generated(int records) : ReadOnlyStream
    {
        private byte[] _left = """{"packages": {"""u8.ToArray();
        private int _next;

        public int LargestBuffer { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left.Length == 0 && _next <= records)
            {
                _left = Encoding.UTF8.GetBytes(_next == records ? "}}" : $$"""
                    {{(_next == 0 ? "" : ",")}}"p{{_next}}-1-0.conda": {"name": "p{{_next}}", "version": "1", "build": "0", "depends": ["{{new string('d', 600)}}"]}
                    """);
                _next++;
            }

            LargestBuffer = Math.Max(LargestBuffer, buffer.Length);
            var count = Math.Min(buffer.Length, _left.Length);
            _left.AsMemory(0, count).CopyTo(buffer);
            _left = _left[count..];
            return ValueTask.FromResult(count);
        }
    }
}
