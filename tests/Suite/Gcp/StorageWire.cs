using System.Text;
using System.Text.Json.Nodes;
using Acceptance.StandIns.Faults;
using Acceptance.StandIns.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.Gcp;

/// <summary>A twin whose time only the test moves, and its Cloud Storage on the raw wire: no client of ours stands between.</summary>
internal sealed class StorageWire : IAsyncDisposable
{
    /// <summary>The twin's bucket of lab, which every test of a class has for itself.</summary>
    public const string Bucket = "acc-lab-data";

    public const string Recette = "recette@acc-lab.iam.gserviceaccount.com";
    public const string Unit = "262144";

    private readonly HttpClient _http;
    private readonly string _recette;

    private StorageWire(FakeTimeProvider clock, Twin twin, HttpClient http, string recette) => (Clock, Twin, _http, _recette) = (clock, twin, http, recette);

    public FakeTimeProvider Clock { get; }

    public Twin Twin { get; }

    public Uri Address => _http.BaseAddress!;

    public FaultSwitches Faults => Twin.Faults;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<StorageWire> StartAsync(string? traffic = null)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var twin = await Twin.StartAsync(new TwinOptions { Clock = clock, TrafficFile = traffic }, Cancel);
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = new Uri(twin.Variables["ACCEPTANCE_GCS_URL"]),
            Timeout = TimeSpan.FromSeconds(20),
        };
        return new StorageWire(clock, twin, http, await TokenAsync(http, twin, Recette));
    }

    /// <summary>An access token of any account.</summary>
    public Task<string> TokenAsync(string email) => TokenAsync(_http, Twin, email);

    /// <param name="token">Null for the recette's; empty for nobody's.</param>
    public async Task<StorageAnswer> SendAsync(HttpMethod method, string path, HttpContent? content = null, string? token = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (token != "")
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token ?? _recette}");
        }

        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content ??= new ByteArrayContent([]);
                request.Content.Headers.Remove(name);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var answer = await _http.SendAsync(request, Cancel);
        return await StorageAnswer.ReadAsync(answer, Cancel);
    }

    public Task<StorageAnswer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, headers: headers);

    public Task<StorageAnswer> PostAsync(string path, JsonNode body) => SendAsync(HttpMethod.Post, path, Json(body));

    /// <summary>Uploads in one request.</summary>
    public Task<StorageAnswer> PutObjectAsync(string name, string text, string query = "", string? token = null) =>
        PutObjectAsync(name, Encoding.UTF8.GetBytes(text), query, token);

    public Task<StorageAnswer> PutObjectAsync(string name, byte[] bytes, string query = "", string? token = null) => SendAsync(
        HttpMethod.Post, $"upload/storage/v1/b/{Bucket}/o?uploadType=media&name={Uri.EscapeDataString(name)}{query}", new ByteArrayContent(bytes), token);

    /// <summary>Uploads resource and bytes in one request, line ends and boundary as the client likes.</summary>
    public Task<StorageAnswer> PutRelatedAsync(string resource, string bytes, string boundary = "edge", string contentType = "multipart/related; boundary=edge", string end = "\r\n")
    {
        var body = $"--{boundary}{end}Content-Type: application/json{end}{end}{resource}{end}--{boundary}{end}Content-Type: text/plain{end}{end}{bytes}{end}--{boundary}--{end}";
        return SendAsync(HttpMethod.Post, $"upload/storage/v1/b/{Bucket}/o?uploadType=multipart", new ByteArrayContent(Encoding.UTF8.GetBytes(body)), null, ("Content-Type", contentType));
    }

    /// <summary>Begins a resumable upload; the path of its session.</summary>
    public async Task<string> BeginAsync(string name, string query = "", JsonNode? resource = null, params (string Name, string Value)[] headers)
    {
        var begun = await SendAsync(
            HttpMethod.Post, $"upload/storage/v1/b/{Bucket}/o?uploadType=resumable&name={Uri.EscapeDataString(name)}{query}", Json(resource ?? new JsonObject()), null, headers);
        begun.Status.Should().Be(200, "{0}", begun.Text);
        return begun["Location"]!;
    }

    /// <summary>Sends a part to a session, as one says which.</summary>
    public Task<StorageAnswer> PartAsync(string session, byte[] bytes, string range, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Put, session, new ByteArrayContent(bytes), "", [("Content-Range", range), .. headers]);

    public Task<StorageAnswer> ResourceAsync(string name) => GetAsync($"storage/v1/b/{Bucket}/o/{Uri.EscapeDataString(name)}");

    public Task<StorageAnswer> MediaAsync(string name, params (string Name, string Value)[] headers) =>
        GetAsync($"storage/v1/b/{Bucket}/o/{Uri.EscapeDataString(name)}?alt=media", headers);

    /// <summary>The directory that the bucket is.</summary>
    public async Task<string> DirectoryAsync() => (string)(await GetAsync($"_standin/gcs/buckets/{Bucket}/directory")).Json["directory"]!;

    /// <summary>How much is held of each upload and copy that is under way.</summary>
    public async Task<IReadOnlyList<long>> StagedAsync() =>
        [.. new DirectoryInfo(Path.Combine(await DirectoryAsync(), "..", "..", "staged")).GetFiles().Where(file => file.Exists).Select(file => file.Length)];

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return Twin.DisposeAsync();
    }

    /// <summary>With its length, so that the twin records it.</summary>
    private static StringContent Json(JsonNode body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");

    private static async Task<string> TokenAsync(HttpClient http, Twin twin, string email)
    {
        var control = new Uri(new Uri(twin.Variables["ACCEPTANCE_GCP_AUTH_URL"]), $"_standin/gcp-auth/token/{email}");
        return (string)JsonNode.Parse(await http.GetStringAsync(control, Cancel))!["access_token"]!;
    }
}
