using System.Text.Json.Nodes;
using Acceptance.StandIns.Gcp.CloudRun;
using Acceptance.Tests.Suite.Containers;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Jobs;

/// <summary>Each fault of jobs, met by what a client asks, and counted.</summary>
public sealed class JobFaultTests(JobBench bench) : IClassFixture<JobBench>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("acceptance-job-faults-").FullName;

    [Theory]
    [InlineData("R1", "CONTAINER_PERMISSION_DENIED", "must have permission to read the image")]
    [InlineData("R3", "CONTAINER_MISSING", "not found")]
    [InlineData("R10", "CONTAINER_IMAGE_UNAUTHORIZED", "not authorized by policy")]
    public async Task An_image_that_is_there_is_refused(string fault, string reason, string says)
    {
        var job = await bench.CreateAsync("true");
        On(fault);

        var execution = await bench.RunAsync(job);

        var completed = Condition(execution, "Completed");
        ((string?)completed["state"], (string?)completed["reason"]).Should().Be(("CONDITION_FAILED", reason));
        ((string?)completed["message"]).Should().Contain(says);
        Met(fault);
    }

    [Fact]
    public async Task R2_nothing_becomes_ready()
    {
        var job = await bench.CreateAsync("true");
        On("R2");

        var execution = await bench.GetAsync(await bench.StartAsync(job));

        (Condition(execution, "Completed")["state"]!.ToString(), execution["startTime"], (bool?)execution["reconciling"]).Should().Be(("CONDITION_RECONCILING", null, true));
        await MetInTimeAsync("R2");
        await CancelAsync(execution);
    }

    [Fact]
    public async Task R4_containers_are_killed_for_their_memory()
    {
        var job = await bench.CreateAsync("exec sleep 600");
        On("R4");

        var execution = await bench.RunAsync(job);

        ((string?)Condition(execution, "Completed")["message"]).Should().Contain("Memory limit of 512 MiB exceeded with 516 MiB used.");
        Met("R4");
    }

    [Fact]
    public async Task R6_a_container_fails_after_all_retries()
    {
        var job = await bench.CreateAsync("exit 0", task => task["maxRetries"] = 1);
        On("R6");

        var execution = await bench.RunAsync(job);

        ((int?)execution["failedCount"], (string?)Condition(execution, "Completed")["executionReason"]).Should().Be((1, "NON_ZERO_EXIT_CODE"));
        bench.Twin.Faults.Hits("R6").Should().Be(2);
    }

    [Fact]
    public async Task R9_secrets_may_not_be_read()
    {
        On("R9");
        var declared = JobBench.Job(await bench.PushAsync("true"), task =>
            task["containers"]![0]!["env"] = JsonNode.Parse("""[{"name": "TOKEN", "valueSource": {"secretKeyRef": {"secret": "token", "version": "latest"}}}]"""));

        var job = await bench.GetAsync(await bench.CreateAsync(declared));

        ((string?)job["terminalCondition"]!["reason"], (string?)job["terminalCondition"]!["message"]).Should().Be(("SECRETS_ACCESS_CHECK_FAILED",
            "Permission denied on secret: projects/412345678901/secrets/token for Revision service account run-agent@acc-lab.iam.gserviceaccount.com. The service account used must be granted the 'Secret Manager Secret Accessor' role (roles/secretmanager.secretAccessor) at the secret, project or higher level."));
        Met("R9");
    }

    [Fact]
    public async Task R12_the_API_refuses_labels()
    {
        On("R12");
        var job = JobBench.Job("x/y:z");
        job["labels"] = new JsonObject { ["team"] = "risk" };

        var answer = await bench.SendAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId={JobBench.NewName()}", job);

        (answer.Status, answer.Message).Should().Be((400, "Violation in CreateJobRequest.job.labels[team]: system labels are not supported in Cloud Run API v2."));
        Met("R12");
    }

    [Fact]
    public async Task Z1_declared_variables_are_not_given()
    {
        var job = await bench.CreateAsync("echo \"${GREETING-none}\"", task => task["containers"]![0]!["env"] = JsonNode.Parse("""[{"name": "GREETING", "value": "hello"}]"""));
        On("Z1");

        (await bench.OutputAsync(await bench.RunAsync(job))).Should().Equal("none");
        Met("Z1");
    }

    [Fact]
    public async Task Z2_a_failed_task_is_not_tried_again()
    {
        var job = await bench.CreateAsync("test $CLOUD_RUN_TASK_ATTEMPT = 1", task => task["maxRetries"] = 3);
        On("Z2");

        var execution = await bench.RunAsync(job);

        ((int?)execution["failedCount"], execution["retriedCount"]).Should().Be((1, null));
        Met("Z2");
    }

    [Fact]
    public async Task Z3_tasks_run_one_after_the_other()
    {
        var job = JobBench.Job(await bench.PushAsync($"touch {_folder}/$CLOUD_RUN_TASK_INDEX; sleep 0.1; ls {_folder} | wc -l; rm {_folder}/$CLOUD_RUN_TASK_INDEX"));
        job["template"]!["taskCount"] = 3;
        On("Z3");

        (await bench.OutputAsync(await bench.RunAsync(await bench.CreateAsync(job)))).Should().Equal("1", "1", "1");
        Met("Z3");
    }

    [Fact]
    public async Task Z4_a_task_runs_on_after_its_timeout()
    {
        var job = await bench.CreateAsync("sleep 0.6; echo late", task => task["timeout"] = "0.2s");
        On("Z4");

        (await bench.OutputAsync(await bench.RunAsync(job))).Should().Equal("late");
        Met("Z4");
    }

    [Fact]
    public async Task Z5_a_container_gets_more_memory_than_its_limit()
    {
        var job = await bench.CreateAsync("""awk 'BEGIN { s = "x"; while (length(s) < 500000000) s = s s; print length(s) }'""");
        On("Z5");

        (await bench.OutputAsync(await bench.RunAsync(job))).Should().Equal("536870912");
        Met("Z5");
    }

    [Fact]
    public async Task Z6_a_failed_container_is_a_succeeded_execution()
    {
        var job = await bench.CreateAsync("exit 5");
        On("Z6");

        ((int?)(await bench.RunAsync(job))["succeededCount"]).Should().Be(1);
        Met("Z6");
    }

    [Fact]
    public async Task Z9_stdout_does_not_reach_logging()
    {
        var job = await bench.CreateAsync("echo out; echo err >&2");
        On("Z9");

        var texts = (await bench.LogsAsync(await bench.RunAsync(job))).Select(entry => (string?)entry["textPayload"]);

        texts.Should().Contain("err").And.NotContain("out");
        Met("Z9");
    }

    [Fact]
    public async Task Z10_structured_lines_have_no_severity()
    {
        var job = await bench.CreateAsync("""echo '{"severity": "ERROR", "message": "bad"}'""");
        On("Z10");

        (await bench.LogsAsync(await bench.RunAsync(job), "jsonPayload.message=\"bad\"")).Should().ContainSingle().Which["severity"].Should().BeNull();
        Met("Z10");
    }

    [Fact]
    public async Task Z11_entries_lack_the_label_of_their_execution()
    {
        var job = await bench.CreateAsync("echo seen");
        On("Z11");

        var execution = await bench.RunAsync(job);

        (await bench.LogsAsync(execution)).Should().BeEmpty();
        (await bench.EntriesAsync($"resource.labels.job_name=\"{job.Split('/')[^1]}\"")).Select(entry => (string?)entry["textPayload"]).Should().Contain("seen");
        Met("Z11");
    }

    [Fact]
    public async Task Z12_each_task_is_run_twice()
    {
        var job = await bench.CreateAsync("echo once");
        On("Z12");

        (await bench.OutputAsync(await bench.RunAsync(job))).Should().Equal("once", "once");
        Met("Z12");
    }

    [Fact]
    public async Task Z13_an_old_image_is_run()
    {
        var name = JobBench.NewName();
        var job = await bench.CreateAsync(JobBench.Job(await bench.PushAsync(TestImage.OfScript("echo first"), name)));
        var pushed = await bench.PushOverAsync(TestImage.OfScript("echo second"), name);
        On("Z13");
        await bench.EndAsync(await bench.WellAsync(HttpMethod.Patch, job, JobBench.Job(pushed)));

        (await bench.OutputAsync(await bench.RunAsync(job))).Should().Equal("first");
        Met("Z13");
    }

    [Fact]
    public async Task Z14_an_execution_never_ends()
    {
        var job = await bench.CreateAsync("true");
        On("Z14");

        var execution = await bench.StartAsync(job);

        await MetInTimeAsync("Z14");
        var seen = await bench.GetAsync(execution);
        ((int?)seen["runningCount"], seen["completionTime"]).Should().Be((1, null));
        await CancelAsync(seen);
    }

    [Fact]
    public async Task Z15_an_operation_never_ends()
    {
        var image = await bench.PushAsync("true");
        On("Z15");
        var operation = await bench.WellAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId={JobBench.NewName()}", JobBench.Job(image));

        await bench.UntilAsync((string)operation["metadata"]!["name"]!, job => (string?)job["terminalCondition"]!["state"] == "CONDITION_SUCCEEDED");

        await MetInTimeAsync("Z15");
        var waited = await bench.WellAsync(HttpMethod.Post, $"{operation["name"]}:wait", JsonNode.Parse("""{"timeout": "0.1s"}"""));
        waited["done"].Should().BeNull();
    }

    [Fact]
    public async Task Z16_everybody_may_change_run()
    {
        On("Z16");
        var job = JobBench.Job("docker.io/test/x/y:z", task => task["serviceAccount"] = "run-agent@acc-run.iam.gserviceaccount.com");

        var owners = await bench.SendAsync(HttpMethod.Delete, $"{JobBench.Run}/jobs/nothing");
        var before = bench.Twin.Faults.Hits("Z16");
        var created = await bench.SendAsync(HttpMethod.Post, $"{JobBench.Run}/jobs?jobId={JobBench.NewName()}", job, GcpTwin.DataScientist);

        (owners.Status, before, created.Status).Should().Be((404, 0, 200));
        Met("Z16");
    }

    [Theory]
    [InlineData("Z17", 403, "Request is prohibited by organization's policy.")]
    [InlineData("Z18", 401, "Invalid Credentials")]
    [InlineData("Z19", 403, "Cloud Run Admin API has not been used in project 598765432109 before or it is disabled.")]
    public async Task A_denial_is_none_of_access(string fault, int status, string says)
    {
        On(fault);

        var answer = await bench.SendAsync(HttpMethod.Delete, $"{JobBench.Run}/jobs/nothing", null, GcpTwin.DataScientist);

        (answer.Status, answer.Message[..says.Length]).Should().Be((status, says));
        Met(fault);
    }

    [Theory]
    [InlineData("Z7", "written")]
    [InlineData("Z8", "data.csv: No such file or directory")]
    public async Task A_volume_is_not_what_was_declared(string fault, string says)
    {
        var bucket = await bench.BucketAsync("data.csv");
        var job = await bench.CreateAsync("cat ../mnt/data/data.csv >&2; echo x > ../mnt/data/new && echo written", task => VolumeTests.Mount(task, bucket, readOnly: true));
        On(fault);

        var entries = await bench.LogsAsync(await bench.RunAsync(job));

        entries.Select(entry => (string?)entry["textPayload"]).Should().ContainMatch($"*{says}");
        Met(fault);
    }

    [Fact]
    public void Every_fault_of_jobs_has_a_source_and_says_what_is_seen() =>
        CloudRunFaults.All.Should().OnlyHaveUniqueItems(fault => fault.Id).And.OnlyContain(fault => fault.System == "cloud-run" && fault.Symptom.Length > 0 && fault.Cause.Length > 0);

    public void Dispose()
    {
        bench.Twin.Faults.Reset();
        Directory.Delete(_folder, recursive: true);
    }

    private void On(string fault) => bench.Twin.Faults.SwitchOn(fault);

    private void Met(string fault) => bench.Twin.Faults.Hits(fault).Should().BePositive();

    private async Task MetInTimeAsync(string fault) => await bench.UntilAsync($"{JobBench.Lab}/jobs", _ => bench.Twin.Faults.Hits(fault) > 0);

    private async Task CancelAsync(JsonNode execution) => await bench.WellAsync(HttpMethod.Post, $"{execution["name"]}:cancel", new JsonObject());

    private static JsonNode Condition(JsonNode execution, string type) => execution["conditions"]!.AsArray().Single(condition => (string?)condition!["type"] == type)!;
}
