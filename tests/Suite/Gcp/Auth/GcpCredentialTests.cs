using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Acceptance.Platform.Evidence;
using Acceptance.Platform.Gcp.Auth;
using Acceptance.Platform.Gcp.Logging;
using Acceptance.Platform.Profiles;

namespace Acceptance.Tests.Suite.Gcp.Auth;

/// <summary>Every kind of credential file, against the twin's identity services.</summary>
public sealed class GcpCredentialTests(GcpTwin twin) : IClassFixture<GcpTwin>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(GcpTwin.Ci, "service_account", "service account ci-lab@acc-lab.iam.gserviceaccount.com (key *, *.json)")]
    [InlineData(GcpTwin.Ci, "impersonated_service_account", "the credential of *.json as ci-lab@acc-lab.iam.gserviceaccount.com")]
    [InlineData(GcpTwin.DataScientist, "authorized_user", "the user of *.json")]
    public async Task A_credential_file_gives_tokens_of_its_account(string email, string type, string description)
    {
        var persona = await twin.AsAsync(email, type);

        var token = await persona.Credential!.GetAccessTokenAsync(Cancel);

        (await AccountOfAsync(token)).Should().Be(email);
        (await persona.Credential.GetAccessTokenAsync(Cancel)).Should().Be(token, "it is kept");
        persona.Credential.Description.Should().Match(description);
    }

    [Fact]
    public async Task A_job_of_GitLab_comes_with_its_ID_token_from_a_file()
    {
        var tokenFile = Path.GetTempFileName();
        await File.WriteAllTextAsync(tokenFile, await IdTokenAsync(), Cancel);
        var identities = new GcpIdentities(twin.Pipeline, twin.Settings(), twin.Limits);

        var credential = await identities.FromFileAsync(await twin.FileAsync(GcpTwin.Ci, "external_account", $"&token_file={tokenFile}"), null, Cancel);

        (await AccountOfAsync(await credential.GetAccessTokenAsync(Cancel))).Should().Be(GcpTwin.Ci);
        credential.Description.Should().Match($"the workload identity of * as {GcpTwin.Ci} (audience *, ID token from {tokenFile})");
        File.Delete(tokenFile);
    }

    [Fact]
    public async Task A_job_of_GitLab_comes_with_its_ID_token_from_the_process_environment()
    {
        var project = new GcpProject
        {
            Id = GcpTwin.Lab,
            Location = "europe-west1",
            Credentials = await twin.FileAsync(GcpTwin.Ci, "external_account", "&token_file=/no/such/file"),
            IdToken = new Secret(await IdTokenAsync()),
        };

        var credential = await new GcpIdentities(twin.Pipeline, twin.Settings(), twin.Limits).OfAsync(project, Cancel);

        (await AccountOfAsync(await credential.GetAccessTokenAsync(Cancel))).Should().Be(GcpTwin.Ci);
    }

    [Fact]
    public async Task A_persona_acts_as_a_service_account()
    {
        var ci = (await twin.AsAsync(GcpTwin.Owner)).Impersonate("GitLab CI of lab", GcpTwin.Ci);

        (await AccountOfAsync(await ci.Credential!.GetAccessTokenAsync(Cancel))).Should().Be(GcpTwin.Ci);
        ci.Invoking(persona => GcpPersona.Anonymous.Impersonate("x", GcpTwin.Ci)).Should().Throw<InvalidOperationException>()
            .WithMessage("The persona 'anonymous' has no credential, and can act as nobody else.");
    }

    [Fact]
    public async Task Without_a_file_the_metadata_server_of_the_machine_is_asked()
    {
        var project = new GcpProject { Id = GcpTwin.Lab, Location = "europe-west1", Credentials = null, IdToken = null };
        var settings = twin.Settings() with { DefaultCredentials = ["/no/such/application_default_credentials.json"] };

        var credential = await new GcpIdentities(twin.Pipeline, settings, twin.Limits).OfAsync(project, Cancel);

        (await AccountOfAsync(await credential.GetAccessTokenAsync(Cancel))).Should().EndWith(".iam.gserviceaccount.com");
        credential.Description.Should().Be("Application Default Credentials (/no/such/application_default_credentials.json not there; the metadata server is asked)");
    }

    [Fact]
    public async Task A_default_credential_file_is_taken_where_there_is_one()
    {
        var settings = twin.Settings() with { DefaultCredentials = [await twin.FileAsync(GcpTwin.DataScientist)] };
        var project = new GcpProject { Id = GcpTwin.Lab, Location = "europe-west1", Credentials = null, IdToken = null };

        var credential = await new GcpIdentities(twin.Pipeline, settings, twin.Limits).OfAsync(project, Cancel);

        (await AccountOfAsync(await credential.GetAccessTokenAsync(Cancel))).Should().Be(GcpTwin.DataScientist);
    }

    [Fact]
    public async Task A_token_that_was_revoked_is_renewed_once_and_the_request_sent_again()
    {
        var persona = await twin.AsAsync(GcpTwin.Recette, "service_account");
        var revoked = await persona.Credential!.GetAccessTokenAsync(Cancel);
        (await twin.SendAsync("gcp-auth", HttpMethod.Post, $"revoke?token={revoked}")).Status.Should().Be(200);
        using var logging = new LoggingClient(twin.Pipeline, twin.AddressOf("logging"), persona);

        await logging.WriteLogEntriesAsync(new LogName(GcpTwin.Lab, "renewal"), MonitoredResource.Global, [new LogEntry { TextPayload = "x" }], Cancel);

        (await persona.Credential.GetAccessTokenAsync(Cancel)).Should().NotBe(revoked);
    }

    [Fact]
    public async Task A_token_goes_to_the_system_that_it_is_for_and_to_no_other_host()
    {
        string? seen = "";
        await using var other = await Http.LoopbackServer.StartAsync(context =>
        {
            seen = context.Request.Headers.Authorization;
            return Task.CompletedTask;
        });
        using var http = twin.Client("logging", await twin.AsAsync(GcpTwin.Recette));

        using var answer = await http.GetAsync(other.Address, Cancel);

        seen.Should().BeNull();
    }

    [Fact]
    public async Task Nothing_that_is_secret_is_in_the_evidence()
    {
        var persona = await twin.AsAsync(GcpTwin.Ci, "impersonated_service_account");
        var token = await persona.Credential!.GetAccessTokenAsync(Cancel);
        var file = JsonNode.Parse(await File.ReadAllTextAsync(await twin.FileAsync(GcpTwin.Owner), Cancel))!;

        using var gcs = new Acceptance.Platform.Gcp.Storage.GcsClient(twin.Pipeline, twin.AddressOf("gcs"), await twin.AsAsync(GcpTwin.Recette), twin.Limits);
        var path = Acceptance.Platform.Gcp.Storage.ObjectPath.Parse("gs://acc-lab-data/secret-session");
        var session = await gcs.BeginUploadAsync(path, 1, new(), Cancel);
        await gcs.CancelUploadAsync(session, Cancel);
        var refused = (await gcs.Invoking(client => client.GetUploadedLengthAsync(session, 1, Cancel)).Should().ThrowAsync<Acceptance.Platform.Gcp.Storage.GcsException>()).Which;
        var opened = System.Web.HttpUtility.ParseQueryString(session.Query)["upload_id"]!;

        var har = EvidenceSoFar();

        har.Should().Contain("upload_id=***").And.NotContain(opened);
        (refused.ToString() + refused.RequestId).Should().NotContain(opened);
        har.Should().Contain("generateAccessToken").And.Contain("/token");
        har.Should().NotContain(token).And.NotContain((string)file["refresh_token"]!).And.NotContain((string)file["client_secret"]!).And.NotContain("ya29.");
    }

    [Theory]
    [InlineData("grant_type=x&assertion=eyJhbGciOi.eyJpc3MiOi.c2ln&scope=y", "grant_type=x&assertion=***&scope=y")]
    [InlineData("subject_token=abc&subject_token_type=jwt", "subject_token=***&subject_token_type=jwt")]
    [InlineData("""{"refresh_token": "1//abc", "private_key": "-----BEGIN PRIVATE KEY-----\nMII\n"}""", """{"refresh_token": "***", "private_key": "***"}""")]
    [InlineData("""{"subjectToken": "abc", "access_token": "ya29.x", "id_token": "e"}""", """{"subjectToken": "***", "access_token": "***", "id_token": "***"}""")]
    [InlineData("the token ya29.a0AfB_byC-123456 was refused", "the token *** was refused")]
    [InlineData("jwt eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl.", "jwt ***.")]
    public void What_has_the_form_of_a_secret_of_Google_is_masked(string text, string masked) => new Redaction().Body(text).Should().Be(masked);

    private static string EvidenceSoFar()
    {
        var folder = new Acceptance.Tests.Suite.Recette.ScratchFolder();
        try
        {
            var results = new Acceptance.Platform.Results.ResultsFolder(folder.Path);
            TestJournal.Current.WriteEvidence(results, new Redaction());
            return string.Concat(Directory.GetFiles(folder.Path, "*.har").Select(File.ReadAllText));
        }
        finally
        {
            folder.Dispose();
        }
    }

    private async Task<string> IdTokenAsync() => (string)JsonNode.Parse(await twin.ControlAsync("gcp-auth/id-token?project=acc-lab"))!["id_token"]!;

    private async Task<string?> AccountOfAsync(string token)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return (string?)JsonNode.Parse(await http.GetStringAsync(new Uri(twin.AddressOf("gcp-auth"), $"tokeninfo?access_token={token}"), Cancel))!["email"];
    }
}
