using Acceptance.Platform.Http;
using Acceptance.Platform.Nexus.Content;
using Acceptance.Platform.Nexus.Cran;

namespace Acceptance.Tests.Suite.Nexus;

/// <summary>The files under Data were written by R 4.2.2 itself.</summary>
public sealed class RdsMatrixTests : IAsyncLifetime
{
    private ContentServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await ContentServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("packages-v3-xz.rds")]
    [InlineData("packages-v2-gzip.rds")]
    [InlineData("packages-latin1-bzip2.rds")]
    public async Task A_matrix_that_R_wrote_is_read_with_its_missing_values(string file)
    {
        var matrix = RdsMatrix.Read(await DecompressedAsync(Bytes(file)));

        matrix.Columns.Should().Equal("Package", "Version", "MD5sum", "NeedsCompilation", "Path", "Author");
        Row(matrix, 0).Should().Equal("mini", "1.0.0", "d41d8cd98f00b204e9800998ecf8427e", "no", null, "José");
        Row(matrix, 1).Should().Equal("mini", "2.1", null, "yes", "4.5.0/Recommended", "Müller");
        Row(matrix, 2).Should().Equal("jalon", "0.3-1", "0cc175b9c0f1b6a831c399e269772661", null, null, null);
    }

    [Theory]
    [InlineData("packages-v3-xz.rds", "xz")]
    [InlineData("packages-v2-gzip.rds", "gzip")]
    [InlineData("packages-latin1-bzip2.rds", "bzip2")]
    public async Task A_cut_file_is_damaged_wherever_it_is_cut(string file, string form)
    {
        var bytes = Bytes(file);
        for (var length = 8; length < bytes.Length; length += 7)
        {
            var read = () => DecompressedAsync(bytes[..length]);

            (await read.Should().ThrowAsync<NexusContentException>($"{length} of {bytes.Length} bytes are not the file"))
                .Which.Observed.Should().StartWith($"damaged or truncated {form} after ");
        }
    }

    [Fact]
    public async Task Cut_or_changed_data_are_refused_and_never_trusted()
    {
        var whole = await DecompressedAsync(Bytes("packages-v3-xz.rds"));
        for (var length = 0; length < whole.Length; length++)
        {
            FluentActions.Invoking(() => RdsMatrix.Read(whole[..length])).Should().Throw<FormatException>();
        }

        for (var at = 0; at < whole.Length; at++)
        {
            var changed = whole.ToArray();
            changed[at] = 0xff;
            try
            {
                RdsMatrix.Read(changed);
            }
            catch (FormatException)
            {
                // Refused: anything else would fail this test.
            }
        }
    }

    [Theory]
    [InlineData("504b0304", "It is no R data: it begins with 504b.")]
    [InlineData("410a330a", "It is R's ascii or native binary form; repositories serve XDR.")]
    [InlineData("580a00000009000402020002030000000000", "It is serialization version 9; 2 and 3 are known.")]
    [InlineData("580a00000002000402020002030000000004", "It holds R's type 4, which no index needs.")]
    [InlineData("580a000000020004020200020300000000107fffffff", "It ends in the middle, or a length in it is wrong, at byte 18.")]
    public void What_is_no_matrix_is_refused_by_name(string hex, string words) =>
        FluentActions.Invoking(() => RdsMatrix.Read(Convert.FromHexString(hex))).Should().Throw<FormatException>().WithMessage(words);

    private static byte[] Bytes(string file) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Nexus", "Data", file));

    private static IEnumerable<string?> Row(RdsMatrix matrix, int row) => matrix.Columns.Select((_, column) => matrix[row, column]);

    private async Task<ReadOnlyMemory<byte>> DecompressedAsync(byte[] bytes)
    {
        _server.Serve("PACKAGES.rds", bytes);
        var content = _server.Repository(new HttpLimits());
        var index = await content.ReadIndexAsync(new ContentRequest(content.UriOf("PACKAGES.rds")) { Compression = Compression.ByMagic }, Cancel);
        return index.Bytes;
    }
}
