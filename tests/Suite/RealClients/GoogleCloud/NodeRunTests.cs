using System.Text.Json.Nodes;
using Acceptance.Tests.Suite.Gcp.CloudRun.Jobs;

namespace Acceptance.Tests.Suite.RealClients.GoogleCloud;

/// <summary>@google-cloud/run from npm, which speaks REST where it is told to fall back, and @google-cloud/logging for what its jobs wrote.</summary>
public sealed class NodeRunTests(JobBench bench, NodeClients node) : IClassFixture<JobBench>
{
    private const string CiOfLab = "ci-lab@acc-lab.iam.gserviceaccount.com";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [ClientFact(OfficialClient.NodeRun)]
    public async Task Node_creates_a_job_runs_it_with_overrides_watches_and_reads_its_logs()
    {
        var job = JobBench.NewName();

        var day = await RunAsync("day", CiOfLab, job);

        var execution = (string)day["execution"]![0]!;
        execution.Should().StartWith($"{JobBench.Lab}/jobs/{job}/executions/{job}-");
        day["created"]!.ToJsonString().Should().Be($"""["{JobBench.Lab}/jobs/{job}",0,"60","CONDITION_SUCCEEDED"]""");
        day["watched"]!.ToJsonString().Should().Be($"""["{execution}",false]""");
        day["execution"]!.ToJsonString().Should().Be($"""["{execution}",2,2,"CONDITION_SUCCEEDED",true]""");
        day["listed"]!.ToJsonString().Should().Be($"""["{execution}"]""");
        day["tasks"]!.ToJsonString().Should().Be("[[0,0],[1,0]]");
        day["lines"]!.ToJsonString().Should().Be("""["job run: of run, 0","job run: of run, 1"]""");
        (day["changed"]!.ToJsonString(), (int?)day["policy"], (bool?)day["everyJob"], (bool?)day["deleted"]).Should().Be(("""["fraud","2"]""", 0, true, true));
    }

    [ClientFact(OfficialClient.NodeRun)]
    public async Task Node_is_told_how_an_execution_failed()
    {
        var failed = await RunAsync("failed", CiOfLab, JobBench.NewName());

        ((string?)failed["error"]!["message"]).Should().EndWith("-task0 failed with message: The container exited with an error.");
        (failed["execution"]!.ToJsonString(), (int?)failed["exitCode"]).Should().Be(("""[1,"NON_ZERO_EXIT_CODE"]""", 3));
    }

    [ClientFact(OfficialClient.NodeRun)]
    public async Task Node_cancels_an_execution() =>
        (await RunAsync("cancelled", CiOfLab, JobBench.NewName()))["execution"]!.ToJsonString().Should().Be("""[1,"CANCELLED"]""");

    [ClientFact(OfficialClient.NodeRun)]
    public async Task Node_is_told_what_is_wrong_and_what_it_may_not()
    {
        var job = JobBench.NewName();
        var wrong = await RunAsync("refused", CiOfLab, job);
        var denied = await RunAsync("refused", ClientGcp.CiOfRun, job);

        ((string?)wrong["label"]!["message"]).Should().Contain("Violation in CreateJobRequest.job.labels[run.googleapis.com/x]: system labels are not supported in Cloud Run API v2.");
        ((string?)wrong["missing"]!["message"]).Should().Contain("Resource 'nothing' of kind 'JOB' in region 'europe-west1' in project 'acc-lab' does not exist.");
        ((string?)wrong["image"]!["message"]).Should().Contain("' not found.");
        ((string?)wrong["etag"]!["message"]).Should().Contain($"Conflict for resource '{job}': version 'old' was specified");
        wrong["create"].Should().BeNull();
        ((string?)denied["create"]!["message"]).Should().Contain($"Permission 'run.jobs.create' denied on resource '{JobBench.Lab}/jobs/{job}' (or resource may not exist).");
    }

    private async Task<JsonObject> RunAsync(string act, string email, string job)
    {
        var image = await bench.PushAsync("echo \"$A $B: $*, $CLOUD_RUN_TASK_INDEX\"; sleep ${SLEEP:-0}; exit ${EXIT:-0}");
        var run = await node.RunAsync(
            "run.cjs", [act, bench.AddressOf("cloud-run").AbsoluteUri, bench.AddressOf("logging").AbsoluteUri, await bench.CredentialsAsync(email), "acc-lab", job, image], Cancel);
        run.ExitCode.Should().Be(0, "{0}", run.Output);
        return JsonNode.Parse(run.Printed)!.AsObject();
    }
}
