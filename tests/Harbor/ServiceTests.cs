using Acceptance.Platform.Harbor.Api;

namespace Acceptance.Tests.Harbor;

public sealed class ServiceTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("HA-01"), Needs(Capability.Registry), ReachabilityOf("Harbor")]
    public async Task The_registry_answers_and_says_how_to_come_in(EnvironmentName environment)
    {
        var harbor = await platform.HarborThatAnswers(environment);

        var challenge = await harbor.Anonymous.ChallengeAsync(Cancel);

        challenge.Should().NotBeNull("a registry that lets anybody in holds no project's images");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("HA-01"), Needs(Capability.Harbor)]
    public async Task Every_component_is_healthy(EnvironmentName environment)
    {
        var harbor = await platform.Harbor(environment);

        var health = await harbor.Api.GetHealthAsync(Cancel);

        health.Components.Should().NotBeEmpty();
        health.Components.Where(component => component.Status != HarborHealth.Healthy).Select(component => $"{component.Name} is {component.Status} {component.Error}".TrimEnd())
            .Should().BeEmpty("pushes need the registry, scans and clean-ups the jobservice, everything the core");
        health.Status.Should().Be(HarborHealth.Healthy);
    }

    [AcceptanceTest, InEachEnvironment, Requirement("HA-01"), Needs(Capability.Harbor)]
    public async Task The_project_exists_and_has_space_left(EnvironmentName environment)
    {
        var harbor = await platform.Harbor(environment);

        var project = await harbor.Api.GetProjectAsync(harbor.Project, Cancel);
        var summary = await harbor.Api.GetProjectSummaryAsync(harbor.Project, Cancel);

        project.Name.Should().Be(harbor.Project);
        summary.Quota.Should().NotBeNull("the recette's account reads the quota of its project");
        summary.Quota!.Left.Should().BeGreaterThanOrEqualTo(harbor.Known.QuotaLeft, "a project whose quota is used up refuses every push");
    }
}
