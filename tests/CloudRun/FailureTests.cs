using Acceptance.Platform.CloudRun;
using Acceptance.Platform.Gcp.CloudRun;
using Acceptance.Platform.Gcp.Storage;

namespace Acceptance.Tests.CloudRun;

/// <summary>What fails in a container, and how Cloud Run tells it.</summary>
[Needs(Capability.CloudRun)]
public sealed class FailureTests(FailedRuns runs) : IClassFixture<FailedRuns>
{
    [AcceptanceTest, InEachEnvironment, Requirement("CR-04")]
    public async Task An_exit_code_other_than_zero_fails_the_execution(EnvironmentName environment)
    {
        var outcome = await runs.WithExitCode(environment);

        outcome.Execution.FailedCount.Should().Be(1, "its one task failed, and may not be tried again; it was {0}", outcome);
        (outcome.Failure?.Reason).Should().Be(FailureReason.ExitCode, "the container ended by itself; it was {0}", outcome);
        (outcome.Failure?.ExitCode).Should().Be(FailedRuns.ExitCode);
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-04"), Requirement("CR-06")]
    public async Task A_container_that_passes_its_memory_limit_is_told_from_one_that_ends_by_itself(EnvironmentName environment)
    {
        var outcome = await runs.OutOfMemory(environment);

        (outcome.Failure?.Reason).Should().Be(FailureReason.OutOfMemory, "it filled more than its limit of {0}; it was {1}", FailedRuns.Memory, outcome);
        outcome.Execution.FailedCount.Should().Be(1, "its one task failed");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-04")]
    public async Task A_task_that_takes_too_long_is_told_from_one_that_ends_by_itself(EnvironmentName environment)
    {
        var (outcome, _) = await runs.TooLong(environment);

        (outcome.Failure?.Reason).Should().Be(FailureReason.Timeout, "it sleeps for longer than it may; it was {0}", outcome);
        outcome.Execution.FailedCount.Should().Be(1, "its one task failed");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-06")]
    public async Task A_task_may_run_until_its_time_is_over(EnvironmentName environment)
    {
        var (outcome, time) = await runs.TooLong(environment);

        var task = outcome.Tasks.Should().ContainSingle("one was asked for; it was {0}", outcome).Which;

        (outcome.Execution.Template?.Timeout).Should().Be(time.Timeout, "it is read back as it was asked for");
        (task.CompletionTime - task.StartTime).Should().BeGreaterThanOrEqualTo(time.Least, "that is how long it may run; it was {0}", outcome);
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-06")]
    public async Task A_task_is_ended_when_its_time_is_over(EnvironmentName environment)
    {
        var (outcome, time) = await runs.TooLong(environment);
        var log = await runs.LogOfTooLong(environment);

        var task = outcome.Tasks.Should().ContainSingle("one was asked for; it was {0}", outcome).Which;
        var asleep = log.Lines.First(line => line.Act == "sleep").At;

        (task.CompletionTime - asleep).Should().BeLessThanOrEqualTo(time.Most, "it is ended when its time is over, and then has ten seconds; it would sleep for {0}", time.Sleep);
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-06")]
    public async Task A_container_may_fill_the_memory_that_was_asked_for_and_not_all_that_it_would(EnvironmentName environment)
    {
        var outcome = await runs.OutOfMemory(environment);
        var log = await runs.LogOutOfMemory(environment);

        outcome.Limits.Should().Contain("memory", FailedRuns.Memory, "it is read back as it was asked for");
        log.Of("memory").Max(line => line.Number("filledMib")).Should().BeGreaterThanOrEqualTo(FailedRuns.MostOfMemory, "the rest is the runtime's");
        outcome.Execution.FailedCount.Should().Be(1, "it fills half as much again as was asked for; it was {0}", outcome);
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-02")]
    public async Task What_is_mounted_read_only_cannot_be_written(EnvironmentName environment)
    {
        var log = await runs.LogWithExitCode(environment);
        var cloudRun = await runs.CloudRun(environment);

        var left = await (await cloudRun.Storage()).ListObjectsAsync(await runs.ReadOnly(environment), new ObjectQuery(), Cancel).Select(stored => stored.Path.Name).ToListAsync(Cancel);

        log.Of("read").Select(line => line["text"] ?? line["error"]).Should().Equal(["kept"], "it is mounted: what is not there cannot be written either");
        log.Of("write").Should().ContainSingle().Which.Ok.Should().BeFalse("the volume is declared read-only");
        left.Should().Equal(["kept.txt"], "nothing was written to the bucket");
    }
}
