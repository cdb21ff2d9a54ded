using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Jobs;

public sealed class JobApiTests(JobBench bench) : IClassFixture<JobBench>
{
    private const string NoImage = "docker.io/test/x/y:z";

    [Fact]
    public async Task A_new_job_is_read_back_with_the_defaults_of_Cloud_Run()
    {
        var job = await bench.GetAsync(await bench.CreateAsync(new JsonObject
        {
            ["labels"] = new JsonObject { ["team"] = "risk" },
            ["annotations"] = new JsonObject { ["example.test/ticket"] = "R-41" },
            ["client"] = "recette",
            ["template"] = JsonNode.Parse($$$$"""
                {"template": {"serviceAccount": "{{{{JobBench.Agent}}}}", "containers": [{"image": "{{{{NoImage}}}}", "command": ["/run"], "workingDir": "/w", "resources": {"limits": {"memory": "1Gi"}}}],
                 "vpcAccess": {"egress": "ALL_TRAFFIC", "networkInterfaces": [{"subnetwork": "private"}]}}}
                """),
        }));

        JsonNode.DeepEquals(job["template"], JsonNode.Parse($$$$"""
            {"taskCount":1,"template":{"containers":[{"image":"{{{{NoImage}}}}","command":["/run"],"resources":{"limits":{"memory":"1Gi","cpu":"1000m"}},"workingDir":"/w"}],"serviceAccount":"{{{{JobBench.Agent}}}}","vpcAccess":{"egress":"ALL_TRAFFIC","networkInterfaces":[{"subnetwork":"private"}]},"maxRetries":3,"timeout":"600s","executionEnvironment":"EXECUTION_ENVIRONMENT_GEN2"}}
            """)).Should().BeTrue("{0}", job);
        ((string?)job["labels"]!["team"], (string?)job["annotations"]!["example.test/ticket"], (string?)job["client"], (string?)job["launchStage"]).Should().Be(("risk", "R-41", "recette", "GA"));
        ((string?)job["generation"], (string?)job["observedGeneration"], (string?)job["creator"], (string?)job["lastModifier"]).Should().Be(("1", "1", GcpTwin.Owner, GcpTwin.Owner));
        Guid.TryParse((string?)job["uid"], out _).Should().BeTrue();
    }

    [Fact]
    public async Task The_first_answer_is_an_operation_that_is_not_done()
    {
        var operation = await bench.WellAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId={JobBench.NewName()}", JobBench.Job(await bench.PushAsync("true")));

        ((string?)operation["metadata"]!["@type"], operation["done"], (bool?)operation["metadata"]!["reconciling"]).Should().Be(("type.googleapis.com/google.cloud.run.v2.Job", null, true));
        ((string?)operation["metadata"]!["terminalCondition"]!["state"]).Should().Be("CONDITION_RECONCILING");
        var done = await bench.EndAsync(operation);
        ((bool?)done["done"], (string?)done["response"]!["terminalCondition"]!["state"], done["response"]!["reconciling"]).Should().Be((true, "CONDITION_SUCCEEDED", null));
    }

