using System.Text.Json.Nodes;
using Acceptance.Platform.Waiting;

namespace Acceptance.Tests.Suite.Gcp;

public sealed class StorageUploadTests : IAsyncLifetime
{
    private StorageWire _gcs = null!;

    public async ValueTask InitializeAsync() => _gcs = await StorageWire.StartAsync();

    public ValueTask DisposeAsync() => _gcs.DisposeAsync();

    [Fact]
    public async Task Bytes_sent_alone_are_the_object()
    {
        var put = await _gcs.PutObjectAsync("plain.txt", "hello world");

        put.Status.Should().Be(200, "{0}", put.Text);
        ((string?)put.Json["size"], (string?)put.Json["md5Hash"], (string?)put.Json["crc32c"]).Should().Be(("11", "XrY7u+Ae7tCTyyK7j1rNww==", "yZRlqg=="));
        (await _gcs.MediaAsync("plain.txt")).Text.Should().Be("hello world");
    }

    [Theory]
    [InlineData("edge", "multipart/related; boundary=edge", "\r\n")]
    [InlineData("===============7==", "multipart/related; boundary='===============7=='", "\n")]
    [InlineData("a b", "multipart/related; boundary=\"a b\"", "\r\n")]
    public async Task A_resource_and_its_bytes_come_in_one_request(string boundary, string contentType, string end)
    {
        var put = await _gcs.PutRelatedAsync("""{"name": "both.txt", "metadata": {"k": "v"}}""", "one\r\ntwo\n", boundary, contentType, end);

        put.Status.Should().Be(200, "{0}", put.Text);
        ((string?)put.Json["contentType"], (string?)put.Json["metadata"]!["k"]).Should().Be(("text/plain", "v"));
        (await _gcs.MediaAsync("both.txt")).Text.Should().Be("one\r\ntwo\n");
    }

    [Theory]
    [InlineData("multipart/related; boundary=edge", "--edge\r\n\r\n{\"name\": \"x\"}\r\n--edge\r\n\r\nhalf of it")]
    [InlineData("multipart/related; boundary=edge", "--edge\r\n\r\n{\"name\": \"x\"}\r\n--edge--\r\n")]
    [InlineData("multipart/related; boundary=edge", "nothing of the kind")]
    [InlineData("multipart/related; boundary=edge", "--edge\r\n\r\n{\"name\": \r\n--edge\r\n\r\nx\r\n--edge--")]
    [InlineData("multipart/related; boundary=edge", "--edge\r\n\r\n{\"name\": \"x\", \"name\": \"y\"}\r\n--edge\r\n\r\nx\r\n--edge--")]
    [InlineData("multipart/related; boundary=edge", "--edge\r\n\r\n[]\r\n--edge\r\n\r\nx\r\n--edge--")]
    [InlineData("multipart/related", "--edge\r\n\r\n{\"name\": \"x\"}\r\n--edge\r\n\r\nx\r\n--edge--")]
    [InlineData("text/plain", "x")]
    public async Task A_malformed_upload_is_refused_and_stores_nothing(string contentType, string body)
    {
        var put = await _gcs.SendAsync(
            HttpMethod.Post, $"upload/storage/v1/b/{StorageWire.Bucket}/o?uploadType=multipart", new StringContent(body), null, ("Content-Type", contentType));

        put.Status.Should().Be(400);
        put.Json["error"]!["message"].Should().NotBeNull();
        (await _gcs.ResourceAsync("x")).Status.Should().Be(404);
    }

    [Theory]
    [InlineData("""{"name": "x", "crc32c": "AAAAAA=="}""", "Provided CRC32C \"AAAAAA==\" doesn't match calculated CRC32C \"yZRlqg==\".")]
    [InlineData("""{"name": "x", "md5Hash": "AAAAAAAAAAAAAAAAAAAAAA=="}""", "Provided MD5 hash \"AAAAAAAAAAAAAAAAAAAAAA==\" doesn't match calculated MD5 hash \"XrY7u+Ae7tCTyyK7j1rNww==\".")]
    public async Task Bytes_that_are_not_those_that_were_declared_are_refused(string resource, string message)
    {
        var put = await _gcs.PutRelatedAsync(resource, "hello world");

        (put.Refusal, put.Message).Should().Be(((400, "invalid"), message));
        (await _gcs.ResourceAsync("x")).Status.Should().Be(404);
    }

