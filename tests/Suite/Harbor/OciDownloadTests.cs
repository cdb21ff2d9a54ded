using Acceptance.Platform.Harbor.Oci;
using Acceptance.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class OciDownloadTests : IAsyncLifetime
{
    private const string Blobs = "GET /v2/tests/image/blobs/";

    private static readonly byte[] Bytes = Enumerable.Range(0, 1_000_000).Select(value => (byte)(value / 7)).ToArray();

    private readonly Descriptor _blob = new("application/octet-stream", Digest.Of(Bytes), Bytes.Length);
    private OciServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await OciServer.StartAsync();
        _server.Blobs[_blob.Digest.ToString()] = Bytes;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_blob_is_pulled_and_verified()
    {
        using var destination = new MemoryStream();

        var pulled = await _server.Client().PullBlobAsync(OciServer.Repository, _blob, destination, Cancel);

        destination.ToArray().Should().Equal(Bytes);
        (pulled.Descriptor, pulled.Resumptions).Should().Be((_blob, 0));
    }

    [Fact]
    public async Task A_blob_by_sha512_is_verified_by_it()
    {
        var digest = Digest.Parse($"sha512:{Convert.ToHexStringLower(System.Security.Cryptography.SHA512.HashData(Bytes))}");
        _server.Blobs[digest.ToString()] = Bytes;

        (await _server.Client().PullBlobAsync(OciServer.Repository, _blob with { Digest = digest }, Stream.Null, Cancel)).Descriptor.Digest.Should().Be(digest);
    }

    [Fact]
    public async Task A_download_that_was_cut_goes_on_where_it_ended()
    {
        using var destination = new MemoryStream();
        _server.Instead(Blobs, context => CutAsync(context, 300_000), times: 1);
        _server.Instead(Blobs, context => CutAsync(context, 300_000), times: 1);

        var pulled = await _server.Client().PullBlobAsync(OciServer.Repository, _blob, destination, Cancel);

        destination.ToArray().Should().Equal(Bytes);
        pulled.Resumptions.Should().Be(2);
    }

    [Fact]
    public async Task A_download_that_is_cut_a_third_time_is_told()
    {
        _server.Instead(Blobs, context => CutAsync(context, 100_000));

        var exception = (await Pulling().Should().ThrowAsync<OciException>()).Which;

        exception.Message.Should().Match($"""
            Expected : 206 and what follows byte 200000 of the blob {_blob.Digest} of 1000000 bytes from tests/image, which was cut twice
            Observed : the connection ended after 100000 bytes
            Request  : GET {_server.Address}v2/tests/image/blobs/{_blob.Digest} -> 206
            Likely   : a truncated answer: a proxy or the registry stopped in the middle
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_connection_that_is_cut_before_an_answer_is_told()
    {
        _server.Instead(Blobs, context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        var exception = (await Pulling().Should().ThrowAsync<OciException>()).Which;

        exception.Message.Should().Match($"""
            Expected : 200 and the blob {_blob.Digest} of 1000000 bytes from tests/image
            Observed : connection cut (*); 0 of the blob's 1000000 bytes came
            Request  : GET {_server.Address}v2/tests/image/blobs/{_blob.Digest} -> no answer
            Likely   : a truncated answer: a proxy or the registry stopped in the middle
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_registry_that_begins_again_is_told()
    {
        _server.Instead(Blobs, context => CutAsync(context, 100_000), times: 1);
        _server.Instead(Blobs, context => OciServer.WriteAsync(context, 200));

        var exception = (await Pulling().Should().ThrowAsync<OciException>()).Which;

        (exception.Expected, exception.Observed).Should().Be(
            ($"206 and what follows byte 100000 of the blob {_blob.Digest} of 1000000 bytes from tests/image, which was cut once", "200 OK"));
    }

    [Fact]
    public async Task A_range_from_elsewhere_is_told()
    {
        _server.Instead(Blobs, context => CutAsync(context, 100_000), times: 1);
        _server.Instead(Blobs, 206, headers: ("Content-Range", "bytes 5-999999/1000000"));

        (await Pulling().Should().ThrowAsync<OciException>()).Which.Observed.Should().Be("206 Partial Content with the Content-Range bytes 5-999999/1000000");
    }

    [Theory]
    [InlineData(999_999, true, "999999 bytes, as declared", "a truncated blob in the registry's storage, or in a cache between here and it")]
    [InlineData(999_999, false, "999999 bytes, and its regular end", "a truncated blob in the registry's storage, or in a cache between here and it")]
    [InlineData(1_000_001, true, "1000001 bytes as declared", "another file in the blob's place")]
    [InlineData(1_000_001, false, "a body that goes on after 1000000 bytes", "another file in the blob's place")]
    public async Task A_blob_of_another_length_is_told(int length, bool declared, string observed, string likely)
    {
        byte[] other = [.. Bytes, 1];
        _server.Instead(Blobs, async context =>
        {
            context.Response.ContentLength = declared ? length : null;
            await context.Response.Body.WriteAsync(other.AsMemory(0, length), Cancel);
        });

        var exception = (await Pulling().Should().ThrowAsync<OciException>()).Which;

        exception.Message.Should().Be($"""
            Expected : 200 and the blob {_blob.Digest} of 1000000 bytes from tests/image
            Observed : {observed}
            Request  : GET {_server.Address}v2/tests/image/blobs/{_blob.Digest} -> 200
            Likely   : {likely}
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_blob_of_the_right_length_and_other_bytes_is_told()
    {
        byte[] other = [.. Bytes[..^1], 200];
        _server.Blobs[_blob.Digest.ToString()] = other;

        var exception = (await Pulling().Should().ThrowAsync<OciException>()).Which;

        exception.Observed.Should().Be($"1000000 bytes whose digest is {Digest.Of(other)}");
        exception.Likely.Should().Be("the blob is damaged in the registry's storage or on its way, or a cache between here and it gives another");
    }

    [Fact]
    public async Task A_blob_that_stalls_is_told_at_once()
    {
        _server.Instead(Blobs, async context =>
        {
            await context.Response.Body.WriteAsync(Bytes.AsMemory(0, 1000), Cancel);
            await context.Response.Body.FlushAsync(Cancel);
            await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });

        var pulling = () => _server.Client(limits: new HttpLimits { Stall = TimeSpan.FromMilliseconds(300) }).PullBlobAsync(OciServer.Repository, _blob, Stream.Null, Cancel);

        (await pulling.Should().ThrowAsync<OciException>()).Which.Observed.Should().Be("no byte for 300 ms after 1000 bytes");
        _server.Requests.Count.Should().Be(2);
    }

    [Fact]
    public async Task A_blob_past_the_limit_is_not_asked_for()
    {
        var pulling = () => _server.Client(limits: new HttpLimits { ArtefactBytes = 1000 }).PullBlobAsync(OciServer.Repository, _blob, Stream.Null, Cancel);

        (await pulling.Should().ThrowAsync<OciException>()).Which.Message.Should().Be($"""
            Expected : a blob of at most 1000 bytes
            Observed : 1000000 bytes, as the manifest says
            Request  : GET {_server.Address}v2/tests/image/blobs/{_blob.Digest} -> no answer
            Likely   : a limit set too low for this platform: ACCEPTANCE_ARTEFACT_LIMIT
            """.ReplaceLineEndings("\n"));
        _server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_blob_in_an_object_store_is_followed_there_without_the_token()
    {
        await using var store = await OciServer.StartAsync();
        store.Instead("GET /bucket/", context => OciServer.SendAsync(context, Bytes));
        _server.WithTokens();
        _server.Instead(Blobs, 307, headers: ("Location", new Uri(store.Address, "/bucket/blob?signature=abc").ToString()));

        await _server.Client().PullBlobAsync(OciServer.Repository, _blob, Stream.Null, Cancel);

        store.Authorisations.Should().Equal("");
    }

    [Fact]
    public async Task A_redirect_without_end_is_told()
    {
        _server.Instead(Blobs, context => OciServer.WriteAsync(context, 307, headers: ("Location", context.Request.Path)));

        (await Pulling().Should().ThrowAsync<OciException>()).Which.Observed.Should().Be($"more than 5 redirects, the last to {_server.Address}v2/tests/image/blobs/{_blob.Digest}");
    }

    private Func<Task> Pulling() => () => _server.Client().PullBlobAsync(OciServer.Repository, _blob, Stream.Null, Cancel);

    /// <summary>Sends some of what was asked for, and cuts the connection.</summary>
    private static async Task CutAsync(HttpContext context, int count)
    {
        var from = context.Request.Headers.Range.ToString() is { Length: > 0 } range ? int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture) : 0;
        context.Response.StatusCode = from == 0 ? 200 : 206;
        context.Response.ContentLength = Bytes.Length - from;
        if (from > 0)
        {
            context.Response.Headers.ContentRange = $"bytes {from}-{Bytes.Length - 1}/{Bytes.Length}";
        }

        // The server closes a connection on which it has sent less than it declared, after what it has sent.
        await context.Response.Body.WriteAsync(Bytes.AsMemory(from, count), Cancel);
    }
}
