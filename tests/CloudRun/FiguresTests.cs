using Acceptance.Platform.CloudRun;
using Acceptance.Platform.Gcp.BigQuery;
using Acceptance.Platform.Waiting;

namespace Acceptance.Tests.CloudRun;

[Needs(Capability.CloudRun), Collection(MonitoringCategory.Name)]
public sealed class FiguresTests(MonitoringRun run)
{
    [AcceptanceTest, InEachEnvironment, Requirement("CR-08")]
    public async Task The_scores_that_are_shown_are_those_of_BigQuery(EnvironmentName environment)
    {
        var (cloudRun, monitoring) = await run.In(environment);

        var rows = await cloudRun.RowsOf(monitoring.Table, MonitoringRun.Data.Rows.Count, Cancel);
        await using var session = await (await cloudRun.VisitAsRecette(monitoring.Service)).Join(null, Cancel);

        Scores(session.Values).Should().NotBeEmpty().And.Equal(Expected(rows), "the page shows {0}", monitoring.Table);
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-08")]
    public async Task The_quality_that_is_shown_is_that_of_the_object_in_Cloud_Storage(EnvironmentName environment)
    {
        var (cloudRun, monitoring) = await run.In(environment);

        using var stored = System.Text.Json.JsonDocument.Parse(await (await cloudRun.Storage()).TextOf(monitoring.Quality, Cancel));
        await using var session = await (await cloudRun.VisitAsRecette(monitoring.Service)).Join(null, Cancel);

        session.Values.GetProperty("quality").EnumerateArray().Select(Quality).Should().Equal(stored.RootElement.EnumerateArray().Select(Quality), "the page shows {0}", monitoring.Quality);
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-08")]
    public async Task A_score_that_is_added_is_shown(EnvironmentName environment)
    {
        var (cloudRun, monitoring) = await run.In(environment);
        var bigQuery = await cloudRun.BigQuery();
        var visitor = await cloudRun.VisitAsRecette(monitoring.Service);

        var before = await visitor.Get("figures", Cancel);
        await bigQuery.InsertRowsAsync(monitoring.Table, [MonitoringData.Row("2026-04", 0.625)], new InsertOptions(), Cancel);
        var settled = await Eventually.Default.SettleAsync(
            $"The new figure of {monitoring.Service.Name.ServiceId}",
            token => visitor.Get("figures", token),
            answer => $"{answer} with {string.Join(", ", Scores(answer.Json))}",
            answer => Scores(answer.Json).Any(score => score.StartsWith("2026-04", StringComparison.Ordinal)),
            cloudRun.Patience("a score of 2026-04", $"{monitoring.Service.Service.Uri}, and SELECT * FROM {monitoring.Table.Sql} in BigQuery's console"),
            Cancel);
        var after = settled.Judge();

        Scores(before.Json).Should().NotContain(score => score.StartsWith("2026-04"));
        Scores(after.Json).Should().Equal(Expected(await bigQuery.RowsOf(monitoring.Table, Cancel)), "the application reads {0} anew", monitoring.Table).And.Contain("2026-04: 1 of mean 0.625");
    }

    private static IEnumerable<string> Scores(System.Text.Json.JsonElement values) => (values.TryGetProperty("scores", out var scores) ? scores.EnumerateArray() : [])
        .Select(score => $"{score.GetProperty("period")}: {score.GetProperty("count")} of mean {score.GetProperty("mean").GetDouble()}");

    private static IEnumerable<string> Expected(IEnumerable<BigQueryRow> rows) => rows.GroupBy(row => row.Get<string>("period")).OrderBy(period => period.Key, StringComparer.Ordinal)
        .Select(period => $"{period.Key}: {period.Count()} of mean {period.Average(row => row.Get<double>("score"))}");

    private static string Quality(System.Text.Json.JsonElement one) => $"{one.GetProperty("variable")}: {one.GetProperty("nulls")} of {one.GetProperty("count")}";
}
