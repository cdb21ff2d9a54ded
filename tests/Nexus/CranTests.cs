using Acceptance.Platform.Nexus;
using Acceptance.Platform.Nexus.Cran;

namespace Acceptance.Tests.Nexus;

[Needs(Capability.Nexus)]
[Needs(Capability.Cran)]
public sealed class CranTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("NX-CRAN-1")]
    public async Task The_three_forms_of_the_index_agree(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);

        var plain = await nexus.Cran.GetPackagesAsync(CranRepresentation.Plain, Cancel);
        var gzip = await nexus.Cran.GetPackagesAsync(CranRepresentation.Gzip, Cancel);
        var rds = await nexus.Cran.GetPackagesAsync(CranRepresentation.Rds, Cancel);

        var known = plain.Select(package => (package.Package, package.Version, package.Md5Sum)).ToList();
        known.Select(package => package.Package).Should().Contain(nexus.Known.CranPackages.Select(package => package.Name));
        gzip.Select(package => (package.Package, package.Version, package.Md5Sum)).Except(known).Should().BeEmpty("pak reads PACKAGES.gz, and must see the versions of PACKAGES");
        rds.Select(package => (package.Package, package.Version, package.Md5Sum)).Except(known).Should().BeEmpty("R reads PACKAGES.rds, and must see the versions of PACKAGES");
        (gzip.Count, rds.Count).Should().Be((plain.Count, plain.Count), "no form may lack a package");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-CRAN-2")]
    public async Task A_source_package_that_the_index_lists_arrives_with_its_MD5(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);
        var packages = await nexus.Cran.KnownPackages(nexus.Known.CranPackages, Cancel);

        var artefacts = await Task.WhenAll(packages.Select(package => nexus.Cran.DownloadAsync(package, Cancel)));

        packages.Should().HaveCount(nexus.Known.CranPackages.Count);
        artefacts.Select(artefact => artefact.Md5).Should().Equal(packages.Select(package => package.Md5Sum), "R itself does not verify it");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-CRAN-2")]
    public async Task A_superseded_version_arrives_from_the_Archive(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);
        var archived = nexus.Known.CranArchived;

        var packages = await Task.WhenAll(archived.Select(package => nexus.Cran.DownloadArchivedAsync(package.Name, package.Version, Cancel)));

        packages.Select(package => new KnownPackage(package.Description.Package, package.Description.Version))
            .Should().NotBeEmpty().And.Equal(archived, "renv restores old versions from src/contrib/Archive");
    }
}
