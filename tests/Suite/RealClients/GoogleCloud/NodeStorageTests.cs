using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.RealClients.GoogleCloud;

/// <summary>@google-cloud/storage and google-auth-library from npm.</summary>
public sealed class NodeStorageTests(ClientGcp twin, NodeClients node) : IClassFixture<ClientGcp>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [ClientFact(OfficialClient.NodeStorage)]
    public async Task Node_makes_a_bucket_and_does_a_days_work_in_it()
    {
        var day = await StorageAsync("day", await twin.CredentialsAsync(ClientGcp.Recette, "external_account"), twin.NewBucket());

        day["names"]!.AsArray().Select(name => (string?)name).Should().Equal("a+b/é %2F.txt", "models/large.bin");
        day["prefixes"]!.AsArray().Select(prefix => (string?)prefix).Should().Equal("a+b/", "models/");
        ((bool?)day["same"], (int?)day["part"], (bool?)day["exists"]).Should().Be((true, 10, false));
        day["metadata"]!.ToJsonString().Should().Be("""{"run":"41","stage":"lab"}""");
        ((long?)day["joined"], (int?)day["components"]).Should().Be((new FileInfo(twin.LargeFile).Length + 5, 2));
        ((int?)day["precondition"]!["code"], (string?)day["precondition"]!["reason"]).Should().Be((412, "conditionNotMet"));
        ((int?)day["absent"]!["code"]).Should().Be(404);
    }

    [ClientFact(OfficialClient.NodeStorage)]
    public async Task Node_resumes_an_upload_whose_connection_was_reset()
    {
        using var fault = new ShownFault(twin.Twin, "G3");

        var uploaded = await StorageAsync("upload", await twin.CredentialsAsync(ClientGcp.Recette, "external_account"), "acc-lab-data");

        ((string?)uploaded["md5"]).Should().Be(twin.LargeMd5, "{0}", uploaded.ToJsonString());
        fault.Hits.Should().BePositive();
    }

    [ClientFact(OfficialClient.NodeStorage)]
    public async Task Node_is_refused_as_an_account_of_the_other_project()
    {
        var read = await StorageAsync("read", await twin.CredentialsAsync(ClientGcp.CiOfRun, "external_account"), "acc-lab-data");

        ((int?)read["refusal"]!["code"], (string?)read["refusal"]!["reason"]).Should().Be((403, "forbidden"));
        ((string?)read["refusal"]!["message"]).Should().StartWith($"{ClientGcp.CiOfRun} does not have storage.objects.list access");
    }

    [ClientTheory(OfficialClient.NodeStorage)]
    [InlineData(ClientGcp.Recette, "service_account")]
    [InlineData("data-scientist@example.test", "authorized_user")]
    [InlineData("ci-lab@acc-lab.iam.gserviceaccount.com", "external_account")]
    public async Task Googles_library_gets_a_token_of_the_account_with_every_kind_of_credential_file(string account, string type)
    {
        var run = await node.RunAsync("auth.cjs", [await twin.CredentialsAsync(account, type), twin.Identities.AbsoluteUri], Cancel);

        run.ExitCode.Should().Be(0, "{0}", run.Output);
        ((string?)JsonNode.Parse(run.Printed)!["email"]).Should().Be(account);
    }

    private async Task<JsonNode> StorageAsync(string act, string credentials, string bucket)
    {
        var run = await node.RunAsync("storage.cjs", [act, twin.Storage.AbsoluteUri, credentials, bucket, twin.LargeFile], Cancel);
        run.Printed.Should().StartWith("{", "{0}", run.Output);
        return JsonNode.Parse(run.Printed.Split('\n')[^1])!;
    }
}
