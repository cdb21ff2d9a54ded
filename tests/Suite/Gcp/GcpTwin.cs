using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Acceptance.Platform.Evidence;
using Acceptance.Platform.Gcp.Auth;
using Acceptance.Platform.Gcp.Logging;
using Acceptance.Platform.Http;
using Acceptance.Platform.Profiles;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Recette;

namespace Acceptance.Tests.Suite.Gcp;

/// <summary>A twin's Google Cloud, with the platform's clients as any of its accounts, and the bare wire beside them.</summary>
public sealed class GcpTwin : IAsyncLifetime
{
    private readonly TwinOptions _options;

    /// <summary>As classes of tests have it.</summary>
    public GcpTwin()
        : this(new TwinOptions())
    {
    }

    internal GcpTwin(TwinOptions options) => _options = options;

    public const string Lab = "acc-lab";
    public const string Run = "acc-run";
    public const string Recette = "recette@acc-lab.iam.gserviceaccount.com";
    public const string Ci = "ci-lab@acc-lab.iam.gserviceaccount.com";
    public const string DataScientist = "data-scientist@example.test";
    public const string Viewer = "viewer@example.test";
    public const string Owner = "platform-team@example.test";

    private readonly ScratchFolder _scratch = new();
    private readonly HttpClient _bare = new() { Timeout = TimeSpan.FromSeconds(30) };
    private GcpIdentities _identities = null!;

    /// <summary>Known once the class starts.</summary>
    public Twin Twin { get; private set; } = null!;

    public HttpLimits Limits { get; } = new() { Answer = TimeSpan.FromSeconds(20), Stall = TimeSpan.FromSeconds(20) };

    internal Redaction Redaction { get; } = new();

    internal HttpPipeline Pipeline { get; private set; } = null!;

    /// <summary>Base address of one of its APIs.</summary>
    public Uri AddressOf(string system) => Twin.Endpoints.Single(endpoint => endpoint.System == system).Address;

    /// <summary>An account, by the credential file that Google's tools would write for it.</summary>
    public async Task<GcpPersona> AsAsync(string email, string type = "") => new(email, await _identities.FromFileAsync(await FileAsync(email, type), null, TestContext.Current.CancellationToken));

    /// <summary>That file.</summary>
    public async Task<string> FileAsync(string email, string type = "", string more = "")
    {
        var json = await ControlAsync($"gcp-auth/credentials/{email}?type={type}{more}");
        var file = _scratch.File($"{Guid.NewGuid():n}.json");
        await File.WriteAllTextAsync(file, json, TestContext.Current.CancellationToken);
        return file;
    }

    /// <summary>An access token, for what is sent by hand or by another client.</summary>
    public async Task<string> TokenAsync(string email) => (string)JsonNode.Parse(await ControlAsync($"gcp-auth/token/{email}"))!["access_token"]!;

    /// <summary>A client that acts as an account.</summary>
    public async Task<HttpClient> ClientAsync(string system, string email) => Client(system, await AsAsync(email));

    /// <summary>A client that acts as a persona.</summary>
    public HttpClient Client(string system, GcpPersona persona) =>
        Pipeline.Client(AddressOf(system), 4, new RetryHandler(TimeProvider.System), new BearerHandler(AddressOf(system), persona));

    /// <summary>Cloud Logging as an account.</summary>
    public async Task<LoggingClient> LoggingAsync(string email) => new(Pipeline, AddressOf("logging"), await AsAsync(email), Limits);

    /// <summary>Sends a request by hand.</summary>
    public async Task<WireAnswer> SendAsync(string system, HttpMethod method, string path, string? body = null, string? token = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(AddressOf(system), path));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var answer = await _bare.SendAsync(request, TestContext.Current.CancellationToken);
        return new WireAnswer((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>A message of an exception with the twin's addresses by their systems' names.</summary>
    public string Text(Exception exception) =>
        Twin.Endpoints.Aggregate(exception.Message, (text, endpoint) => text.Replace(endpoint.Address.Authority, endpoint.System, StringComparison.Ordinal));

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        Twin = await Twin.StartAsync(_options);
        Pipeline = new HttpPipeline(Redaction, Limits, null, TimeProvider.System);
        _identities = new GcpIdentities(Pipeline, Settings(), Limits);
    }

    /// <summary>As a profile of this twin has them.</summary>
    public GcpSettings Settings() => new()
    {
        Storage = AddressOf("gcs"),
        BigQuery = AddressOf("bigquery"),
        Logging = AddressOf("logging"),
        Auth = AddressOf("gcp-auth"),
        DefaultCredentials = [],
    };

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _bare.Dispose();
        _scratch.Dispose();
        await Twin.DisposeAsync();
    }

    /// <summary>What the twin's control plane answers.</summary>
    public async Task<string> ControlAsync(string path)
    {
        using var answer = await _bare.GetAsync(new Uri(AddressOf("gcp-auth"), $"_standin/{path}"), TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}

/// <summary>What was answered to a request by hand.</summary>
public sealed record WireAnswer(int Status, string Text)
{
    /// <summary>The body as JSON.</summary>
    public JsonNode Json => JsonNode.Parse(Text)!;

    /// <summary>The message of an error of Google.</summary>
    public string Message => (string)Json["error"]!["message"]!;
}
