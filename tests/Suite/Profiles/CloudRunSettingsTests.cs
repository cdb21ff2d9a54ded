using Acceptance.Platform.Harbor.Oci;
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
            "ACCEPTANCE_RUN_GCP_WORKSTATION_CREDENTIALS", "ACCEPTANCE_RUN_CLOUD_RUN_SERVICE_ACCOUNT", "ACCEPTANCE_RUN_CLOUD_RUN_IMAGES"])
            .And.Subject.Where(name => name.Contains("_LAB_")).Should().BeEquivalentTo(["ACCEPTANCE_LAB_GCP_PROJECT", "ACCEPTANCE_LAB_GCP_LOCATION"], "who may not change run is shown to work in lab");
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

    [Theory]
    [InlineData("europe-west1-docker.pkg.dev/my-project/harbor")]
    [InlineData("docker.pkg.dev/my-project/harbor")]
    [InlineData("eu.gcr.io/my-project")]
    [InlineData("docker.io/our-team")]
    public void Where_images_are_found_stands_before_the_path_of_Harbor(string images)
    {
        var pushed = ImageReference.Parse($"harbor.example.org:8443/mlops/probe@sha256:{new string('a', 64)}");

        var found = ReadWithProject(("ACCEPTANCE_LAB_CLOUD_RUN_IMAGES", images)).CloudRunProjects[EnvironmentName.Lab].Images.Of(pushed);

        found.ToString().Should().Be($"{images}/mlops/probe@sha256:{new string('a', 64)}");
    }

    [Theory]
    [InlineData("https://europe-west1-docker.pkg.dev/my-project/harbor", "'https://europe-west1-docker.pkg.dev/my-project/harbor' has a scheme. Expected host and path, such as europe-west1-docker.pkg.dev/my-project/harbor.")]
    [InlineData("europe-west1-docker.pkg.dev/my-project/harbor:v1", "'europe-west1-docker.pkg.dev/my-project/harbor:v1' names one image. *")]
    [InlineData("europe-west1-docker.pkg.dev", "'europe-west1-docker.pkg.dev' is no path of images. *")]
    [InlineData("europe-west1-docker.pkg.dev/my-project", "'europe-west1-docker.pkg.dev/my-project' names a project of Artifact Registry and no repository. *")]
    [InlineData("harbor.example.org/mlops", "'harbor.example.org/mlops' is of harbor.example.org, of which Cloud Run takes no image. It takes those of [region.]gcr.io, [region-]docker.pkg.dev and docker.io. Expected a remote repository of Artifact Registry before Harbor: *")]
    [InlineData("evil.docker.pkg.dev/my-project/harbor", "*of which Cloud Run takes no image.*")]
    [InlineData("docker.io:443/our-team", "*of which Cloud Run takes no image.*")]
    public void What_Cloud_Run_would_refuse_is_said_before_it_is_asked(string images, string says)
    {
        var reading = () => ReadWithProject(("ACCEPTANCE_LAB_CLOUD_RUN_IMAGES", images));

        var fault = reading.Should().Throw<ProfileException>().Which.Faults.Should().ContainSingle().Which;

        fault.Variable.Should().Be("ACCEPTANCE_LAB_CLOUD_RUN_IMAGES");
        fault.Problem.Should().Match(says);
    }

    private static Profile ReadWithProject((string Name, string Value) setting) =>
        ProfileReader.Read(TestVariables.With(("ACCEPTANCE_LAB_GCP_PROJECT", "my-project"), ("ACCEPTANCE_LAB_GCP_LOCATION", "europe-west1"), setting));
}
