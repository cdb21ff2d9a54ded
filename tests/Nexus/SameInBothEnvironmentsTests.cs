using Acceptance.Platform.Nexus;

namespace Acceptance.Tests.Nexus;

[Needs(Capability.Nexus)]
public sealed class SameInBothEnvironmentsTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("NX-04")]
    public async Task Both_environments_have_the_same_repositories_of_the_same_upstreams(EnvironmentName environment)
    {
        var here = await (await platform.Nexus(environment)).DescribeRepositories(Cancel);
        var there = await (await platform.Nexus(environment.Other())).DescribeRepositories(Cancel);

        here.Should().NotBeEmpty().And.Equal(there, "what a project finds in lab it must find in run");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-04")]
    public async Task Both_environments_serve_the_same_bytes(EnvironmentName environment)
    {
        var here = await (await platform.Nexus(environment)).SampleHashes(Cancel);
        var there = await (await platform.Nexus(environment.Other())).SampleHashes(Cancel);

        here.Should().NotBeEmpty().And.Equal(there, "a package of one name and version must be one file");
    }
}
