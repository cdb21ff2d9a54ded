namespace Acceptance.Tests.CloudRun;

[Needs(Capability.CloudRun)]
public sealed class ServiceTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("CR-01"), ReachabilityOf("CloudRun")]
    public async Task The_API_answers_the_recette(EnvironmentName environment)
    {
        var cloudRun = await platform.CloudRunThatAnswers(environment);

        var api = await cloudRun.Api();

        api.Location.ProjectId.Should().Be(cloudRun.Project.Id);
        await api.Awaiting(one => one.ListJobsAsync(Cancel).CountAsync(Cancel).AsTask()).Should().NotThrowAsync();
    }
}
