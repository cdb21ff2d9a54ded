using Acceptance.Platform.Nexus;
using Acceptance.Platform.Nexus.Conda;
using Acceptance.Platform.Nexus.PyPi;

namespace Acceptance.Tests.Nexus;

[Needs(Capability.Nexus)]
public sealed class FreshnessTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("NX-03"), Needs(Capability.PyPi)]
    public async Task The_newest_known_Python_versions_are_visible(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);

        var projects = await nexus.PyPi.Projects(nexus.Known.PyPiPackages, nexus.PyPi.GetProjectAsync, Cancel);

        projects.Zip(nexus.Known.PyPiPackages).Where(pair => !pair.First.Of(pair.Second.Version).Any()).Select(pair => pair.Second.ToString())
            .Should().BeEmpty("the public index has them: this one is stale");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-03"), Needs(Capability.Conda)]
    public async Task The_newest_known_conda_versions_are_visible(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);

        var repodata = await nexus.Conda.BothSubdirs(CondaRepresentation.Json, nexus.Known.CondaPackages, Cancel);

        nexus.Known.CondaPackages.Except(repodata.SelectMany(one => one.Packages).Select(package => new KnownPackage(package.Name, package.Version)))
            .Should().BeEmpty("the public channel has them: this one is stale");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-03"), Needs(Capability.Cran)]
    public async Task The_newest_known_R_versions_are_visible(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);

        var packages = await nexus.Cran.KnownPackages(nexus.Known.CranPackages, Cancel);

        KnownR.Older(packages, nexus.Known.CranPackages).Should().BeEmpty("CRAN has newer ones: this mirror is stale");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-03"), Needs(Capability.Conda), Needs(Capability.Cran), Needs(Capability.Posit)]
    public async Task No_index_is_older_than_the_limit(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);

        var ages = await nexus.IndexAges(Cancel);

        ages.Where(age => age.Age is null || age.Age > nexus.Known.MetadataMaxAge).Select(age => age.ToString())
            .Should().BeEmpty("these indexes are published daily: one that is older than {0} is a stale copy", nexus.Known.MetadataMaxAge);
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-03")]
    public async Task No_proxy_is_set_to_keep_metadata_longer_than_the_limit(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);

        var repositories = await nexus.Repositories(Cancel);

        repositories.Proxies.Should().NotBeEmpty().And.OnlyContain(proxy => proxy.Proxy.MetadataMaxAge > TimeSpan.Zero);
        repositories.Proxies.Where(proxy => proxy.Proxy.MetadataMaxAge > nexus.Known.MetadataMaxAge)
            .Select(proxy => $"{proxy.Name}: {proxy.Proxy.MetadataMaxAge}")
            .Should().BeEmpty("an index would be allowed to grow older than {0}", nexus.Known.MetadataMaxAge);
    }
}
