using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Containers;
using Acceptance.Tests.Suite.Harbor;
using Acceptance.Tests.Suite.Recette;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Jobs;

/// <summary>A twin whose Cloud Run runs scripts, and its API on the bare wire.</summary>
public sealed class JobBench : IAsyncLifetime
{
    public const string Lab = "projects/acc-lab/locations/europe-west1";
    public const string Run = "projects/acc-run/locations/europe-west1";
    public const string Agent = "run-agent@acc-lab.iam.gserviceaccount.com";

    private readonly ScratchFolder _scratch = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };

    internal HarborWire Harbor { get; private set; } = null!;

    internal Twin Twin => Harbor.Twin;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Harbor = await HarborWire.StartOnMachineClockAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _scratch.Dispose();
        await Harbor.DisposeAsync();
    }

    /// <summary>What stands before Harbor's path where Cloud Run of lab pulls: the remote repository of the twin.</summary>
    internal const string Images = "europe-west1-docker.pkg.dev/acc-lab/harbor";

    /// <summary>Pushes an image that runs a script; the name by which Cloud Run pulls it.</summary>
    internal Task<string> PushAsync(string script) => PushAsync(TestImage.OfScript(script), NewName());

    /// <summary>Pushes an image under a name of its own, as version 1.</summary>
    internal async Task<string> PushAsync(TestImage image, string name)
    {
        await image.PushAsync(Harbor, $"{HarborWire.Lab}/{name}", "v1");
        return $"{Images}/{HarborWire.Lab}/{name}:v1";
    }

    /// <summary>Pushes another image under such a name; what it is pulled by then.</summary>
    internal async Task<string> PushOverAsync(TestImage image, string name) =>
        $"{Images}/{HarborWire.Lab}/{name}@{await image.PushAsync(Harbor, $"{HarborWire.Lab}/{name}", "v1")}";

    internal static string NewName() => $"job-{RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", 10)}";

    /// <summary>What a client declares.</summary>
    /// <param name="change">Of the template of its tasks.</param>
    internal static JsonObject Job(string image, Action<JsonObject>? change = null)
    {
        var task = new JsonObject
        {
            ["serviceAccount"] = Agent,
            ["maxRetries"] = 0,
            ["containers"] = new JsonArray(new JsonObject { ["image"] = image }),
        };
        change?.Invoke(task);
        return new JsonObject { ["template"] = new JsonObject { ["template"] = task } };
    }

    /// <summary>Creates a job, and waits until its image has been looked at; its name.</summary>
    internal async Task<string> CreateAsync(JsonObject job)
    {
        var id = NewName();
        var operation = await WellAsync(HttpMethod.Post, $"{Lab}/jobs?jobId={id}", job);
        await EndAsync(operation);
        return $"{Lab}/jobs/{id}";
    }

    /// <summary>Creates a job of a script.</summary>
    internal async Task<string> CreateAsync(string script, Action<JsonObject>? change = null) => await CreateAsync(Job(await PushAsync(script), change));

    /// <summary>Runs a job to its end; its execution.</summary>
    internal async Task<JsonNode> RunAsync(string job, string request = "{}")
    {
        var operation = await WellAsync(HttpMethod.Post, $"{job}:run", JsonNode.Parse(request));
        await EndAsync(operation);
        return await GetAsync((string)operation["metadata"]!["name"]!);
    }

    /// <summary>Begins to run a job; its execution.</summary>
    internal async Task<string> StartAsync(string job) => (string)(await WellAsync(HttpMethod.Post, $"{job}:run", new JsonObject()))["metadata"]!["name"]!;

    /// <summary>A bucket with one object; its name.</summary>
    internal async Task<string> BucketAsync(string file)
    {
        var name = $"acc-{NewName()}";
        (await SendAsync("gcs", HttpMethod.Post, "storage/v1/b?project=acc-lab", new JsonObject { ["name"] = name, ["location"] = "europe-west1" }, GcpTwin.Owner)).Status.Should().Be(200);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(AddressOf("gcs"), $"upload/storage/v1/b/{name}/o?uploadType=media&name={Uri.EscapeDataString(file)}"));
        request.Content = new StringContent("1;2;3\n", Encoding.UTF8, "text/csv");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(GcpTwin.Owner));
        using var answer = await _http.SendAsync(request, Cancel);
        answer.EnsureSuccessStatusCode();
        return name;
    }

    /// <summary>The operation when it is done.</summary>
    internal Task<JsonNode> EndAsync(JsonNode operation) => WellAsync(HttpMethod.Post, $"{operation["name"]}:wait", JsonNode.Parse("""{"timeout": "120s"}"""));

    internal Task<JsonNode> GetAsync(string name) => WellAsync(HttpMethod.Get, name, null);

    /// <summary>What the tasks of an execution were, in their order.</summary>
    internal async Task<JsonArray> TasksAsync(JsonNode execution) => (await GetAsync($"{execution["name"]}/tasks"))["tasks"]!.AsArray();

    /// <summary>The log entries of an execution, in their order.</summary>
    internal async Task<IReadOnlyList<JsonNode>> LogsAsync(JsonNode execution, string more = "")
    {
        var id = ((string)execution["name"]!).Split('/')[^1];
        return await EntriesAsync($"labels.\"run.googleapis.com/execution_name\"=\"{id}\" {more}");
    }

    internal async Task<IReadOnlyList<JsonNode>> EntriesAsync(string filter)
    {
        var answer = await SendAsync("logging", HttpMethod.Post, "v2/entries:list", new JsonObject { ["resourceNames"] = new JsonArray("projects/acc-lab"), ["filter"] = filter }, GcpTwin.Owner);
        answer.Status.Should().Be(200, answer.Text);
        return [.. (answer.Json["entries"]?.AsArray() ?? []).Select(entry => entry!)];
    }

    /// <summary>What a container wrote on stdout, line by line.</summary>
    internal async Task<IEnumerable<string?>> OutputAsync(JsonNode execution) =>
        (await LogsAsync(execution, "log_id(\"run.googleapis.com/stdout\")")).Select(entry => (string?)entry["textPayload"]);

    /// <summary>Asks until it is so, as a client that watches does.</summary>
    internal async Task<JsonNode> UntilAsync(string name, Func<JsonNode, bool> so)
    {
        JsonNode resource;
        do
        {
            resource = await GetAsync(name);
        }
        while (!so(resource));

        return resource;
    }

    internal async Task<JsonNode> WellAsync(HttpMethod method, string path, JsonNode? body, string email = GcpTwin.Owner)
    {
        var answer = await SendAsync("cloud-run", method, $"v2/{path}", body, email);
        answer.Status.Should().Be(200, answer.Text);
        return answer.Json;
    }

    internal Task<WireAnswer> SendAsync(HttpMethod method, string path, JsonNode? body = null, string? email = GcpTwin.Owner) => SendAsync("cloud-run", method, $"v2/{path}", body, email);

    internal async Task<WireAnswer> SendAsync(string system, HttpMethod method, string path, JsonNode? body, string? email)
    {
        using var request = new HttpRequestMessage(method, new Uri(AddressOf(system), path));
        request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        request.Headers.Authorization = email is null ? null : new AuthenticationHeaderValue("Bearer", await TokenAsync(email));
        using var answer = await _http.SendAsync(request, Cancel);
        return new WireAnswer((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    internal Uri AddressOf(string system) => Twin.Endpoints.Single(endpoint => endpoint.System == system).Address;

    /// <summary>The credential file of an account, as Google's tools would write it.</summary>
    internal async Task<string> CredentialsAsync(string email)
    {
        var file = _scratch.File($"{Guid.NewGuid():n}.json");
        await File.WriteAllTextAsync(file, await _http.GetStringAsync(new Uri(AddressOf("gcp-auth"), $"_standin/gcp-auth/credentials/{email}"), Cancel), Cancel);
        return file;
    }

    private async Task<string> TokenAsync(string email) =>
        (string)JsonNode.Parse(await _http.GetStringAsync(new Uri(AddressOf("gcp-auth"), $"_standin/gcp-auth/token/{email}"), Cancel))!["access_token"]!;
}