    [Fact]
    public async Task A_checksum_in_a_header_counts_as_declared()
    {
        var put = await _gcs.SendAsync(HttpMethod.Post, $"upload/storage/v1/b/{StorageWire.Bucket}/o?uploadType=media&name=x", new StringContent("hello world"), null, ("X-Goog-Hash", "crc32c=AAAAAA=="));

        put.Refusal.Should().Be((400, "invalid"));
    }

    [Fact]
    public async Task A_resumable_upload_is_an_object_when_its_last_part_is_there()
    {
        var session = await _gcs.BeginAsync("large.bin", resource: new JsonObject { ["contentType"] = "application/x-model" });
        var bytes = Bytes(600_000);

        var first = await _gcs.PartAsync(session, bytes[..262_144], "bytes 0-262143/*");
        var second = await _gcs.PartAsync(session, bytes[262_144..524_288], "bytes 262144-524287/600000");
        var unfinished = await _gcs.ResourceAsync("large.bin");
        var last = await _gcs.PartAsync(session, bytes[524_288..], "bytes 524288-599999/600000");

        (first.Status, first["Range"]).Should().Be((308, "bytes=0-262143"));
        (second.Status, second["Range"]).Should().Be((308, "bytes=0-524287"));
        unfinished.Status.Should().Be(404);
        (last.Status, (string?)last.Json["size"], (string?)last.Json["contentType"]).Should().Be((200, "600000", "application/x-model"));
        (await _gcs.MediaAsync("large.bin")).Content.Should().Equal(bytes);
    }

    [Fact]
    public async Task A_session_that_holds_nothing_says_so_without_a_range()
    {
        var session = await _gcs.BeginAsync("large.bin");

        var probe = await _gcs.PartAsync(session, [], "bytes */*");

        (probe.Status, probe["Range"]).Should().Be((308, null));
    }

    [Fact]
    public async Task A_status_probe_never_ends_an_upload_that_is_short()
    {
        var session = await _gcs.BeginAsync("large.bin");
        await _gcs.PartAsync(session, Bytes(262_144), "bytes 0-262143/*");

        var probe = await _gcs.PartAsync(session, [], "bytes */600000");

        (probe.Status, probe["Range"]).Should().Be((308, "bytes=0-262143"));
        (await _gcs.ResourceAsync("large.bin")).Status.Should().Be(404);
    }

    [Fact]
    public async Task A_probe_that_names_exactly_what_is_held_ends_the_upload()
    {
        var session = await _gcs.BeginAsync("large.bin");
        await _gcs.PartAsync(session, Bytes(262_144), "bytes 0-262143/*");

        var probe = await _gcs.PartAsync(session, [], "bytes */262144");

        (probe.Status, (string?)probe.Json["size"]).Should().Be((200, "262144"));
    }

    [Fact]
    public async Task Bytes_that_are_sent_again_are_skipped()
    {
        var session = await _gcs.BeginAsync("large.bin");
        var bytes = Bytes(600_000);
        await _gcs.PartAsync(session, bytes[..524_288], "bytes 0-524287/600000");

        var again = await _gcs.PartAsync(session, bytes[262_144..], "bytes 262144-599999/600000");

        again.Status.Should().Be(200, "{0}", again.Text);
        (await _gcs.MediaAsync("large.bin")).Content.Should().Equal(bytes);
    }

    [Fact]
    public async Task A_part_that_leaves_a_gap_is_refused_with_where_to_go_on()
    {
        var session = await _gcs.BeginAsync("large.bin");
        await _gcs.PartAsync(session, Bytes(262_144), "bytes 0-262143/*");

        var gap = await _gcs.PartAsync(session, Bytes(262_144), "bytes 524288-786431/*");

        gap.Status.Should().Be(503);
        gap.Message.Should().Be("Invalid request.  According to the Content-Range header, the upload offset is 524288 byte(s), which exceeds already uploaded size of 262144 byte(s).");
    }

    [Fact]
    public async Task A_part_that_is_not_the_last_is_a_multiple_of_256_KiB()
    {
        var session = await _gcs.BeginAsync("large.bin");

        var odd = await _gcs.PartAsync(session, Bytes(100_000), "bytes 0-99999/*");

        odd.Status.Should().Be(400);
        odd.Message.Should().Contain("required to be equal or greater than 262144").And.Contain("contained 100000 bytes");
    }

