using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Acceptance.Tests.Suite.Nexus;

/// <summary>Answers one request with bytes that no web server would send, and closes the connection in good order.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _answered;

    public RawServer(string answer)
    {
        _listener.Start();
        _answered = AnswerAsync(Encoding.ASCII.GetBytes(answer));
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}/");

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _answered.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AnswerAsync(byte[] answer)
    {
        using var client = await _listener.AcceptTcpClientAsync();
        var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
        }

        await stream.WriteAsync(answer);
        client.Client.Shutdown(SocketShutdown.Send);
        while (await reader.ReadLineAsync() is not null)
        {
        }
    }
}
