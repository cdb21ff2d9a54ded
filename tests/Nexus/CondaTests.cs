using Acceptance.Platform.Nexus;
using Acceptance.Platform.Nexus.Conda;

namespace Acceptance.Tests.Nexus;

[Needs(Capability.Nexus)]
[Needs(Capability.Conda)]
public sealed class CondaTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("NX-CONDA-1")]
    public async Task The_channel_has_noarch_and_linux_64(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);

        var repodata = await nexus.Conda.BothSubdirs(CondaRepresentation.Json, nexus.Known.CondaPackages, Cancel);

        repodata.Select(one => one.Subdir).Should().Equal("noarch", "linux-64");
        repodata.SelectMany(one => one.Packages).Select(package => package.Name)
            .Should().Contain(nexus.Known.CondaPackages.Select(package => package.Name), "the channel is known to have them");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-CONDA-1")]
    public async Task The_zstd_index_says_the_same_as_the_plain_one(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);

        var plain = await nexus.Conda.BothSubdirs(CondaRepresentation.Json, nexus.Known.CondaPackages, Cancel);
        var zstd = await nexus.Conda.BothSubdirs(CondaRepresentation.Zstandard, nexus.Known.CondaPackages, Cancel);

        zstd.SelectMany(one => one.Packages).Should().BeEquivalentTo(
            plain.SelectMany(one => one.Packages), "mamba reads one and conda's older versions the other");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-CONDA-1")]
    public async Task The_current_index_is_part_of_the_whole_one(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);

        var whole = await nexus.Conda.BothSubdirs(CondaRepresentation.Json, nexus.Known.CondaPackages, Cancel);
        var current = await nexus.Conda.BothSubdirs(CondaRepresentation.Current, nexus.Known.CondaPackages, Cancel);

        current.SelectMany(one => one.Packages).Should().NotBeEmpty("conda's classic solver begins with it")
            .And.BeSubsetOf(whole.SelectMany(one => one.Packages));
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-CONDA-2")]
    public async Task Packages_arrive_with_the_hashes_of_the_index(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);
        var packages = await nexus.Conda.NewestPackages(nexus.Known.CondaPackages, Cancel);

        var artefacts = await Task.WhenAll(packages.Select(package => nexus.Conda.DownloadAsync(package, Cancel)));

        packages.Select(package => package.Name).Should().Contain(nexus.Known.CondaPackages.Select(package => package.Name), "the channel has a file of each known package");
        artefacts.Select(artefact => artefact.Sha256).Should().Equal(packages.Select(package => package.Sha256));
    }
}
