using Acceptance.Platform.CloudRun;

namespace Acceptance.Tests.CloudRun;

[Needs(Capability.CloudRun)]
public sealed class RevisionTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("CR-12")]
    public async Task A_revision_that_does_not_start_gets_no_traffic_and_the_one_before_it_answers_throughout(EnvironmentName environment)
    {
        var cloudRun = await platform.CloudRun(environment);
        var service = await cloudRun.DeployProbe("revision", Cancel);
        var good = service.Revision;

        var bad = await cloudRun.DeployBadRevision(service, Cancel);

        bad.Answers.Should().HaveCountGreaterThan(1, "it was asked before and after");
        bad.Answers.Select(answer => $"{answer} by {answer["revision"]}").Distinct().Should().Equal([$"200 by {good}"], "the revision answered before, and none better came");
        (bad.Failure?.Reason).Should().Be(FailureReason.NotListening, "Cloud Run says why the revision is not ready; the operation said: {0}", bad.Error);
        bad.Service.LatestReadyRevision.Should().EndWith($"/{good}", "the last revision that was ready is the good one");
        bad.Service.TrafficStatuses.Should().NotBeEmpty().And.NotContain(target => target.Percent > 0 && target.Revision != null && !target.Revision.EndsWith(good), "a revision that is not ready serves nobody");
    }
}
