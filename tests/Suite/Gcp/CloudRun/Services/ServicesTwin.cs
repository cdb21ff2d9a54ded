using System.Text.Json.Nodes;
using Acceptance.StandIns.Hosting;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Services;

/// <summary>Services of a twin whose containers are fakes, on the bare wire.</summary>
public sealed class ServicesTwin : IAsyncLifetime
{
    private const string Location = "/v2/projects/acc-lab/locations/europe-west1";

    private readonly Dictionary<string, string> _tokens = [];

    /// <summary>As classes of tests have it.</summary>
    public ServicesTwin()
        : this(null)
    {
    }

    internal ServicesTwin(string? trafficFile) => Gcp = new GcpTwin(new TwinOptions { Containers = Runtime, TrafficFile = trafficFile });

    public GcpTwin Gcp { get; }

    internal FakeRuntime Runtime { get; } = new();

    internal HttpClient Http { get; } = new(new SocketsHttpHandler { UseCookies = false }) { Timeout = TimeSpan.FromSeconds(20) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => Gcp.InitializeAsync();

    public ValueTask DisposeAsync()
    {
        Http.Dispose();
        return Gcp.DisposeAsync();
    }

    /// <summary>Calls the API in lab's location, as the project's owner unless said otherwise.</summary>
    public async Task<WireAnswer> CallAsync(HttpMethod method, string path, JsonObject? body = null, string account = GcpTwin.Owner, string location = Location)
    {
        if (!_tokens.TryGetValue(account, out var token))
        {
            _tokens[account] = token = await Gcp.TokenAsync(account);
        }

        return await Gcp.SendAsync("cloud-run", method, $"{location}/{path}", body?.ToJsonString(), token);
    }

    /// <summary>Calls it for an operation, and waits for its end.</summary>
    public async Task<JsonObject> DoneAsync(HttpMethod method, string path, JsonObject? body = null, string account = GcpTwin.Owner)
    {
        var begun = await CallAsync(method, path, body, account);
        begun.Status.Should().Be(200, "{0}", begun.Text);
        return await EndAsync((string)begun.Json["name"]!);
    }

    /// <summary>Waits for the end of an operation.</summary>
    public async Task<JsonObject> EndAsync(string operation)
    {
        var ended = await CallAsync(HttpMethod.Post, $"operations/{operation.Split('/')[^1]}:wait", new JsonObject { ["timeout"] = "20s" });
        return ended.Json.AsObject();
    }

    public async Task<JsonObject> GetAsync(string path) => (await CallAsync(HttpMethod.Get, path)).Json.AsObject();

    /// <summary>Makes an image that can be pulled.</summary>
    internal string Image(string name, FakeProgram program) => Runtime.Image($"docker.io/test/{name}:1", program).Reference;

    /// <summary>The body of a service on such an image.</summary>
    internal JsonObject Body(string name, FakeProgram program) => Body(Image(name, program));

    public static JsonObject Body(string image) => new()
    {
        ["template"] = new JsonObject
        {
            ["serviceAccount"] = "run-agent@acc-lab.iam.gserviceaccount.com",
            ["containers"] = new JsonArray(new JsonObject { ["image"] = image }),
        },
    };

    /// <summary>Creates a service that everybody may invoke; its name, and its resource.</summary>
    internal async Task<(string Id, JsonObject Service)> CreateAsync(FakeProgram program, Action<string, JsonObject>? with = null)
    {
        var id = $"s{Guid.NewGuid():n}"[..20];
        var body = Body(id, program);
        with?.Invoke(id, body);
        var done = await DoneAsync(HttpMethod.Post, $"services?serviceId={id}", body);
        done["error"].Should().BeNull();
        await GrantAsync(id, "allUsers");
        return (id, done["response"]!.AsObject());
    }

    public Task<WireAnswer> GrantAsync(string id, string member) => CallAsync(HttpMethod.Post, $"services/{id}:setIamPolicy", new JsonObject
    {
        ["policy"] = new JsonObject { ["bindings"] = new JsonArray(new JsonObject { ["role"] = "roles/run.invoker", ["members"] = new JsonArray(member) }) },
    });

    /// <summary>Asks a service itself, without credentials.</summary>
    public async Task<(int Status, string Text)> AskAsync(string uri)
    {
        using var answer = await Http.GetAsync(new Uri(uri), Cancel);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }
}
