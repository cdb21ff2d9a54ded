namespace Acceptance.Tests.Nexus;

[Needs(Capability.PyPi), Needs(Capability.Conda), Needs(Capability.Cran)]
[Needs(Capability.Nexus)]
public sealed class LockTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("NX-06")]
    public async Task Every_pinned_entry_of_the_use_case_resolves_with_its_hash(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);
        var entries = nexus.LockEntries();

        var report = await nexus.ResolveLocks(entries, Cancel);

        entries.Should().NotBeEmpty("a lock without entries proves nothing");
        report.Complete.Should().BeTrue("{0}", report.Message);
        report.WithoutHash.Should().Be(0, "an entry without a hash can be anything; only renv's locks have none");
        report.Elapsed.Should().BeLessThan(nexus.Known.LocksWithin * Math.Max(1, entries.Count / 1000.0));
    }
}
