using Acceptance.Platform.Evidence;
using Acceptance.Platform.Gcp.Auth;
using Acceptance.Platform.Http;
using Acceptance.Tests.Suite.Http;
using Acceptance.Tests.Suite.Recette;
using Microsoft.AspNetCore.Http;

namespace Acceptance.Tests.Suite.Gcp.Auth;

/// <summary>What is said where Google gives no token, word for word.</summary>
public sealed class GcpAuthExceptionTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_clock_that_is_off_is_said_with_how_far()
    {
        var message = await RefusedAsync(
            400, """{"error": "invalid_grant", "error_description": "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim."}""",
            answer => answer.Headers.Date = TimeProvider.System.GetUtcNow().AddMinutes(10).ToString("R"));

        message.Should().Match("""
            Expected : an access token of the user of user.json
            Observed : 400 invalid_grant: Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.
            Request  : POST http://google/token -> 400
            Likely   : clock skew: this machine's clock is * min behind Google's, and Google refuses what is signed in its past or future
            Try      : set the clock (`timedatectl set-ntp true`), then run it again
            """.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData(400, """{"error": "invalid_grant", "error_description": "Token has been expired or revoked."}""", "400 invalid_grant: Token has been expired or revoked.",
        "the user's sign-in has expired or was revoked", "sign in again: `gcloud auth application-default login`")]
    [InlineData(400, """{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}""", "400 invalid_grant: Invalid JWT Signature.",
        "the key was deleted or disabled, or belongs to another service account than the file says",
        "list the account's keys (`gcloud iam service-accounts keys list`) and write a new file, or use workload identity federation, which needs no key")]
    [InlineData(400, """{"error": "invalid_grant", "error_description": "Invalid grant: account not found"}""", "400 invalid_grant: Invalid grant: account not found",
        "the service account was deleted or disabled", "ask the team that runs Google Cloud for its state")]
    [InlineData(401, """{"error": "unauthorized_client", "error_description": "The given credential is rejected by the attribute condition."}""", "401 unauthorized_client: The given credential is rejected by the attribute condition.",
        "the workload identity pool does not admit this job: its condition looks at project, branch or protection",
        "compare the job's ref with the provider's attribute condition; an unprotected branch is kept out of run")]
    [InlineData(400, """{"error": "invalid_grant", "error_description": "ID Token issued at 1 is stale to sign-in."}""", "400 invalid_grant: ID Token issued at 1 is stale to sign-in.",
        "the ID token expired: GitLab's lives as long as the job's timeout", "let the job's timeout cover the campaign")]
    [InlineData(400, """{"error": "invalid_grant", "error_description": "The audience in ID Token [x] does not match the expected audience."}""", "400 invalid_grant: The audience in ID Token [x] does not match the expected audience.",
        "the ID token was made for another audience than the provider allows", "set `aud` of the job's `id_tokens` to the audience that the provider allows")]
    [InlineData(407, "who are you", "407 ProxyAuthenticationRequired with \"who are you\"",
        "a proxy between here and Google asks for an account of its own (proxyAuthenticationRequired)", "leave Google's addresses out of the proxy, or give the proxy its account; Google was not reached")]
    [InlineData(500, """{"error": "internal_failure", "error_description": "Backend Error"}""", "500 internal_failure: Backend Error",
        "Google's identity service is disturbed", "wait, and look at Google Cloud's status page")]
    public async Task A_refusal_says_which_credential_which_endpoint_what_Google_said_and_what_to_try(int status, string body, string observed, string likely, string advice)
    {
        (await RefusedAsync(status, body)).Should().Be($"""
            Expected : an access token of the user of user.json
            Observed : {observed}
            Request  : POST http://google/token -> {status}
            Likely   : {likely}
            Try      : {advice}
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_portal_in_the_place_of_Google_is_named()
    {
        (await RefusedAsync(200, "<html><title>Sign in</title></html>", type: "text/html")).Should().Contain("something between here and Google answers in its place");
    }

    [Fact]
    public async Task A_credential_that_reads_no_ID_token_is_not_told_to_look_for_one()
    {
        var pipeline = new HttpPipeline(new Redaction(), new HttpLimits(), null, TimeProvider.System);
        var credential = new GcpCredential(Google.Apis.Auth.OAuth2.GoogleCredential.FromAccessToken("given"), "a given token", new TokenRequests(pipeline, null, TimeSpan.FromSeconds(5)));

        var refused = (await credential.Invoking(one => one.RenewAccessTokenAsync("given", Cancel)).Should().ThrowAsync<GcpAuthException>()).Which;

        refused.Message.Should().Be("Expected : an access token of a given token\nObserved : a given token is of a kind that cannot be renewed: AccessTokenCredential.");
    }

    [Fact]
    public async Task A_refusal_keeps_what_is_at_fault_and_the_id_of_the_request()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 403;
            context.Response.Headers["X-Goog-Request-Id"] = "r-1";
            return context.Response.WriteAsJsonAsync(new { error = new { code = 403, message = "denied", status = "PERMISSION_DENIED", errors = new[] { new { reason = "forbidden", location = "name" } } } });
        });

        var refused = await FailAsync<GcpAuthException>(server.Address, new HttpLimits());

        (refused.Reason, refused.Location, refused.RequestId).Should().Be(("forbidden", "name", "r-1"));
    }

    [Fact]
    public async Task A_token_that_does_not_come_is_not_waited_for()
    {
        await using var server = await LoopbackServer.StartAsync(Nexus.ContentServer.HangAsync);

        var exception = await FailAsync<Exception>(server.Address, new HttpLimits { Answer = TimeSpan.FromMilliseconds(300) });

        exception.Message.Should().ContainAny("nothing whole within 300 ms", "no answer within 0.3 s");
    }

    [Fact]
    public async Task An_identity_service_that_is_not_there_is_said_as_such()
    {
        var exception = await FailAsync<ConnectionFailedException>(new Uri("http://127.0.0.1:9/"), new HttpLimits());

        exception.Fault.Should().Be(ConnectionFault.Refused);
    }

    [Theory]
    [InlineData("""{"type": "gdch"}""", "'FILE' is no credential file of Google that the suite knows: its type is 'gdch'. Known: authorized_user, service_account, external_account, impersonated_service_account.")]
    [InlineData("[]", "'FILE' is no credential file of Google that the suite knows: its type is ''. Known: authorized_user, service_account, external_account, impersonated_service_account.")]
    [InlineData("{ cut", "'FILE' is no credential file of Google: it is not JSON.")]
    [InlineData(null, "there is no file 'FILE'.")]
    public async Task A_file_that_is_no_credential_is_refused_before_anything_is_sent(string? content, string problem)
    {
        var file = _scratch.File("credential.json");
        if (content is not null)
        {
            await File.WriteAllTextAsync(file, content, Cancel);
        }

        var reading = () => Identities(new Uri("http://127.0.0.1:9/"), new HttpLimits()).FromFileAsync(file, null, Cancel);

        (await reading.Should().ThrowAsync<GcpAuthException>()).Which.Message.Should().Be($"""
            Expected : a credential of Google in {file}
            Observed : {problem.Replace("FILE", file)}
            Likely   : the setting names another file, or the file was cut or edited
            Try      : write it again: `gcloud auth application-default login`, `gcloud iam workload-identity-pools create-cred-config`, or a key of the service account
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_key_that_was_cut_is_refused_without_a_word_of_it()
    {
        var file = _scratch.File("key.json");
        await File.WriteAllTextAsync(file, """{"type": "service_account", "client_email": "a@b.iam.gserviceaccount.com", "private_key": "-----BEGIN PRIVATE KEY-----\nTm90QUtleQ==\n-----END PRIVATE KEY-----\n"}""", Cancel);

        var reading = () => Identities(new Uri("http://127.0.0.1:9/"), new HttpLimits()).FromFileAsync(file, null, Cancel);

        (await reading.Should().ThrowAsync<GcpAuthException>()).Which.Message.Should().NotContain("Tm90QUtleQ").And.Contain("is no usable service_account");
    }

    public void Dispose() => _scratch.Dispose();

    private async Task<string> RefusedAsync(int status, string body, Action<HttpResponse>? more = null, string type = "application/json")
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            (context.Response.StatusCode, context.Response.ContentType) = (status, type);
            more?.Invoke(context.Response);
            return context.Response.WriteAsync(body);
        });
        var exception = await FailAsync<GcpAuthException>(server.Address, new HttpLimits());
        return exception.Message.Replace(server.Address.Authority, "google").Replace(_scratch.Path + Path.DirectorySeparatorChar, "");
    }

    private async Task<T> FailAsync<T>(Uri identities, HttpLimits limits)
        where T : Exception
    {
        var file = _scratch.File("user.json");
        await File.WriteAllTextAsync(file, """{"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}""", Cancel);
        var credential = await Identities(identities, limits).FromFileAsync(file, null, Cancel);
        return (await credential.Invoking(one => one.GetAccessTokenAsync(Cancel)).Should().ThrowAsync<T>()).Which;
    }

    private static GcpIdentities Identities(Uri address, HttpLimits limits) => new(
        new HttpPipeline(new Redaction(), limits, null, TimeProvider.System),
        new Acceptance.Platform.Profiles.GcpSettings { Storage = address, BigQuery = address, Logging = address, Auth = address, DefaultCredentials = [] },
        limits);
}