    [Theory]
    [InlineData("""{"colour": "red"}""", "Invalid JSON payload received. Unknown name \"colour\" at 'job': Cannot find field.")]
    [InlineData("""{"template": {"template": {"containers": [{"imag": "x"}]}}}""", "Invalid JSON payload received. Unknown name \"imag\" at 'job.template.template.containers[0]': Cannot find field.")]
    [InlineData("""{"template": {"taskCount": "many"}}""", "Invalid JSON payload received. Invalid value at 'job.template.taskCount' (TYPE_INT32), \"many\"")]
    [InlineData("""{"template": {"template": {"timeout": "1m"}}}""", "Invalid JSON payload received. Invalid value at 'job.template.template.timeout' (type.googleapis.com/google.protobuf.Duration), \"1m\"")]
    [InlineData("""{"template": {"template": {"timeout": "315576000001s"}}}""", "Invalid JSON payload received. Invalid value at 'job.template.template.timeout' (type.googleapis.com/google.protobuf.Duration), \"315576000001s\"")]
    [InlineData("""{"launchStage": "SOON"}""", "Invalid JSON payload received. Invalid value at 'job.launchStage' (type.googleapis.com/google.api.LaunchStage), \"SOON\"")]
    [InlineData("""{"labels": {"a": 1}}""", "Invalid JSON payload received. Invalid value at 'job.labels[a]' (TYPE_STRING), 1")]
    [InlineData("""{"labels": {"run.googleapis.com/x": "y"}}""", "Violation in CreateJobRequest.job.labels[run.googleapis.com/x]: system labels are not supported in Cloud Run API v2.")]
    [InlineData("""{"annotations": {"autoscaling.knative.dev/maxScale": "3"}}""", "Violation in CreateJobRequest.job.annotations[autoscaling.knative.dev/maxScale]: system annotations are not supported in Cloud Run API v2.")]
    [InlineData("""{"template": {"annotations": {"serving.knative.dev/x": "3"}}}""", "Violation in CreateJobRequest.job.template.annotations[serving.knative.dev/x]: system annotations are not supported in Cloud Run API v2.")]
    [InlineData("""{"template": {"labels": {"cloud.googleapis.com/location": "3"}}}""", "Violation in CreateJobRequest.job.template.labels[cloud.googleapis.com/location]: system labels are not supported in Cloud Run API v2.")]
    [InlineData("""{}""", "Violation in CreateJobRequest.job.template: the template is required.")]
    [InlineData("""{"template": {"template": {}}}""", "Violation in CreateJobRequest.job.template.template.containers: at least one container is required.")]
    [InlineData("""{"template": {"taskCount": 10001, "template": {}}}""", "Violation in CreateJobRequest.job.template.task_count: must be between 1 and 10000.")]
    public async Task What_is_no_job_is_refused_and_says_where(string job, string says)
    {
        var answer = await bench.SendAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId=j", JsonNode.Parse(job));

        (answer.Status, (string?)answer.Json["error"]!["status"], answer.Message).Should().Be((400, "INVALID_ARGUMENT", says));
    }

    [Theory]
    [InlineData("""{"image": null}""", "image: the image is required.")]
    [InlineData("""{"resources": {"limits": {"memory": "128Mi"}}}""", "resources.limits[memory]: Invalid value specified for container memory. For 1.0 CPU, memory must be between 512Mi and 4096Mi inclusive.")]
    [InlineData("""{"resources": {"limits": {"memory": "a lot"}}}""", "resources.limits[memory]: 'a lot' is not a quantity of memory, such as '512Mi' or '1Gi'.")]
    [InlineData("""{"resources": {"limits": {"cpu": "0.5"}}}""", "resources.limits[cpu]: Invalid value specified for cpu: '0.5'. Supported: 1, 2, 4, 6 and 8.")]
    [InlineData("""{"env": [{"name": "CLOUD_RUN_JOB", "value": "x"}]}""", "env[0].name: The following reserved env names were provided: CLOUD_RUN_JOB. These values are automatically set by the system.")]
    [InlineData("""{"env": [{"name": "A"}, {"name": "A"}]}""", "env: the variable 'A' is set more than once.")]
    [InlineData("""{"volumeMounts": [{"name": "v", "mountPath": "/v"}]}""", "volume_mounts[0].name: no volume is named 'v'.")]
    [InlineData("""{"workingDir": "w"}""", "working_dir: 'w' is not an absolute path within the container.")]
    [InlineData("""{"workingDir": "/w/../../x"}""", "working_dir: '/w/../../x' is not an absolute path within the container.")]
    [InlineData("""{"workingDir": "/w\u0000"}""", "working_dir: '/w\0' is not an absolute path within the container.")]
    [InlineData("""{"ports": [{"containerPort": 80}]}""", "ports: not supported for jobs.")]
    [InlineData("""{"startupProbe": {"tcpSocket": {"port": 80}}}""", "startupProbe: not supported for jobs.")]
    public async Task A_container_that_is_none_is_refused_and_says_where(string container, string says)
    {
        var job = JobBench.Job(NoImage, task => Merge((JsonObject)task["containers"]![0]!, container));

        var answer = await bench.SendAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId=j", job);

        (answer.Status, answer.Message).Should().Be((400, $"Violation in CreateJobRequest.job.template.template.containers[0].{says}"));
    }

