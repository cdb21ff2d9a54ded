using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Acceptance.Tests.Suite.Gcp;

namespace Acceptance.Tests.Suite.Programs;

/// <summary>The monitoring service with figures of its own, run as an instance of it is.</summary>
internal sealed class MonitoringApp : IAsyncDisposable
{
    private readonly ProgramProcess _process;
    private readonly HttpClient _http;

    private MonitoringApp(ProgramProcess process, HttpClient http) => (_process, _http) = (process, http);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<MonitoringApp> StartAsync(IReadOnlyDictionary<string, string> variables)
    {
        var port = ProgramProcess.FreePort();
        var process = ProgramProcess.Start("Monitoring", new Dictionary<string, string>(variables) { ["PORT"] = $"{port}" }, []);
        var app = new MonitoringApp(process, new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") });
        await process.LineAsync("listens on port");
        return app;
    }

    public static Dictionary<string, string> VariablesOn(GcpTwin twin, string table, string place) => new()
    {
        ["GCE_METADATA_HOST"] = twin.AddressOf("gcp-auth").Authority,
        ["MONITORING_BIGQUERY_URL"] = twin.AddressOf("bigquery").AbsoluteUri,
        ["MONITORING_GCS_URL"] = twin.AddressOf("gcs").AbsoluteUri,
        ["MONITORING_TABLE"] = table,
        ["MONITORING_OBJECT"] = place,
    };

    public async Task<WireAnswer> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(path, Cancel);
        return new WireAnswer((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    public async Task<MonitoringVisit> VisitAsync()
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(_http.BaseAddress!) { Scheme = "ws", Path = "/websocket/" }.Uri, Cancel);
        return new MonitoringVisit(socket);
    }

    public Task<ProgramRun> TerminateAsync() => _process.TerminateAsync();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }
}

/// <summary>A visitor's websocket.</summary>
internal sealed class MonitoringVisit(ClientWebSocket socket) : IDisposable
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Task<JsonNode> InitAsync(string? session = null) => SayAsync(new JsonObject { ["method"] = "init", ["session"] = session }.ToJsonString());

    public async Task<JsonNode> SayAsync(string message)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, Cancel);
        var buffer = new byte[64 * 1024];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), Cancel);
        received.EndOfMessage.Should().BeTrue();
        return JsonNode.Parse(buffer.AsSpan(0, received.Count))!;
    }

    public void Dispose() => socket.Dispose();
}
