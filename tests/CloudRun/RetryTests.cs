namespace Acceptance.Tests.CloudRun;

[Needs(Capability.CloudRun)]
public sealed class RetryTests(RetriedRun run) : IClassFixture<RetriedRun>
{
    [AcceptanceTest, InEachEnvironment, Requirement("CR-06")]
    public async Task A_task_that_fails_is_tried_again_as_often_as_it_was_asked_for(EnvironmentName environment)
    {
        var outcome = await run.In(environment);

        (outcome.Failure?.ToString()).Should().BeNull("each task succeeds at its second attempt, and may have two");
        (outcome.Execution.Template?.MaxRetries).Should().Be(1, "it is read back as it was asked for");
        outcome.Execution.RetriedCount.Should().Be(2, "Cloud Run counts what it did again");
        (await run.LogIn(environment)).Of("fail-until").Select(line => line["attempt"]).Should().BeEquivalentTo("0", "1", "0", "1");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-06")]
    public async Task Tasks_that_may_not_run_at_once_follow_each_other(EnvironmentName environment)
    {
        var log = await run.LogIn(environment);

        var spoken = log.Of("log").OrderBy(line => line.At).Select(line => line.Entry.Message[..6]).ToList();

        spoken.Should().NotBeEmpty().And.Equal(["task 0", "task 0", "task 0", "task 1", "task 1", "task 1"], "the job lets one task run at a time");
    }
}
