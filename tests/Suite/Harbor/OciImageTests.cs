using System.Formats.Tar;
using System.IO.Compression;
using Acceptance.Platform.Harbor.Oci;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class OciImageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_parts_give_the_same_bytes_and_others_do_not()
    {
        var one = await Builder().BuildAsync(Cancel);
        var same = await Builder().BuildAsync(Cancel);
        var other = await Builder().WithLabel("run", "2").BuildAsync(Cancel);

        one.Manifest.Bytes.ToArray().Should().Equal(same.Manifest.Bytes.ToArray());
        other.Manifest.Digest.Should().NotBe(one.Manifest.Digest);

        static OciImageBuilder Builder() => OciImage.Build().WithLayer(new LayerFile("a/b", "c"u8.ToArray())).WithRandomLayer(4096, 1).WithLabel("run", "1").WithAnnotation("z", "1").WithAnnotation("a", "2");
    }

    [Fact]
    public async Task A_layer_of_files_is_a_compressed_archive_whose_diff_id_is_in_the_configuration()
    {
        var image = await OciImage.Build().WithLayer(new LayerFile("bin/probe", "#!/bin/sh"u8.ToArray(), (UnixFileMode)0b111_101_101)).BuildAsync(Cancel);

        var layer = await BytesAsync(image.Blobs[0].Source);
        using var archive = new MemoryStream();
        await using (var gzip = new GZipStream(new MemoryStream(layer), CompressionMode.Decompress))
        {
            await gzip.CopyToAsync(archive, Cancel);
        }

        image.Blobs[0].Descriptor.Should().Be(new Descriptor(OciMediaTypes.LayerGzip, Digest.Of(layer), layer.Length));
        (await BytesAsync(image.Blobs[1].Source)).AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(Digest.Of(archive.ToArray()).ToString())).Should().BePositive();
        archive.Position = 0;
        var entry = new TarReader(archive).GetNextEntry()!;
        (entry.Name, (int)entry.Mode, entry.Length).Should().Be(("bin/probe", 0b111_101_101, 9));
    }

    [Theory, InlineData(2048), InlineData(1024 * 1024)]
    public async Task A_random_layer_is_an_archive_of_that_size(long size)
    {
        var layer = (await OciImage.Build().WithRandomLayer(size, 42).BuildAsync(Cancel)).Blobs[0];

        var bytes = await BytesAsync(layer.Source);
        using var archive = new TarReader(new MemoryStream(bytes));
        var entry = archive.GetNextEntry()!;

        (bytes.Length, layer.Descriptor.Size, entry.Length).Should().Be(((int)size, size, size - 1536));
        archive.GetNextEntry().Should().BeNull();
        layer.Descriptor.Digest.Should().Be(Digest.Of(bytes));
    }

    [Fact]
    public async Task A_random_layer_opens_at_any_place()
    {
        var layer = (await OciImage.Build().WithRandomLayer(64 * 1024, 3).BuildAsync(Cancel)).Blobs[0].Source;
        var whole = await BytesAsync(layer);

        foreach (var from in new[] { 0, 1, 511, 512, 513, 777, 4099, (64 * 1024) - 1025, (64 * 1024) - 1, 64 * 1024 })
        {
            (await BytesAsync(layer, from)).Should().Equal(whole[from..]);
        }
    }

    [Fact]
    public async Task A_random_layer_past_8_GiB_says_its_size_as_tar_does()
    {
        const long size = 10L << 30;
        var layer = RandomLayer.Of(size, 1);
        var header = new byte[512];
        await using var stream = layer.Open();

        await stream.ReadExactlyAsync(header, Cancel);

        header.AsSpan(124, 12).ToArray().Should().Equal(0x80, 0, 0, 0, 0, 0, 0, 2, 0x7F, 0xFF, 0xFA, 0);
    }

    [Fact]
    public void A_size_that_no_archive_has_is_a_mistake_of_the_caller()
    {
        var building = () => OciImage.Build().WithRandomLayer(1000, 1);

        building.Should().Throw<ArgumentException>().WithMessage("A layer of 1000 bytes is no tar archive: a multiple of 512, of at least 2048, is.*");
    }

    [Fact]
    public async Task A_file_is_a_blob()
    {
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, "0123456789", Cancel);

        var blob = await BlobSource.OfFile(path).WithDigestAsync(Cancel);

        blob.Digest.Should().Be(Digest.Of("0123456789"u8));
        (await BytesAsync(blob, 7)).Should().Equal("789"u8.ToArray());
        File.Delete(path);
    }

    private static async Task<byte[]> BytesAsync(BlobSource blob, long from = 0)
    {
        using var memory = new MemoryStream();
        await using var stream = blob.Open(from);
        await stream.CopyToAsync(memory, Cancel);
        return memory.ToArray();
    }
}
