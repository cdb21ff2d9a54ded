using Acceptance.Platform.Personas;

namespace Acceptance.Tests.CloudRun;

[Needs(Capability.CloudRun)]
public sealed class RightsTests(PlatformFixture platform)
{
    [AcceptanceTest, ForEachDenial, Requirement("CR-11")]
    public async Task Who_has_not_the_right_is_refused_and_who_has_it_is_not(EnvironmentName environment, string denial)
    {
        var cloudRun = await platform.CloudRun(environment);

        var (control, atWork, denied) = await cloudRun.Try(AccessMatrix.Current.Find(denial), Cancel);

        control.Should().Be(AccessOutcome.Done, "the control may, and where it may not a refusal proves nothing");
        atWork.Should().Be(AccessOutcome.Done, "it works in lab and lists its jobs, and of who may nothing anywhere a refusal proves nothing");
        denied.Refusal.Should().Be(AccessMatrix.Current.Find(denial).Reason, "{0}; it was {1}", denial, denied);
    }
}
