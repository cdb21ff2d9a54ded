using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Acceptance.StandIns.Faults;
using Acceptance.StandIns.Harbor;
using Acceptance.StandIns.Harbor.Accounts;
using Acceptance.StandIns.Harbor.Api;
using Acceptance.StandIns.Harbor.Projects;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.Harbor;

/// <summary>The API of the Harbor stand-in on a loopback port, on a state that the test fills and a clock that only it moves.</summary>
internal sealed class HarborApi : IAsyncDisposable
{
    public const string Admin = HarborNames.Admin;
    public const string Maintainer = HarborNames.Recette;
    public const string Lab = HarborNames.Lab;

    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private readonly HarborSecrets _secrets = new();
    private readonly Dictionary<string, string> _made = new(StringComparer.Ordinal);

    private HarborApi()
    {
        State = new HarborState(_secrets, Faults, Clock);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.UseRouting();
        _app.MapApi(() => State, Faults, Clock);
        _app.UseEndpoints(_ => { });
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { Timeout = TimeSpan.FromMinutes(1) };
    }

    public FaultSwitches Faults { get; } = new(HarborFaults.All);

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public HarborState State { get; }

    public HarborProject LabProject => State.Projects.Find(Lab)!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<HarborApi> StartAsync()
    {
        var api = new HarborApi();
        await api._app.StartAsync(Cancel);
        api._http.BaseAddress = new Uri(api._app.Urls.Single() + ApiRoutes.Root + "/");
        return api;
    }

    /// <summary>A new user with a role in lab's project; none without one.</summary>
    public string User(ProjectRole? role)
    {
        var name = $"{role}".ToLowerInvariant() is { Length: > 0 } word ? word : "stranger";
        _made[name] = HarborSecrets.NewSecret();
        var user = State.Accounts.CreateUser(name, _made[name]);
        if (role is { } given)
        {
            LabProject.Set(new ProjectMember(State.Ids.Members.Next(), user.Id, given));
        }

        return name;
    }

    /// <summary>A new robot of lab's project.</summary>
    public string Robot(params ProjectAction[] actions)
    {
        var secret = HarborSecrets.NewSecret();
        var robot = State.Accounts.CreateRobot("made", LabProject, -1, secret, [new RobotPermission(RobotPermission.ProjectKind, Lab, actions)])!;
        _made[robot.FullName] = secret;
        return robot.FullName;
    }

    public Task<ApiAnswer> Get(string path, string? account = null) => Send(HttpMethod.Get, path, account);

    /// <param name="path">Below the API's root.</param>
    /// <param name="account">One of those that Harbor starts with, or that the test made; null for nobody.</param>
    /// <param name="body">Sent as it is.</param>
    public async Task<ApiAnswer> Send(
        HttpMethod method, string path, string? account = null, string? body = null, string type = "application/json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (account is not null)
        {
            request.Headers.Authorization = Basic(account, SecretOf(account));
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type));
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await _http.SendAsync(request, Cancel);
        return new ApiAnswer(answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel), answer.Headers.Concat(answer.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase));
    }

    public static AuthenticationHeaderValue Basic(string account, string secret) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{account}:{secret}")));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        State.Dispose();
    }

    private string SecretOf(string account) => account switch
    {
        Admin => _secrets.Admin,
        Maintainer => _secrets.Recette,
        _ => _made.GetValueOrDefault(account) ?? _secrets.OfRobot(account.Split('$', '+')[1], account.Split('+')[1]),
    };
}

/// <summary>What the API answered.</summary>
internal sealed record ApiAnswer(HttpStatusCode Code, string Text, IReadOnlyDictionary<string, string> Headers)
{
    public int Status => (int)Code;

    public JsonNode Json => JsonNode.Parse(Text)!;

    /// <summary>Status, code and message of a refusal, in Harbor's form and no other.</summary>
    public (int Status, string? Code, string? Message) Error => Json["errors"] is JsonArray { Count: 1 } errors && Json.AsObject().Count == 1
        ? (Status, (string?)errors[0]!["code"], (string?)errors[0]!["message"])
        : throw new InvalidOperationException($"Not Harbor's error: {Status} {Text}");

    /// <summary>One field of each item of a list.</summary>
    public IEnumerable<string> Each(string field) => Json.AsArray().Select(item => item![field]!.ToString());
}