    [Theory]
    [InlineData("""{"encryptionKey": "k"}""", "the field 'job.template.template.encryptionKey'")]
    [InlineData("""{"nodeSelector": {"accelerator": "nvidia-l4"}}""", "the field 'job.template.template.nodeSelector'")]
    [InlineData("""{"volumes": [{"name": "v", "nfs": {"server": "s"}}]}""", "the field 'job.template.template.volumes[0].nfs'")]
    [InlineData("""{"volumes": [{"name": "v", "gcs": {"bucket": "b", "mountOptions": ["x"]}}]}""", "the field 'job.template.template.volumes[0].gcs.mountOptions'")]
    public async Task What_would_be_kept_and_not_done_is_refused_by_name(string task, string named)
    {
        var answer = await bench.SendAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId=j", JobBench.Job(NoImage, template => Merge(template, task)));

        (answer.Status, answer.Message).Should().Be((501, $"The Cloud Run stand-in does not emulate {named}."));
    }

    [Theory]
    [InlineData("POST", "locations/europe-west1/workerPools?workerPoolId=w", 501, "The Cloud Run stand-in does not emulate POST /v2/projects/acc-lab/locations/europe-west1/workerPools.")]
    [InlineData("GET", "locations/us-central1/jobs", 501, "The Cloud Run stand-in does not emulate the location 'us-central1'.")]
    [InlineData("GET", "locations/mars/jobs", 403, "Permission denied on 'locations/mars' (or it may not exist).")]
    [InlineData("GET", "locations/europe-west1/jobs?colour=red", 400, "Invalid JSON payload received. Unknown name \"colour\": Cannot bind query parameter. Field 'colour' could not be found in request message.")]
    [InlineData("GET", "locations/europe-west1/jobs?pageToken=x", 400, "The provided page token is not valid.")]
    [InlineData("GET", "locations/europe-west1/jobs/nothing", 404, "Resource 'nothing' of kind 'JOB' in region 'europe-west1' in project 'acc-lab' does not exist.")]
    [InlineData("GET", "locations/europe-west1/jobs/nothing/executions", 404, "Resource 'nothing' of kind 'JOB' in region 'europe-west1' in project 'acc-lab' does not exist.")]
    [InlineData("GET", "locations/europe-west1/operations/nothing", 404, "Requested entity was not found: operation nothing.")]
    public async Task What_is_asked_wrongly_is_refused(string method, string path, int status, string says)
    {
        var answer = await bench.SendAsync(new HttpMethod(method), $"projects/acc-lab/{path}");

        (answer.Status, answer.Message).Should().Be((status, says));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Score")]
    [InlineData("1score")]
    [InlineData("score-")]
    [InlineData("a-name-that-has-fifty-characters-or-even-more-of-them")]
    public async Task A_name_that_is_none_is_refused(string id) =>
        (await bench.SendAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId={id}", JobBench.Job(NoImage))).Message.Should().StartWith("Violation in CreateJobRequest.job_id: ");

    [Fact]
    public async Task A_name_is_taken_once()
    {
        var job = await bench.CreateAsync(JobBench.Job(NoImage));

        var again = await bench.SendAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId={job.Split('/')[^1]}", JobBench.Job(NoImage));

        ((string?)again.Json["error"]!["status"], again.Message).Should().Be(("ALREADY_EXISTS", $"Resource '{job.Split('/')[^1]}' already exists."));
    }

    [Fact]
    public async Task What_is_only_validated_is_not_kept()
    {
        var id = JobBench.NewName();

        var created = await bench.WellAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId={id}&validateOnly=true", JobBench.Job(NoImage));

        ((bool?)created["done"], (int?)created["response"]!["template"]!["template"]!["maxRetries"]).Should().Be((true, 0));
        (await bench.SendAsync(HttpMethod.Get, $"{JobBench.Lab}/jobs/{id}")).Status.Should().Be(404);
        var job = await bench.CreateAsync(JobBench.Job(NoImage));
        await bench.WellAsync(HttpMethod.Patch, $"{job}?validateOnly=true", JobBench.Job("docker.io/test/other:y"));
        await bench.WellAsync(HttpMethod.Post, $"{job}:run", JsonNode.Parse("""{"validateOnly": true}"""));
        await bench.WellAsync(HttpMethod.Delete, $"{job}?validateOnly=true", null);
        var seen = await bench.GetAsync(job);
        ((string?)seen["generation"], seen["executionCount"], seen["deleteTime"]).Should().Be(("1", null, null));
    }

    [Fact]
    public async Task What_a_patch_would_make_of_a_job_is_that_job()
    {
        var job = await bench.CreateAsync(JobBench.Job(NoImage));
        var before = await bench.GetAsync(job);

        var would = (await bench.WellAsync(HttpMethod.Patch, $"{job}?validateOnly=true", JobBench.Job("docker.io/test/other:y"), GcpTwin.Recette))["response"]!;

        ((string?)would["uid"], (string?)would["createTime"], (string?)would["creator"]).Should().Be(((string?)before["uid"], (string?)before["createTime"], GcpTwin.Owner));
        ((string?)would["generation"], (string?)would["lastModifier"], (string?)would["template"]!["template"]!["containers"]![0]!["image"]).Should().Be(("2", GcpTwin.Recette, "docker.io/test/other:y"));
        (await bench.GetAsync(job)).ToJsonString().Should().Be(before.ToJsonString());
    }

    [Fact]
    public async Task An_etag_is_no_part_of_what_is_created()
    {
        var declared = JobBench.Job(NoImage);
        declared["etag"] = "\"of another\"";
        var job = await bench.CreateAsync((JsonObject)declared.DeepClone());
        declared.Remove("etag");

        await bench.EndAsync(await bench.WellAsync(HttpMethod.Patch, job, declared));

        ((string?)(await bench.GetAsync(job))["generation"]).Should().Be("1");
    }

    [Fact]
    public async Task A_patch_replaces_what_was_declared()
    {
        var job = await bench.CreateAsync(JobBench.Job(NoImage, task => task["maxRetries"] = 1));
        var changed = JobBench.Job(NoImage, task => task.Remove("maxRetries"));
        changed["labels"] = new JsonObject { ["team"] = "risk" };

        await bench.EndAsync(await bench.WellAsync(HttpMethod.Patch, job, changed));

        var seen = await bench.GetAsync(job);
        ((string?)seen["generation"], (string?)seen["labels"]!["team"], (int?)seen["template"]!["template"]!["maxRetries"]).Should().Be(("2", "risk", 3));
        await bench.EndAsync(await bench.WellAsync(HttpMethod.Patch, job, (JsonObject)seen.DeepClone()));
        ((string?)(await bench.GetAsync(job))["generation"]).Should().Be("2", "what was read and sent back changes nothing");
    }

    [Fact]
    public async Task A_patch_of_what_is_not_there_creates_it_where_asked()
    {
        var job = $"{JobBench.Lab}/jobs/{JobBench.NewName()}";

        (await bench.SendAsync(HttpMethod.Patch, job, JobBench.Job(NoImage))).Status.Should().Be(404);
        (await bench.SendAsync(HttpMethod.Patch, $"{job}?allowMissing=true", JobBench.Job(NoImage))).Status.Should().Be(200);
        (await bench.SendAsync(HttpMethod.Get, job)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_version_that_has_changed_is_not_changed_run_or_deleted()
    {
        var job = await bench.CreateAsync(JobBench.Job(NoImage));
        var etag = (string)(await bench.GetAsync(job))["etag"]!;
        await bench.WellAsync(HttpMethod.Patch, job, JobBench.Job("docker.io/test/other:y"));
        var old = JobBench.Job(NoImage);
        old["etag"] = etag;

        var answers = new[]
        {
            await bench.SendAsync(HttpMethod.Patch, job, old),
            await bench.SendAsync(HttpMethod.Post, $"{job}:run", new JsonObject { ["etag"] = etag }),
            await bench.SendAsync(HttpMethod.Delete, $"{job}?etag={Uri.EscapeDataString(etag)}"),
        };

        answers.Should().OnlyContain(answer => answer.Status == 409 && (string?)answer.Json["error"]!["status"] == "ABORTED" && answer.Message.StartsWith("Conflict for resource '"));
        var now = (string)(await bench.GetAsync(job))["etag"]!;
        (await bench.SendAsync(HttpMethod.Delete, $"{job}?etag={Uri.EscapeDataString(now)}")).Status.Should().Be(200);
    }

    [Fact]
    public async Task Jobs_and_executions_come_in_pages()
    {
        var jobs = new[] { await bench.CreateAsync("true"), await bench.CreateAsync(JobBench.Job(NoImage)) };
        await bench.RunAsync(jobs[0]);
        await bench.RunAsync(jobs[0]);

        (await NamesAsync($"{JobBench.Lab}/jobs", "jobs", 1)).Should().Contain(jobs);
        (await NamesAsync($"{JobBench.Lab}/jobs/-/executions", "executions", 1)).Count(name => name.StartsWith($"{jobs[0]}/", StringComparison.Ordinal)).Should().Be(2);
        (await NamesAsync($"{jobs[0]}/executions/-/tasks", "tasks", 1)).Should().HaveCount(2);
        (await NamesAsync($"{JobBench.Lab}/operations", "operations", 2)).Should().OnlyHaveUniqueItems().And.HaveCountGreaterThan(3);
    }

    [Theory]
    [InlineData("""{"overrides": {"containerOverrides": [{"name": "other"}]}}""", "RunJobRequest.overrides.container_overrides[0].name: the job has no container 'other'.")]
    [InlineData("""{"overrides": {"taskCount": -1}}""", "RunJobRequest.overrides.task_count: must be between 1 and 10000.")]
    [InlineData("""{"overrides": {"timeout": "0s"}}""", "RunJobRequest.overrides.timeout: must be more than 0s and at most 604800s.")]
    [InlineData("""{"overrides": {"containerOverrides": [{"args": ["a"], "clearArgs": true}]}}""", "RunJobRequest.overrides.container_overrides[0].clear_args: args and clear_args exclude each other.")]
    [InlineData("""{"overrides": {"containerOverrides": [{"env": [{"name": "CLOUD_RUN_TASK_INDEX", "value": "1"}]}]}}""", "RunJobRequest.overrides.container_overrides[0].env[0].name: The following reserved env names were provided: CLOUD_RUN_TASK_INDEX. These values are automatically set by the system.")]
    public async Task Overrides_that_are_none_start_nothing(string request, string says)
    {
        var job = await bench.CreateAsync(JobBench.Job(NoImage));

        var answer = await bench.SendAsync(HttpMethod.Post, $"{job}:run", JsonNode.Parse(request));

        (answer.Status, answer.Message).Should().Be((400, $"Violation in {says}"));
        (await bench.GetAsync(job))["executionCount"].Should().BeNull();
    }

    [Theory]
    [InlineData("315576000000s", 200)]
    [InlineData("-315576000000.5s", 400)]
    [InlineData("99999999999999s", 400)]
    public async Task An_operation_is_waited_for_as_long_as_a_duration_can_be(string timeout, int status)
    {
        var operation = await bench.WellAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId={JobBench.NewName()}", JobBench.Job(NoImage));

        var answer = await bench.SendAsync(HttpMethod.Post, $"{operation["name"]}:wait", new JsonObject { ["timeout"] = timeout });

        answer.Status.Should().Be(status, answer.Text);
    }

    [Fact]
    public async Task A_timeout_that_is_no_duration_starts_nothing()
    {
        var job = await bench.CreateAsync(JobBench.Job(NoImage));

        var answer = await bench.SendAsync(HttpMethod.Post, $"{job}:run", JsonNode.Parse("""{"overrides": {"timeout": "99999999999999s"}}"""));

        (answer.Status, answer.Text.Contains("Invalid value at 'overrides.timeout' (type.googleapis.com/google.protobuf.Duration)")).Should().Be((400, true));
    }

    [Fact]
    public async Task An_operation_that_was_deleted_is_gone()
    {
        var operation = await bench.WellAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId={JobBench.NewName()}", JobBench.Job(NoImage));

        (await bench.WellAsync(HttpMethod.Delete, (string)operation["name"]!, null)).AsObject().Should().BeEmpty();

        (await bench.SendAsync(HttpMethod.Get, (string)operation["name"]!)).Status.Should().Be(404);
    }

    private async Task<List<string>> NamesAsync(string path, string field, int size)
    {
        var (names, token) = (new List<string>(), "");
        do
        {
            var page = await bench.GetAsync($"{path}?pageSize={size}&pageToken={token}");
            names.AddRange(page[field]!.AsArray().Select(one => (string)one!["name"]!));
            token = (string?)page["nextPageToken"] ?? "";
        }
        while (token.Length > 0);

        return names;
    }

    private static void Merge(JsonObject into, string json)
    {
        foreach (var (name, value) in JsonNode.Parse(json)!.AsObject())
        {
            into[name] = value?.DeepClone();
        }
    }
}
