namespace Acceptance.Tests.CloudRun;

[Needs(Capability.CloudRun), Collection(MonitoringCategory.Name)]
public sealed class ServiceAccessTests(MonitoringRun run)
{
    [AcceptanceTest, InEachEnvironment, Requirement("CR-10")]
    public async Task Who_does_not_say_who_it_is_is_refused(EnvironmentName environment)
    {
        var (cloudRun, monitoring) = await run.In(environment);

        var control = await (await cloudRun.VisitAsRecette(monitoring.Service)).Get("", Cancel);
        var answer = await cloudRun.VisitAnonymously(monitoring.Service).Get("", Cancel);

        control.Status.Should().Be(200, "who may is served, and where nobody is a refusal proves nothing; it was {0}", control);
        answer.Status.Should().BeOneOf([401, 403], "the scores are for who was let in; it was {0}", answer);
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-10")]
    public async Task An_identity_is_served_once_it_is_let_in_and_not_before(EnvironmentName environment)
    {
        var (cloudRun, monitoring) = await run.In(environment);
        var visitor = await cloudRun.VisitAs(GcpIdentity.Viewer, monitoring.Service);

        var before = await visitor.Get("", Cancel);
        var after = await cloudRun.LetIn(GcpIdentity.Viewer, monitoring.Service, Cancel);

        before.Status.Should().Be(403, "{0} is known, and has not the right; it was {1}", visitor.Name, before);
        after.Status.Should().Be(200, "it was let in; it was {0}", after);
    }
}
