using System.Globalization;
using System.Text;
using Acceptance.Tests.Suite.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using RawConnection = Acceptance.Tests.Suite.Gcp.RawConnection;

namespace Acceptance.Tests.Suite.RealClients.GoogleCloud;

/// <summary>Stands before a stand-in and breaks off the first large upload: what came of it so far gets through, and the client is answered with 503.</summary>
internal sealed class BreakingFront : IAsyncDisposable
{
    private const int Large = 1024 * 1024;

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly Uri _behind;
    private LoopbackServer _server = null!;
    private int _broken;

    private BreakingFront(Uri behind) => _behind = behind;

    public Uri Address => _server.Address;

    public bool HasBroken => _broken > 0;

    public static async Task<BreakingFront> StartAsync(Uri behind)
    {
        var front = new BreakingFront(behind);
        front._server = await LoopbackServer.StartAsync(front.AnswerAsync);
        return front;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _client.Dispose();
    }

    private Task AnswerAsync(HttpContext context)
    {
        var target = new Uri(_behind, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        return context.Request.Path.StartsWithSegments("/upload") && context.Request.ContentLength is null or > 2 * Large && Interlocked.Increment(ref _broken) == 1 ? BreakAsync(context, target) : PassAsync(context, target);
    }

    private static async Task BreakAsync(HttpContext context, Uri target)
    {
        var part = new byte[Large];
        await context.Request.Body.ReadExactlyAsync(part, context.RequestAborted);
        var headers = context.Request.Headers.Where(header => header.Key is "Authorization" or "Content-Range" or "Content-Type")
            .Aggregate(new StringBuilder(), (text, header) => text.Append(CultureInfo.InvariantCulture, $"{header.Key}: {header.Value}\r\n"));
        if (context.Request.ContentLength is { } length)
        {
            (await RawConnection.SendPartAsync(target, (int)length, part, context.Request.Method, headers.ToString())).Dispose();
        }

        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
    }

    private async Task PassAsync(HttpContext context, Uri target)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), target);
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
        {
            request.Content = new StreamContent(context.Request.Body);
        }

        foreach (var header in context.Request.Headers.Where(header => header.Key is not ("Connection" or "Transfer-Encoding" or "Host")))
        {
            if (!request.Headers.TryAddWithoutValidation(header.Key, (IEnumerable<string?>)header.Value))
            {
                (request.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(header.Key, (IEnumerable<string?>)header.Value);
            }
        }

        request.Headers.Host = context.Request.Host.Value;
        using var answer = await _client.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var header in answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key is not ("Transfer-Encoding" or "Connection")))
        {
            context.Response.Headers[header.Key] = header.Value.ToArray();
        }

        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
