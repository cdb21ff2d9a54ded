namespace Acceptance.Tests.Suite.RealClients.GoogleCloud;

public sealed class GcloudStorageTests(ClientGcp twin) : IClassFixture<ClientGcp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [ClientFact(OfficialClient.Gcloud)]
    public async Task Gcloud_makes_a_bucket_fills_lists_reads_and_removes_it()
    {
        var (bucket, back) = (await CreateAsync(), twin.NewPath("back.bin"));
        await WellAsync("cp", await twin.FileAsync("a+b.txt", "small"), $"gs://{bucket}/é/a+b.txt");
        await WellAsync("cp", twin.LargeFile, $"gs://{bucket}/models/large.bin");

        var listed = await WellAsync("ls", "-r", $"gs://{bucket}");
        var hash = await WellAsync("hash", $"gs://{bucket}/models/large.bin");
        await WellAsync("cp", $"gs://{bucket}/models/large.bin", back);
        await WellAsync("rm", "-r", $"gs://{bucket}");

        listed.Printed.Should().ContainAll($"gs://{bucket}/é/a+b.txt", $"gs://{bucket}/models/large.bin");
        hash.Printed.Should().Contain(twin.LargeMd5);
        (await File.ReadAllBytesAsync(back, Cancel)).Should().Equal(await File.ReadAllBytesAsync(twin.LargeFile, Cancel));
        (await StorageAsync("ls", $"gs://{bucket}")).Output.Should().Contain($"gs://{bucket} not found: 404");
    }

    [ClientFact(OfficialClient.Gcloud)]
    public async Task Gcloud_resumes_an_upload_whose_connection_was_reset()
    {
        using var fault = new ShownFault(twin.Twin, "G3");

        await WellAsync("cp", twin.LargeFile, "gs://acc-lab-data/gcloud-interrupted.bin");

        ((string?)(await twin.ResourceAsync("acc-lab-data", "gcloud-interrupted.bin"))["md5Hash"]).Should().Be(twin.LargeMd5);
        fault.Hits.Should().BePositive();
    }

    [ClientFact(OfficialClient.Gcloud)]
    public async Task Gcloud_copies_moves_composes_and_describes()
    {
        var bucket = await CreateAsync();
        await WellAsync("cp", "--custom-metadata=run=41", await twin.FileAsync("x", "text"), $"gs://{bucket}/x");
        await WellAsync("cp", $"gs://{bucket}/x", $"gs://{bucket}/y");
        await WellAsync("mv", $"gs://{bucket}/y", $"gs://{bucket}/z");
        await WellAsync("objects", "compose", $"gs://{bucket}/x", $"gs://{bucket}/z", $"gs://{bucket}/joined");
        await WellAsync("objects", "update", $"gs://{bucket}/x", "--content-type=text/x-model");

        var described = await WellAsync("objects", "describe", $"gs://{bucket}/x", "--format=json");
        var joined = await WellAsync("cat", $"gs://{bucket}/joined");

        described.Printed.Should().ContainAll("\"run\": \"41\"", "\"content_type\": \"text/x-model\"", "\"metageneration\": 2");
        joined.Printed.Should().Be("texttext");
    }

    [ClientFact(OfficialClient.Gcloud)]
    public async Task Gcloud_is_told_that_a_condition_does_not_hold()
    {
        var file = await twin.FileAsync("x", "text");
        await WellAsync("cp", "--if-generation-match=0", file, "gs://acc-lab-data/gcloud-once");

        var again = await StorageAsync("cp", "--if-generation-match=0", file, "gs://acc-lab-data/gcloud-once");

        again.ExitCode.Should().Be(1, "{0}", again.Output);
        again.Output.Should().Contain("HTTPError 412: At least one of the pre-conditions you specified did not hold.");
    }

    [ClientFact(OfficialClient.Gcloud)]
    public async Task Gcloud_is_refused_as_an_account_of_the_other_project()
    {
        var listed = await Gcloud.RunAsync(twin, await twin.CredentialsAsync(ClientGcp.CiOfRun), "storage", "ls", "gs://acc-lab-data");

        listed.ExitCode.Should().Be(1, "{0}", listed.Output);
        listed.Output.Should().Contain($"{ClientGcp.CiOfRun} does not have storage.objects.list access to the Google Cloud Storage bucket.");
    }

    [ClientTheory(OfficialClient.Gcloud)]
    [InlineData(ClientGcp.Recette, "service_account")]
    [InlineData("data-scientist@example.test", "authorized_user")]
    [InlineData("ci-lab@acc-lab.iam.gserviceaccount.com", "external_account")]
    public async Task Gcloud_is_let_in_with_every_kind_of_credential_file(string account, string type)
    {
        var listed = await Gcloud.RunAsync(twin, await twin.CredentialsAsync(account, type), "storage", "ls", "gs://acc-lab-data");

        listed.ExitCode.Should().Be(0, "{0}", listed.Output);
    }

    private async Task<string> CreateAsync()
    {
        var bucket = twin.NewBucket();
        await WellAsync("buckets", "create", $"gs://{bucket}", "--location=europe-west1", "--uniform-bucket-level-access");
        return bucket;
    }

    private async Task<ClientRun> StorageAsync(params string[] arguments) =>
        await Gcloud.RunAsync(twin, await twin.CredentialsAsync(ClientGcp.Recette), ["storage", .. arguments]);

    private async Task<ClientRun> WellAsync(params string[] arguments)
    {
        var run = await StorageAsync(arguments);
        run.ExitCode.Should().Be(0, "{0}", run.Output);
        return run;
    }
}
