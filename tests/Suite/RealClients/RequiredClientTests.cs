using Acceptance.Platform.Profiles;

namespace Acceptance.Tests.Suite.RealClients;

public sealed class RequiredClientTests
{
    [Fact]
    public void A_client_that_is_not_declared_is_a_skip_that_names_the_setting()
    {
        var reason = RequiredClient.Of(OfficialClient.R).NotDeclared(["pip"]);

        reason.Should().Be("ACCEPTANCE_SUITE_CLIENTS does not declare 'r': this test drives the real client.");
    }

    [Theory]
    [InlineData(OfficialClient.Pip, "pip")]
    [InlineData(OfficialClient.R, "r")]
    [InlineData(OfficialClient.Skopeo, "skopeo")]
    [InlineData(OfficialClient.Docker, "docker")]
    [InlineData(OfficialClient.DockerRegistry, "docker-registry")]
    public void A_client_is_declared_by_its_name(OfficialClient client, string name)
    {
        RequiredClient.Of(client).NotDeclared([]).Should().Contain($"'{name}'");
        RequiredClient.Of(client).NotDeclared([name]).Should().BeNull();
        Settings.SuiteClients.Meaning.Should().Contain($"`{name}`", "who declares clients reads there what they are called");
    }

    [Fact]
    public void An_engine_must_answer_where_docker_is_declared() =>
        RequiredClient.Of(OfficialClient.Docker).Proofs.Should().ContainEquivalentOf(new[] { "docker", "version" }, "it asks the engine, and `docker --version` does not");

    [Fact]
    public void A_declared_client_is_no_skip()
    {
        RequiredClient.Of(OfficialClient.R).NotDeclared(RequiredClient.Names("pip, r")).Should().BeNull();
    }

    [Fact]
    public async Task A_declared_client_whose_program_is_absent_fails_with_how_to_install_it()
    {
        var client = new RequiredClient("ghost", [["acceptance-no-such-program", "--version"]], "apt-get install ghost");

        var looking = () => client.MustBeThereAsync(TestContext.Current.CancellationToken);

        (await looking.Should().ThrowAsync<ClientMissingException>()).Which.Message.Should().Be("""
            Client 'ghost' is declared by ACCEPTANCE_SUITE_CLIENTS and is not here.
              Expected : 'acceptance-no-such-program --version' ends with 0
              Observed : no program 'acceptance-no-such-program'
              Install  : apt-get install ghost, or take 'ghost' out of the setting
            """);
    }

    [Fact]
    public async Task A_declared_client_that_does_not_work_fails_with_what_it_said()
    {
        var client = new RequiredClient("ghost", [["/bin/sh", "-c", "echo 'no ensurepip' >&2; exit 3"]], "apt-get install ghost");

        var looking = () => client.MustBeThereAsync(TestContext.Current.CancellationToken);

        await looking.Should().ThrowAsync<ClientMissingException>().WithMessage("*Observed : exit code 3: no ensurepip*");
    }

    [Fact]
    public void Every_declared_client_is_one_that_the_suite_drives()
    {
        var known = Enum.GetValues<OfficialClient>().Select(client => RequiredClient.Of(client).Name);

        RequiredClient.Declared.Except(known).Should().BeEmpty("a misspelt client would be skipped for ever");
    }
}
