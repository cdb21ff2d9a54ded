using Acceptance.Platform.Evidence;
using Acceptance.Platform.Harbor.Oci;
using Acceptance.Platform.Personas;
using Acceptance.Platform.Results;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class OciLoginTests : IAsyncLifetime
{
    private static readonly RepositoryName Other = RepositoryName.Parse("tests/other");

    private OciServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await OciServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task The_challenge_is_read_and_nothing_is_sent_for_it()
    {
        _server.WithTokens(realm: "https://harbor.example/service/token");

        var challenge = await _server.Client().ChallengeAsync(Cancel);

        challenge.Should().Be(new RegistryChallenge("Bearer", "https://harbor.example/service/token", "harbor-registry", "repository:tests/image:pull"));
        _server.Authorisations.Should().Equal("");
    }

    [Fact]
    public async Task A_registry_that_asks_nothing_is_sent_nothing()
    {
        (await _server.Client().ChallengeAsync(Cancel)).Should().BeNull();
        await _server.Client().LoginAsync(Cancel);

        _server.Authorisations.Should().AllBe("");
    }

    [Fact]
    public async Task The_account_goes_to_the_token_service_and_the_token_to_the_registry()
    {
        _server.WithTokens();

        await _server.Client().BlobExistsAsync(OciServer.Repository, Digest.Of("x"u8), Cancel);

        _server.Requests.Should().Equal(
            "GET /v2/",
            "GET /service/token?service=harbor-registry&scope=repository%3Atests%2Fimage%3Apull",
            $"HEAD /v2/tests/image/blobs/{Digest.Of("x"u8)}");
        _server.Authorisations.Should().Equal("", "Basic cm9ib3QkdGVzdHM6Y29ycmVjdCBob3JzZQ==", "Bearer token-1");
    }

    [Fact]
    public async Task The_anonymous_persona_asks_for_a_token_too()
    {
        _server.WithTokens();

        await _server.Client(Persona.Anonymous).BlobExistsAsync(OciServer.Repository, Digest.Of("x"u8), Cancel);

        _server.Authorisations.Should().Equal("", "", "Bearer token-1");
    }

    [Fact]
    public async Task A_token_is_kept_for_its_scope_until_shortly_before_it_expires()
    {
        var clock = new FakeTimeProvider();
        _server.WithTokens(expiresIn: 300);
        var client = _server.Client(clock: clock);

        await client.BlobExistsAsync(OciServer.Repository, Digest.Of("x"u8), Cancel);
        await client.BlobExistsAsync(Other, Digest.Of("x"u8), Cancel);
        clock.Advance(TimeSpan.FromSeconds(289));
        await client.BlobExistsAsync(OciServer.Repository, Digest.Of("x"u8), Cancel);
        clock.Advance(TimeSpan.FromSeconds(1));
        await client.BlobExistsAsync(OciServer.Repository, Digest.Of("x"u8), Cancel);

        _server.Authorisations.Where(value => value.StartsWith("Bearer", StringComparison.Ordinal))
            .Should().Equal("Bearer token-1", "Bearer token-2", "Bearer token-1", "Bearer token-3");
    }

    [Fact]
    public async Task A_kept_token_that_is_refused_is_renewed()
    {
        var first = true;
        _server.WithTokens((number, _) => number > 1 || first);
        var client = _server.Client();

        await client.BlobExistsAsync(OciServer.Repository, Digest.Of("x"u8), Cancel);
        first = false;
        await client.BlobExistsAsync(OciServer.Repository, Digest.Of("x"u8), Cancel);

        _server.Authorisations.Last().Should().Be("Bearer token-2");
    }

    [Fact]
    public async Task A_registry_that_asks_for_the_account_itself_gets_it()
    {
        _server.LetsIn = context => context.Request.Headers.Authorization.ToString().StartsWith("Basic ", StringComparison.Ordinal);
        _server.Challenge = _ => "Basic realm=\"docker-registry\"";

        await _server.Client().LoginAsync(Cancel);

        _server.Authorisations.Should().Equal("", "Basic cm9ib3QkdGVzdHM6Y29ycmVjdCBob3JzZQ==");
    }

    [Theory]
    [InlineData("no challenge at all", null, "401 Unauthorized without a WWW-Authenticate header")]
    [InlineData("another login", "Negotiate", "401 Unauthorized with a challenge of the scheme Negotiate")]
    public async Task A_login_that_no_registry_has_is_told(string what, string? challenge, string observed)
    {
        _server.LetsIn = _ => false;
        _server.Challenge = challenge is null ? null : _ => challenge;

        var exception = (await Asking().Should().ThrowAsync<OciException>(what)).Which;

        (exception.Expected, exception.Observed).Should().Be(("200, or 401 with a challenge, as a registry answers to nobody", observed));
    }

    [Fact]
    public async Task A_realm_at_another_host_gets_no_credential()
    {
        await using var other = await OciServer.StartAsync();
        _server.WithTokens(realm: new Uri(other.Address, "/token").ToString());

        var exception = (await Asking().Should().ThrowAsync<OciException>()).Which;

        exception.Message.Should().Be($"""
            Expected : a challenge with a token service at http://{_server.Address.Authority}
            Observed : a Bearer challenge with the realm {other.Address}token
            Request  : GET {_server.Address}v2/ -> 401
            Likely   : the registry's external address is wrong; no credential was sent to that other host
            """.ReplaceLineEndings("\n"));
        other.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_realm_at_another_host_that_is_declared_gets_the_account()
    {
        await using var other = await OciServer.StartAsync();
        other.Instead("GET /token", 200, """{"access_token": "token-1"}""");
        _server.WithTokens(realm: new Uri(other.Address, "/token").ToString());

        await _server.Client(realms: other.Address).LoginAsync(Cancel);

        other.Authorisations.Should().ContainSingle().Which.Should().StartWith("Basic ");
        _server.Authorisations.Should().Equal("", "Bearer token-1");
    }

    [Theory]
    [InlineData("Bearer service=\"x\"", "a Bearer challenge without a realm")]
    [InlineData("Bearer realm=\"/service/token\"", "a Bearer challenge whose realm '/service/token' is no address")]
    public async Task A_realm_that_is_none_is_told(string challenge, string observed)
    {
        _server.LetsIn = _ => false;
        _server.Challenge = _ => challenge;

        (await Asking().Should().ThrowAsync<OciException>()).Which.Observed.Should().Be(observed);
    }

    [Fact]
    public async Task An_account_that_the_token_service_refuses_is_told()
    {
        _server.Instead("GET /service/token", 401, OciServer.Error("UNAUTHORIZED", "unauthorized"));
        _server.WithTokens();

        var exception = (await Asking().Should().ThrowAsync<OciException>()).Which;

        exception.Message.Should().Be($"""
            Expected : a token for the registry, for the persona 'robot of the tests'
            Observed : 401 Unauthorized: UNAUTHORIZED "unauthorized"
            Request  : GET {_server.Address}service/token?service=harbor-registry -> 401
            Likely   : the account of the persona 'robot of the tests' is refused: its secret is wrong, or it is disabled or has expired
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_token_that_is_good_for_nothing_here_is_told()
    {
        _server.WithTokens((_, _) => false);

        var exception = (await FluentActions.Invoking(() => _server.Client().GetManifestAsync(OciServer.Repository, Tag.Parse("x"), Cancel)).Should().ThrowAsync<OciException>()).Which;

        exception.Message.Should().Be($"""
            Expected : 200 for the manifest tests/image:x
            Observed : 401 Unauthorized: UNAUTHORIZED "unauthorized"
            Request  : GET {_server.Address}v2/tests/image/manifests/x -> 401
            Likely   : the persona 'robot of the tests' may not do this in this repository, or its project does not exist: Harbor answers both with 401
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_registry_that_wants_an_account_and_gets_nobody_is_told()
    {
        _server.LetsIn = _ => false;
        _server.Challenge = _ => "Basic realm=\"docker-registry\"";

        var asking = () => _server.Client(Persona.Anonymous).LoginAsync(Cancel);

        (await asking.Should().ThrowAsync<OciException>()).Which.Likely.Should().Be("the registry wants a credential, and the persona 'anonymous' has none");
    }

    [Theory]
    [InlineData("{}", "200 OK with neither a token nor an access_token")]
    [InlineData("[", "200 OK with what is no token document: *")]
    public async Task A_token_service_that_gives_none_is_told(string body, string observed)
    {
        _server.Instead("GET /service/token", 200, body);
        _server.WithTokens();

        (await Asking().Should().ThrowAsync<OciException>()).Which.Observed.Should().Match(observed);
    }

    [Fact]
    public async Task No_token_is_in_the_evidence()
    {
        _server.WithTokens();
        var folder = new ResultsFolder(Directory.CreateTempSubdirectory("evidence-").FullName);
        _server.Instead("GET /v2/tests/image/tags/list", context => OciServer.WriteAsync(context, 500, $"you sent {context.Request.Headers.Authorization}", "text/plain"));

        await FluentActions.Invoking(async () => await _server.Client().ListTagsAsync(OciServer.Repository, null, null, Cancel).ToListAsync(Cancel)).Should().ThrowAsync<OciException>();
        var written = TestJournal.Current.WriteEvidence(folder, new Redaction());

        var har = await File.ReadAllTextAsync(Path.Combine(folder.Path, written.Single().Source), Cancel);
        har.Should().Contain("you sent Bearer ***").And.NotContain("token-1").And.NotContain("correct horse").And.NotContain("cm9ib3Q");
    }

    private Func<Task> Asking() => () => _server.Client().LoginAsync(Cancel);
}
