using Acceptance.Platform.Nexus;
using Acceptance.Platform.Nexus.PyPi;

namespace Acceptance.Tests.Nexus;

[Needs(Capability.Nexus)]
[Needs(Capability.PyPi)]
public sealed class PyPiTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("NX-PYPI-1")]
    public async Task The_index_of_known_packages_is_the_same_in_HTML_and_in_JSON(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);

        var html = await nexus.PyPi.Projects(nexus.Known.PyPiPackages, nexus.PyPi.GetProjectHtmlAsync, Cancel);
        var json = await nexus.PyPi.Projects(nexus.Known.PyPiPackages, nexus.PyPi.GetProjectJsonAsync, Cancel);

        html.Should().OnlyContain(project => project.Files.Count > 0, "a page without files is 'from versions: none' to pip");
        json.SelectMany(project => project.Files).Select(file => (file.FileName, file.Sha256, file.RequiresPython, file.Yanked))
            .Should().BeEquivalentTo(
                html.SelectMany(project => project.Files).Select(file => (file.FileName, file.Sha256, file.RequiresPython, file.Yanked)),
                "pip reads JSON (PEP 691) since 22.2 and HTML before: both must install the same");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-PYPI-1")]
    public async Task Every_file_of_the_index_is_linked_inside_Nexus_with_its_sha256(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);

        var projects = await nexus.PyPi.Projects(nexus.Known.PyPiPackages, nexus.PyPi.GetProjectHtmlAsync, Cancel);

        var files = projects.SelectMany(project => project.Files).ToList();
        files.Should().NotBeEmpty();
        files.Where(file => file.Uri.Authority != nexus.Address.Authority).Select(file => file.Uri)
            .Should().BeEmpty("the environments reach Nexus, not the public index");
        files.Where(file => file.Sha256 is null).Select(file => file.FileName).Should().BeEmpty("without its hash a file cannot be verified");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-PYPI-1"), Needs(Capability.PyPiExtra)]
    public async Task The_second_Python_index_lists_its_packages(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);

        var projects = await nexus.PyPiExtra.Projects(nexus.Known.PyPiExtraPackages, nexus.PyPiExtra.GetProjectHtmlAsync, Cancel);

        projects.Should().OnlyContain(project => project.Files.Count > 0, "a page without files is 'from versions: none' to pip");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-PYPI-2")]
    public async Task Wheels_and_source_distributions_arrive_with_the_hash_of_the_index(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);
        var files = await nexus.PyPi.NewestFiles(nexus.Known.PyPiPackages, Cancel);

        var artefacts = await Task.WhenAll(files.Select(file => nexus.PyPi.DownloadAsync(file, Cancel)));

        artefacts.Select(artefact => artefact.Sha256).Should().NotBeEmpty().And.Equal(files.Select(file => file.Sha256));
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-PYPI-2"), Needs(Capability.PyPiExtra)]
    public async Task Wheels_of_the_second_Python_index_arrive_with_its_hash(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);
        var files = await nexus.PyPiExtra.NewestFiles(nexus.Known.PyPiExtraPackages, Cancel);

        var artefacts = await Task.WhenAll(files.Select(file => nexus.PyPiExtra.DownloadAsync(file, Cancel)));

        artefacts.Select(artefact => artefact.Sha256).Should().NotBeEmpty().And.Equal(files.Select(file => file.Sha256));
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-PYPI-2")]
    public async Task The_metadata_announced_beside_a_wheel_is_served(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);
        var files = await nexus.PyPi.NewestFiles(nexus.Known.PyPiPackages, Cancel);

        files.Should().Contain(file => file.CoreMetadata != null, "the public index announces metadata (PEP 658)");
        var announced = files.Where(file => file.CoreMetadata is not null).ToList();
        var metadata = await Task.WhenAll(announced.Select(file => nexus.PyPi.GetMetadataAsync(file, Cancel)));

        metadata.Select(one => PyPiVersion.Canonical(one.Version)).Should().Equal(announced.Select(file => PyPiVersion.Canonical(file.Version!)), "pip resolves by this file without fetching the wheel");
    }
}
