using System.Net;
using System.Security.Cryptography.X509Certificates;
using Acceptance.Platform.Evidence;
using Acceptance.Platform.Http;
using Acceptance.Platform.Personas;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.Http;

public sealed class UploadTests
{
    private const int Mebibyte = 1024 * 1024;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upload_that_makes_progress_may_take_longer_than_an_answer()
    {
        var clock = new FakeTimeProvider();
        await using var server = await LoopbackServer.StartAsync(async context => await context.Request.Body.CopyToAsync(Stream.Null));
        using var http = Client(server.Address, TimeSpan.FromSeconds(10), clock: clock);
        using var slow = new PiecewiseContent(pieces: 8, () => Advance(clock, TimeSpan.FromSeconds(9)));

        using var answer = await http.PutAsync("/", slow, Cancel);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_wait_for_an_answer_begins_with_the_last_byte_of_the_body()
    {
        await using var server = new RawListener(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.HangAsync();
        });
        using var http = Client(server.Address, TimeSpan.FromSeconds(2));

        var sending = () => http.PutAsync("/v2/a/blobs/uploads/1", new ByteArrayContent(new byte[5000]), Cancel);

        var exception = (await sending.Should().ThrowAsync<ConnectionFailedException>()).Which;
        exception.Message.Should().Be(
            $"""
            {server.Address.Scheme}://{server.Address.Authority} could not be spoken to.
              Expected : an answer to /v2/a/blobs/uploads/1
              Observed : half-open (no answer within 2 s after the last of the body's 5000 bytes was sent)
              Look at  : proxies and load balancers on the way; the limit is ACCEPTANCE_ANSWER_WITHIN
            """.ReplaceLineEndings("\n"));
        exception.Sent.Should().Be(5000);
    }

    [Fact]
    public async Task A_body_of_which_nothing_more_is_taken_ends_in_time()
    {
        await using var server = new RawListener(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.ReadBodyAsync(Mebibyte);
            await connection.HangAsync();
        });
        using var http = Client(server.Address, TimeSpan.FromSeconds(2));

        var sending = () => http.PutAsync("/v2/a/blobs/uploads/1", new ByteArrayContent(new byte[64 * Mebibyte]), Cancel);

        var exception = (await sending.Should().ThrowAsync<ConnectionFailedException>()).Which;
        exception.Fault.Should().Be(ConnectionFault.NoAnswer);
        exception.Observed.Should().Be($"half-open (no more of the request's body was taken for 2 s after {exception.Sent} of 67108864 bytes)");
        exception.Sent.Should().BeInRange(Mebibyte, 63 * Mebibyte);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task An_answer_that_came_before_the_connection_was_cut_is_read(bool tls)
    {
        using var certificate = tls ? LoopbackServer.SelfSigned() : null;
        await using var server = new RawListener(RefuseAsync, certificate);
        using var http = Client(server.Address, TimeSpan.FromSeconds(5), certificate);

        using var known = await http.PutAsync("/", new ByteArrayContent(new byte[64 * Mebibyte]), Cancel);
        using var unknown = await http.PutAsync("/", new PiecewiseContent(pieces: 5000), Cancel);

        known.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        (await known.Content.ReadAsStringAsync(Cancel)).Should().Be("too large");
        unknown.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);

        static async Task RefuseAsync(RawConnection connection)
        {
            await connection.ReadHeadAsync();
            await connection.ReadBodyAsync(Mebibyte);
            await connection.WriteAsync("HTTP/1.1 413 Request Entity Too Large\r\nContent-Length: 9\r\nConnection: close\r\n\r\ntoo large");
        }
    }

    [Fact]
    public async Task A_connection_that_is_cut_says_how_much_was_sent()
    {
        await using var server = new RawListener(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.ReadBodyAsync(Mebibyte);
        });
        using var http = Client(server.Address, TimeSpan.FromSeconds(5));

        var sending = () => http.PutAsync("/", new ByteArrayContent(new byte[64 * Mebibyte]), Cancel);

        var exception = (await sending.Should().ThrowAsync<ConnectionFailedException>()).Which;
        exception.Fault.Should().Be(ConnectionFault.Cut);
        exception.Observed.Should().Match($"connection cut (*, after {exception.Sent} of 67108864 bytes of the request's body)");
        exception.Sent.Should().BeInRange(Mebibyte, 63 * Mebibyte);
    }

    [Fact]
    public async Task A_body_that_cannot_be_made_is_no_fault_of_the_platform()
    {
        await using var server = await LoopbackServer.StartAsync(async context => await context.Request.Body.CopyToAsync(Stream.Null));
        using var http = Client(server.Address, TimeSpan.FromSeconds(5));
        var file = new StreamContent(new BrokenFile());

        var sending = () => http.PutAsync("/", file, Cancel);

        (await sending.Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().Be("the disk is gone");
    }

    [Fact]
    public async Task A_body_is_on_its_way_before_its_end_is_known()
    {
        var begun = new TaskCompletionSource();
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[PiecewiseContent.Piece], context.RequestAborted);
            begun.SetResult();
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        });
        using var http = Client(server.Address, TimeSpan.FromSeconds(5));
        using var body = new PiecewiseContent(pieces: 2, () => begun.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancel));

        using var answer = await http.PutAsync("/", body, Cancel);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private static HttpClient Client(Uri system, TimeSpan answer, X509Certificate2? authority = null, TimeProvider? clock = null)
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, authority?.ExportCertificatePem() ?? "");
        var pipeline = new HttpPipeline(new Redaction(), new HttpLimits { Answer = answer }, authority is null ? null : file, clock ?? TimeProvider.System);
        var client = pipeline.Client(system, Persona.Anonymous, 4);
        File.Delete(file);
        return client;
    }

    private static Task Advance(FakeTimeProvider clock, TimeSpan by)
    {
        clock.Advance(by);
        return Task.CompletedTask;
    }

    /// <summary>A body of no declared length, of which each piece follows something.</summary>
    private sealed class PiecewiseContent(int pieces, Func<Task>? afterEach = null) : HttpContent
    {
        public const int Piece = 64 * 1024;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var bytes = new byte[Piece];
            for (var piece = 0; piece < pieces; piece++)
            {
                await stream.WriteAsync(bytes, Cancel);
                await (afterEach?.Invoke() ?? Task.CompletedTask);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }

    private sealed class BrokenFile : MemoryStream
    {
        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("the disk is gone");
    }
}
