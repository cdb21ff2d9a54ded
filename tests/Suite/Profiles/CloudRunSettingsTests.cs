using Acceptance.Platform.Profiles;

namespace Acceptance.Tests.Suite.Profiles;

public sealed class CloudRunSettingsTests
{
    [Fact]
    public void Cloud_Run_has_Google_Cloud_and_a_registry_with_it()
    {
        var variables = TestVariables.With(("ACCEPTANCE_CAPABILITIES", "nexus,pypi,conda,cloud-run"));

        ProfileReader.Declared(variables).Should().Contain([Capability.CloudRun, Capability.Gcp, Capability.Registry]);
    }

    [Fact]
    public void Who_declares_it_needs_the_accounts_of_the_environment_that_is_demonstrated()
    {
        var reading = () => ProfileReader.Read(TestVariables.With(("ACCEPTANCE_CAPABILITIES", "cloud-run"), ("ACCEPTANCE_DEMONSTRATES", "run")), new HashSet<Capability> { Capability.CloudRun });

        reading.Should().Throw<ProfileException>().Which.Faults.Select(fault => fault.Variable).Should().Contain([
            "ACCEPTANCE_RUN_HARBOR_URL", "ACCEPTANCE_RUN_GCP_PROJECT", "ACCEPTANCE_RUN_GCP_CI_CREDENTIALS", "ACCEPTANCE_RUN_GCP_DATA_SCIENTIST_CREDENTIALS",
            "ACCEPTANCE_RUN_GCP_WORKSTATION_CREDENTIALS", "ACCEPTANCE_RUN_CLOUD_RUN_SERVICE_ACCOUNT"]).And.NotContain(name => name.Contains("_LAB_"));
    }

    [Fact]
    public void Who_runs_the_tests_of_Nexus_alone_is_not_asked_for_it()
    {
        var profile = ProfileReader.Read(TestVariables.With(("ACCEPTANCE_CAPABILITIES", "nexus,pypi,conda,cloud-run")), new HashSet<Capability> { Capability.Nexus, Capability.PyPi, Capability.Conda });

        profile.CloudRunProjects.Should().BeEmpty();
    }

    [Fact]
    public void Its_settings_are_all_given_or_not()
    {
        var declared = TestVariables.With(("ACCEPTANCE_CAPABILITIES", "nexus,cloud-run"));

        ProfileReader.Gives(declared, Capability.CloudRun).Should().BeFalse("its project is not named");
        ProfileReader.Gives(new Dictionary<string, string>(declared) { ["ACCEPTANCE_TWIN"] = "embedded" }, Capability.CloudRun).Should().BeTrue("an embedded twin gives its own when it starts");
    }

    [Theory]
    [InlineData("ACCEPTANCE_CLOUD_RUN_WITHIN", "at once")]
    [InlineData("ACCEPTANCE_CLOUD_RUN_PROCESSOR_SHARE", "0.8")]
    [InlineData("ACCEPTANCE_CLOUD_RUN_URL", "run.example")]
    [InlineData("ACCEPTANCE_CLOUD_RUN_BASE_IMAGE", "no reference of an image")]
    public void A_malformed_value_names_its_variable(string variable, string value)
    {
        var reading = () => ProfileReader.Read(TestVariables.With((variable, value)));

        reading.Should().Throw<ProfileException>().Which.Faults.Should().ContainSingle().Which.Variable.Should().Be(variable);
    }
}
