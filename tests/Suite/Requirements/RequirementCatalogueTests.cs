using Acceptance.Platform.Profiles;
using Acceptance.Platform.Requirements;

namespace Acceptance.Tests.Suite.Requirements;

public sealed class RequirementCatalogueTests
{
    [Fact]
    public void Every_row_of_the_mission_is_there()
    {
        var counts = RequirementCatalogue.Current.Categories.ToDictionary(category => category.Id, category => category.Requirements.Count);

        counts.Should().BeEquivalentTo(new Dictionary<string, int>
        {
            ["WS"] = 24,
            ["GL"] = 11,
            ["HA"] = 9,
            ["NX"] = 22,
            ["AF"] = 10,
            ["CR"] = 12,
            ["MG"] = 11,
        });
    }

    [Fact]
    public void A_row_has_its_French_title_criticality_and_environments()
    {
        var row = RequirementCatalogue.Current.Find("NX-PYPI-2")!;

        row.Title.Should().Be("Un paquet de PyPI se télécharge intact par Nexus");
        row.Criticality.Should().Be(Criticality.Blocking);
        row.Environments.Should().Equal(EnvironmentName.Lab, EnvironmentName.Run);
    }

    [Theory]
    [InlineData("environment: labo", "environment 'labo'; it must be one of lab, run, both")]
    [InlineData("criticality: urgent", "criticality 'urgent'; it must be one of blocking, major, minor")]
    [InlineData("offline: never", "offline 'never'; it must be one of embedded, containers")]
    public void An_unknown_word_is_refused_with_those_allowed(string line, string problem)
    {
        var key = line.Split(':')[0];
        var fields = new[] { "environment: lab", "criticality: major", "offline: embedded" }.Select(field => field.StartsWith(key) ? line : field);
        var yaml = "categories:\n  - id: X\n    title: X\n    project: X\n    requirements:\n      - id: X-1\n        title: T\n        proof: p\n"
            + string.Join('\n', fields.Select(field => "        " + field));

        var parsing = () => RequirementCatalogue.Parse(yaml);

        parsing.Should().Throw<RequirementCatalogueException>().WithMessage($"requirements.yaml: requirement 'X-1' has {problem}.");
    }

    [Fact]
    public void An_unknown_field_names_its_line()
    {
        var parsing = () => RequirementCatalogue.Parse("categories:\n  - id: X\n    titel: X\n");

        parsing.Should().Throw<RequirementCatalogueException>().WithMessage("requirements.yaml cannot be read at line 3*titel*");
    }
}
