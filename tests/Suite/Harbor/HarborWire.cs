using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Acceptance.StandIns.Faults;
using Acceptance.StandIns.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.Harbor;

/// <summary>A twin whose time only the test moves, and its Harbor on the raw wire: no client of ours stands between.</summary>
internal sealed class HarborWire : IAsyncDisposable
{
    public const string Lab = "mlops-lab";
    public const string Repository = Lab + "/churn/trainer";

    private readonly HttpClient _http;
    private readonly FakeTimeProvider? _clock;

    private HarborWire(FakeTimeProvider? clock, Twin twin)
    {
        (_clock, Twin) = (clock, twin);
        Address = twin.Endpoints.Single(endpoint => endpoint.System == "harbor").Address;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, SslOptions = { CertificateChainPolicy = Trust() } };
        _http = new HttpClient(handler) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(20) };
    }

    public FakeTimeProvider Clock => _clock ?? throw new InvalidOperationException("This twin goes by the machine's clock.");

    public Twin Twin { get; }

    public Uri Address { get; }

    public FaultSwitches Faults => Twin.Faults;

    /// <summary>GitLab CI's robot in lab: pulls and pushes.</summary>
    public string Ci => Account("CI_");

    /// <summary>The workstations' robot: pulls.</summary>
    public string Pull => Account("PULL_");

    /// <summary>A robot of another project.</summary>
    public string Other => Account("OTHER_");

    public string Expired => Account("EXPIRED_");

    /// <summary>The recette's own account, a maintainer.</summary>
    public string Recette => Account("");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<HarborWire> StartAsync()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return new HarborWire(clock, await Twin.StartAsync(new TwinOptions { Clock = clock }, Cancel));
    }

    /// <summary>A twin that goes by the machine's clock, as its clients do.</summary>
    public static async Task<HarborWire> StartOnMachineClockAsync() => new(null, await Twin.StartAsync(new TwinOptions(), Cancel));

    /// <summary>The administrator, whom only a test bench knows.</summary>
    public async Task<string> AdminAsync()
    {
        var admin = (await SendAsync(HttpMethod.Get, "_standin/harbor/admin", null)).Json;
        return $"{admin["user"]}:{admin["password"]}";
    }

    /// <param name="account">User and password, or <c>Bearer</c> and a token; null for nobody.</param>
    public async Task<WireAnswer> SendAsync(HttpMethod method, string path, string? account, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", Authorization(account));
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var answer = await _http.SendAsync(request, Cancel);
        return await WireAnswer.ReadAsync(answer, Cancel);
    }

    public Task<WireAnswer> GetAsync(string path, string? account, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, account, null, headers);

    /// <summary>A token for what is asked.</summary>
    public async Task<string> TokenAsync(string? account, params string[] scopes)
    {
        var query = string.Concat(scopes.Select(scope => $"&scope={Uri.EscapeDataString(scope)}"));
        return "Bearer " + (await GetAsync($"service/token?service=harbor-registry{query}", account)).Json["token"];
    }

    /// <summary>Begins an upload; its address.</summary>
    public async Task<string> BeginAsync(string repository = Repository, string? account = null)
    {
        var begun = await SendAsync(HttpMethod.Post, $"v2/{repository}/blobs/uploads/", account ?? Ci);
        begun.Status.Should().Be(202, begun.Text);
        return begun.Headers["Location"];
    }

    public async Task<string> PushBlobAsync(byte[] content, string repository = Repository)
    {
        var digest = Digest(content);
        var pushed = await SendAsync(HttpMethod.Post, $"v2/{repository}/blobs/uploads/?digest={digest}", Ci, Bytes(content));
        pushed.Status.Should().Be(201, pushed.Text);
        return digest;
    }

    /// <summary>Pushes a manifest as it stands.</summary>
    public Task<WireAnswer> PutAsync(string manifest, string reference, string repository = Repository, string type = Image.OciManifest, string? account = null) =>
        SendAsync(HttpMethod.Put, $"v2/{repository}/manifests/{reference}", account ?? Ci, new StringContent(manifest, Encoding.UTF8, MediaTypeHeaderValue.Parse(type)));

    /// <summary>Pushes an image of one layer with its config.</summary>
    public Task<Image> PushAsync(string layer, string reference, string repository = Repository) => PushAsync(Image.Of(layer), reference, repository);

    /// <summary>Pushes an image with its blobs.</summary>
    public async Task<Image> PushAsync(Image image, string reference, string repository = Repository)
    {
        await PushBlobAsync(image.Config, repository);
        await PushBlobAsync(image.Layer, repository);
        var pushed = await PutAsync(image.Manifest, reference, repository);
        pushed.Status.Should().Be(201, pushed.Text);
        return image;
    }

    public static ByteArrayContent Bytes(byte[] content)
    {
        var bytes = new ByteArrayContent(content);
        bytes.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return bytes;
    }

    /// <summary>Content whose length is not announced.</summary>
    public static StreamContent Streamed(byte[] content) => new(new UnmeasuredStream(content));

    public static string Digest(byte[] content) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";

    /// <summary>What the twin's profile trusts, and nothing else.</summary>
    public X509ChainPolicy Trust()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(Twin.Variables["ACCEPTANCE_CA_CERTIFICATES"]);
        return policy;
    }

    public static string? Authorization(string? account) => account is null || account.StartsWith("Bearer ", StringComparison.Ordinal)
        ? account
        : $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(account))}";

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return Twin.DisposeAsync();
    }

    private string Account(string persona) =>
        $"{Twin.Variables[$"ACCEPTANCE_LAB_HARBOR_{persona}USER"]}:{Twin.Variables[$"ACCEPTANCE_LAB_HARBOR_{persona}PASSWORD"]}";

    private sealed class UnmeasuredStream(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
