using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Acceptance.StandIns.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.StandIns;

/// <summary>A twin whose time only the test moves, and what a client, an administrator and a test bench may do with lab's Nexus.</summary>
internal sealed class TwinOnFakeClock : IAsyncDisposable
{
    /// <summary>Each call is bounded, and so is every test made of calls.</summary>
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private TwinOnFakeClock(FakeTimeProvider clock, Twin twin) => (Clock, Twin) = (clock, twin);

    public FakeTimeProvider Clock { get; }

    public Twin Twin { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<TwinOnFakeClock> StartAsync()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return new TwinOnFakeClock(clock, await Twin.StartAsync(new TwinOptions { Clock = clock }, Cancel));
    }

    /// <summary>Asks a repository for content.</summary>
    public Task<TwinAnswer> Get(string repository, string path) => Send(HttpMethod.Get, new Uri(Twin.Repository(repository), path));

    /// <summary>Asks lab's Nexus for anything else, with an account where one is given.</summary>
    public Task<TwinAnswer> Call(HttpMethod method, string path, string? account = null) => Send(method, new Uri(Twin.Nexus(), path), account);

    /// <summary>Asks the control plane.</summary>
    public Task<TwinAnswer> Control(HttpMethod method, string path) => Send(method, new Uri(Twin.Upstream(), $"_standin/{path}"));

    /// <summary>Publishes a newer version in a public index.</summary>
    public async Task Publish(string index, string name, string version)
    {
        using var answer = await _http.PostAsJsonAsync(new Uri(Twin.Upstream(), "_standin/upstream/publish"), new { index, name, version }, Cancel);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Cuts a public index off, or connects it again.</summary>
    public async Task SetReachable(string index, bool reachable) =>
        (await Control(HttpMethod.Put, $"upstream/reachable/{index}/{(reachable ? "true" : "false")}")).Status.Should().Be(204);

    /// <summary>Changes a repository's settings as an administrator does: reads all of them, changes some, writes all of them.</summary>
    /// <param name="repository">Format, type and name.</param>
    public async Task Configure(string repository, Action<JsonNode> change)
    {
        var address = new Uri(Twin.Nexus(), $"service/rest/v1/repositories/{repository}");
        var admin = await Administrator();
        var settings = JsonNode.Parse((await Send(HttpMethod.Get, address, admin)).Text)!;
        change(settings);
        using var request = Request(HttpMethod.Put, address, admin);
        request.Content = JsonContent.Create(settings);
        using var answer = await _http.SendAsync(request, Cancel);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Asks Nexus to forget how fresh a repository's content is.</summary>
    public async Task Invalidate(string repository) =>
        (await Call(HttpMethod.Post, $"service/rest/v1/repositories/{repository}/invalidate-cache", await Administrator())).Status.Should().Be(204);

    /// <summary>What the user interface says of a proxy's remote.</summary>
    public async Task<string?> RemoteState(string repository)
    {
        var details = JsonNode.Parse((await Call(HttpMethod.Get, "service/rest/internal/ui/repositories/details", await Administrator())).Text)!.AsArray();
        return (string?)details.Single(one => (string?)one!["name"] == repository)!["status"]!["description"];
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return Twin.DisposeAsync();
    }

    private async Task<string> Administrator()
    {
        var admin = JsonNode.Parse((await Call(HttpMethod.Get, "_standin/nexus/admin")).Text)!;
        return $"{admin["user"]}:{admin["password"]}";
    }

    private async Task<TwinAnswer> Send(HttpMethod method, Uri address, string? account = null)
    {
        using var request = Request(method, address, account);
        using var answer = await _http.SendAsync(request, Cancel);
        return new TwinAnswer(
            (int)answer.StatusCode, answer.Headers.WwwAuthenticate.ToString(), await answer.Content.ReadAsStringAsync(Cancel));
    }

    private static HttpRequestMessage Request(HttpMethod method, Uri address, string? account) => new(method, address)
    {
        Headers = { Authorization = account is null ? null : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(account))) },
    };
}

/// <summary>What a stand-in answered.</summary>
/// <param name="Challenge">Its WWW-Authenticate header, empty where there is none.</param>
internal sealed record TwinAnswer(int Status, string Challenge, string Text);
