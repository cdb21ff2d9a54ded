using Acceptance.Platform.Nexus;
using Acceptance.Platform.Nexus.Cran;

namespace Acceptance.Tests.Nexus;

[Needs(Capability.Nexus)]
[Needs(Capability.Posit)]
public sealed class PositTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("NX-POSIT-1")]
    public async Task The_index_lists_the_known_packages(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);

        var packages = await nexus.Posit.GetPackagesAsync(CranRepresentation.Gzip, Cancel);

        packages.Select(package => package.Package).Should().Contain(nexus.Known.PositPackages.Select(package => package.Name));
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-POSIT-2")]
    public async Task R_gets_a_binary_built_for_its_version(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);
        var packages = await nexus.Posit.KnownPackages(nexus.Known.PositPackages, Cancel);

        var artefacts = await Task.WhenAll(packages.Select(package => nexus.Posit.DownloadAsync(package, Cancel)));

        artefacts.Should().HaveCount(nexus.Known.PositPackages.Count);
        artefacts.Where(artefact => !artefact.Description.Binary).Select(artefact => artefact.Artefact.Path)
            .Should().BeEmpty("a source package means that R compiles it: the User-Agent of R {0} was lost on the way", nexus.Known.RVersion);
        artefacts.Select(artefact => KnownR.Minor(artefact.Description.BuiltWith!))
            .Should().OnlyContain(version => version == KnownR.Minor(nexus.Known.RVersion), "a binary of another R does not load");
    }
}
