using Acceptance.Platform.Nexus;

namespace Acceptance.Tests.Nexus;

/// <summary>Runs alone: while it cuts the upstream, no other test finds what it expects.</summary>
[CollectionDefinition(nameof(UpstreamCutTests), DisableParallelization = true)]
[Collection(nameof(UpstreamCutTests))]
[Needs(Capability.Nexus)]
[Needs(Capability.UpstreamCut)]
public sealed class UpstreamCutTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("NX-05")]
    public async Task What_was_cached_is_served_while_the_upstream_is_down(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);
        var before = await nexus.SampleHashes(Cancel);

        await using var cut = await nexus.CutUpstream(Cancel);
        var during = await nexus.SampleHashes(Cancel);

        during.Should().NotBeEmpty().And.Equal(before, "a project whose packages are cached goes on working when a public index is down");
    }
}
