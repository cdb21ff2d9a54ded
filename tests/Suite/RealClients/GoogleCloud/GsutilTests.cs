using CliWrap;

namespace Acceptance.Tests.Suite.RealClients.GoogleCloud;

public sealed class GsutilTests(ClientGcp twin) : IClassFixture<ClientGcp>, IAsyncLifetime
{
    private TlsFront _front = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _front = await TlsFront.StartAsync(twin.Storage);

    public ValueTask DisposeAsync() => _front.DisposeAsync();

    [ClientFact(OfficialClient.Gsutil)]
    public async Task Gsutil_makes_a_bucket_fills_reads_and_removes_it()
    {
        var (bucket, back) = (twin.NewBucket(), twin.NewPath("back.bin"));
        await WellAsync("mb", "-l", "europe-west1", "-b", "on", $"gs://{bucket}");
        await WellAsync("cp", twin.LargeFile, $"gs://{bucket}/models/large.bin");

        var hash = await WellAsync("hash", "-m", $"gs://{bucket}/models/large.bin");
        await WellAsync("cp", $"gs://{bucket}/models/large.bin", back);
        await WellAsync("rm", "-r", $"gs://{bucket}");

        hash.Printed.Should().Contain(twin.LargeMd5);
        (await File.ReadAllBytesAsync(back, Cancel)).Should().Equal(await File.ReadAllBytesAsync(twin.LargeFile, Cancel));
    }

    [ClientFact(OfficialClient.Gsutil)]
    public async Task Gsutil_lists_moves_and_composes()
    {
        await WellAsync("-h", "x-goog-meta-run:41", "cp", await twin.FileAsync("x", "text"), "gs://acc-lab-data/gsutil/a+b/x");

        var listed = await WellAsync("ls", "-L", "gs://acc-lab-data/gsutil/a+b/x");
        await WellAsync("mv", "gs://acc-lab-data/gsutil/a+b/x", "gs://acc-lab-data/gsutil/y");
        await WellAsync("compose", "gs://acc-lab-data/gsutil/y", "gs://acc-lab-data/gsutil/y", "gs://acc-lab-data/gsutil/joined");
        var joined = await WellAsync("cat", "gs://acc-lab-data/gsutil/joined");

        listed.Printed.Should().MatchRegex(@"run:\s+41");
        joined.Printed.Should().Be("texttext");
    }

    [ClientFact(OfficialClient.Gsutil)]
    public async Task Gsutil_resumes_an_upload_whose_connection_was_reset()
    {
        using var fault = new ShownFault(twin.Twin, "G3");

        await WellAsync("cp", twin.LargeFile, "gs://acc-lab-data/gsutil-interrupted.bin");

        ((string?)(await twin.ResourceAsync("acc-lab-data", "gsutil-interrupted.bin"))["md5Hash"]).Should().Be(twin.LargeMd5);
        fault.Hits.Should().BePositive();
    }

    [ClientFact(OfficialClient.Gsutil)]
    public async Task Gsutil_is_told_that_a_condition_does_not_hold_and_that_an_object_is_absent()
    {
        var file = await twin.FileAsync("x", "text");
        await WellAsync("-h", "x-goog-if-generation-match:0", "cp", file, "gs://acc-lab-data/gsutil-once");

        var again = await GsutilAsync(ClientGcp.Recette, "-h", "x-goog-if-generation-match:0", "cp", file, "gs://acc-lab-data/gsutil-once");
        var absent = await GsutilAsync(ClientGcp.Recette, "cat", "gs://acc-lab-data/gsutil-nothing");

        again.Output.Should().Contain("PreconditionException: 412 At least one of the pre-conditions you specified did not hold.");
        absent.Output.Should().Contain("No URLs matched: gs://acc-lab-data/gsutil-nothing");
        (again.ExitCode, absent.ExitCode).Should().Be((1, 1));
    }

    [ClientFact(OfficialClient.Gsutil)]
    public async Task Gsutil_is_refused_as_an_account_of_the_other_project()
    {
        var listed = await GsutilAsync(ClientGcp.CiOfRun, "ls", "gs://acc-lab-data");

        listed.ExitCode.Should().Be(1, "{0}", listed.Output);
        listed.Output.Should().Contain($"AccessDeniedException: 403 {ClientGcp.CiOfRun} does not have storage.objects.list access");
    }

    private async Task<ClientRun> WellAsync(params string[] arguments)
    {
        var run = await GsutilAsync(ClientGcp.Recette, arguments);
        run.ExitCode.Should().Be(0, "{0}", run.Output);
        return run;
    }

    /// <summary>gsutil as it is, not the translation into gcloud. It speaks TLS only, and takes no authority but its own.</summary>
    private async Task<ClientRun> GsutilAsync(string account, params string[] arguments)
    {
        await twin.MustHaveAsync(OfficialClient.Gsutil);
        var boto = await twin.FileAsync("boto", $"""
            [Credentials]
            gs_json_host = {_front.Address.Host}
            gs_json_port = {_front.Address.Port}
            gs_service_key_file = {await twin.CredentialsAsync(account)}
            [Boto]
            https_validate_certificates = False
            num_retries = 3
            [GSUtil]
            software_update_check_period = 0
            default_project_id = acc-lab
            use_gcloud_storage = False
            state_dir = {twin.NewPath("gsutil")}
            [OAuth2]
            provider_token_uri = {new Uri(twin.Identities, "token").AbsoluteUri}
            """);
        return await ClientRun.OfAsync(
            Cli.Wrap("gsutil").WithArguments(arguments).WithEnvironmentVariables(variables => variables
                .Set("BOTO_CONFIG", boto)
                .Set("CLOUDSDK_CONFIG", twin.NewPath("gcloud"))
                .Set("CLOUDSDK_CORE_PASS_CREDENTIALS_TO_GSUTIL", "false")
                .Set("CLOUDSDK_CORE_DISABLE_USAGE_REPORTING", "true")),
            Cancel);
    }
}
