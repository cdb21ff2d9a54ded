using System.Net;
using System.Net.Sockets;

namespace Acceptance.Tests.Suite.Http;

/// <summary>Passes bytes to a server and back, whatever they are, and cuts the first connection that sends more than it should.</summary>
internal sealed class CuttingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Uri _server;
    private readonly Task _serving;
    private long _most;

    /// <param name="server">Where the bytes go.</param>
    /// <param name="most">Bytes that the first connection may send.</param>
    public CuttingRelay(Uri server, long most)
    {
        (_server, _most) = (server, most);
        _listener.Start();
        Address = new UriBuilder(server) { Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;
        _serving = ServeAsync();
    }

    public Uri Address { get; }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
        }
        finally
        {
            await Task.WhenAll(connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using var there = new TcpClient();
        using (client)
        {
            await there.ConnectAsync(_server.Host, _server.Port, _end.Token);
            await Task.WhenAny(SendAsync(client.GetStream(), there.GetStream()), there.GetStream().CopyToAsync(client.GetStream(), _end.Token));
        }
    }

    private async Task SendAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[16 * 1024];
        for (var sent = 0L; await from.ReadAsync(buffer, _end.Token) is > 0 and var read;)
        {
            sent += read;
            if (sent > _most)
            {
                _most = long.MaxValue;
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, read), _end.Token);
        }
    }
}