    [Theory]
    [InlineData("bytes 0-262143")]
    [InlineData("bytes 9-1/100")]
    [InlineData("bytes 0-99/100000000000000000000")]
    [InlineData("0-262143/*")]
    [InlineData("bytes 0-262143/262143")]
    public async Task A_content_range_that_cannot_be_read_is_refused(string range)
    {
        var session = await _gcs.BeginAsync("large.bin");

        var part = await _gcs.PartAsync(session, Bytes(262_144), range);

        (part.Refusal, part.Message).Should().Be(((400, "badRequest"), "Failed to parse Content-Range header."));
    }

    [Fact]
    public async Task A_length_that_contradicts_an_earlier_one_is_refused()
    {
        var session = await _gcs.BeginAsync("large.bin", headers: ("X-Upload-Content-Length", "600000"));
        await _gcs.PartAsync(session, Bytes(262_144), "bytes 0-262143/600000");

        var other = await _gcs.PartAsync(session, [], "bytes */600000");
        var contradiction = await _gcs.PartAsync(session, Bytes(262_144), "bytes 262144-524287/700000");

        other.Status.Should().Be(308);
        contradiction.Status.Should().Be(400);
        contradiction.Message.Should().Contain("700000").And.Contain("600000");
    }

    [Fact]
    public async Task Checksums_are_held_across_parts()
    {
        var session = await _gcs.BeginAsync("large.bin", resource: new JsonObject { ["crc32c"] = "AAAAAA==" });
        await _gcs.PartAsync(session, Bytes(262_144), "bytes 0-262143/*");

        var last = await _gcs.PartAsync(session, Bytes(10), "bytes 262144-262153/262154");

        last.Refusal.Should().Be((400, "invalid"));
        (await _gcs.ResourceAsync("large.bin")).Status.Should().Be(404);
    }

    [Fact]
    public async Task A_client_that_fears_308_is_told_by_a_header()
    {
        var session = await _gcs.BeginAsync("large.bin");

        var part = await _gcs.PartAsync(session, Bytes(262_144), "bytes 0-262143/*", ("X-GUploader-No-308", "yes"));

        (part.Status, part["X-HTTP-Status-Code-Override"], part["Range"]).Should().Be((200, "308", "bytes=0-262143"));
    }

    [Fact]
    public async Task A_session_that_was_cancelled_is_closed()
    {
        var session = await _gcs.BeginAsync("large.bin");

        var cancelled = await _gcs.SendAsync(HttpMethod.Delete, session, token: "");
        var late = await _gcs.PartAsync(session, Bytes(10), "bytes 0-9/10");

        (cancelled.Status, late.Status).Should().Be((499, 499));
        (await _gcs.ResourceAsync("large.bin")).Status.Should().Be(404);
    }

    [Fact]
    public async Task A_session_that_is_done_gives_its_object_again()
    {
        var session = await _gcs.BeginAsync("large.bin");
        var done = await _gcs.PartAsync(session, Bytes(10), "bytes 0-9/10");

        var again = await _gcs.PartAsync(session, [], "bytes */10");

        ((string?)again.Json["generation"], again.Status).Should().Be(((string?)done.Json["generation"], 200));
    }

    [Fact]
    public async Task A_session_takes_its_bytes_by_POST_and_without_a_content_range_too()
    {
        var session = await _gcs.BeginAsync("large.bin");

        var done = await _gcs.SendAsync(HttpMethod.Post, session, new ByteArrayContent(Bytes(10)), "");

        (done.Status, (string?)done.Json["size"]).Should().Be((200, "10"));
    }

    [Fact]
    public async Task A_session_whose_length_was_declared_ends_with_a_body_that_does_not_say_its_own()
    {
        var session = await _gcs.BeginAsync("large.bin", headers: ("X-Upload-Content-Length", "10"));

        var done = await _gcs.SendAsync(HttpMethod.Put, session, new ByteArrayContent(Bytes(10)), "", ("Transfer-Encoding", "chunked"));

        (done.Status, (string?)done.Json["size"]).Should().Be((200, "10"));
    }

