using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Jobs;

public sealed class JobAccessTests(JobBench bench) : IClassFixture<JobBench>
{
    private const string CiOfRun = "ci-run@acc-run.iam.gserviceaccount.com";
    private const string Airflow = "airflow-run@acc-run.iam.gserviceaccount.com";
    private const string AgentOfRun = "run-agent@acc-run.iam.gserviceaccount.com";

    [Theory]
    [InlineData("POST", "jobs?jobId=score", "run.jobs.create", "jobs/score")]
    [InlineData("PATCH", "jobs/score", "run.jobs.update", "jobs/score")]
    [InlineData("DELETE", "jobs/score", "run.jobs.delete", "jobs/score")]
    [InlineData("POST", "jobs/score:run", "run.jobs.run", "jobs/score")]
    [InlineData("GET", "jobs/score", "run.jobs.get", "jobs/score")]
    [InlineData("GET", "jobs", "run.jobs.list", null)]
    [InlineData("GET", "jobs/score/executions", "run.executions.list", "jobs/score")]
    [InlineData("POST", "jobs/score/executions/e:cancel", "run.executions.cancel", "jobs/score/executions/e")]
    [InlineData("DELETE", "jobs/score/executions/e", "run.executions.delete", "jobs/score/executions/e")]
    [InlineData("POST", "jobs/score:setIamPolicy", "run.jobs.setIamPolicy", "jobs/score")]
    [InlineData("GET", "operations", "run.operations.list", null)]
    public async Task A_data_scientist_may_do_nothing_in_run(string method, string path, string permission, string? resource)
    {
        var answer = await bench.SendAsync(new HttpMethod(method), $"{JobBench.Run}/{path}", new JsonObject(), GcpTwin.DataScientist);

        (answer.Status, (string?)answer.Json["error"]!["status"]).Should().Be((403, "PERMISSION_DENIED"));
        answer.Message.Should().Be($"Permission '{permission}' denied on resource '{JobBench.Run}{(resource is null ? "" : "/" + resource)}' (or resource may not exist).");
    }

    [Fact]
    public async Task The_CI_of_run_may()
    {
        var id = JobBench.NewName();

        var created = await bench.WellAsync(HttpMethod.Post, $"{JobBench.Run}/jobs?jobId={id}", Job(AgentOfRun), CiOfRun);
        await bench.WellAsync(HttpMethod.Post, $"{JobBench.Run}/jobs/{id}:run", JsonNode.Parse("""{"overrides": {"taskCount": 2}}"""), CiOfRun);
        await bench.WellAsync(HttpMethod.Delete, $"{JobBench.Run}/jobs/{id}", null, CiOfRun);

        ((string?)created["metadata"]!["creator"]).Should().Be(CiOfRun);
    }

    [Fact]
    public async Task Who_may_only_run_may_not_override()
    {
        var id = JobBench.NewName();
        await bench.WellAsync(HttpMethod.Post, $"{JobBench.Run}/jobs?jobId={id}", Job(AgentOfRun));

        var plain = await bench.SendAsync(HttpMethod.Post, $"{JobBench.Run}/jobs/{id}:run", new JsonObject(), Airflow);
        var overridden = await bench.SendAsync(HttpMethod.Post, $"{JobBench.Run}/jobs/{id}:run", JsonNode.Parse("""{"overrides": {"taskCount": 2}}"""), Airflow);

        (plain.Status, overridden.Status).Should().Be((200, 403));
        overridden.Message.Should().StartWith("Permission 'run.jobs.runWithOverrides' denied");
    }

    [Theory]
    [InlineData("ci-lab@acc-lab.iam.gserviceaccount.com")]
    [InlineData("nobody@acc-run.iam.gserviceaccount.com")]
    [InlineData(null)]
    public async Task A_container_acts_only_as_an_account_that_its_deployer_may_act_as(string? account)
    {
        var answer = await bench.SendAsync(HttpMethod.Post, $"{JobBench.Run}/jobs?jobId={JobBench.NewName()}", Job(account), CiOfRun);

        (answer.Status, answer.Message).Should().Be((403,
            $"Permission 'iam.serviceaccounts.actAs' denied on service account {account ?? "598765432109-compute@developer.gserviceaccount.com"} (or it may not exist)."));
    }

    [Fact]
    public async Task Without_credentials_nothing_is_told()
    {
        var answer = await bench.SendAsync(HttpMethod.Get, $"{JobBench.Lab}/jobs", null, null);

        (answer.Status, (string?)answer.Json["error"]!["status"]).Should().Be((401, "UNAUTHENTICATED"));
    }

