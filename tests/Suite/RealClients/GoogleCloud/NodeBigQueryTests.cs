using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.RealClients.GoogleCloud;

/// <summary>@google-cloud/bigquery from npm.</summary>
public sealed class NodeBigQueryTests(ClientGcp twin, NodeClients node) : IClassFixture<ClientGcp>
{
    private const string CiOfLab = "ci-lab@acc-lab.iam.gserviceaccount.com";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [ClientFact(OfficialClient.NodeBigQuery)]
    public async Task Node_does_a_days_work_in_a_dataset_of_its_own()
    {
        var day = await RunAsync("day", CiOfLab);

        day["partial"]!["rows"]!.AsArray().Select(row => (string?)row).Should().Equal("Cannot convert value to integer (bad value): x", "");
        ((string?)day["seen"], (string?)day["since"], (int?)day["listed"]).Should().Be(("2024-06-01T12:00:00.123456000Z", "2020-01-01T00:00:00.000001000Z", 2));
        day["asked"]!.ToJsonString().Should().Be("""[{"id":1,"name":"Ada","seen":"2024-06-01T12:00:00.123456000Z","tags":["a","b"],"city":"Lille","since":"2020-01-01T00:00:00.000001000Z"}]""");
        ((string?)day["loaded"], (string?)day["back"], (string?)day["bytes"], (string?)day["extracted"]).Should().Be(("2", "2", "10", "DONE"));
        day["walked"]!.ToJsonString().Should().Be("[10,10,5]");
        ((string?)day["line"]).Should().StartWith("""{"id":"1","name":"Ada","score":0.1,"seen":"2024-06-01 12:00:00.123456 UTC","tags":["a","b"]""");
        ((int?)day["invalid"]!["code"], (string?)day["invalid"]!["reason"]).Should().Be((400, "invalidQuery"));
        ((int?)day["absent"]!["code"], (bool?)day["exists"]).Should().Be((404, false));
        day["tables"]!.AsArray().Select(table => (string?)table).Should().Equal("back", "clients", "loaded");
    }

    [ClientFact(OfficialClient.NodeBigQuery)]
    public async Task Node_uploads_again_what_was_cut_and_its_rows_come_back_the_same()
    {
        await using var front = await BreakingFront.StartAsync(new Uri(twin.Twin.Variables["ACCEPTANCE_BIGQUERY_URL"]));
        var rows = await LargeRows.WriteAsync(twin.NewPath("large.csv"), Cancel);

        var large = await RunAsync("large", CiOfLab, front.Address.AbsoluteUri, rows.Path);

        front.HasBroken.Should().BeTrue();
        ((string?)large["rows"], (string?)large["md5"]).Should().Be(("100000", rows.Md5));
        large["tables"]!.AsArray().Select(table => (string?)table).Should().Equal("large");
    }

    [ClientFact(OfficialClient.NodeBigQuery)]
    public async Task Node_is_refused_as_an_account_of_the_other_project()
    {
        var refused = await RunAsync("query", ClientGcp.CiOfRun);

        ((int?)refused["refusal"]!["code"], (string?)refused["refusal"]!["reason"]).Should().Be((403, "accessDenied"));
    }

    [ClientFact(OfficialClient.NodeBigQuery)]
    public async Task Node_reads_timestamps_wrong_where_the_format_that_it_asks_for_is_not_kept()
    {
        using var fault = new ShownFault(twin.Twin, "B15");

        var day = await RunAsync("day", CiOfLab);

        ((string?)day["seen"]).Should().NotBe("2024-06-01T12:00:00.123456000Z", "{0}", day);
        fault.Hits.Should().BePositive();
    }

    private async Task<JsonNode> RunAsync(string act, string account) =>
        await RunAsync(act, account, twin.Twin.Variables["ACCEPTANCE_BIGQUERY_URL"], await twin.FileAsync("rows.csv", "id,name,f\n1,Ada,1.5\n2,Bob,2.5\n"));

    private async Task<JsonNode> RunAsync(string act, string account, string address, string file)
    {
        var run = await node.RunAsync("bigquery.cjs",
            [act, address, twin.Storage.AbsoluteUri, await twin.CredentialsAsync(account, "external_account"), twin.NewBucket().Replace('-', '_'), file], Cancel);
        run.Printed.Should().StartWith("{", "{0}", run.Output);
        return JsonNode.Parse(run.Printed.Split('\n')[^1])!;
    }
}
