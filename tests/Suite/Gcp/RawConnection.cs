using System.Net.Sockets;
using System.Text;

namespace Acceptance.Tests.Suite.Gcp;

/// <summary>A connection on which a request stops half way, as no client library would stop it.</summary>
internal static class RawConnection
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Announces a body and sends some of it.</summary>
    public static async Task<TcpClient> SendPartAsync(Uri address, int announced, byte[] sent, string method = "PUT", string headers = "")
    {
        var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, Cancel);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"{method} {address.PathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\n{headers}Content-Length: {announced}\r\n\r\n"), Cancel);
        await stream.WriteAsync(sent, Cancel);
        return client;
    }
}
