using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Acceptance.StandIns.Gcp.Auth.Iam;
using Acceptance.StandIns.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.Gcp;

/// <summary>Tokens on the raw wire: what Google gives for a key, a refresh token, an id_token of GitLab, and what it says when it does not.</summary>
public sealed class GcpIdentityTests : IAsyncLifetime
{
    private const string Ci = "ci-lab@acc-lab.iam.gserviceaccount.com";
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private Twin _twin = null!;
    private HttpClient _http = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _twin = await Twin.StartAsync(new TwinOptions { Clock = _clock }, Cancel);
        _http = new HttpClient { BaseAddress = new Uri(_twin.Variables["ACCEPTANCE_GCP_AUTH_URL"]), Timeout = TimeSpan.FromSeconds(20) };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _twin.DisposeAsync();
    }

    [Fact]
    public async Task A_service_accounts_key_gives_a_token_of_its_account()
    {
        var answer = await ExchangeAsync(await AssertionAsync(0, 3600));

        answer.Status.Should().Be(200, "{0}", answer.Text);
        ((string?)answer.Json["token_type"], (int)answer.Json["expires_in"]!).Should().Be(("Bearer", 3599));
        var info = await GetAsync($"tokeninfo?access_token={answer.Json["access_token"]}");
        ((string?)info.Json["email"], (string?)info.Json["scope"]).Should().Be((Ci, Scope));
    }

    [Theory]
    [InlineData(360, 3600, "from a clock that is ahead")]
    [InlineData(-4000, 3600, "expired long ago")]
    [InlineData(0, 7200, "longer than an hour")]
    [InlineData(0, -60, "that ends before it begins")]
    public async Task An_assertion_out_of_time_is_refused(int issued, int lifetime, string why)
    {
        var answer = await ExchangeAsync(await AssertionAsync(issued, lifetime));

        (answer.Status, (string?)answer.Json["error"]).Should().Be((400, "invalid_grant"), why);
        ((string?)answer.Json["error_description"]).Should().Be(
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.");
    }

    [Fact]
    public async Task Four_minutes_of_skew_are_forgiven() => (await ExchangeAsync(await AssertionAsync(240, 3600))).Status.Should().Be(200);

    [Fact]
    public async Task An_assertion_that_another_key_signed_is_refused()
    {
        using var other = RSA.Create(2048);
        var forged = Sign(other, new JsonObject { ["iss"] = Ci, ["aud"] = "https://oauth2.googleapis.com/token", ["scope"] = Scope, ["iat"] = Now, ["exp"] = Now + 3600 });

        var answer = await ExchangeAsync(forged);

        ((string?)answer.Json["error"], (string?)answer.Json["error_description"]).Should().Be(("invalid_grant", "Invalid JWT Signature."));
    }

    [Theory]
    [InlineData("assertion=none", 400, "invalid_grant")]
    [InlineData("assertion=a.b.c", 400, "invalid_grant")]
    [InlineData("", 400, "invalid_grant")]
    public async Task What_is_no_assertion_is_refused(string form, int status, string error)
    {
        var answer = await PostAsync("token", $"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&{form}");

        (answer.Status, (string?)answer.Json["error"]).Should().Be((status, error));
    }

    [Fact]
    public async Task A_refresh_token_gives_a_token_of_its_person()
    {
        var file = await CredentialsAsync("data-scientist@example.test", "authorized_user");

        var answer = await PostAsync("token", $"grant_type=refresh_token&client_id={file["client_id"]}&client_secret={file["client_secret"]}&refresh_token={Uri.EscapeDataString((string)file["refresh_token"]!)}");
        var revoked = await PostAsync("token", $"grant_type=refresh_token&client_id={file["client_id"]}&client_secret={file["client_secret"]}&refresh_token=gone");
        var foreign = await PostAsync("token", "grant_type=refresh_token&client_id=x&client_secret=y&refresh_token=z");

        var user = await GetAsync("oauth2/v3/userinfo", (string?)answer.Json["access_token"]);
        ((string?)user.Json["email"]).Should().Be("data-scientist@example.test");
        ((string?)revoked.Json["error"], (string?)revoked.Json["error_description"]).Should().Be(("invalid_grant", "Token has been expired or revoked."));
        (foreign.Status, (string?)foreign.Json["error"]).Should().Be((401, "invalid_client"));
    }

    [Theory]
    [InlineData("acc-lab", "mlops/churn", "feature", "false", 200)]
    [InlineData("acc-run", "mlops/churn", "main", "true", 200)]
    [InlineData("acc-run", "mlops/churn", "feature", "false", 401)]
    [InlineData("acc-lab", "other/churn", "main", "true", 401)]
    public async Task A_job_of_GitLab_is_admitted_by_group_and_protection(string project, string path, string branch, string isProtected, int status)
    {
        var exchanged = await FederateAsync(project, $"project={project}&path={path}&branch={branch}&protected={isProtected}");

        exchanged.Status.Should().Be(status, "{0}", exchanged.Text);
        if (status != 200)
        {
            ((string?)exchanged.Json["error"], (string?)exchanged.Json["error_description"]).Should().Be(("unauthorized_client", "The given credential is rejected by the attribute condition."));
        }
    }

    [Theory]
    [InlineData("project=acc-lab&skew=-400", "is stale to sign-in")]
    [InlineData("project=acc-lab&skew=400", "is not yet valid")]
    [InlineData("project=acc-lab&audience=//elsewhere", "does not match the expected audience")]
    public async Task A_jobs_token_out_of_time_or_place_is_refused(string query, string says)
    {
        var exchanged = await FederateAsync("acc-lab", query);

        (exchanged.Status, (string?)exchanged.Json["error"]).Should().Be((400, "invalid_grant"));
        ((string?)exchanged.Json["error_description"]).Should().Contain(says);
    }

    [Fact]
    public async Task An_unknown_provider_is_an_invalid_target() =>
        ((string?)(await FederateAsync("acc-lab", "project=acc-lab", "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/x/providers/x")).Json["error"])
            .Should().Be("invalid_target");

    [Fact]
    public async Task A_job_acts_as_its_projects_account_and_no_other()
    {
        var federated = (string?)(await FederateAsync("acc-lab", "project=acc-lab")).Json["access_token"];

        var own = await ImpersonateAsync(federated, Ci);
        var other = await ImpersonateAsync(federated, "ci-run@acc-run.iam.gserviceaccount.com");

        own.Status.Should().Be(200, "{0}", own.Text);
        ((string?)own.Json["expireTime"]).Should().Be("2030-01-01T01:00:00Z");
        (other.Refusal, (string?)other.Json["error"]!["status"]).Should().Be(((403, "forbidden"), "PERMISSION_DENIED"));
        other.Message.Should().Be("Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).");
    }

    [Theory]
    [InlineData("""{"lifetime": "3600s"}""", 400)]
    [InlineData("""{"scope": ["x"], "lifetime": "7200s"}""", 400)]
    [InlineData("""{"scope": ["x"], "lifetime": "long"}""", 400)]
    [InlineData("{", 400)]
    public async Task Acting_as_an_account_wants_scopes_and_at_most_an_hour(string body, int status)
    {
        var federated = (string?)(await FederateAsync("acc-lab", "project=acc-lab")).Json["access_token"];

        (await ImpersonateAsync(federated, Ci, body)).Status.Should().Be(status);
    }

    [Fact]
    public async Task The_metadata_server_answers_who_names_its_flavour()
    {
        await _http.PutAsync("_standin/gcp-auth/metadata/run-agent@acc-run.iam.gserviceaccount.com", null, Cancel);
        const string Account = "computeMetadata/v1/instance/service-accounts/default";

        var email = await GetAsync($"{Account}/email", flavour: true);
        var token = await GetAsync($"{Account}/token", flavour: true);
        var project = await GetAsync("computeMetadata/v1/project/project-id", flavour: true);
        var without = await GetAsync($"{Account}/token");

        (email.Text, project.Text, email["Metadata-Flavor"]).Should().Be(("run-agent@acc-run.iam.gserviceaccount.com", "acc-run", "Google"));
        ((string?)(await GetAsync($"tokeninfo?access_token={token.Json["access_token"]}")).Json["email"]).Should().Be(email.Text);
        without.Status.Should().Be(403);
    }

    [Fact]
    public async Task A_revoked_token_is_good_for_nothing()
    {
        var token = (string)(await ExchangeAsync(await AssertionAsync(0, 3600))).Json["access_token"]!;

        (await PostAsync("revoke", $"token={token}")).Status.Should().Be(200);

        (await GetAsync("oauth2/v3/userinfo", token)).Refusal.Should().Be((401, "authError"));
    }

    [Fact]
    public async Task A_token_that_the_account_signed_itself_is_good_at_the_APIs()
    {
        using var key = RSA.Create();
        var file = await CredentialsAsync(Ci, "service_account");
        key.ImportFromPem((string)file["private_key"]!);
        var token = Sign(key, new JsonObject { ["iss"] = Ci, ["sub"] = Ci, ["aud"] = "https://storage.googleapis.com/", ["iat"] = Now, ["exp"] = Now + 3600 });
        var objects = new Uri(new Uri(_twin.Variables["ACCEPTANCE_GCS_URL"]), "storage/v1/b/acc-lab-data/o").AbsoluteUri;

        (await GetAsync(objects, token)).Status.Should().Be(200);
        _clock.Advance(TimeSpan.FromHours(2));
        (await GetAsync(objects, token)).Refusal.Should().Be((401, "authError"));
    }

    [Theory]
    [InlineData("Y20")]
    [InlineData("Y21")]
    [InlineData("Y22")]
    [InlineData("Y23")]
    [InlineData("Y24")]
    public async Task A_fault_is_met_where_it_should_be(string fault)
    {
        var federated = (string?)(await FederateAsync("acc-lab", "project=acc-lab")).Json["access_token"];
        var file = await CredentialsAsync("data-scientist@example.test", "authorized_user");
        var assertion = await AssertionAsync(0, 3600);
        _twin.Faults.SwitchOn(fault);

        var met = fault switch
        {
            "Y20" => (await ExchangeAsync(assertion)).Text.Contains("reasonable timeframe", StringComparison.Ordinal),
            "Y21" => (await ImpersonateAsync(federated, Ci)).Refusal == (403, "forbidden"),
            "Y22" => (await FederateAsync("acc-lab", "project=acc-lab")).Text.Contains("attribute condition", StringComparison.Ordinal),
            "Y23" => (await PostAsync("token", $"grant_type=refresh_token&client_id={file["client_id"]}&client_secret={file["client_secret"]}&refresh_token={Uri.EscapeDataString((string)file["refresh_token"]!)}")).Text.Contains("expired or revoked", StringComparison.Ordinal),
            _ => (await ImpersonateAsync(federated, Ci)).Refusal == (401, "authError"),
        };

        (met, _twin.Faults.Hits(fault)).Should().Be((true, 1));
    }

    [Fact]
    public async Task What_is_not_emulated_says_so_by_name() =>
        (await GetAsync("v1/projects/acc-lab/serviceAccounts")).Message.Should().Be("The Google identity stand-in does not emulate GET /v1/projects/acc-lab/serviceAccounts.");

    [Theory]
    [InlineData("""{"scope": [null]}""")]
    [InlineData("""{"scope": "x"}""")]
    [InlineData("""{"scope": ["x"], "lifetime": 5}""")]
    [InlineData("""{"scope": ["x"], "scope": ["y"]}""")]
    [InlineData("""{"scope": [""")]
    public async Task Impersonation_that_says_the_wrong_thing_is_refused(string body)
    {
        var federated = (string?)(await FederateAsync("acc-lab", "project=acc-lab")).Json["access_token"];

        var answer = await ImpersonateAsync(federated, Ci, body);

        (answer.Status, (string?)answer.Json["error"]!["status"]).Should().Be((400, "INVALID_ARGUMENT"), "{0}", answer.Text);
    }

    [Fact]
    public async Task An_identity_for_an_audience_that_is_no_text_is_refused()
    {
        var federated = (string?)(await FederateAsync("acc-lab", "project=acc-lab")).Json["access_token"];

        (await SendAsync(HttpMethod.Post, $"v1/projects/-/serviceAccounts/{Ci}:generateIdToken", new StringContent("""{"audience": 5}"""), federated)).Status.Should().Be(400);
    }

    [Fact]
    public async Task A_provider_is_named_whole()
    {
        var audience = (string)(await CredentialsAsync(Ci, "external_account"))["audience"]!;

        ((string?)(await FederateAsync("acc-lab", "project=acc-lab", "https:" + audience)).Json["token_type"]).Should().Be("Bearer");
        ((string?)(await FederateAsync("acc-lab", "project=acc-lab", "elsewhere" + audience)).Json["error"]).Should().Be("invalid_target");
    }

    [Fact]
    public void Roles_that_are_given_at_one_time_are_all_kept()
    {
        var bindings = new IamBindings();

        Parallel.For(0, 2000, number => bindings.Bind("acc-lab", "roles/viewer", $"user:{number}@example.test"));

        bindings.OfProject("acc-lab").Bindings["roles/viewer"].Should().HaveCount(2000);
    }

    private long Now => _clock.GetUtcNow().ToUnixTimeSeconds();

    private async Task<string> AssertionAsync(int issued, int lifetime)
    {
        using var key = RSA.Create();
        var file = await CredentialsAsync(Ci, "service_account");
        key.ImportFromPem((string)file["private_key"]!);
        return Sign(key, new JsonObject
        {
            ["iss"] = Ci,
            ["aud"] = (string?)file["token_uri"],
            ["scope"] = Scope,
            ["iat"] = Now + issued,
            ["exp"] = Now + issued + lifetime,
        });
    }

    private static string Sign(RSA key, JsonObject claims)
    {
        var signed = $"{Part("""{"alg":"RS256","typ":"JWT"}""")}.{Part(claims.ToJsonString())}";
        return $"{signed}.{Encode(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";

        static string Part(string text) => Encode(Encoding.UTF8.GetBytes(text));
        static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    private Task<StorageAnswer> ExchangeAsync(string assertion) => PostAsync("token", $"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={assertion}");

    private async Task<StorageAnswer> FederateAsync(string project, string job, string? audience = null)
    {
        var token = (string)(await GetAsync($"_standin/gcp-auth/id-token?{job}")).Json["id_token"]!;
        var file = await CredentialsAsync($"ci-{project["acc-".Length..]}@{project}.iam.gserviceaccount.com", "external_account");
        return await PostAsync("v1/token", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt"
            + $"&audience={Uri.EscapeDataString(audience ?? (string)file["audience"]!)}&scope={Uri.EscapeDataString(Scope)}&subject_token={token}");
    }

    private Task<StorageAnswer> ImpersonateAsync(string? token, string account, string? body = null) => SendAsync(
        HttpMethod.Post, $"v1/projects/-/serviceAccounts/{account}:generateAccessToken", new StringContent(body ?? $$"""{"scope": ["{{Scope}}"], "lifetime": "3600s"}"""), token);

    private async Task<JsonNode> CredentialsAsync(string email, string type) => (await GetAsync($"_standin/gcp-auth/credentials/{email}?type={type}")).Json;

    private Task<StorageAnswer> PostAsync(string path, string form) =>
        SendAsync(HttpMethod.Post, path, new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded"));

    private Task<StorageAnswer> GetAsync(string path, string? token = null, bool flavour = false) => SendAsync(HttpMethod.Get, path, null, token, flavour);

    private async Task<StorageAnswer> SendAsync(HttpMethod method, string path, HttpContent? content, string? token = null, bool flavour = false)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = token is null ? null : new("Bearer", token);
        if (flavour)
        {
            request.Headers.Add("Metadata-Flavor", "Google");
        }

        using var answer = await _http.SendAsync(request, Cancel);
        return await StorageAnswer.ReadAsync(answer, Cancel);
    }
}
