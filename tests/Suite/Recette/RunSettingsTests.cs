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

    public void Dispose() => _scratch.Dispose();

    private RunSettings Read(string text)
    {
        File.WriteAllText(_scratch.File("x.runsettings"), text);
        return RunSettings.Read(_scratch.File("x.runsettings"));
    }
}
