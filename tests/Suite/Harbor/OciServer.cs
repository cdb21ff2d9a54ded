using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Acceptance.Platform.Evidence;
using Acceptance.Platform.Harbor.Oci;
using Acceptance.Platform.Http;
using Acceptance.Platform.Personas;
using Acceptance.Platform.Profiles;
using Acceptance.Tests.Suite.Http;
using Microsoft.AspNetCore.Http;

namespace Acceptance.Tests.Suite.Harbor;

/// <summary>A registry of one test, that keeps what it is sent: where the test says so, it answers otherwise, also as no registry should.</summary>
internal sealed class OciServer : IAsyncDisposable
{
    private readonly List<(string Request, Func<HttpContext, Task> Answer, int Left)> _instead = [];
    private readonly ConcurrentDictionary<string, (string Type, byte[] Bytes)> _manifests = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, MemoryStream> _sessions = new(StringComparer.Ordinal);
    private LoopbackServer _server = null!;

    public static Persona Robot { get; } = new("robot of the tests", "robot$tests", new Secret("correct horse"));

    public static RepositoryName Repository { get; } = RepositoryName.Parse("tests/image");

    /// <summary>Method, path and query of each request, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Whether the requests carried a credential, in order.</summary>
    public ConcurrentQueue<string> Authorisations { get; } = [];

    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new(StringComparer.Ordinal);

    /// <summary>Null for no login at all.</summary>
    public Func<HttpContext, bool>? LetsIn { get; set; }

    /// <summary>What an intruder is told.</summary>
    public Func<HttpContext, string>? Challenge { get; set; }

    public Uri Address => _server.Address;

    public static async Task<OciServer> StartAsync()
    {
        var server = new OciServer();
        server._server = await LoopbackServer.StartAsync(server.AnswerAsync);
        return server;
    }

    public OciClient Client(Persona? persona = null, HttpLimits? limits = null, TimeProvider? clock = null, params Uri[] realms) =>
        ClientAt(Address, persona, limits, clock, realms);

    public static OciClient ClientAt(Uri address, Persona? persona = null, HttpLimits? limits = null, TimeProvider? clock = null, params Uri[] realms)
    {
        var bounds = limits ?? new HttpLimits { Answer = TimeSpan.FromSeconds(10), Stall = TimeSpan.FromSeconds(10) };
        var redaction = new Redaction();
        redaction.Register(Robot.Password!);
        var http = new HttpPipeline(redaction, bounds, null, TimeProvider.System).Client(address, Persona.Anonymous, 1);
        return new OciClient(http, persona ?? Robot, bounds, clock ?? TimeProvider.System, realms);
    }

    /// <summary>Answers a request otherwise than a registry does.</summary>
    /// <param name="request">Method and the beginning of the path, such as <c>PATCH /v2/tests/image/blobs/uploads/</c>.</param>
    /// <param name="times">How often; then the registry answers again.</param>
    public OciServer Instead(string request, Func<HttpContext, Task> answer, int times = int.MaxValue)
    {
        _instead.Add((request, answer, times));
        return this;
    }

    public OciServer Instead(string request, int status, string body = "", string type = "application/json", params (string Name, string Value)[] headers) =>
        Instead(request, context => WriteAsync(context, status, body, type, headers));

