using System.Net;
using Acceptance.Platform.Harbor.Oci;
using Acceptance.Tests.Suite.Http;
using Microsoft.AspNetCore.Http;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class OciUploadTests : IAsyncLifetime
{
    private const string Uploads = "/v2/tests/image/blobs/uploads/";
    private const int Mebibyte = 1024 * 1024;

    private OciServer _server = null!;

    public static TheoryData<string> Modes => ["monolithic", "single", "streamed", "chunked"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await OciServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory, MemberData(nameof(Modes))]
    public async Task A_blob_is_pushed_in_each_way(string mode)
    {
        var blob = Blob(3 * Mebibyte);

        var pushed = await _server.Client().PushBlobAsync(OciServer.Repository, blob, Mode(mode), Cancel);

        (await BytesAsync(blob)).Should().Equal(_server.Blobs[pushed.Digest.ToString()]);
        pushed.Size.Should().Be(3 * Mebibyte);
        pushed.Location.AbsolutePath.Should().Be($"/v2/tests/image/blobs/{pushed.Digest}");
        (pushed.Tokens, pushed.Resumptions).Should().Be((0, 0));
        pushed.Requests.Should().Be(mode switch { "single" => 1, "monolithic" => 2, "streamed" => 3, _ => 5 });
    }

    [Theory, MemberData(nameof(Modes))]
    public async Task An_empty_blob_is_pushed_too(string mode)
    {
        var pushed = await _server.Client().PushBlobAsync(OciServer.Repository, BlobSource.Of(Array.Empty<byte>()), Mode(mode), Cancel);

        _server.Blobs[pushed.Digest.ToString()].Should().BeEmpty();
    }

    [Fact]
    public async Task A_streamed_upload_declares_no_length_as_docker_does()
    {
        long? declared = -1;
        _server.Instead($"PATCH {Uploads}", async context =>
        {
            declared = context.Request.ContentLength;
            await OciServer.WriteAsync(context, 500);
        });

        await Pushing(Blob(1024), UploadMode.Streamed).Should().ThrowAsync<OciException>();

        declared.Should().BeNull();
    }

    [Fact]
    public async Task A_chunk_is_no_smaller_than_the_registry_wants()
    {
        _server.Instead($"POST {Uploads}", 202, headers: [("Location", $"{Uploads}session-0"), ("OCI-Chunk-Min-Length", $"{2 * Mebibyte}")]);
        var ranges = new List<string>();
        _server.Instead($"PATCH {Uploads}", async context =>
        {
            ranges.Add(context.Request.Headers.ContentRange.ToString());
            await context.Request.Body.CopyToAsync(Stream.Null, Cancel);
            await OciServer.WriteAsync(context, 202, headers: [("Location", $"{Uploads}session-0"), ("Range", $"0-{ranges[^1].Split('-')[1]}")]);
        });

        await Pushing(Blob(3 * Mebibyte), UploadMode.Chunked(Mebibyte)).Should().ThrowAsync<OciException>();

        ranges.Should().Equal("0-2097151", "2097152-3145727");
    }

    [Fact]
    public async Task A_registry_that_does_not_take_one_request_is_sent_two()
    {
        _server.Instead($"POST {Uploads}?digest=", async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, Cancel);
            await _server.OpenAsync(context);
        });

        var pushed = await _server.Client().PushBlobAsync(OciServer.Repository, Blob(Mebibyte), UploadMode.SinglePost, Cancel);

        pushed.Requests.Should().Be(2);
        _server.Blobs.Should().ContainKey(pushed.Digest.ToString());
    }

    [Theory, InlineData("streamed", 4), InlineData("chunked", 7)]
    public async Task An_upload_that_was_cut_goes_on_from_what_the_registry_has(string mode, int requests)
    {
        var blob = Blob(3 * Mebibyte);
        _server.Instead($"PATCH {Uploads}", CutAsync, times: 1);

        var pushed = await _server.Client().PushBlobAsync(OciServer.Repository, blob, Mode(mode), Cancel);

        _server.Blobs.Should().ContainKey(pushed.Digest.ToString());
        (pushed.Requests, pushed.Resumptions).Should().Be((mode == "streamed" ? requests + 1 : requests, 1));
    }

    [Fact]
    public async Task An_upload_that_is_cut_again_and_again_says_how_much_was_sent()
    {
        _server.Instead($"PATCH {Uploads}", CutAsync);

        var exception = (await Pushing(Blob(64 * Mebibyte), UploadMode.Streamed).Should().ThrowAsync<OciException>()).Which;

        exception.Message.Should().Match($"""
            Expected : 202 for bytes 0-67108863 of a blob of 67108864 bytes in tests/image
            Observed : connection cut (*); * of the blob's 67108864 bytes were sent, after 2 resumptions
            Request  : PATCH {_server.Address}v2/tests/image/blobs/uploads/session-1?state=0 -> no answer
            Likely   : a proxy or load balancer in front of the registry ends uploads that are large or take long: its timeouts and body limits
            """.ReplaceLineEndings("\n"));
        _server.Requests.Count(request => request.StartsWith($"GET {Uploads}", StringComparison.Ordinal)).Should().Be(2);
    }

    [Fact]
    public async Task An_upload_whose_session_is_forgotten_after_a_cut_says_so()
    {
        _server.Instead($"PATCH {Uploads}", CutAsync, times: 1);
        _server.Instead($"GET {Uploads}", 404, OciServer.Error("BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry"));

        var exception = (await Pushing(Blob(64 * Mebibyte), UploadMode.Streamed).Should().ThrowAsync<OciException>()).Which;

        exception.Message.Should().Match($"""
            Expected : 204 and how much the registry has of a blob of 67108864 bytes in tests/image, which was cut after * bytes
            Observed : 404 Not Found: BLOB_UPLOAD_UNKNOWN "blob upload unknown to registry"
            Request  : GET {_server.Address}v2/tests/image/blobs/uploads/session-1?state=0 -> 404
            Likely   : the upload session is gone: it expired, or a load balancer led to another replica that does not share it
            """.ReplaceLineEndings("\n"));
        exception.Says("BLOB_UPLOAD_UNKNOWN").Should().BeTrue();
    }

    [Theory]
    [InlineData("streamed", true)]
    [InlineData("monolithic", true)]
    [InlineData("chunked", false)]
    public async Task A_token_that_is_refused_in_the_middle_is_renewed_once_and_the_upload_goes_on(string mode, bool inTheMiddle)
    {
        var blob = Blob(5 * Mebibyte);
        var refused = false;
        _server.WithTokens((number, context) => number > 1 || !refused || context.Request.Method is "GET" or "POST");
        _server.Instead(mode == "monolithic" ? $"PUT {Uploads}" : $"PATCH {Uploads}", async context =>
        {
            refused = true;
            if (inTheMiddle)
            {
                await context.Request.Body.ReadExactlyAsync(new byte[2 * Mebibyte], Cancel);
            }

            await OciServer.WriteAsync(context, 401, OciServer.Error("UNAUTHORIZED", "authentication required"), headers: [("WWW-Authenticate", "Basic realm=\"harbor\"")]);
        }, times: 1);

        var pushed = await _server.Client().PushBlobAsync(OciServer.Repository, blob, Mode(mode), Cancel);

        _server.Blobs.Should().ContainKey(pushed.Digest.ToString());
        pushed.Tokens.Should().Be(2);
        _server.Requests.Should().Contain(request => request.StartsWith($"GET {Uploads}session-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_registry_that_refuses_the_new_token_as_well_is_told()
    {
        _server.WithTokens((_, context) => context.Request.Method is not "PATCH");

        var exception = (await Pushing(Blob(1024), UploadMode.Streamed).Should().ThrowAsync<OciException>()).Which;

        exception.Message.Should().Be($"""
            Expected : 202 for bytes 0-1023 of a blob of 1024 bytes in tests/image
            Observed : 401 Unauthorized: UNAUTHORIZED "unauthorized"
            Request  : PATCH {_server.Address}v2/tests/image/blobs/uploads/session-1?state=0 -> 401
            Likely   : the token expired during the upload, and the registry refuses the new one as well
            """.ReplaceLineEndings("\n"));
        _server.Requests.Count(request => request.StartsWith("GET /service/token", StringComparison.Ordinal)).Should().Be(2);
    }

    [Fact]
    public async Task A_body_limit_of_nginx_is_told_even_when_it_cuts_the_connection()
    {
        await using var proxy = new RawListener(async connection =>
        {
            var verb = (await connection.ReadHeadAsync()).Split(' ')[0];
            if (verb == "PATCH")
            {
                await connection.ReadBodyAsync(Mebibyte);
                await connection.WriteAsync(Page(413, "Request Entity Too Large"));
                return;
            }

            var status = verb == "POST" ? $"202 Accepted\r\nLocation: {Uploads}1" : "200 OK";
            await connection.WriteAsync($"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        });

        var exception = (await Pushing(Blob(64 * Mebibyte), UploadMode.Streamed, proxy.Address).Should().ThrowAsync<OciException>()).Which;

        exception.Message.Should().Be($"""
            Expected : 202 for bytes 0-67108863 of a blob of 67108864 bytes in tests/image
            Observed : 413 Request Entity Too Large: an HTML page titled "413 Request Entity Too Large", which is no error of a registry
            Request  : PATCH {proxy.Address}v2/tests/image/blobs/uploads/1 -> 413
            Likely   : a proxy in front of the registry limits the size of request bodies: client_max_body_size of its nginx
            """.ReplaceLineEndings("\n"));

        static string Page(int status, string title)
        {
            var page = OciServer.Nginx($"{status} {title}");
            return $"HTTP/1.1 {status} {title}\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: {page.Length}\r\nConnection: close\r\n\r\n{page}";
        }
    }

    [Fact]
    public async Task Nothing_is_sent_to_an_upload_location_elsewhere()
    {
        _server.Instead($"POST {Uploads}", 202, headers: [("Location", "http://elsewhere.example/v2/x")]);

        var exception = (await Pushing(Blob(10), UploadMode.Streamed).Should().ThrowAsync<OciException>()).Which;

        exception.Message.Should().Be($"""
            Expected : 202 and an upload session for a blob of 10 bytes in tests/image
            Observed : an upload location at http://elsewhere.example, though the registry is http://{_server.Address.Authority}
            Request  : POST {_server.Address}v2/tests/image/blobs/uploads/ -> 202
            Likely   : the registry's external address, or the X-Forwarded-Proto header of the proxy in front of it, is wrong; nothing was sent there
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_session_without_an_address_is_told()
    {
        _server.Instead($"POST {Uploads}", 202);

        var exception = (await Pushing(Blob(10), UploadMode.Streamed).Should().ThrowAsync<OciException>()).Which;

        exception.Observed.Should().Be("202 Accepted without a Location header that is an address");
    }

    [Fact]
    public async Task A_chunk_that_the_registry_drops_is_told()
    {
        _server.Instead($"PATCH {Uploads}", async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, Cancel);
            await OciServer.WriteAsync(context, 202, headers: [("Location", $"{Uploads}session-1"), ("Range", "0-0")]);
        });

        var exception = (await Pushing(Blob(4 * Mebibyte), UploadMode.Chunked(Mebibyte)).Should().ThrowAsync<OciException>()).Which;

        (exception.Observed, exception.Likely).Should().Be(("202 Accepted with the Range 0-0, 0 bytes in all", "the registry dropped what it was sent"));
    }

    [Fact]
    public async Task Bytes_that_are_not_those_of_the_digest_are_refused_by_the_registry()
    {
        var source = new BlobSource(10, Digest.Of("other"u8), _ => new MemoryStream(new byte[10]));

        var exception = (await Pushing(source, UploadMode.Streamed).Should().ThrowAsync<OciException>()).Which;

        exception.Observed.Should().Be("400 Bad Request: DIGEST_INVALID \"provided digest did not match uploaded content\"");
        exception.Likely.Should().Be("the bytes changed on their way, or the registry hashes something else");
    }

    [Fact]
    public async Task A_registry_that_stored_other_bytes_is_told()
    {
        _server.Instead($"PUT {Uploads}", 201, headers: [("Location", "/v2/x"), ("Docker-Content-Digest", Digest.Of("other"u8).ToString())]);

        var exception = (await Pushing(Blob(10), UploadMode.Streamed).Should().ThrowAsync<OciException>()).Which;

        exception.Observed.Should().Be($"201 Created for {Digest.Of("other"u8)}");
        exception.Status.Should().Be(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_source_that_is_shorter_than_it_says_is_no_fault_of_the_registry()
    {
        var source = new BlobSource(Mebibyte, null, _ => new MemoryStream(new byte[10]));

        await Pushing(source, UploadMode.Streamed).Should().ThrowAsync<EndOfStreamException>().WithMessage("The source of a blob ended 1048566 bytes before its size.");
    }

    [Fact]
    public async Task A_blob_of_another_repository_is_mounted()
    {
        var from = RepositoryName.Parse("tests/other");
        var digest = Digest.Of("x"u8);
        _server.Instead($"POST {Uploads}?mount=", 201, headers: [("Location", "/v2/x")]);

        var mounted = await _server.Client().MountBlobAsync(OciServer.Repository, digest, from, Cancel);

        mounted.Should().BeTrue();
        _server.Requests.Last().Should().Be($"POST {Uploads}?mount={Uri.EscapeDataString(digest.ToString())}&from=tests%2Fother");
    }

    [Fact]
    public async Task A_session_that_is_opened_instead_of_a_mount_is_cancelled()
    {
        var mounted = await _server.Client().MountBlobAsync(OciServer.Repository, Digest.Of("x"u8), RepositoryName.Parse("tests/other"), Cancel);

        mounted.Should().BeFalse();
        _server.Requests.Last().Should().Be($"DELETE {Uploads}session-1?state=0");
    }

    private Func<Task> Pushing(BlobSource blob, UploadMode mode, Uri? registry = null) =>
        () => OciServer.ClientAt(registry ?? _server.Address).PushBlobAsync(OciServer.Repository, blob, mode, Cancel);

    private static UploadMode Mode(string mode) => mode switch
    {
        "monolithic" => UploadMode.Monolithic,
        "single" => UploadMode.SinglePost,
        "streamed" => UploadMode.Streamed,
        _ => UploadMode.Chunked(Mebibyte),
    };

    // Of no known digest, as a layer that is made while it is sent.
    private static BlobSource Blob(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return new BlobSource(size, null, from => new MemoryStream(bytes, (int)from, size - (int)from, writable: false));
    }

    private static async Task<byte[]> BytesAsync(BlobSource blob)
    {
        using var memory = new MemoryStream();
        await using var stream = blob.Open();
        await stream.CopyToAsync(memory, Cancel);
        return memory.ToArray();
    }

    /// <summary>Takes some of the body, keeps nothing, and cuts the connection.</summary>
    private static async Task CutAsync(HttpContext context)
    {
        await context.Request.Body.ReadExactlyAsync(new byte[Mebibyte / 2], Cancel);
        context.Abort();
    }
}
