using System.IO.Compression;
using System.Text;

namespace Acceptance.Tests.Suite.Gcp;

public sealed class StorageDownloadTests : IAsyncLifetime
{
    private StorageWire _gcs = null!;

    public async ValueTask InitializeAsync()
    {
        _gcs = await StorageWire.StartAsync();
        (await _gcs.PutObjectAsync("digits", "0123456789")).Status.Should().Be(200);
    }

    public ValueTask DisposeAsync() => _gcs.DisposeAsync();

    [Theory]
    [InlineData("bytes=2-4", 206, "234", "bytes 2-4/10")]
    [InlineData("bytes=7-", 206, "789", "bytes 7-9/10")]
    [InlineData("bytes=-2", 206, "89", "bytes 8-9/10")]
    [InlineData("bytes=5-100", 206, "56789", "bytes 5-9/10")]
    [InlineData("bytes=4-2", 200, "0123456789", null)]
    [InlineData("bytes=0-1,3-4", 200, "0123456789", null)]
    [InlineData("lines=0-1", 200, "0123456789", null)]
    public async Task A_range_is_that_part_of_the_object(string range, int status, string text, string? contentRange)
    {
        var part = await _gcs.MediaAsync("digits", ("Range", range));

        (part.Status, part.Text, part["Content-Range"]).Should().Be((status, text, contentRange));
    }

    [Fact]
    public async Task A_range_after_the_last_byte_is_an_error_in_XML()
    {
        var part = await _gcs.MediaAsync("digits", ("Range", "bytes=10-"));

        (part.Status, part["Content-Range"], part["Content-Type"]).Should().Be((416, "bytes */10", "application/xml; charset=UTF-8"));
        part.Text.Should().Contain("<Code>InvalidRange</Code>").And.Contain("bytes=10-");
    }

    [Fact]
    public async Task The_headers_tell_what_was_stored()
    {
        var resource = (await _gcs.ResourceAsync("digits")).Json;

        var media = await _gcs.MediaAsync("digits");

        media["X-Goog-Hash"].Should().Be($"crc32c={resource["crc32c"]},md5={resource["md5Hash"]}");
        media["X-Goog-Generation"].Should().Be((string?)resource["generation"]);
        media["X-Goog-Metageneration"].Should().Be("1");
        media["X-Goog-Storage-Class"].Should().Be("STANDARD");
        media["X-Goog-Stored-Content-Length"].Should().Be("10");
        media["X-Goog-Stored-Content-Encoding"].Should().Be("identity");
        media["X-GUploader-UploadID"].Should().NotBeNullOrEmpty("that is what Google's support asks for");
    }

    [Fact]
    public async Task Gzip_goes_as_it_is_to_who_takes_it_and_decompressed_to_who_does_not()
    {
        await _gcs.PutObjectAsync("page", Gzip("the page"), "&contentEncoding=gzip");

        var asIs = await _gcs.MediaAsync("page", ("Accept-Encoding", "gzip"));
        var plain = await _gcs.MediaAsync("page");

        (asIs["Content-Encoding"], asIs.Content).Should().BeEquivalentTo(("gzip", Gzip("the page")));
        (plain.Text, plain["Content-Encoding"], plain["X-Goog-Stored-Content-Encoding"], plain["X-GUploader-Response-Body-Transformations"])
            .Should().Be(("the page", null, "gzip", "gunzipped"));
    }

    [Fact]
    public async Task No_transform_leaves_gzip_alone()
    {
        await _gcs.PutRelatedAsync("""{"name": "page", "contentEncoding": "gzip", "cacheControl": "no-transform"}""", "not really gzip");

        var media = await _gcs.MediaAsync("page");

        (media.Text, media["Content-Encoding"]).Should().Be(("not really gzip", "gzip"));
    }

    [Fact]
    public async Task The_link_to_the_bytes_is_on_the_host_that_was_asked()
    {
        var link = (string?)(await _gcs.ResourceAsync("digits")).Json["mediaLink"];

        new Uri(link!).Authority.Should().Be(_gcs.Address.Authority);
        (await _gcs.GetAsync(link!)).Text.Should().Be("0123456789");
    }

    [Theory]
    [InlineData("storage/v1/b/acc-lab-data/o/digits?alt=media")]
    [InlineData("b/acc-lab-data/o/digits?alt=media")]
    [InlineData("download/storage/v1/b/acc-lab-data/o/digits")]
    public async Task The_bytes_are_found_with_and_without_the_prefix_that_emulators_lack(string path) =>
        (await _gcs.GetAsync(path)).Text.Should().Be("0123456789");

    [Fact]
    public async Task A_read_whose_condition_says_unchanged_is_304()
    {
        var resource = await _gcs.ResourceAsync("digits");
        var generation = (string?)resource.Json["generation"];

        var unchanged = await _gcs.GetAsync($"storage/v1/b/acc-lab-data/o/digits?ifGenerationNotMatch={generation}");
        var byTag = await _gcs.MediaAsync("digits", ("If-None-Match", resource["ETag"]!));
        var changed = await _gcs.GetAsync($"storage/v1/b/acc-lab-data/o/digits?ifGenerationMatch=1");
        var metadata = await _gcs.GetAsync($"storage/v1/b/acc-lab-data/o/digits?ifMetagenerationNotMatch=1");

        (unchanged.Status, byTag.Status, changed.Status, metadata.Status).Should().Be((304, 304, 412, 304));
        changed.Refusal.Should().Be((412, "conditionNotMet"));
    }

    [Fact]
    public async Task What_is_not_there_is_said_in_words_to_who_asked_for_bytes()
    {
        var media = await _gcs.MediaAsync("nothing");

        (media.Status, media.Text).Should().Be((404, "No such object: acc-lab-data/nothing"));
        (await _gcs.ResourceAsync("nothing")).Refusal.Should().Be((404, "notFound"));
    }

    [Fact]
    public async Task A_generation_that_was_replaced_is_gone_from_a_bucket_without_versions()
    {
        var first = (string?)(await _gcs.ResourceAsync("digits")).Json["generation"];
        await _gcs.PutObjectAsync("digits", "other");

        (await _gcs.GetAsync($"storage/v1/b/acc-lab-data/o/digits?alt=media&generation={first}")).Status.Should().Be(404);
    }

    private static byte[] Gzip(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Optimal))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }
}
