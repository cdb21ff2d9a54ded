using Acceptance.Platform.CloudRun;

namespace Acceptance.Tests.CloudRun;

[Needs(Capability.CloudRun)]
public sealed class RedeployedJobTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("CR-01")]
    public async Task A_job_that_is_deployed_again_with_what_was_pushed_since_runs_the_new_image(EnvironmentName environment)
    {
        var cloudRun = await platform.CloudRun(environment);
        var image = await cloudRun.PushOwnProbe(Cancel);
        var spec = new JobSpec("redeployed") { Image = image.ByDigest, Acts = ["exit", "9"] };
        var job = await cloudRun.CreateJob(spec, Cancel);

        var before = await cloudRun.Run(job, null, Cancel);
        var pushed = await cloudRun.PushMonitoringOver(image, Cancel);
        await cloudRun.DeployAgain(job, spec with { Image = pushed.ByDigest }, Cancel);
        var after = await cloudRun.Run(job, null, Cancel);

        (before.Failure?.ExitCode).Should().Be(9, "the image was the probe's, which ends as it is told; it was {0}", before);
        (after.Failure?.ExitCode).Should().Be(78, "the image is the monitoring application's now, which ends with 78 where it is told nothing; it was {0}", after);
    }
}
