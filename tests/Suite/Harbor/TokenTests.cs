using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class TokenTests : IAsyncLifetime
{
    private HarborWire _harbor = null!;

    public async ValueTask InitializeAsync() => _harbor = await HarborWire.StartAsync();

    public ValueTask DisposeAsync() => _harbor.DisposeAsync();

    [Theory]
    [InlineData("CI", "repository:mlops-lab/a:pull,push", "pull,push")]
    [InlineData("CI", "repository:mlops-lab/a:pull", "pull")]
    [InlineData("CI", "repository:mlops-lab/a:pull,push,delete", "pull,push")]
    [InlineData("CI", "repository:mlops-lab/a:*", "pull,push")]
    [InlineData("RECETTE", "repository:mlops-lab/a:*", "pull,push,delete")]
    [InlineData("CI", "repository:mlops-run/a:pull,push", "")]
    [InlineData("PULL", "repository:mlops-lab/a:pull,push", "pull")]
    [InlineData("PULL", "repository:no-such-project/a:pull", "")]
    [InlineData("PULL", "repository:library/a:pull,push", "pull")]
    [InlineData("EXPIRED", "repository:mlops-lab/a:pull", "")]
    [InlineData("PULL", "registry:catalog:*", "")]
    [InlineData("PULL", "nonsense", "")]
    public async Task It_grants_what_is_asked_less_what_is_not_permitted(string persona, string scope, string granted)
    {
        var access = Claims(await _harbor.TokenAsync(Account(persona), scope))["access"]!.AsArray();

        access.Single()!["actions"]!.AsArray().Select(action => (string?)action).Should().Equal(granted.Split(',', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Several_scopes_come_in_one_parameter_or_in_several()
    {
        var token = await _harbor.TokenAsync(_harbor.Ci, "repository:mlops-lab/a:pull repository:library/b:pull", "repository:mlops-lab/c:push");

        Claims(token)["access"]!.AsArray().Select(scope => $"{scope!["name"]}:{scope["actions"]![0]}")
            .Should().Equal("mlops-lab/a:pull", "library/b:pull", "mlops-lab/c:push");
    }

    [Fact]
    public async Task It_says_whose_it_is_and_how_long_it_lives()
    {
        var answer = await _harbor.GetAsync("service/token?service=harbor-registry&account=x", _harbor.Pull);

        var claims = Claims((string)answer.Json["token"]!);
        (claims["iss"]!.ToString(), claims["sub"]!.ToString(), claims["aud"]!.ToString()).Should().Be(("harbor-token-issuer", "robot$mlops-lab+pull", "harbor-registry"));
        ((long)claims["exp"]! - (long)claims["iat"]!).Should().Be(1800);
        (answer.Json["expires_in"]!.ToString(), answer.Json["issued_at"]!.ToString(), answer.Json["access_token"]!.ToString())
            .Should().Be(("1800", "2030-01-01T00:00:00Z", ""));
    }

    [Fact]
    public async Task Wrong_credentials_are_refused_where_nothing_is_asked_and_nobodys_where_something_is()
    {
        var login = await _harbor.GetAsync("service/token?service=harbor-registry", "robot$mlops-lab+pull:wrong");
        var scoped = await _harbor.TokenAsync("robot$mlops-lab+pull:wrong", "repository:mlops-lab/a:pull");

        (login.Status, login.Content.Length).Should().Be((401, 0));
        Claims(scoped)["sub"]!.ToString().Should().BeEmpty();
        (await _harbor.GetAsync("v2/", scoped)).Status.Should().Be(401);
        (await _harbor.GetAsync("v2/mlops-lab/a/tags/list", scoped)).Status.Should().Be(401);
    }

    [Fact]
    public async Task Another_service_and_another_method_are_not_served()
    {
        var service = await _harbor.GetAsync("service/token?service=registry.example", _harbor.Pull);
        var post = await _harbor.SendAsync(HttpMethod.Post, "service/token", _harbor.Pull, new StringContent("grant_type=password"));

        (service.Status, service.Text).Should().Be((400, "Unable to handle service: registry.example"));
        post.Status.Should().Be(405);
    }

    [Fact]
    public async Task A_token_ends_after_half_an_hour()
    {
        var token = await _harbor.TokenAsync(_harbor.Pull, "repository:mlops-lab/a:pull");

        _harbor.Clock.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromSeconds(1));
        var within = await _harbor.GetAsync("v2/", token);
        _harbor.Clock.Advance(TimeSpan.FromSeconds(1));
        var after = await _harbor.GetAsync("v2/", token);

        (within.Status, after.Status).Should().Be((200, 401));
    }

    [Fact]
    public async Task A_token_lets_its_bearer_into_the_project_that_it_names_and_no_other()
    {
        var token = await _harbor.TokenAsync(_harbor.Ci, "repository:mlops-lab/a:pull");

        var there = await _harbor.GetAsync("v2/mlops-lab/a/tags/list", token);
        var beside = await _harbor.GetAsync("v2/mlops-lab/b/tags/list", token);
        var elsewhere = await _harbor.GetAsync("v2/mlops-run/a/tags/list", token);
        var push = await _harbor.SendAsync(HttpMethod.Post, "v2/mlops-lab/a/blobs/uploads/", token);

        (there.Status, beside.Status, elsewhere.Status, push.Status).Should().Be((404, 404, 401, 401), "Harbor looks at the project of a scope only");
    }

    [Theory]
    [InlineData("its claims were altered")]
    [InlineData("it is not signed")]
    [InlineData("its signature is no Base64")]
    [InlineData("it is no token")]
    public async Task A_forged_token_is_nobodys(string how)
    {
        var parts = (await _harbor.TokenAsync(_harbor.Pull, "repository:mlops-lab/a:pull"))["Bearer ".Length..].Split('.');
        var forged = how switch
        {
            "its claims were altered" => $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Text(parts[1]).Replace("pull", "push", StringComparison.Ordinal)))}.{parts[2]}",
            "it is not signed" => $"{Base64Url.EncodeToString("""{"alg":"none","typ":"JWT"}"""u8)}.{parts[1]}.",
            "its signature is no Base64" => $"{parts[0]}.{parts[1]}.?",
            _ => "token",
        };

        (await _harbor.GetAsync("v2/", $"Bearer {forged}")).Status.Should().Be(401);
    }

    private string Account(string persona) => persona switch
    {
        "CI" => _harbor.Ci,
        "PULL" => _harbor.Pull,
        "RECETTE" => _harbor.Recette,
        _ => _harbor.Expired,
    };

    private static JsonNode Claims(string token) => JsonNode.Parse(Text(token.Split('.')[1]))!;

    private static string Text(string part) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(part));
}
