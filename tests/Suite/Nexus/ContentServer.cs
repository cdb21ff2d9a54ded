using System.Collections.Concurrent;
using Acceptance.Platform.Http;
using Acceptance.Platform.Nexus.Content;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Acceptance.Tests.Suite.Nexus;

/// <summary>A web server of one test: each path answers as the test says, also in ways that no stand-in should.</summary>
internal sealed class ContentServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Dictionary<string, RequestDelegate> _paths = new(StringComparer.Ordinal);

    private ContentServer(WebApplication app) => _app = app;

    public HttpClient Client { get; private set; } = null!;

    public ConcurrentQueue<string> Requests { get; } = [];

    public ConcurrentQueue<IHeaderDictionary> RequestHeaders { get; } = [];

    public static async Task<ContentServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new ContentServer(builder.Build());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        server.Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(server._app.Urls.First()),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        return server;
    }

    /// <summary>The repository <c>r</c> of it, with limits that a test can reach.</summary>
    public RepositoryContent Repository(HttpLimits? limits = null) => new(Client, "r", limits ?? new HttpLimits());

    public ContentServer On(string path, RequestDelegate answer)
    {
        _paths[path] = answer;
        return this;
    }

    /// <summary>Serves bytes at a path of the repository <c>r</c>.</summary>
    public ContentServer Serve(string path, byte[] body, string type = "application/octet-stream", int status = 200, params (string Name, string Value)[] headers) =>
        On($"/repository/r/{path}", async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            context.Response.ContentLength = body.Length;
            foreach (var (name, value) in headers)
            {
                context.Response.Headers[name] = value;
            }

            if (!HttpMethods.IsHead(context.Request.Method))
            {
                await context.Response.Body.WriteAsync(body);
            }
        });

    public ContentServer Serve(string path, string body, string type, int status = 200, params (string Name, string Value)[] headers) =>
        Serve(path, System.Text.Encoding.UTF8.GetBytes(body), type, status, headers);

    public ContentServer Redirect(string path, string location, int status = 302) => On($"/repository/r/{path}", context =>
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Location = location;
        return Task.CompletedTask;
    });

    /// <summary>Keeps a connection open without a word until the client leaves.</summary>
    public static async Task HangAsync(HttpContext context)
    {
        var left = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(left.SetResult);
        await left.Task;
    }

    /// <summary>A message with this server's address as <c>nexus</c>.</summary>
    public string Text(Exception exception) => exception.Message.Replace(Client.BaseAddress!.Authority, "nexus", StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path + context.Request.QueryString;
        Requests.Enqueue($"{context.Request.Method} {path}");
        RequestHeaders.Enqueue(new HeaderDictionary(context.Request.Headers.ToDictionary(header => header.Key, header => header.Value)));
        if (_paths.TryGetValue(path, out var answer))
        {
            return answer(context);
        }

        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    }
}
