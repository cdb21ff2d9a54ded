using CliWrap;

namespace Acceptance.Tests.Suite.RealClients.GoogleCloud;

public sealed class RcloneTests(ClientGcp twin) : IClassFixture<ClientGcp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [ClientFact(OfficialClient.Rclone)]
    public async Task Rclone_copies_a_tree_checks_it_and_brings_it_back()
    {
        var (bucket, tree, back) = (twin.NewBucket(), await TreeAsync(), twin.NewPath("back"));
        await WellAsync("mkdir", $"gcs:{bucket}");
        await WellAsync("copy", tree, $"gcs:{bucket}/t");

        await WellAsync("check", tree, $"gcs:{bucket}/t");
        var listed = await WellAsync("lsf", "-R", $"gcs:{bucket}/t");
        await WellAsync("moveto", $"gcs:{bucket}/t/a+b.txt", $"gcs:{bucket}/t/sub/moved %2F.txt");
        await WellAsync("copy", $"gcs:{bucket}/t", back);
        await WellAsync("purge", $"gcs:{bucket}");

        listed.Printed.Split('\n').Should().BeEquivalentTo("a+b.txt", "sub/", "sub/é.txt", "sub/large.bin");
        Directory.GetFiles(back, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(back, file)).Should().BeEquivalentTo("sub/moved %2F.txt", "sub/é.txt", "sub/large.bin");
        (await File.ReadAllBytesAsync(Path.Combine(back, "sub", "large.bin"), Cancel)).Should().Equal(await File.ReadAllBytesAsync(twin.LargeFile, Cancel));
        (await RcloneAsync(ClientGcp.Recette, "lsd", "gcs:")).Printed.Should().NotContain(bucket);
    }

    [ClientFact(OfficialClient.Rclone)]
    public async Task Rclone_resumes_an_upload_whose_connection_was_reset()
    {
        using var fault = new ShownFault(twin.Twin, "G3");

        await WellAsync("copyto", twin.LargeFile, "gcs:acc-lab-data/rclone-interrupted.bin");

        ((string?)(await twin.ResourceAsync("acc-lab-data", "rclone-interrupted.bin"))["md5Hash"]).Should().Be(twin.LargeMd5);
        fault.Hits.Should().BePositive();
    }

    [ClientFact(OfficialClient.Rclone)]
    public async Task Rclone_meets_G5_as_a_host_that_is_not_there()
    {
        await WellAsync("copyto", await twin.FileAsync("x", "text"), "gcs:acc-lab-data/rclone-link");
        using var fault = new ShownFault(twin.Twin, "G5");

        var read = await RcloneAsync(ClientGcp.Recette, "cat", "gcs:acc-lab-data/rclone-link");

        read.ExitCode.Should().NotBe(0);
        read.Output.Should().Contain("storage.elsewhere.invalid");
    }

    [ClientFact(OfficialClient.Rclone)]
    public async Task Rclone_is_refused_as_an_account_of_the_other_project()
    {
        var listed = await RcloneAsync(ClientGcp.CiOfRun, "ls", "gcs:acc-lab-data");

        listed.ExitCode.Should().NotBe(0);
        listed.Output.Should().Contain("Error 403").And.Contain($"{ClientGcp.CiOfRun} does not have storage.objects.list access");
    }

    private async Task<string> TreeAsync()
    {
        var tree = twin.NewPath("tree");
        Directory.CreateDirectory(Path.Combine(tree, "sub"));
        await File.WriteAllTextAsync(Path.Combine(tree, "a+b.txt"), "plus", Cancel);
        await File.WriteAllTextAsync(Path.Combine(tree, "sub", "é.txt"), "accent", Cancel);
        File.Copy(twin.LargeFile, Path.Combine(tree, "sub", "large.bin"));
        return tree;
    }

    private async Task<ClientRun> WellAsync(params string[] arguments)
    {
        var run = await RcloneAsync(ClientGcp.Recette, arguments);
        run.ExitCode.Should().Be(0, "{0}", run.Output);
        return run;
    }

    private async Task<ClientRun> RcloneAsync(string account, params string[] arguments)
    {
        await twin.MustHaveAsync(OfficialClient.Rclone);
        var configuration = await twin.FileAsync("rclone.conf", $"""
            [gcs]
            type = google cloud storage
            endpoint = {new Uri(twin.Storage, "storage/v1/").AbsoluteUri}
            service_account_file = {await twin.CredentialsAsync(account)}
            project_number = acc-lab
            bucket_policy_only = true
            location = europe-west1
            """);
        return await ClientRun.OfAsync(
            Cli.Wrap("rclone").WithArguments(["--config", configuration, "--low-level-retries", "3", "--retries", "2", "--retries-sleep", "100ms", .. arguments]), Cancel);
    }
}
