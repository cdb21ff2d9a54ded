using System.Reflection;
using System.Xml.Linq;
using Acceptance.Platform.Profiles;
using Acceptance.Platform.Requirements;
using Acceptance.Platform.Results;

namespace Acceptance.Tests.Suite.Requirements;

/// <summary>Holds the catalogue and the acceptance tests true to each other.</summary>
public sealed class TestsAndCatalogueTests
{
    /// <summary>Rows of a project that has tests, for which none is written yet, each with the issue that brings it.</summary>
    private static readonly Dictionary<string, string> Awaited = new()
    {
        ["NX-PYPI-3"] = "containers profile",
        ["NX-CONDA-3"] = "containers profile",
        ["NX-CRAN-3"] = "containers profile",
        ["NX-POSIT-3"] = "containers profile",
        ["NX-HF-3"] = "containers profile",
        ["CR-09"] = "containers profile",
    };

    public static TheoryData<string> AcceptanceTests => [.. AcceptanceProjects.Tests.Select(method => $"{method.DeclaringType!.FullName}.{method.Name}")];

    [Theory, MemberData(nameof(AcceptanceTests))]
    public void An_acceptance_test_names_a_row_of_the_catalogue(string test)
    {
        var method = AcceptanceProjects.Tests.Single(method => $"{method.DeclaringType!.FullName}.{method.Name}" == test);

        var ids = method.GetCustomAttributes<RequirementAttribute>().Select(requirement => requirement.Id).ToList();

        ids.Should().NotBeEmpty("a test that demonstrates nothing of the catalogue is not in the report");
        ids.Should().OnlyContain(id => RequirementCatalogue.Current.Find(id) != null, "reports/requirements.yaml has no other row");
        method.GetCustomAttribute<AcceptanceTestAttribute>().Should().NotBeNull("an acceptance test runs once in each environment");
        method.GetCustomAttribute<InEachEnvironmentAttribute>().Should().NotBeNull("an acceptance test runs once in each environment");
    }

    [Fact]
    public void A_row_of_a_tested_category_has_a_test_or_is_awaited_by_name()
    {
        var tested = AcceptanceProjects.Tests.SelectMany(method => method.GetCustomAttributes<RequirementAttribute>()).Select(requirement => requirement.Id).ToHashSet();
        var rows = RequirementCatalogue.Current.Categories.Where(category => AcceptanceProjects.Names.Contains(category.Project)).SelectMany(category => category.Requirements);

        var without = rows.Select(row => row.Id).Where(id => !tested.Contains(id));

        without.Should().BeEquivalentTo(Awaited.Keys);
    }

    [Fact]
    public void A_campaign_builds_each_category_that_it_runs()
    {
        var project = XDocument.Load(RepositoryRoot.Resolve(Path.Combine("reports", "Recette", "Recette.csproj")));

        var built = project.Descendants("ProjectReference").Select(reference => (string)reference.Attribute("Include")!).Where(path => path.Contains("/tests/", StringComparison.Ordinal));

        built.Should().BeEquivalentTo(AcceptanceProjects.Names.Select(name => $"../../tests/{name}/{name}.csproj"), "from a fresh clone a campaign would leave out what is not built");
    }

    [Fact]
    public void A_system_has_one_reachability_test()
    {
        var systems = AcceptanceProjects.Tests.SelectMany(method => method.GetCustomAttributes<ReachabilityOfAttribute>()).Select(reachability => reachability.System);

        systems.Should().BeEquivalentTo(AcceptanceProjects.Names);
    }
}
