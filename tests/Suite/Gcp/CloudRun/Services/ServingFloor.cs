using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Acceptance.StandIns.Containers;
using Acceptance.StandIns.Faults;
using Acceptance.StandIns.Gcp.Auth;
using Acceptance.StandIns.Gcp.CloudRun;
using Acceptance.StandIns.Gcp.CloudRun.Serving;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Services;

/// <summary>One service, its revisions run by fake containers, and a client before its address.</summary>
internal sealed class ServingFloor : IAsyncDisposable
{
    public const string Agent = "run-agent@acc-lab.iam.gserviceaccount.com";
    public const string Ci = "ci-lab@acc-lab.iam.gserviceaccount.com";

    private ServingFloor(TimeProvider? clock)
    {
        Faults = new FaultSwitches([.. CloudRunFaults.All, .. CloudRunServiceFaults.All]);
        Clock = clock ?? TimeProvider.System;
        Auth = new GcpAuthStandIn(new FaultSwitches(GcpAuthFaults.All), Clock);
        Engine = new ServingEngine(Runtime, Auth.Access, Auth.Metadata, Log.Enqueue, Faults, Clock);
    }

    public ServingEngine Engine { get; }

    public FakeRuntime Runtime { get; } = new();

    public FaultSwitches Faults { get; }

    public TimeProvider Clock { get; }

    public GcpAuthStandIn Auth { get; }

    public ServiceFront Front { get; private set; } = null!;

    public ConcurrentQueue<JsonObject> Log { get; } = new();

    /// <summary>Keeps no cookies, follows nothing.</summary>
    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(20) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="open">True to let everybody in.</param>
    public static async Task<ServingFloor> OpenAsync(bool open = true, TimeProvider? clock = null)
    {
        var floor = new ServingFloor(clock);
        floor.Front = await floor.Engine.OpenAsync("acc-lab", "monitoring", Cancel);
        if (open)
        {
            floor.Front.Policy = floor.Front.Policy.With("roles/run.invoker", "allUsers");
        }

        return floor;
    }

    public ServedRevision Revision(string name, FakeProgram program) => new()
    {
        Project = "acc-lab",
        Location = "europe-west1",
        Service = "monitoring",
        Name = name,
        Account = Agent,
        Container = new ContainerSpec { Name = "x", Image = Runtime.Image($"harbor/{name}:1", program), Memory = 512 * 1024 * 1024, Port = 8080, Output = _ => { } },
    };

    /// <summary>Brings a revision up and gives it all the traffic.</summary>
    public async Task ServeAsync(ServedRevision revision)
    {
        await Front.BringUpAsync(revision, Cancel);
        await Front.RouteAsync(new ServiceRoute([new RouteTarget(revision.Name, 100)]), Cancel);
    }

    /// <summary>Brings a revision up that does as a delegate says.</summary>
    public Task ServeAsync(FakeProgram program, Func<ServedRevision, ServedRevision>? with = null) =>
        ServeAsync((with ?? (revision => revision))(Revision("monitoring-00001-abc", program)));

    public async Task<FrontAnswer> GetAsync(string path = "", string? bearer = null, string? cookie = null, string header = "Authorization")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(Front.Uri), path));
        Add(request.Headers, header, bearer is null ? null : $"Bearer {bearer}");
        Add(request.Headers, "Cookie", cookie);
        using var answer = await Http.SendAsync(request, Cancel);
        return new FrontAnswer((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel), answer.Headers);
    }

    /// <summary>An id_token, as the metadata server gives it to a container that acts as an account.</summary>
    public Task<string> IdTokenAsync(string account, string? audience = null) => MetadataAsync(account, $"identity?audience={audience ?? Front.Uri}");

    /// <summary>An access token, likewise.</summary>
    public async Task<string> AccessTokenAsync(string account) => (string)JsonNode.Parse(await MetadataAsync(account, "token"))!["access_token"]!;

    private async Task<string> MetadataAsync(string account, string key)
    {
        var server = await Auth.Metadata.AddressOfAsync("acc-lab", account, Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server, $"computeMetadata/v1/instance/service-accounts/default/{key}"));
        request.Headers.Add("Metadata-Flavor", "Google");
        using var answer = await Http.SendAsync(request, Cancel);
        return await answer.Content.ReadAsStringAsync(Cancel);
    }

    /// <summary>Lets time pass until something has come.</summary>
    public static async Task<T> AdvanceUntilAsync<T>(FakeTimeProvider clock, TimeSpan step, Task<T> task)
    {
        while (await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancel)) != task)
        {
            clock.Advance(step);
        }

        return await task;
    }

    /// <summary>Waits for what containers, or the log, do in their own time.</summary>
    public static async Task UntilAsync(Func<bool> holds)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!holds() && TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(10))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancel);
        }

        holds().Should().BeTrue();
    }

    /// <summary>The entries of one log so far, such as <c>requests</c>.</summary>
    public IReadOnlyList<JsonObject> Entries(string log) =>
        [.. Log.Where(write => ((string)write["entries"]![0]!["logName"]!).EndsWith("%2F" + log, StringComparison.Ordinal)).Select(write => write["entries"]![0]!.AsObject())];

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Engine.DisposeAsync();
        await Runtime.DisposeAsync();
        await Auth.DisposeAsync();
    }

    private static void Add(HttpRequestHeaders headers, string name, string? value)
    {
        if (value is not null)
        {
            headers.Add(name, value);
        }
    }
}

/// <summary>What a service, or the front before it, answered.</summary>
internal sealed record FrontAnswer(int Status, string Text, HttpResponseHeaders Headers)
{
    /// <summary>The session's cookie as a client sends it back; null where none was given.</summary>
    public string? Cookie => Headers.TryGetValues("Set-Cookie", out var values) ? values.Single().Split(';')[0] : null;
}