    [Fact]
    public async Task A_job_has_a_policy_of_its_own()
    {
        var job = $"{JobBench.Run}/jobs/{JobBench.NewName()}";
        await bench.WellAsync(HttpMethod.Post, job.Replace("/jobs/", "/jobs?jobId=", StringComparison.Ordinal), Job(AgentOfRun));
        var empty = await bench.GetAsync($"{job}:getIamPolicy");

        var set = await bench.WellAsync(HttpMethod.Post, $"{job}:setIamPolicy", new JsonObject
        {
            ["policy"] = new JsonObject
            {
                ["etag"] = (string?)empty["etag"],
                ["bindings"] = JsonNode.Parse($$"""[{"role": "roles/run.invoker", "members": ["user:{{GcpTwin.DataScientist}}"]}]"""),
            },
        });

        empty["bindings"].Should().BeNull();
        set["bindings"]!.ToJsonString().Should().Be("""[{"role":"roles/run.invoker","members":["user:data-scientist@example.test"]}]""");
        (await bench.WellAsync(HttpMethod.Post, $"{job}:testIamPermissions", JsonNode.Parse("""{"permissions": ["run.jobs.run", "run.jobs.delete"]}"""), GcpTwin.DataScientist))
            .ToJsonString().Should().Be("""{"permissions":["run.jobs.run"]}""");
        (await bench.SendAsync(HttpMethod.Post, $"{job}:run", new JsonObject(), GcpTwin.DataScientist)).Status.Should().Be(200);
        (await bench.SendAsync(HttpMethod.Delete, job, null, GcpTwin.DataScientist)).Status.Should().Be(403);
        var again = await bench.SendAsync(HttpMethod.Post, $"{job}:setIamPolicy", new JsonObject { ["policy"] = new JsonObject { ["etag"] = (string?)empty["etag"] } });
        (again.Status, (string?)again.Json["error"]!["status"]).Should().Be((409, "ABORTED"));
    }

    [Fact]
    public async Task What_is_granted_on_a_job_reaches_its_executions_and_no_others()
    {
        var (job, other) = (await CreateAsync(), await CreateAsync());
        await bench.WellAsync(HttpMethod.Post, $"{job}:setIamPolicy", new JsonObject
        {
            ["policy"] = new JsonObject { ["bindings"] = JsonNode.Parse($$"""[{"role": "roles/run.developer", "members": ["user:{{GcpTwin.DataScientist}}"]}]""") },
        });
        var started = await bench.WellAsync(HttpMethod.Post, $"{job}:run", new JsonObject(), GcpTwin.DataScientist);
        await bench.EndAsync(started);
        var execution = (string)started["metadata"]!["name"]!;

        var allowed = new[]
        {
            await AskAsync(HttpMethod.Get, $"{job}/executions"),
            await AskAsync(HttpMethod.Get, execution),
            await AskAsync(HttpMethod.Get, $"{execution}/tasks"),
            await AskAsync(HttpMethod.Get, $"{execution}/tasks/{execution.Split('/')[^1]}-task0"),
            await AskAsync(HttpMethod.Post, $"{execution}:cancel"),
            await AskAsync(HttpMethod.Delete, execution),
        };
        var denied = new[]
        {
            await AskAsync(HttpMethod.Get, $"{other}/executions"),
            await AskAsync(HttpMethod.Get, $"{JobBench.Run}/jobs/-/executions"),
            await AskAsync(HttpMethod.Get, $"{job.Replace("/jobs/", "/jobs/no-", StringComparison.Ordinal)}/executions"),
        };

        allowed.Should().Equal([200, 200, 200, 200, 400, 200], "an execution that has ended cannot be cancelled");
        denied.Should().OnlyContain(status => status == 403);
    }

    private async Task<string> CreateAsync()
    {
        var id = JobBench.NewName();
        await bench.WellAsync(HttpMethod.Post, $"{JobBench.Run}/jobs?jobId={id}", Job(AgentOfRun));
        return $"{JobBench.Run}/jobs/{id}";
    }

    private async Task<int> AskAsync(HttpMethod method, string path) =>
        (await bench.SendAsync(method, path, method == HttpMethod.Post ? new JsonObject() : null, GcpTwin.DataScientist)).Status;

    private static JsonObject Job(string? account) => JobBench.Job("docker.io/test/x/y:z", task => task["serviceAccount"] = account);
}
