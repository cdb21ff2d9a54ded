using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Jobs;

public sealed class JobExecutionTests(JobBench bench) : IClassFixture<JobBench>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_runs_its_image_to_success_and_says_what_it_did()
    {
        var job = await bench.CreateAsync("echo \"$GREETING from $CLOUD_RUN_JOB, task $CLOUD_RUN_TASK_INDEX of $CLOUD_RUN_TASK_COUNT, attempt $CLOUD_RUN_TASK_ATTEMPT of $CLOUD_RUN_EXECUTION\"",
            task => task["containers"]![0]!["env"] = JsonNode.Parse("""[{"name": "GREETING", "value": "hello"}]"""));

        var execution = await bench.RunAsync(job);

        ((int?)execution["taskCount"], (int?)execution["succeededCount"], execution["failedCount"], execution["runningCount"]).Should().Be((1, 1, null, null));
        Completed(execution).Should().BeEquivalentTo(new { State = "CONDITION_SUCCEEDED", Reason = (string?)null });
        execution["completionTime"].Should().NotBeNull();
        ((string?)execution["logUri"]).Should().StartWith("https://console.cloud.google.com/logs/viewer?project=acc-lab&advancedFilter=resource.type%3D%22cloud_run_job%22");
        ((string?)execution["template"]!["containers"]![0]!["image"]).Should().Contain("@sha256:");
        var (id, name) = (((string)execution["name"]!).Split('/')[^1], job.Split('/')[^1]);
        (await bench.OutputAsync(execution)).Should().Equal($"hello from {name}, task 0 of 1, attempt 0 of {id}");
        var seen = await bench.GetAsync(job);
        ((int?)seen["executionCount"], (string?)seen["latestCreatedExecution"]!["name"], (string?)seen["latestCreatedExecution"]!["completionStatus"]).Should().Be((1, id, "EXECUTION_SUCCEEDED"));
        ((string?)seen["terminalCondition"]!["state"], seen["reconciling"]).Should().Be(("CONDITION_SUCCEEDED", null));
    }

    [Fact]
    public async Task Overrides_merge_variables_and_replace_arguments_tasks_and_timeout()
    {
        var job = await bench.CreateAsync("echo \"$A $B $C: $*\"", task =>
        {
            task["containers"]![0]!["env"] = JsonNode.Parse("""[{"name": "A", "value": "a"}, {"name": "B", "value": "b"}]""");
            task["containers"]![0]!["args"] = new JsonArray("one", "two");
        });

        var plain = await bench.RunAsync(job);
        var changed = await bench.RunAsync(job,
            """{"overrides": {"taskCount": 2, "timeout": "30s", "containerOverrides": [{"args": ["three"], "env": [{"name": "B", "value": "B"}, {"name": "C", "value": "C"}]}]}}""");
        var cleared = await bench.RunAsync(job, """{"overrides": {"containerOverrides": [{"clearArgs": true}]}}""");

        (await bench.OutputAsync(plain)).Should().Equal("a b : one two");
        (await bench.OutputAsync(changed)).Should().Equal("a B C: three", "a B C: three");
        ((int?)changed["succeededCount"], (string?)changed["template"]!["timeout"]).Should().Be((2, "30s"));
        (await bench.OutputAsync(cleared)).Should().Equal("a b : ");
        (await bench.GetAsync(job))["template"]!["taskCount"]!.GetValue<int>().Should().Be(1, "overrides are of one execution");
    }

    [Fact]
    public async Task A_task_that_fails_is_tried_again_and_counted()
    {
        var job = await bench.CreateAsync("test $CLOUD_RUN_TASK_ATTEMPT = 2 || exit 7", task => task["maxRetries"] = 3);

        var execution = await bench.RunAsync(job);

        ((int?)execution["succeededCount"], (int?)execution["retriedCount"]).Should().Be((1, 1));
        var task = (await bench.TasksAsync(execution)).Single()!;
        ((int?)task["retried"], task["lastAttemptResult"]!.ToJsonString(), task["index"]).Should().Be((2, """{"status":{}}""", null));
        (await bench.LogsAsync(execution, "log_id(\"run.googleapis.com/varlog/system\")")).Select(entry => (string?)entry["textPayload"])
            .Should().Equal("Container called exit(7).", "Container called exit(7).", "Container called exit(0).");
    }

    [Fact]
    public async Task An_exit_code_after_all_retries_is_a_failed_execution()
    {
        var job = await bench.CreateAsync("exit 3", task => task["maxRetries"] = 1);

        var execution = await bench.RunAsync(job);

        var id = ((string)execution["name"]!).Split('/')[^1];
        ((int?)execution["failedCount"], execution["succeededCount"], (int?)execution["retriedCount"]).Should().Be((1, null, 1));
        Completed(execution).Should().Be(new Said("CONDITION_FAILED", null, "NON_ZERO_EXIT_CODE", $"Task {id}-task0 failed with message: The container exited with an error."));
        ((int?)(await bench.TasksAsync(execution))[0]!["lastAttemptResult"]!["exitCode"]).Should().Be(3);
    }

    [Fact]
    public async Task The_operation_of_a_failed_execution_says_why()
    {
        var job = await bench.CreateAsync("exit 3");

        var operation = await bench.EndAsync(await bench.WellAsync(HttpMethod.Post, $"{job}:run", new JsonObject()));

        ((bool?)operation["done"], operation["response"]).Should().Be((true, null));
        ((string?)operation["error"]!["message"]).Should().EndWith("-task0 failed with message: The container exited with an error.");
        ((string?)operation["metadata"]!["@type"]).Should().Be("type.googleapis.com/google.cloud.run.v2.Execution");
    }

    [Fact]
    public async Task A_task_that_takes_too_long_is_ended()
    {
        var job = await bench.CreateAsync("echo begun; exec sleep 600", task => task["timeout"] = "0.5s");

        var execution = await bench.RunAsync(job);

        Completed(execution).Message.Should().EndWith("failed with message: The configured timeout was reached.");
        (await bench.TasksAsync(execution))[0]!["lastAttemptResult"]!.ToJsonString().Should().Be("""{"status":{"code":4,"message":"The configured timeout was reached."}}""");
    }

    [Fact]
    public async Task A_container_that_passes_its_memory_is_told_apart()
    {
        var job = await bench.CreateAsync("""exec awk 'BEGIN { s = "x"; for (;;) s = s s }'""");

        var execution = await bench.RunAsync(job);

        Completed(execution).Message.Should().MatchRegex("Memory limit of 512 MiB exceeded with [0-9]+ MiB used. Consider increasing the memory limit");
        ((int?)(await bench.TasksAsync(execution))[0]!["lastAttemptResult"]!["termSignal"]).Should().Be(9);
        (await bench.LogsAsync(execution, "severity=ERROR")).Should().ContainSingle().Which["textPayload"]!.ToString().Should().StartWith("Memory limit of 512 MiB exceeded with ");
    }

    [Fact]
    public async Task Tasks_run_side_by_side_up_to_the_parallelism()
    {
        var meeting = Directory.CreateTempSubdirectory("acceptance-meeting-").FullName;
        var job = JobBench.Job(await bench.PushAsync($$"""
            meet() { touch {{meeting}}/$1.$CLOUD_RUN_TASK_INDEX; until test -e {{meeting}}/$1.0 && test -e {{meeting}}/$1.1; do sleep 0.02; done; }
            meet begun; ls {{meeting}}/begun.* | wc -l; meet counted
            """));
        job["template"]!["taskCount"] = 4;
        job["template"]!["parallelism"] = 2;

        var execution = await bench.RunAsync(await bench.CreateAsync(job));

        ((int?)execution["succeededCount"], (int?)execution["parallelism"]).Should().Be((4, 2));
        (await bench.OutputAsync(execution)).Take(2).Should().Equal(["2", "2"], "two began together, and no third");
        (await bench.TasksAsync(execution)).Select(task => (int?)task!["index"] ?? 0).Should().Equal(0, 1, 2, 3);
        Directory.Delete(meeting, recursive: true);
    }

    [Fact]
    public async Task The_failure_of_a_task_ends_the_others()
    {
        var job = JobBench.Job(await bench.PushAsync("test $CLOUD_RUN_TASK_INDEX = 0 && exit 1; exec sleep 600"));
        job["template"]!["taskCount"] = 3;

        var execution = await bench.RunAsync(await bench.CreateAsync(job));

        ((int?)execution["failedCount"], (int?)execution["cancelledCount"]).Should().Be((1, 2));
    }

    [Fact]
    public async Task A_running_execution_can_be_cancelled()
    {
        var execution = await bench.StartAsync(await bench.CreateAsync("echo running; exec sleep 600"));
        await bench.UntilAsync(execution, one => (int?)one["runningCount"] == 1);

        var operation = await bench.EndAsync(await bench.WellAsync(HttpMethod.Post, $"{execution}:cancel", new JsonObject()));

        var cancelled = operation["response"]!;
        ((int?)cancelled["cancelledCount"], cancelled["runningCount"]).Should().Be((1, null));
        Completed(cancelled).ExecutionReason.Should().Be("CANCELLED");
        var again = await bench.SendAsync(HttpMethod.Post, $"{execution}:cancel", new JsonObject());
        ((string?)again.Json["error"]!["status"], again.Message).Should().Be(("FAILED_PRECONDITION", $"Execution '{execution.Split('/')[^1]}' is already completed and cannot be cancelled."));
    }

    [Fact]
    public async Task Deleting_a_running_execution_ends_its_container()
    {
        var file = Path.Combine(Path.GetTempPath(), $"acceptance-{Guid.NewGuid():n}");
        var execution = await bench.StartAsync(await bench.CreateAsync($"echo $$ > {file}.new; mv {file}.new {file}; exec sleep 600"));
        await bench.UntilAsync(execution, _ => File.Exists(file));

        var operation = await bench.EndAsync(await bench.WellAsync(HttpMethod.Delete, execution, null));

        Directory.Exists($"/proc/{(await File.ReadAllTextAsync(file, Cancel)).Trim()}").Should().BeFalse("nothing of it runs");
        operation["response"]!["deleteTime"].Should().NotBeNull();
        (await bench.SendAsync(HttpMethod.Get, execution)).Status.Should().Be(404);
        File.Delete(file);
    }

    [Fact]
    public async Task Deleting_a_job_ends_its_executions()
    {
        var job = await bench.CreateAsync("exec sleep 600");
        var execution = await bench.StartAsync(job);
        await bench.UntilAsync(execution, one => (int?)one["runningCount"] == 1);

        var operation = await bench.EndAsync(await bench.WellAsync(HttpMethod.Delete, job, null));

        operation["response"]!["deleteTime"].Should().NotBeNull();
        (await bench.SendAsync(HttpMethod.Get, job)).Message.Should().Be($"Resource '{job.Split('/')[^1]}' of kind 'JOB' in region 'europe-west1' in project 'acc-lab' does not exist.");
        (await bench.SendAsync(HttpMethod.Get, execution)).Status.Should().Be(404);
    }

    [Fact]
    public async Task An_image_that_is_not_there_is_said_by_job_and_execution()
    {
        var image = $"{JobBench.Images}/mlops-lab/nothing:v9";
        var id = JobBench.NewName();

        var operation = await bench.EndAsync(await bench.WellAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId={id}", JobBench.Job(image)));
        var job = await bench.GetAsync($"{JobBench.Lab}/jobs/{id}");
        var execution = await bench.RunAsync($"{JobBench.Lab}/jobs/{id}");

        ((int?)operation["error"]!["code"], (string?)operation["error"]!["message"]).Should().Be((5, $"Image '{image}' not found."));
        ((string?)job["terminalCondition"]!["state"], (string?)job["terminalCondition"]!["reason"]).Should().Be(("CONDITION_FAILED", "CONTAINER_MISSING"));
        Completed(execution).Should().Be(new Said("CONDITION_FAILED", "CONTAINER_MISSING", null, $"Image '{image}' not found."));
        ((int?)execution["cancelledCount"], execution["failedCount"]).Should().Be((1, null));
    }

    [Fact]
    public async Task An_image_of_another_project_may_not_be_pulled()
    {
        var image = $"{JobBench.Images}/other-team/churn:v1";

        var execution = await bench.RunAsync(await bench.CreateAsync(JobBench.Job(image)));

        Completed(execution).Reason.Should().Be("CONTAINER_PERMISSION_DENIED");
        Completed(execution).Message.Should().StartWith("Google Cloud Run Service Agent service-412345678901@serverless-robot-prod.iam.gserviceaccount.com must have permission to read the image, ");
    }

    [Fact]
    public async Task A_tag_that_is_moved_is_what_it_was_for_a_while_and_a_digest_is_what_was_pushed()
    {
        var name = JobBench.NewName();
        var job = await bench.CreateAsync(JobBench.Job(await bench.PushAsync(Containers.TestImage.OfScript("echo first"), name)));
        var first = await bench.RunAsync(job);
        var pushed = await bench.PushOverAsync(Containers.TestImage.OfScript("echo second"), name);

        var byTag = await bench.RunAsync(job);
        await bench.EndAsync(await bench.WellAsync(HttpMethod.Patch, job, JobBench.Job(pushed)));
        var byDigest = await bench.RunAsync(job);

        foreach (var (execution, said) in new[] { (first, "first"), (byTag, "first"), (byDigest, "second") })
        {
            (await bench.OutputAsync(execution)).Should().Equal(said);
        }
    }

    [Fact]
    public async Task A_twin_that_ends_leaves_no_container()
    {
        var (own, file) = (new JobBench(), Path.Combine(Path.GetTempPath(), $"acceptance-{Guid.NewGuid():n}"));
        await own.InitializeAsync();
        var execution = await own.StartAsync(await own.CreateAsync($"echo $$ > {file}.new; mv {file}.new {file}; exec sleep 600"));
        await own.UntilAsync(execution, _ => File.Exists(file));

        await own.DisposeAsync();

        Directory.Exists($"/proc/{(await File.ReadAllTextAsync(file, Cancel)).Trim()}").Should().BeFalse();
        await own.Twin.DisposeAsync();
        File.Delete(file);
    }

    [Fact]
    public async Task A_reset_ends_what_runs_and_forgets_jobs()
    {
        var own = new JobBench();
        await own.InitializeAsync();
        await using var twin = own.Twin;
        var job = await own.CreateAsync("exec sleep 600");
        await own.UntilAsync(await own.StartAsync(job), one => (int?)one["runningCount"] == 1);

        own.Twin.Reset();

        (await own.SendAsync(HttpMethod.Get, job)).Status.Should().Be(404);
        (await own.GetAsync($"{JobBench.Lab}/operations")).AsObject().Should().BeEmpty();
    }

    private static Said Completed(JsonNode execution)
    {
        var completed = execution["conditions"]!.AsArray().Single(condition => (string?)condition!["type"] == "Completed")!;
        return new Said((string?)completed["state"], (string?)completed["reason"], (string?)completed["executionReason"], (string?)completed["message"]);
    }

    private sealed record Said(string? State, string? Reason, string? ExecutionReason, string? Message);
}
