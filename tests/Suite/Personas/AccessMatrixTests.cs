using System.Reflection;
using Acceptance.Platform.Personas;
using Acceptance.Platform.Profiles;
using Acceptance.Platform.Requirements;
using Acceptance.Tests.Suite.Requirements;

namespace Acceptance.Tests.Suite.Personas;

public sealed class AccessMatrixTests
{
    private const string Act = """
        - system: Harbor
          act: pull an image
          requirement: HA-06
          environments: [lab]
          allow: [ci robot, recette]
          deny:
            anonymous: authentication
        """;

    [Fact]
    public void A_denial_has_its_reason_and_its_control()
    {
        var denial = AccessMatrix.Parse(Act).Denials.Should().ContainSingle().Subject;

        denial.Should().BeEquivalentTo(new
        {
            System = "Harbor",
            Act = "pull an image",
            Requirement = "HA-06",
            Environments = new[] { EnvironmentName.Lab },
            Identity = "anonymous",
            Reason = AccessReason.Authentication,
            Control = "ci robot",
        });
        denial.ToString().Should().Be("anonymous may not pull an image");
    }

    [Theory]
    [InlineData("allow: [ci robot, recette]", "allow: []", "Harbor, pull an image, is allowed to nobody: without a control, a client that is dead would pass for refused.")]
    [InlineData("allow: [ci robot, recette]", "allow: [anonymous]", "Harbor, pull an image, is both allowed and denied to anonymous.")]
    [InlineData("anonymous: authentication", "anonymous: forbidden", "Harbor, pull an image, has kind of refusal 'forbidden'; it must be one of authentication, permission, hidden, network.")]
    [InlineData("environments: [lab]", "environments: [labo]", "Harbor, pull an image, has environment 'labo'; it must be one of lab, run.")]
    public void A_matrix_that_proves_nothing_is_refused(string line, string instead, string problem)
    {
        var parsing = () => AccessMatrix.Parse(Act.Replace(line, instead, StringComparison.Ordinal));

        parsing.Should().Throw<AccessMatrixException>().WithMessage($"access-matrix.yaml: {problem}");
    }

    [Fact]
    public void An_act_that_stands_twice_is_refused()
    {
        var parsing = () => AccessMatrix.Parse(Act + "\n" + Act);

        parsing.Should().Throw<AccessMatrixException>().WithMessage("access-matrix.yaml holds twice: Harbor, pull an image.");
    }

    [Fact]
    public void What_is_no_YAML_names_its_line()
    {
        var parsing = () => AccessMatrix.Parse("- system: Harbor\n  akt: pull\n");

        parsing.Should().Throw<AccessMatrixException>().WithMessage("access-matrix.yaml cannot be read at line 2*akt*");
    }

    [Fact]
    public void Every_denial_is_tried_by_a_test_of_its_requirement()
    {
        var tried = AcceptanceProjects.Tests.Where(test => test.GetCustomAttribute<ForEachDenialAttribute>() is not null)
            .SelectMany(test => test.GetCustomAttributes<RequirementAttribute>()).Select(requirement => requirement.Id).ToHashSet();

        AccessMatrix.Current.Denials.Should().NotBeEmpty().And.OnlyContain(denial => tried.Contains(denial.Requirement));
    }
}
