namespace Acceptance.Tests.Suite.Harbor;

/// <summary>What is the same for every call: ids, sessions, malformed requests, and what there is not.</summary>
public sealed class ApiFormTests : IAsyncLifetime
{
    private HarborApi _api = null!;

    public async ValueTask InitializeAsync() => _api = await HarborApi.StartAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Health_names_every_component()
    {
        var health = (await _api.Get("health")).Json;

        ((string?)health["status"]).Should().Be("healthy");
        health["components"]!.AsArray().Select(component => $"{component!["name"]} {component["status"]}").Should().Equal(
            "core healthy", "database healthy", "jobservice healthy", "portal healthy", "redis healthy", "registry healthy", "registryctl healthy", "trivy healthy");
        (await _api.Get("ping")).Text.Should().Be("Pong");
    }

    [Fact]
    public async Task X29_shows_jobservice_unhealthy_in_an_answer_of_200()
    {
        _api.Faults.SwitchOn("X29");

        var answer = await _api.Get("health");

        (answer.Status, (string?)answer.Json["status"]).Should().Be((200, "unhealthy"));
        answer.Json["components"]!.AsArray().Where(component => (string?)component!["status"] == "unhealthy").Select(component => (string?)component!["name"])
            .Should().Equal("jobservice");
        _api.Faults.Hits("X29").Should().Be(1);
    }

    [Fact]
    public async Task Nobody_learns_less_of_the_system_than_an_account()
    {
        var (nobody, account) = ((await _api.Get("systeminfo")).Json.AsObject(), (await _api.Get("systeminfo", HarborApi.Maintainer)).Json.AsObject());

        nobody.Select(field => field.Key).Should().NotContain(["harbor_version", "registry_url", "read_only"]).And.Contain("auth_mode");
        ((string?)account["harbor_version"], (string?)account["current_time"]).Should().Be(("v2.14.0", "2030-01-01T00:00:00.000Z"));
    }

    [Fact]
    public async Task A_request_has_an_id_that_the_client_may_choose()
    {
        var own = await _api.Send(HttpMethod.Get, "ping", headers: ("X-Request-Id", "recette-1"));

        own.Headers["X-Request-Id"].Should().Be("recette-1");
        Guid.TryParse((await _api.Get("projects/nothing")).Headers["X-Request-Id"], out _).Should().BeTrue();
    }

    [Fact]
    public async Task A_client_that_takes_up_a_session_must_give_its_token_with_writes()
    {
        const string Robots = "robots/1";
        var offered = await _api.Get("ping", HarborApi.Admin);
        var cookie = offered.Headers["Set-Cookie"];
        var session = ("Cookie", cookie.Split(';')[0]);

        var read = await _api.Send(HttpMethod.Get, "projects", HarborApi.Admin, headers: session);
        var refused = await _api.Send(HttpMethod.Delete, Robots, HarborApi.Admin, headers: session);
        var passed = await _api.Send(HttpMethod.Delete, Robots, HarborApi.Admin, headers: [session, ("X-Harbor-CSRF-Token", read.Headers["X-Harbor-CSRF-Token"])]);
        var without = await _api.Send(HttpMethod.Delete, Robots, HarborApi.Admin);

        cookie.Should().MatchRegex("^sid=[0-9a-f]{32}; path=/; secure; httponly$");
        refused.Error.Should().Be((403, "FORBIDDEN", "CSRF token invalid"));
        read.Headers.Should().NotContainKey("Set-Cookie");
        (passed.Status, without.Status).Should().Be((404, 404), "there is no such robot, which is all that is wrong");
    }

    [Theory]
    [InlineData("{", "application/json", "parsing project body from \"\" failed, because *")]
    [InlineData("""{"project_name": 7}""", "application/json", "parsing project body from \"\" failed, because *")]
    [InlineData("null", "application/json", "project in body is required")]
    [InlineData("", "application/json", "project in body is required")]
    [InlineData("""{"project_name": "x"}""", "text/plain", "unsupported media type \"text/plain\", only [application/json] are allowed")]
    public async Task A_body_that_cannot_be_read_is_refused_before_the_caller_is_looked_at(string body, string type, string problem)
    {
        var answer = await _api.Send(HttpMethod.Post, "projects", account: null, body, type);

        (answer.Status, answer.Error.Code).Should().Be((422, "UNPROCESSABLE_ENTITY"));
        answer.Error.Message.Should().Match($"validation failure list:\n{problem}");
    }

    [Theory]
    [InlineData("GET", "replication/policies")]
    [InlineData("POST", "users")]
    [InlineData("PATCH", "projects/mlops-lab")]
    [InlineData("GET", "projects/mlops-lab/logs")]
    [InlineData("POST", "projects/mlops-lab/repositories/churn/artifacts/1.0/labels")]
    public async Task What_is_not_emulated_says_so(string method, string path)
    {
        var answer = await _api.Send(new HttpMethod(method), path, HarborApi.Admin);

        (answer.Status, answer.Text).Should().Be((501, $"The Harbor stand-in does not emulate {method} /api/v2.0/{path}."));
    }

    [Theory]
    [InlineData("projects/..%2Fother-team")]
    [InlineData("projects/%2e%2e%2f%2e%2e%2fetc")]
    public async Task A_name_that_climbs_names_nothing(string path) =>
        (await _api.Get(path, HarborApi.Admin)).Status.Should().Be(404);
}
