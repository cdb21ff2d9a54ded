using Acceptance.Platform.CloudRun;

namespace Acceptance.Tests.Harbor;

[Needs(Capability.Registry), AlsoNeeds(Capability.CloudRun)]
public sealed class CloudRunTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("HA-04")]
    public async Task A_job_starts_on_the_image_that_was_just_pushed(EnvironmentName environment)
    {
        await platform.Harbor(environment);
        var cloudRun = await platform.CloudRun(environment);

        var pushed = await cloudRun.PushOwnProbe(Cancel);
        var outcome = await cloudRun.Succeed(new JobSpec("pulled") { Image = pushed.ByDigest, Acts = ["environment", "CLOUD_RUN_EXECUTION"] }, Cancel);
        var log = await cloudRun.ReadLog(outcome, "environment", Cancel);

        log.Of("environment").Select(line => line["values", "CLOUD_RUN_EXECUTION"]).Should().Equal([outcome.Name.ExecutionId], "the program of the image {0} ran", pushed.ByDigest);
    }
}
