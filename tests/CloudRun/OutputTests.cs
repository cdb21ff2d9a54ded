namespace Acceptance.Tests.CloudRun;

[Needs(Capability.CloudRun), Collection(BatchCategory.Name)]
public sealed class OutputTests(BatchRun run)
{
    [AcceptanceTest, InEachEnvironment, Requirement("CR-03")]
    public async Task Each_probability_of_the_execution_is_in_BigQuery_once(EnvironmentName environment)
    {
        var batch = await run.In(environment);

        var rows = await batch.CloudRun.RowsOf(batch.Scores, 2 * Batch.Tasks, Cancel);

        rows.Select(row => $"{row["execution"]}/{row["task"]} {row["client"]} {row.Get<double>("proba")}").Should().BeEquivalentTo(
            from task in new[] { "0", "1" }
            from score in new[] { "c1 0.125", "c2 0.875" }
            select $"{batch.Outcome.Name.ExecutionId}/{task} {score}",
            "each task scores two clients, once; the job did: {0}", batch.Outcome);
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-03")]
    public async Task Each_file_of_the_execution_is_in_Cloud_Storage_whole_and_once(EnvironmentName environment)
    {
        var batch = await run.In(environment);

        var storage = await batch.CloudRun.Storage();
        var files = await storage.TextsOf(batch.Outputs, "qod/", Cancel);
        var stored = await storage.FilesOf(batch.Outputs, "qod/", Cancel).Select(file => $"{file.Path}, generation {file.Generation}").ToListAsync(Cancel);
        var told = (await batch.LinesOf("gcs")).Select(line => $"{line["object"]}, generation {line["generation"]}");

        files.Should().BeEquivalentTo(
            new[] { "0", "1" }.Select(task => $"qod/{batch.Outcome.Name.ExecutionId}/{task}.json {Batch.Quality(task)}"),
            "each task writes the quality of its data; the job did: {0}", batch.Outcome);
        stored.Should().BeEquivalentTo(told, "each file is as the one line of its task tells it: one that is written again has another generation");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-03")]
    public async Task The_job_is_told_that_what_it_gave_back_was_taken(EnvironmentName environment)
    {
        var batch = await run.In(environment);

        var given = (await batch.LinesOf("bigquery")).Concat(await batch.LinesOf("gcs"));

        given.Select(line => $"{line.Act} {(line.Ok ? "ok" : line["error"])}").Should().BeEquivalentTo(
            ["bigquery ok", "bigquery ok", "gcs ok", "gcs ok"], "its service account may write there, and reaches it");
    }
}