    public static async Task WriteAsync(HttpContext context, int status, string body = "", string type = "application/json", params (string Name, string Value)[] headers)
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        if (body.Length > 0)
        {
            context.Response.ContentType = type;
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                await context.Response.WriteAsync(body);
            }
        }
    }

    /// <summary>One error as registries word it.</summary>
    public static string Error(string code, string message) => JsonSerializer.Serialize(new { errors = new[] { new { code, message } } });

    /// <summary>What nginx writes.</summary>
    public static string Nginx(string title) => $"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

    /// <summary>Asks for tokens of a service of its own: each says its number.</summary>
    /// <param name="good">Whether the token of a number lets a request in.</param>
    public OciServer WithTokens(Func<int, HttpContext, bool>? good = null, int? expiresIn = null, string? realm = null)
    {
        var issued = 0;
        LetsIn = context => context.Request.Headers.Authorization.ToString().Split("token-") is ["Bearer ", var number]
            && (good?.Invoke(int.Parse(number, CultureInfo.InvariantCulture), context) ?? true);
        Challenge = _ => $"Bearer realm=\"{realm ?? new Uri(Address, "/service/token").ToString()}\",service=\"harbor-registry\",scope=\"repository:tests/image:pull\"";
        return Instead("GET /service/token", context => WriteAsync(
            context, 200, JsonSerializer.Serialize(new { token = $"token-{Interlocked.Increment(ref issued)}", expires_in = expiresIn ?? 1800 })));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}";
        Requests.Enqueue(request);
        Authorisations.Enqueue(context.Request.Headers.Authorization.ToString());
        var service = context.Request.Path.StartsWithSegments("/service");
        if (!service && LetsIn is not null && !LetsIn(context))
        {
            await WriteAsync(context, 401, Error("UNAUTHORIZED", "unauthorized"), headers: Challenge is null ? [] : [("WWW-Authenticate", Challenge(context))]);
            return;
        }

        for (var index = 0; index < _instead.Count; index++)
        {
            var (wanted, answer, left) = _instead[index];
            if (left > 0 && request.StartsWith(wanted, StringComparison.Ordinal))
            {
                _instead[index] = (wanted, answer, left - 1);
                await answer(context);
                return;
            }
        }

        await AnswerAsRegistryAsync(context);
    }

    private Task AnswerAsRegistryAsync(HttpContext context)
    {
        var parts = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (context.Request.Method, parts) switch
        {
            (_, ["v2"]) => Task.CompletedTask,
            ("POST", [.., "blobs", "uploads"]) => BeginAsync(context),
            ("PATCH" or "PUT" or "GET", [.., "blobs", "uploads", var id]) => SessionAsync(context, id),
            ("GET" or "HEAD", [.., "blobs", var digest]) => BlobAsync(context, digest),
            ("PUT", [.., "manifests", var reference]) => PutManifestAsync(context, reference),
            ("GET" or "HEAD", [.., "manifests", var reference]) => ManifestAsync(context, reference),
            _ => WriteAsync(context, 404, Error("NOT_FOUND", "no such thing")),
        };
    }

    private async Task BeginAsync(HttpContext context)
    {
        if (context.Request.Query["digest"].ToString() is { Length: > 0 } digest)
        {
            using var whole = new MemoryStream();
            await context.Request.Body.CopyToAsync(whole);
            await StoreAsync(context, digest, whole);
            return;
        }

        await OpenAsync(context);
    }

    /// <summary>Opens an upload session.</summary>
    public async Task OpenAsync(HttpContext context)
    {
        var id = $"session-{_sessions.Count + 1}";
        _sessions[id] = new MemoryStream();
        await WriteAsync(context, 202, headers: [("Location", $"/v2/tests/image/blobs/uploads/{id}?state=0"), ("Range", "0-0")]);
    }

    private async Task SessionAsync(HttpContext context, string id)
    {
        if (!_sessions.TryGetValue(id, out var session))
        {
            await WriteAsync(context, 404, Error("BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry"));
            return;
        }

        if (context.Request.Headers.ContentRange.ToString() is { Length: > 0 } range && !range.StartsWith($"{session.Length}-", StringComparison.Ordinal))
        {
            await WriteAsync(context, 416, headers: [("Range", $"0-{session.Length - 1}")]);
            return;
        }

        try
        {
            await context.Request.Body.CopyToAsync(session);
        }
        catch (IOException)
        {
            return; // The client has left: what came is kept.
        }

        if (context.Request.Query["digest"].ToString() is { Length: > 0 } digest)
        {
            await StoreAsync(context, digest, session);
            return;
        }

        await WriteAsync(context, HttpMethods.IsGet(context.Request.Method) ? 204 : 202, headers:
            [("Location", $"/v2/tests/image/blobs/uploads/{id}?state={session.Length}"), ("Range", $"0-{Math.Max(session.Length - 1, 0)}")]);
    }

    private async Task StoreAsync(HttpContext context, string digest, MemoryStream bytes)
    {
        if (digest != $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()))}")
        {
            await WriteAsync(context, 400, Error("DIGEST_INVALID", "provided digest did not match uploaded content"));
            return;
        }

        Blobs[digest] = bytes.ToArray();
        await WriteAsync(context, 201, headers: [("Location", $"/v2/tests/image/blobs/{digest}"), ("Docker-Content-Digest", digest)]);
    }

    private async Task BlobAsync(HttpContext context, string digest)
    {
        if (!Blobs.TryGetValue(digest, out var bytes))
        {
            await WriteAsync(context, 404, Error("BLOB_UNKNOWN", "blob unknown to registry"));
            return;
        }

        await SendAsync(context, bytes);
    }

    /// <summary>Sends bytes as a registry does, or what follows the beginning of a range.</summary>
    public static async Task SendAsync(HttpContext context, byte[] bytes)
    {
        var from = 0;
        if (context.Request.Headers.Range.ToString() is { Length: > 0 } range)
        {
            from = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{bytes.Length - 1}/{bytes.Length}";
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = bytes.Length - from;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(bytes.AsMemory(from));
        }
    }

    private async Task PutManifestAsync(HttpContext context, string reference)
    {
        using var memory = new MemoryStream();
        await context.Request.Body.CopyToAsync(memory);
        var digest = Digest.Of(memory.ToArray()).ToString();
        _manifests[reference] = _manifests[digest] = (context.Request.ContentType!, memory.ToArray());
        await WriteAsync(context, 201, headers: [("Location", $"/v2/tests/image/manifests/{digest}"), ("Docker-Content-Digest", digest)]);
    }

    private async Task ManifestAsync(HttpContext context, string reference)
    {
        if (!_manifests.TryGetValue(reference, out var manifest))
        {
            await WriteAsync(context, 404, Error("MANIFEST_UNKNOWN", "manifest unknown"));
            return;
        }

        context.Response.ContentLength = manifest.Bytes.Length;
        await WriteAsync(context, 200, Encoding.UTF8.GetString(manifest.Bytes), manifest.Type, ("Docker-Content-Digest", Digest.Of(manifest.Bytes).ToString()));
    }
}
