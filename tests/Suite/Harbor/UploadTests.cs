using System.Security.Cryptography;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class UploadTests : IAsyncLifetime
{
    private static readonly byte[] Content = "the bytes of a layer"u8.ToArray();

    private HarborWire _harbor = null!;

    public async ValueTask InitializeAsync() => _harbor = await HarborWire.StartAsync();

    public ValueTask DisposeAsync() => _harbor.DisposeAsync();

    [Fact]
    public async Task A_blob_is_put_where_an_upload_began()
    {
        var begun = await _harbor.SendAsync(HttpMethod.Post, $"v2/{HarborWire.Repository}/blobs/uploads/", _harbor.Ci);

        var put = await PutAsync(begun.Headers["Location"], HarborWire.Digest(Content), Content);

        (begun.Status, begun.Headers["Range"]).Should().Be((202, "0-0"));
        begun.Headers["Location"].Should().StartWith($"{_harbor.Address}v2/{HarborWire.Repository}/blobs/uploads/{begun.Headers["Docker-Upload-UUID"]}?_state=");
        (put.Status, put.Headers["Docker-Content-Digest"], put.Headers["Location"])
            .Should().Be((201, HarborWire.Digest(Content), $"{_harbor.Address}v2/{HarborWire.Repository}/blobs/{HarborWire.Digest(Content)}"));
        (await PulledAsync(Content)).Should().Equal(Content);
    }

    [Theory]
    [InlineData("")]
    [InlineData("the whole blob in one request")]
    public async Task A_blob_is_pushed_in_one_request(string text)
    {
        var content = System.Text.Encoding.UTF8.GetBytes(text);

        await _harbor.PushBlobAsync(content);

        (await PulledAsync(content)).Should().Equal(content);
    }

    [Fact]
    public async Task A_blob_is_streamed_without_a_length_and_then_completed()
    {
        var patched = await _harbor.SendAsync(HttpMethod.Patch, await _harbor.BeginAsync(), _harbor.Ci, HarborWire.Streamed(Content));
        var put = await PutAsync(patched.Headers["Location"], HarborWire.Digest(Content), null);

        (patched.Status, patched.Headers["Range"], put.Status).Should().Be((202, "0-19", 201));
        (await PulledAsync(Content)).Should().Equal(Content);
    }

    [Fact]
    public async Task A_blob_is_pushed_in_chunks_of_which_the_last_completes_it()
    {
        var first = await PatchAsync(await _harbor.BeginAsync(), Content[..8], "0-7");
        var second = await PatchAsync(first.Headers["Location"], Content[8..16], "8-15");
        var put = await PutAsync(second.Headers["Location"], HarborWire.Digest(Content), Content[16..], "16-19");

        (first.Headers["Range"], second.Headers["Range"], put.Status).Should().Be(("0-7", "0-15", 201));
        (await PulledAsync(Content)).Should().Equal(Content);
    }

    [Theory]
    [InlineData("4-7", 416, "RANGE_INVALID")]
    [InlineData("0-3", 416, "RANGE_INVALID")]
    [InlineData("12-15", 416, "RANGE_INVALID")]
    [InlineData("11-8", 416, "RANGE_INVALID")]
    [InlineData("bytes 8-11/20", 416, "RANGE_INVALID")]
    [InlineData("8-99", 400, "SIZE_INVALID")]
    public async Task A_chunk_out_of_order_or_of_another_size_changes_nothing(string range, int status, string code)
    {
        var session = (await PatchAsync(await _harbor.BeginAsync(), Content[..8], "0-7")).Headers["Location"];

        var refused = await PatchAsync(session, Content[8..12], range);
        var put = await PutAsync(session, HarborWire.Digest(Content), Content[8..12], range);
        var after = await _harbor.GetAsync(session, _harbor.Ci);

        (refused.Refusal, put.Refusal).Should().Be(((status, code), (status, code)));
        (after.Status, after.Headers["Range"]).Should().Be((204, "0-7"));
        (await PutAsync(session, HarborWire.Digest(Content), Content[8..])).Status.Should().Be(201);
    }

    [Fact]
    public async Task Bytes_that_do_not_match_their_digest_are_refused_and_not_kept()
    {
        var (wrong, session) = (HarborWire.Digest("other"u8.ToArray()), await _harbor.BeginAsync());

        var put = await PutAsync(session, wrong, Content);

        put.Error.Should().Be((400, "DIGEST_INVALID", "provided digest did not match uploaded content"));
        (await _harbor.GetAsync(session, _harbor.Ci)).Refusal.Should().Be((404, "BLOB_UPLOAD_UNKNOWN"));
        foreach (var digest in new[] { wrong, HarborWire.Digest(Content) })
        {
            (await BlobAsync(digest)).Refusal.Should().Be((404, "BLOB_UNKNOWN"));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha256:short")]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [InlineData("sha256:../../../../etc/passwd")]
    public async Task A_malformed_digest_is_refused_and_the_upload_goes_on(string digest)
    {
        var session = await _harbor.BeginAsync();

        var put = await PutAsync(session, digest, Content);

        put.Refusal.Should().Be((400, "DIGEST_INVALID"));
        (await PutAsync(session, HarborWire.Digest(Content), Content)).Status.Should().Be(201);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?digest-algorithm=sha512")]
    public async Task A_blob_is_named_by_sha512_too(string query)
    {
        var digest = $"sha512:{Convert.ToHexStringLower(SHA512.HashData(Content))}";
        var begun = await _harbor.SendAsync(HttpMethod.Post, $"v2/{HarborWire.Repository}/blobs/uploads/{query}", _harbor.Ci);

        var put = await PutAsync(begun.Headers["Location"], digest, Content);

        (put.Status, put.Headers["Docker-Content-Digest"]).Should().Be((201, digest));
        (await BlobAsync(digest)).Content.Should().Equal(Content);
    }

    [Fact]
    public async Task An_upload_is_found_only_by_the_address_that_was_given()
    {
        var session = await _harbor.BeginAsync();

        var unknown = await _harbor.GetAsync($"v2/{HarborWire.Repository}/blobs/uploads/{Guid.NewGuid()}", _harbor.Ci);
        var noId = await _harbor.GetAsync($"v2/{HarborWire.Repository}/blobs/uploads/..%2f..%2fx", _harbor.Ci);
        var elsewhere = await _harbor.GetAsync(session.Replace(HarborWire.Repository, "mlops-lab/other", StringComparison.Ordinal), _harbor.Ci);
        var bare = await _harbor.GetAsync(session.Split('?')[0], _harbor.Ci);

        (unknown.Refusal, noId.Refusal, elsewhere.Refusal, bare.Refusal).Should().Be(
            ((404, "BLOB_UPLOAD_UNKNOWN"), (404, "BLOB_UPLOAD_UNKNOWN"), (404, "BLOB_UPLOAD_UNKNOWN"), (404, "BLOB_UPLOAD_INVALID")));
    }

    [Fact]
    public async Task An_upload_is_cancelled_by_who_may_delete()
    {
        var session = await _harbor.BeginAsync();

        var robot = await _harbor.SendAsync(HttpMethod.Delete, session, _harbor.Ci);
        var maintainer = await _harbor.SendAsync(HttpMethod.Delete, session, _harbor.Recette);

        (robot.Status, maintainer.Status).Should().Be((401, 204));
        (await _harbor.GetAsync(session, _harbor.Ci)).Refusal.Should().Be((404, "BLOB_UPLOAD_UNKNOWN"));
    }

    [Fact]
    public async Task A_blob_is_mounted_from_a_repository_that_has_it()
    {
        var digest = await _harbor.PushBlobAsync(Content);

        var mounted = await MountAsync(digest, HarborWire.Repository);
        var absent = await MountAsync(HarborWire.Digest("absent"u8.ToArray()), HarborWire.Repository);
        var malformed = await MountAsync("sha256:x", HarborWire.Repository);

        (mounted.Status, mounted.Headers["Docker-Content-Digest"]).Should().Be((201, digest));
        (absent.Status, malformed.Status).Should().Be((202, 202), "what cannot be mounted is uploaded");
        (await BlobAsync(digest, "mlops-lab/scorer")).Content.Should().Equal(Content);
    }

    [Fact]
    public async Task A_blob_is_not_mounted_from_where_its_reader_may_not_pull()
    {
        var digest = await _harbor.PushBlobAsync(Content);

        var fromLab = await _harbor.SendAsync(HttpMethod.Post, $"v2/other-team/a/blobs/uploads/?mount={digest}&from={HarborWire.Repository}", _harbor.Other);
        var badName = await MountAsync(digest, "../mlops-run/a");

        fromLab.Error.Message.Should().StartWith($"unauthorized to access repository: {HarborWire.Repository}, action: pull");
        badName.Refusal.Should().Be((400, "NAME_INVALID"));
    }

    [Fact]
    public async Task X35_mounts_what_is_then_not_there()
    {
        var digest = await _harbor.PushBlobAsync(Content);
        _harbor.Faults.SwitchOn("X35");

        var mounted = await MountAsync(digest, HarborWire.Repository);

        mounted.Status.Should().Be(201);
        (await BlobAsync(digest, "mlops-lab/scorer")).Refusal.Should().Be((404, "BLOB_UNKNOWN"));
    }

    [Fact]
    public async Task O1_forgets_an_upload_after_its_first_chunk()
    {
        _harbor.Faults.SwitchOn("O1");

        var first = await PatchAsync(await _harbor.BeginAsync(), Content[..8], "0-7");
        var second = await PatchAsync(first.Headers["Location"], Content[8..], "8-19");

        (first.Status, second.Refusal).Should().Be((202, (404, "BLOB_UPLOAD_UNKNOWN")));
        _harbor.Faults.Hits("O1").Should().Be(1);
    }

    [Fact]
    public async Task H8_wants_a_new_token_in_the_middle_of_a_large_layer()
    {
        _harbor.Faults.SwitchOn("H8");
        const string Scope = $"repository:{HarborWire.Repository}:pull,push";
        var (old, layer) = (await _harbor.TokenAsync(_harbor.Ci, Scope), RandomNumberGenerator.GetBytes(5 * 1024 * 1024));
        var session = (await _harbor.SendAsync(HttpMethod.Patch, await _harbor.BeginAsync(account: old), old, HarborWire.Bytes(layer))).Headers["Location"];

        var refused = await PutAsync(session, HarborWire.Digest(layer), null, account: old);
        var renewed = await PutAsync(session, HarborWire.Digest(layer), null, account: await _harbor.TokenAsync(_harbor.Ci, Scope));

        (refused.Refusal, refused.Challenge, renewed.Status).Should().Be(((401, "UNAUTHORIZED"), "Basic realm=\"harbor\"", 201));
    }

    [Theory]
    [InlineData("H1", 413, "Request Entity Too Large", true)]
    [InlineData("H1", 413, "Request Entity Too Large", false)]
    [InlineData("X32", 504, "Gateway Time-out", true)]
    [InlineData("X32", 504, "Gateway Time-out", false)]
    public async Task A_proxy_in_the_way_answers_large_bodies_in_HTML(string fault, int status, string reason, bool announced)
    {
        _harbor.Faults.SwitchOn(fault);
        var layer = RandomNumberGenerator.GetBytes(8 * 1024 * 1024);
        HttpContent content = announced ? HarborWire.Bytes(layer) : HarborWire.Streamed(layer);

        var answer = await _harbor.SendAsync(HttpMethod.Patch, await _harbor.BeginAsync(), _harbor.Ci, content);
        var small = await _harbor.SendAsync(HttpMethod.Patch, await _harbor.BeginAsync(), _harbor.Ci, HarborWire.Bytes(Content));

        (answer.Status, answer.Headers["Content-Type"], small.Status).Should().Be((status, "text/html", 202));
        answer.Text.Should().Contain($"<center><h1>{status} {reason}</h1></center>");
        _harbor.Faults.Hits(fault).Should().Be(1);
    }

    [Fact]
    public async Task X31_refuses_what_exceeds_the_quota()
    {
        _harbor.Faults.SwitchOn("X31");

        var put = await PutAsync(await _harbor.BeginAsync(), HarborWire.Digest(Content), Content);

        put.Error.Should().Be((403, "DENIED",
            "adding 20 B of storage resource, which when updated to current usage of 0 B will exceed the configured upper limit of 0 B."));
    }

    [Fact]
    public async Task X30_leaves_room_for_ten_mebibytes()
    {
        await _harbor.PushBlobAsync(Content);
        _harbor.Faults.SwitchOn("X30");
        var layer = RandomNumberGenerator.GetBytes(11 * 1024 * 1024);

        var large = await PutAsync(await _harbor.BeginAsync(), HarborWire.Digest(layer), layer);
        var small = await PutAsync(await _harbor.BeginAsync(), HarborWire.Digest(layer[..1024]), layer[..1024]);

        large.Error.Message.Should().Be(
            "adding 11.0 MiB of storage resource, which when updated to current usage of 20 B will exceed the configured upper limit of 10.0 MiB.");
        small.Status.Should().Be(201);
    }

    private Task<WireAnswer> PatchAsync(string session, byte[] chunk, string range) =>
        _harbor.SendAsync(HttpMethod.Patch, session, _harbor.Ci, HarborWire.Bytes(chunk), ("Content-Range", range));

    private Task<WireAnswer> PutAsync(string session, string digest, byte[]? content, string? range = null, string? account = null) => _harbor.SendAsync(
        HttpMethod.Put, $"{session}&digest={digest}", account ?? _harbor.Ci, HarborWire.Bytes(content ?? []), range is null ? [] : [("Content-Range", range)]);

    private Task<WireAnswer> MountAsync(string digest, string from) =>
        _harbor.SendAsync(HttpMethod.Post, $"v2/mlops-lab/scorer/blobs/uploads/?mount={digest}&from={from}", _harbor.Ci);

    private Task<WireAnswer> BlobAsync(string digest, string repository = HarborWire.Repository) => _harbor.GetAsync($"v2/{repository}/blobs/{digest}", _harbor.Pull);

    private async Task<byte[]> PulledAsync(byte[] content) => (await BlobAsync(HarborWire.Digest(content))).Content;
}
