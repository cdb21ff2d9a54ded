using Acceptance.Platform.Profiles;
using Acceptance.Recette;
using Acceptance.Recette.Campaigns;

namespace Acceptance.Tests.Suite.Recette;

public sealed class RunSettingsTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    [Fact]
    public void The_environment_variables_of_a_file_are_read()
    {
        var settings = Read("<RunSettings><RunConfiguration><EnvironmentVariables><A_B>x</A_B><C/></EnvironmentVariables></RunConfiguration></RunSettings>");

        settings.Variables.Should().Equal(new Dictionary<string, string> { ["A_B"] = "x", ["C"] = "" });
    }

    [Theory]
    [InlineData("<RunSettings>", "*cannot be read*")]
    [InlineData("<Project/>", "*does not begin with <RunSettings>.")]
    public void A_file_that_is_none_of_settings_is_named(string text, string message) =>
        FluentActions.Invoking(() => Read(text)).Should().Throw<RecetteException>().WithMessage($"'{_scratch.File("x.runsettings")}'{message}");

    [Fact]
    public void A_secret_in_a_file_is_refused_by_its_name_and_not_repeated() =>
        FluentActions.Invoking(() => Read(
                "<RunSettings><RunConfiguration><EnvironmentVariables><ACCEPTANCE_LAB_NEXUS_PASSWORD>horse</ACCEPTANCE_LAB_NEXUS_PASSWORD></EnvironmentVariables></RunConfiguration></RunSettings>"))
            .Should().Throw<RecetteException>().Which.Message.Should().Contain("holds ACCEPTANCE_LAB_NEXUS_PASSWORD, and a secret may not stand").And.NotContain("horse");

    [Fact]
    public void No_runsettings_file_of_the_repository_holds_a_secret()
    {
        var files = Directory.GetFiles(RepositoryRoot.Resolve("runsettings"), "*.runsettings");

        files.Should().NotBeEmpty();
        files.Select(RunSettings.Read).Should().OnlyContain(settings => settings.Variables.Count > 0);
    }

    public void Dispose() => _scratch.Dispose();

    private RunSettings Read(string text)
    {
        File.WriteAllText(_scratch.File("x.runsettings"), text);
        return RunSettings.Read(_scratch.File("x.runsettings"));
    }
}
