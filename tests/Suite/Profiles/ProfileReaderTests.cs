using Acceptance.Platform.Profiles;

namespace Acceptance.Tests.Suite.Profiles;

public sealed class ProfileReaderTests
{
    [Fact]
    public void A_complete_profile_is_bound_with_its_types()
    {
        var profile = ProfileReader.Read(TestVariables.Complete);

        profile.Name.Should().Be("lab");
        profile.Demonstrates.Should().Equal(EnvironmentName.Lab);
        profile.Capabilities.Should().BeEquivalentTo([Capability.Nexus, Capability.PyPi, Capability.Conda]);
        profile.NexusEndpoints[EnvironmentName.Lab].Url.Should().Be(new Uri("https://nexus.lab.example/sub/"));
        profile.Nexus.PyPiPackages.Should().Equal(new KnownPackage("numpy", "2.3.1"), new KnownPackage("pandas", "2.3.0"));
        profile.Nexus.MetadataMaxAge.Should().Be(TimeSpan.FromDays(2));
        profile.Limits.IndexBytes.Should().Be(1L << 30);
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once_with_what_to_do()
    {
        var variables = TestVariables.With(
            ("ACCEPTANCE_LAB_NEXUS_URL", "nexus.lab.example"),
            ("ACCEPTANCE_RUN_NEXUS_PASSWORD", ""),
            ("ACCEPTANCE_CAPABILITIES", "nexus,pypi,cond"),
            ("ACCEPTANCE_NEXUS_CONECTIONS", "8"),
            ("ACCEPTANCE_REACH_WITHIN", "soon"));

        var reading = () => ProfileReader.Read(variables);

        reading.Should().Throw<ProfileException>().Which.Message.Should().Be(
            """
            Profile 'lab' cannot be used: 5 settings to mend.
              ACCEPTANCE_NEXUS_CONECTIONS: is no setting of this suite.
                What to do: did you mean ACCEPTANCE_NEXUS_CONNECTIONS? Rename or unset it.
              ACCEPTANCE_CAPABILITIES: 'cond' is not known; did you mean 'conda'? Known: nexus, pypi, pypi-extra, conda, cran, posit, huggingface, upstream-cut, registry, harbor, immutable-tags, gcp, cloud-run.
                What to do: set it in runsettings/lab.runsettings or the process environment; the value is chosen by the recette.
              ACCEPTANCE_REACH_WITHIN: 'soon' is not a duration. Expected a number and ms, s, m, h or d, such as 30s.
                What to do: set it in runsettings/lab.runsettings or the process environment; the value is chosen by the recette.
              ACCEPTANCE_LAB_NEXUS_URL: 'nexus.lab.example' is not an address. Expected a form such as https://nexus.example.org/.
                What to do: set it in runsettings/lab.runsettings or the process environment; the value is asked of the team that runs Nexus; `recette twin --export FILE` writes it for a rehearsal.
              ACCEPTANCE_RUN_NEXUS_PASSWORD: is missing, and the profile declares the capability nexus. Password or user token of that account in run.
                What to do: set it in the process environment (a masked CI variable); the value is asked of the team that runs Nexus; `recette twin --export FILE` writes it for a rehearsal.
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Both_environments_on_one_address_are_refused()
    {
        var variables = TestVariables.With(("ACCEPTANCE_RUN_NEXUS_URL", "https://nexus.lab.example/sub"));

        var reading = () => ProfileReader.Read(variables);

        reading.Should().Throw<ProfileException>().Which.Faults.Should().ContainSingle()
            .Which.Problem.Should().Be("is the same address as ACCEPTANCE_LAB_NEXUS_URL. One verdict per environment needs one Nexus per environment.");
    }

    [Fact]
    public void Who_declares_a_capability_and_demonstrates_one_environment_needs_the_accounts_of_that_one()
    {
        var reading = () => ProfileReader.Read(TestVariables.With(("ACCEPTANCE_CAPABILITIES", "registry")));

        reading.Should().Throw<ProfileException>().Which.Faults.Select(fault => fault.Variable).Should().Equal(
            "ACCEPTANCE_LAB_HARBOR_URL", "ACCEPTANCE_LAB_HARBOR_PROJECT", "ACCEPTANCE_LAB_HARBOR_USER", "ACCEPTANCE_LAB_HARBOR_PASSWORD",
            "ACCEPTANCE_LAB_HARBOR_CI_USER", "ACCEPTANCE_LAB_HARBOR_CI_PASSWORD", "ACCEPTANCE_LAB_HARBOR_PULL_USER", "ACCEPTANCE_LAB_HARBOR_PULL_PASSWORD");
    }

    [Fact]
    public void Who_asks_nothing_of_a_capability_needs_none_of_its_settings()
    {
        var profile = ProfileReader.Read(TestVariables.With(("ACCEPTANCE_CAPABILITIES", "nexus,pypi,conda,registry,harbor")), new HashSet<Capability> { Capability.Nexus, Capability.PyPi });

        profile.Capabilities.Should().Contain(Capability.Harbor, "what a profile has is what it declares");
        profile.HarborEndpoints.Should().BeEmpty();
    }

    [Theory]
    [InlineData("https://user:pass@nexus.example/", "holds a user")]
    [InlineData("https://nexus.example/?a=b", "a query")]
    [InlineData("ftp://nexus.example/", "is not an address")]
    [InlineData("https://", "is not an address")]
    public void A_malformed_address_is_refused(string address, string problem)
    {
        var reading = () => ProfileReader.Read(TestVariables.With(("ACCEPTANCE_LAB_NEXUS_URL", address)));

        reading.Should().Throw<ProfileException>().Which.Faults.Should().Contain(fault => fault.Problem.Contains(problem));
    }

    [Theory]
    [InlineData("ACCEPTANCE_NEXUS_CONNECTIONS", "0")]
    [InlineData("ACCEPTANCE_NEXUS_CONNECTIONS", "many")]
    [InlineData("ACCEPTANCE_NEXUS_BLOBSTORE_FREE", "1 Go")]
    [InlineData("ACCEPTANCE_NEXUS_PYPI_PACKAGES", "numpy")]
    [InlineData("ACCEPTANCE_NEXUS_PYPI_PACKAGES", "numpy==")]
    [InlineData("ACCEPTANCE_LOCKS", "no/such/folder")]
    [InlineData("ACCEPTANCE_CA_CERTIFICATES", "no/such/file.pem")]
    [InlineData("ACCEPTANCE_NEXUS_HF_FILES", "config.json")]
    [InlineData("ACCEPTANCE_DEMONSTRATES", ",")]
    [InlineData("ACCEPTANCE_NEXUS_PYPI_PACKAGES", " , ")]
    [InlineData("ACCEPTANCE_REACH_WITHIN", "0s")]
    [InlineData("ACCEPTANCE_ANSWER_WITHIN", "50d")]
    [InlineData("ACCEPTANCE_NEXUS_METADATA_MAX_AGE", "99999999999999999999d")]
    public void A_malformed_value_names_its_variable(string variable, string value)
    {
        var reading = () => ProfileReader.Read(TestVariables.With((variable, value)));

        reading.Should().Throw<ProfileException>().Which.Faults.Should().ContainSingle().Which.Variable.Should().Be(variable);
    }

    [Fact]
    public void A_misspelt_twin_is_refused_instead_of_meaning_none()
    {
        var reading = () => ProfileReader.Read(TestVariables.With(("ACCEPTANCE_TWIN", "embeded")));

        reading.Should().Throw<ProfileException>().Which.Faults.Should().ContainSingle()
            .Which.Problem.Should().Be("'embeded' is not known; did you mean 'embedded'? Known: embedded, none.");
    }

    [Theory]
    [InlineData("no PEM at all")]
    [InlineData("-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n")]
    public void A_file_without_certificates_is_refused_before_any_test_needs_it(string content)
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, content);

        var reading = () => ProfileReader.Read(TestVariables.With(("ACCEPTANCE_CA_CERTIFICATES", file)));

        reading.Should().Throw<ProfileException>().Which.Faults.Should().ContainSingle().Which.Problem.Should().StartWith($"'{file}' holds no certificate");
        File.Delete(file);
    }

    [Fact]
    public void A_setting_of_a_capability_is_required_only_where_it_is_declared()
    {
        var variables = TestVariables.With(
            ("ACCEPTANCE_CAPABILITIES", "conda"),
            ("ACCEPTANCE_NEXUS_PYPI_PACKAGES", ""),
            ("ACCEPTANCE_NEXUS_CONDA_PACKAGES", ""),
            ("ACCEPTANCE_NEXUS_HF_FILES", ""));

        var reading = () => ProfileReader.Read(variables);

        var fault = reading.Should().Throw<ProfileException>().Which.Faults.Should().ContainSingle().Which;
        fault.Variable.Should().Be("ACCEPTANCE_NEXUS_CONDA_PACKAGES");
        fault.Problem.Should().StartWith("is missing, and the profile declares the capability conda. The same for the conda channel;");
    }

    [Fact]
    public void A_secret_prints_as_stars()
    {
        var profile = ProfileReader.Read(TestVariables.Complete);

        profile.ToString().Should().NotContain(TestVariables.Password);
        profile.NexusEndpoints[EnvironmentName.Lab].Reader.ToString().Should().NotContain(TestVariables.Password).And.Contain("***");
    }

    [Fact]
    public void Secrets_are_said_to_come_from_the_process_environment_only()
    {
        Settings.All.Where(setting => setting.Secret).Should().NotBeEmpty().And.OnlyContain(setting => !setting.SetIn("lab").Contains("runsettings"));
    }
}
