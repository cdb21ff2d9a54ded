using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Acceptance.Tests.Suite.Harbor;

/// <summary>Connections that end in the middle of a body, which no HTTP client can be made to do.</summary>
public sealed class BrokenUploadTests : IAsyncLifetime
{
    private readonly byte[] _layer = RandomNumberGenerator.GetBytes(3 * 1024 * 1024);

    private HarborWire _harbor = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _harbor = await HarborWire.StartAsync();

    public ValueTask DisposeAsync() => _harbor.DisposeAsync();

    [Theory]
    [InlineData("PATCH", true)]
    [InlineData("PATCH", false)]
    [InlineData("PUT", true)]
    public async Task What_arrived_before_a_connection_broke_is_kept_and_the_upload_goes_on(string method, bool announced)
    {
        var session = await _harbor.BeginAsync();
        var target = method == "PUT" ? $"{session}&digest={HarborWire.Digest(_layer)}" : session;

        await SendPartAsync(method, target, _layer[..(2 * 1024 * 1024)], announced);

        var status = await _harbor.GetAsync(session, _harbor.Ci);
        status.Headers["Range"].Should().Be("0-2097151");
        var rest = await _harbor.SendAsync(
            HttpMethod.Put, $"{session}&digest={HarborWire.Digest(_layer)}", _harbor.Ci, HarborWire.Bytes(_layer[(2 * 1024 * 1024)..]), ("Content-Range", "2097152-3145727"));
        rest.Status.Should().Be(201);
        (await _harbor.GetAsync($"v2/{HarborWire.Repository}/blobs/{HarborWire.Digest(_layer)}", _harbor.Pull)).Content.Should().Equal(_layer);
    }

    [Fact]
    public async Task A_single_request_that_breaks_leaves_no_blob()
    {
        await SendPartAsync("POST", $"{_harbor.Address}v2/{HarborWire.Repository}/blobs/uploads/?digest={HarborWire.Digest(_layer)}", _layer[..1024], announced: true);

        var blob = await _harbor.GetAsync($"v2/{HarborWire.Repository}/blobs/{HarborWire.Digest(_layer)}", _harbor.Pull);

        blob.Refusal.Should().Be((404, "BLOB_UNKNOWN"));
    }

    [Fact]
    public async Task A_body_longer_than_it_says_is_cut_to_what_it_says()
    {
        var session = await _harbor.BeginAsync();

        await using (var tls = await ConnectAsync())
        {
            await tls.WriteAsync(Head("PATCH", session, "Content-Length: 4"), Cancel);
            await tls.WriteAsync("too long"u8.ToArray(), Cancel);
            (await ReadLineAsync(tls)).Should().Be("HTTP/1.1 202 Accepted");
        }

        (await _harbor.GetAsync(session, _harbor.Ci)).Headers["Range"].Should().Be("0-3");
    }

    private async Task SendPartAsync(string method, string target, byte[] part, bool announced)
    {
        await using var tls = await ConnectAsync();
        await tls.WriteAsync(Head(method, target, $"Expect: 100-continue\r\n{(announced ? $"Content-Length: {_layer.Length}" : "Transfer-Encoding: chunked")}"), Cancel);
        (await ReadLineAsync(tls)).Should().Be("HTTP/1.1 100 Continue", "the upload is under way before the connection breaks");
        if (!announced)
        {
            await tls.WriteAsync(Encoding.ASCII.GetBytes($"{_layer.Length:x}\r\n"), Cancel);
        }

        await tls.WriteAsync(part, Cancel);
        await tls.FlushAsync(Cancel);
    }

    private byte[] Head(string method, string target, string length) => Encoding.ASCII.GetBytes(
        $"{method} {new Uri(target).PathAndQuery} HTTP/1.1\r\nHost: {_harbor.Address.Authority}\r\nAuthorization: {HarborWire.Authorization(_harbor.Ci)}\r\n{length}\r\n\r\n");

    private async Task<SslStream> ConnectAsync()
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(_harbor.Address.Host, _harbor.Address.Port, Cancel);
        var tls = new SslStream(tcp.GetStream(), leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = _harbor.Address.Host, CertificateChainPolicy = _harbor.Trust() }, Cancel);
        return tls;
    }

    private static async Task<string?> ReadLineAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        return await reader.ReadLineAsync(Cancel);
    }
}
