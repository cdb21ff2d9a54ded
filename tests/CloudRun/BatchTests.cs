using Acceptance.Platform.CloudRun;

namespace Acceptance.Tests.CloudRun;

[Needs(Capability.CloudRun), Collection(BatchCategory.Name)]
public sealed class BatchTests(BatchRun run)
{
    [AcceptanceTest, InEachEnvironment, Requirement("CR-01")]
    public async Task A_job_on_an_image_of_Harbor_is_executed_to_success(EnvironmentName environment)
    {
        var outcome = (await run.In(environment)).Outcome;

        (outcome.Failure?.ToString()).Should().BeNull("the batch does nothing that fails; look at {0}", outcome.Execution.LogUri);
        outcome.Execution.SucceededCount.Should().Be(Batch.Tasks);
        outcome.Tasks.Select(task => task.LastAttemptResult?.ToString()).Should().HaveCount(Batch.Tasks).And.OnlyContain(ended => ended == "exit code 0", "that is how each task ended; it was {0}", outcome);
        outcome.Duration.Should().BePositive("Cloud Run says how long it took").And.BeLessThan(Batch.Timeout);
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-01")]
    public async Task It_runs_the_image_that_was_pushed(EnvironmentName environment)
    {
        var batch = await run.In(environment);

        var pushed = batch.CloudRun.Deployed.Images.Of((await batch.CloudRun.PushProbe()).ByDigest);

        batch.Outcome.Tasks.SelectMany(task => task.Containers ?? []).Select(container => container.Image).Should().NotBeEmpty().And.OnlyContain(image => image == pushed.ToString());
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-01")]
    public async Task The_container_is_given_what_the_job_declares_and_the_execution_overrides(EnvironmentName environment)
    {
        var batch = await run.In(environment);

        var seen = await batch.LinesOf("environment");

        seen.Select(line => line["values", "RECETTE_DECLARED"]).Should().NotBeEmpty().And.OnlyContain(value => value == "by the job", "the variables of an execution are merged with the job's");
        seen.Select(line => line["values", "RECETTE_OVERRIDDEN"]).Should().OnlyContain(value => value == "by the execution");
        seen.Select(line => line["values", "CLOUD_RUN_JOB"]).Should().OnlyContain(value => value == batch.Outcome.Name.JobId);
        seen.Select(line => line["values", "CLOUD_RUN_EXECUTION"]).Should().OnlyContain(value => value == batch.Outcome.Name.ExecutionId);
        seen.Select(line => line["values", "CLOUD_RUN_TASK_COUNT"]).Should().OnlyContain(value => value == "2");
        seen.Select(line => line["values", "CLOUD_RUN_TASK_INDEX"]).Should().BeEquivalentTo(["0", "1"], "each task is run once, and knows which it is");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-01")]
    public async Task It_acts_as_the_service_account_that_it_declares(EnvironmentName environment)
    {
        var batch = await run.In(environment);

        var identities = await batch.LinesOf("identity");

        identities.Select(line => line["email"]).Should().NotBeEmpty().And.OnlyContain(email => email == batch.CloudRun.Deployed.ServiceAccount, "its rights are that account's");
        identities.Select(line => line["project"]).Should().OnlyContain(project => project == batch.CloudRun.Project.Id);
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-05")]
    public async Task What_it_writes_to_stdout_and_stderr_is_in_Cloud_Logging(EnvironmentName environment)
    {
        var batch = await run.In(environment);

        var entries = (await batch.Log()).Entries;

        entries.Where(entry => entry.TextPayload == Batch.OnStdout("0")).Select(entry => entry.LogName).Should().ContainSingle("each line is one entry").Which.Should().EndWith("run.googleapis.com%2Fstdout");
        entries.Where(entry => entry.TextPayload == Batch.OnStderr("1")).Select(entry => entry.LogName).Should().ContainSingle("each line is one entry").Which.Should().EndWith("run.googleapis.com%2Fstderr");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-05")]
    public async Task A_line_of_JSON_keeps_its_severity_and_its_message(EnvironmentName environment)
    {
        var batch = await run.In(environment);

        var warnings = await batch.LinesOf("log");

        warnings.Select(line => $"{line.Entry.SeverityName}: {line.Entry.Message}").Should().BeEquivalentTo(
            ["WARNING: a warning of task 0", "WARNING: a warning of task 1"], "who looks for trouble filters by severity");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-05")]
    public async Task Each_entry_names_its_execution(EnvironmentName environment)
    {
        var batch = await run.In(environment);

        var entries = (await batch.Log()).Entries;

        entries.Select(entry => entry.Labels?.GetValueOrDefault("run.googleapis.com/execution_name")).Should().NotBeEmpty()
            .And.OnlyContain(execution => execution == batch.Outcome.Name.ExecutionId, "two executions of one job are told apart by the label");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-06")]
    public async Task Processor_memory_and_time_are_read_back_as_they_were_asked_for(EnvironmentName environment)
    {
        var batch = await run.In(environment);

        batch.Outcome.LimitsOfJob.Should().Contain("cpu", batch.Spec.Cpu).And.Contain("memory", batch.Spec.Memory);
        batch.Outcome.Limits.Should().Contain("cpu", batch.Spec.Cpu).And.Contain("memory", batch.Spec.Memory);
        (batch.Outcome.Execution.Template?.Timeout).Should().Be(batch.Spec.Timeout);
        batch.Outcome.Execution.Parallelism.Should().Be(batch.Spec.Parallelism);
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-06")]
    public async Task Its_threads_get_the_processor_that_was_asked_for_and_no_more(EnvironmentName environment)
    {
        var batch = await run.In(environment);

        var got = await batch.LinesOf("spin");

        got.Should().HaveCount(Batch.Tasks);
        got.Select(line => line.Number("processors")).Should().OnlyContain(
            processors => processors >= batch.CloudRun.Known.ProcessorShare * Batch.Processors && processors < 1.5 * Batch.Processors,
            "{0} is asked for, of which {1:0%} must come at least, and each task works on more threads: {2}", Batch.Processors, batch.CloudRun.Known.ProcessorShare, string.Join(", ", got));
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-06")]
    public async Task Tasks_that_may_run_at_once_do(EnvironmentName environment)
    {
        var batch = await run.In(environment);

        var begun = (await batch.LinesOf("environment")).Select(line => line.At).ToList();
        var ended = (await batch.LinesOf("exit")).Select(line => line.At).ToList();

        begun.Should().HaveCount(Batch.Tasks, "each task begins once");
        ended.Should().HaveCount(Batch.Tasks, "each task ends once");
        begun.Max().Should().BeBefore(ended.Min(), "each task waits for what the other writes, and the job lets two run at once; they waited: {0}", string.Join(", ", await batch.LinesOf("await")));
    }
}
