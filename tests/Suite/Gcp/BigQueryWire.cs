using System.Text;
using System.Text.Json.Nodes;
using Acceptance.StandIns.Faults;
using Acceptance.StandIns.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.Gcp;

/// <summary>A twin whose time only the test moves, and its BigQuery on the raw wire: no client of ours stands between.</summary>
internal sealed class BigQueryWire : IAsyncDisposable
{
    public const string Root = "bigquery/v2/projects/acc-lab";

    /// <summary>Works in lab, and owns the datasets that these tests make.</summary>
    public const string Scientist = "data-scientist@example.test";

    /// <summary>Administers BigQuery in lab.</summary>
    public const string Recette = "recette@acc-lab.iam.gserviceaccount.com";

    /// <summary>May run jobs in run, and nothing in lab.</summary>
    public const string CiOfRun = "ci-run@acc-run.iam.gserviceaccount.com";

    private readonly HttpClient _http;
    private readonly string _token;

    private BigQueryWire(FakeTimeProvider clock, Twin twin, HttpClient http, string token) => (Clock, Twin, _http, _token) = (clock, twin, http, token);

    public FakeTimeProvider Clock { get; }

    public Twin Twin { get; }

    public FaultSwitches Faults => Twin.Faults;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<BigQueryWire> StartAsync(string? traffic = null)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var twin = await Twin.StartAsync(new TwinOptions { Clock = clock, TrafficFile = traffic }, Cancel);
        var http = new HttpClient { BaseAddress = new Uri(twin.Variables["ACCEPTANCE_BIGQUERY_URL"]), Timeout = TimeSpan.FromSeconds(60) };
        var wire = new BigQueryWire(clock, twin, http, await TokenAsync(http, twin, Scientist));
        await wire.PostAsync($"{Root}/datasets", """{"datasetReference": {"datasetId": "d"}, "location": "europe-west1"}""");
        return wire;
    }

    public Task<string> TokenAsync(string email) => TokenAsync(_http, Twin, email);

    /// <param name="token">Null for the scientist's; empty for nobody's.</param>
    public async Task<StorageAnswer> SendAsync(HttpMethod method, string path, HttpContent? content = null, string? token = null, params (string Name, string Value)[] headers) =>
        await SendAsync(method, path, content, token, Cancel, headers);

    public async Task<StorageAnswer> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken) =>
        await SendAsync(method, path, content, null, cancellationToken);

    private async Task<StorageAnswer> SendAsync(HttpMethod method, string path, HttpContent? content, string? token, CancellationToken cancellationToken, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (token != "")
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token ?? _token}");
        }

        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.Remove(name);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var answer = await _http.SendAsync(request, cancellationToken);
        return await StorageAnswer.ReadAsync(answer, cancellationToken);
    }

    public Task<StorageAnswer> GetAsync(string path, string? token = null) => SendAsync(HttpMethod.Get, path, token: token);

    public Task<StorageAnswer> PostAsync(string path, string body, string? token = null) => SendAsync(HttpMethod.Post, path, Json(body), token);

    public Task<StorageAnswer> PatchAsync(string path, string body, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Patch, path, Json(body), null, headers);

    public Task<StorageAnswer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    /// <summary>jobs.query in GoogleSQL with the dataset of the tests.</summary>
    /// <param name="more">Further members of the request's body.</param>
    public Task<StorageAnswer> QueryAsync(string sql, string more = "", string? token = null) =>
        PostAsync($"{Root}/queries", $$"""{"query": {{JsonValue.Create(sql).ToJsonString()}}, "useLegacySql": false, "defaultDataset": {"datasetId": "d"}{{(more.Length == 0 ? "" : ", " + more)}}}""", token);

    /// <summary>jobs.query that must give rows; each row's cells joined by commas.</summary>
    public async Task<IReadOnlyList<string>> RowsAsync(string sql, string? token = null)
    {
        var answer = await QueryAsync(sql, token: token);
        answer.Status.Should().Be(200, "{0}: {1}", sql, answer.Text);
        return Rows(answer);
    }

    public static IReadOnlyList<string> Rows(StorageAnswer answer) =>
        [.. (answer.Json["rows"] as JsonArray ?? []).Select(row => string.Join(',', ((JsonArray)row!["f"]!).Select(cell => cell!["v"] is JsonValue value ? value.ToString() : cell["v"]?.ToJsonString() ?? "NULL")))];

    /// <summary>Runs a job to its end.</summary>
    public async Task<JsonNode> JobAsync(string configuration, string reference = "", string? token = null)
    {
        var inserted = await PostAsync($"{Root}/jobs", $$"""{"configuration": {{configuration}}{{(reference.Length == 0 ? "" : $", \"jobReference\": {reference}")}}}""", token);
        inserted.Status.Should().Be(200, "{0}", inserted.Text);
        return await DoneAsync(inserted.Json, token);
    }

    /// <summary>Asks for a job until it is done.</summary>
    public Task<JsonNode> DoneAsync(JsonNode job, string? token = null) => ReachedAsync(job, "DONE", token);

    /// <summary>Asks for a job until it runs.</summary>
    public Task<JsonNode> RunningAsync(JsonNode job) => ReachedAsync(job, "RUNNING", null);

    private async Task<JsonNode> ReachedAsync(JsonNode job, string state, string? token)
    {
        var reference = job["jobReference"]!;
        for (var begun = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(60);)
        {
            if ((string?)job["status"]!["state"] == state)
            {
                return job;
            }

            await Task.Yield();
            var answer = await GetAsync($"bigquery/v2/projects/{reference["projectId"]}/jobs/{reference["jobId"]}?location={reference["location"]}", token);
            job = answer.Json;
        }

        throw new TimeoutException($"Job {reference["jobId"]} is still {job["status"]!["state"]}.");
    }

    /// <summary>A load job with its file in the same call.</summary>
    public async Task<JsonNode> UploadAsync(string load, byte[] file)
    {
        var head = Encoding.UTF8.GetBytes($"--edge\r\nContent-Type: application/json\r\n\r\n{{\"configuration\": {{\"load\": {load}}}}}\r\n--edge\r\nContent-Type: */*\r\n\r\n");
        var content = new ByteArrayContent([.. head, .. file, .. "\r\n--edge--\r\n"u8]);
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/related; boundary=edge");
        var inserted = await SendAsync(HttpMethod.Post, "upload/bigquery/v2/projects/acc-lab/jobs?uploadType=multipart", content);
        inserted.Status.Should().Be(200, "{0}", inserted.Text);
        return await DoneAsync(inserted.Json);
    }

    /// <summary>Writes an object of the twin's Cloud Storage.</summary>
    public async Task PutObjectAsync(string bucket, string name, byte[] bytes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(Twin.Variables["ACCEPTANCE_GCS_URL"]), $"upload/storage/v1/b/{bucket}/o?uploadType=media&name={Uri.EscapeDataString(name)}"))
        {
            Content = new ByteArrayContent(bytes),
        };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {await TokenAsync(Recette)}");
        using var answer = await _http.SendAsync(request, Cancel);
        answer.EnsureSuccessStatusCode();
    }

    public async Task<byte[]> ObjectAsync(string bucket, string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(Twin.Variables["ACCEPTANCE_GCS_URL"]), $"storage/v1/b/{bucket}/o/{Uri.EscapeDataString(name)}?alt=media"));
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {await TokenAsync(Recette)}");
        using var answer = await _http.SendAsync(request, Cancel);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(Cancel);
    }

    public static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return Twin.DisposeAsync();
    }

    private static async Task<string> TokenAsync(HttpClient http, Twin twin, string email)
    {
        var control = new Uri(new Uri(twin.Variables["ACCEPTANCE_GCP_AUTH_URL"]), $"_standin/gcp-auth/token/{email}");
        return (string)JsonNode.Parse(await http.GetStringAsync(control, Cancel))!["access_token"]!;
    }
}
