using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Acceptance.Tests.Suite.Http;

/// <summary>Accepts connections one after the other and lets a test speak on each, byte by byte, in ways that no web server would.</summary>
internal sealed class RawListener : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _left = new();
    private readonly Task _serving;

    /// <param name="speak">Speaks on one connection; it is closed afterwards, whatever of the request is unread.</param>
    /// <param name="certificate">Null for plain HTTP.</param>
    public RawListener(Func<RawConnection, Task> speak, X509Certificate2? certificate = null)
    {
        _listener.Start();
        Address = new Uri($"{(certificate is null ? "http" : "https")}://{_listener.LocalEndpoint}/");
        _serving = ServeAsync(speak, certificate);
    }

    public Uri Address { get; }

    public async ValueTask DisposeAsync()
    {
        await _left.CancelAsync();
        _listener.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _left.Dispose();
    }

    private async Task ServeAsync(Func<RawConnection, Task> speak, X509Certificate2? certificate)
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync(_left.Token);
            await using Stream stream = certificate is null ? client.GetStream() : new SslStream(client.GetStream());
            try
            {
                await ((stream as SslStream)?.AuthenticateAsServerAsync(certificate!) ?? Task.CompletedTask);
                await speak(new RawConnection(stream, _left.Token));
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException)
            {
                // The client has left, or the test is over.
            }
        }
    }
}

/// <summary>One connection, as the server sees it.</summary>
internal sealed class RawConnection(Stream stream, CancellationToken left)
{
    /// <summary>Reads up to the blank line: the request line and the headers.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, left) > 0)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    public async Task ReadBodyAsync(int count) => await stream.ReadExactlyAsync(new byte[count], left);

    public async Task WriteAsync(string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text), left);

    /// <summary>Says nothing, until the test is over.</summary>
    public Task HangAsync() => new TaskCompletionSource().Task.WaitAsync(left);
}