    [Fact]
    public async Task A_session_that_is_done_cannot_be_cancelled()
    {
        var session = await _gcs.BeginAsync("large.bin");
        var done = await _gcs.PartAsync(session, Bytes(10), "bytes 0-9/10");

        await _gcs.SendAsync(HttpMethod.Delete, session, token: "");
        var again = await _gcs.PartAsync(session, [], "bytes */10");

        (again.Status, again.Text).Should().Be((200, done.Text));
    }

    [Fact]
    public async Task An_unknown_session_is_not_found()
    {
        var part = await _gcs.PartAsync($"upload/storage/v1/b/{StorageWire.Bucket}/o?uploadType=resumable&upload_id=none", Bytes(10), "bytes 0-9/10");

        part.Refusal.Should().Be((404, "notFound"));
    }

    [Fact]
    public async Task A_part_that_hangs_is_taken_over_by_the_next_request_which_goes_on_where_whole_units_ended()
    {
        var session = await _gcs.BeginAsync("large.bin");
        var bytes = Bytes(1_000_000);
        using var hanging = await RawConnection.SendPartAsync(new Uri(session), bytes.Length, bytes[..700_000]);
        await StagedAsync("two units", 524_288);

        var probe = await _gcs.PartAsync(session, [], "bytes */1000000");
        var rest = await _gcs.PartAsync(session, bytes[524_288..], "bytes 524288-999999/1000000");

        (probe.Status, probe["Range"]).Should().Be((308, "bytes=0-524287"));
        rest.Status.Should().Be(200, "{0}", rest.Text);
        (await _gcs.MediaAsync("large.bin")).Content.Should().Equal(bytes);
    }

    [Fact]
    public async Task A_connection_that_breaks_in_an_upload_of_one_request_leaves_nothing()
    {
        var token = await _gcs.TokenAsync(StorageWire.Recette);
        var address = new Uri(_gcs.Address, $"upload/storage/v1/b/{StorageWire.Bucket}/o?uploadType=media&name=x");

        var broken = await RawConnection.SendPartAsync(address, 1_000_000, Bytes(500_000), "POST", $"Authorization: Bearer {token}\r\n");
        await StagedAsync("the part that came", 262_144);
        broken.Dispose();
        await StagedAsync("nothing", null);

        (await _gcs.ResourceAsync("x")).Status.Should().Be(404);
    }

    [Theory]
    [InlineData("uploadType=media")]
    [InlineData("uploadType=media&name=a%0Ab")]
    [InlineData("uploadType=media&name=..")]
    [InlineData("uploadType=carrier-pigeon&name=x")]
    [InlineData("name=x")]
    [InlineData("uploadType=media&name=x&ifGenerationMatch=one")]
    public async Task An_upload_that_says_the_wrong_thing_is_refused(string query)
    {
        var put = await _gcs.SendAsync(HttpMethod.Post, $"upload/storage/v1/b/{StorageWire.Bucket}/o?{query}", new StringContent("x"));

        put.Status.Should().Be(400);
    }

    [Fact]
    public async Task A_protocol_that_is_not_emulated_says_so()
    {
        var begun = await _gcs.SendAsync(
            HttpMethod.Post, $"upload/storage/v1/b/{StorageWire.Bucket}/o?name=x", token: null, headers: [("X-Goog-Upload-Protocol", "resumable"), ("X-Goog-Upload-Command", "start")]);

        begun.Refusal.Should().Be((501, "notImplemented"));
    }

    [Fact]
    public async Task An_ACL_is_refused_where_access_is_uniform()
    {
        var put = await _gcs.PutObjectAsync("x", "x", "&predefinedAcl=publicRead");

        put.Refusal.Should().Be((400, "invalid"));
        put.Message.Should().StartWith("Cannot insert legacy ACL for an object when uniform bucket-level access is enabled.");
    }

    /// <summary>Waits until the server holds so much of the one upload that is under way; null for none under way.</summary>
    private Task<long?> StagedAsync(string what, long? length) => Eventually.Default.ReachAsync(
        $"Cloud Storage to hold {what}", async _ => (await _gcs.StagedAsync()) is [var one, ..] ? one : (long?)null, held => $"{held}", held => held == length,
        new Wait($"{length}", TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(20)), TestContext.Current.CancellationToken);

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
