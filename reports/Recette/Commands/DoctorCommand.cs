using System.CommandLine;
using Acceptance.Platform.Profiles;
using Acceptance.Platform.Twins;
using Acceptance.Recette.Campaigns;
using Acceptance.Recette.Diagnosis;
using Acceptance.Recette.Verdicts;
using Acceptance.StandIns.Hosting;
using Spectre.Console;
using Profile = Acceptance.Platform.Profiles.Profile;

namespace Acceptance.Recette.Commands;

/// <summary><c>recette doctor</c>: what a profile points at, before a campaign is begun. Nothing is changed.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandSurroundings surroundings)
    {
        var profile = new Option<string>("--profile")
        {
            Description = "Profile to examine: a file runsettings/<profile>.runsettings.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "offline",
        };
        var command = new Command("doctor", "Examines a profile and changes nothing: configuration, names, certificates, credentials, versions.") { profile };
        command.SetAction((parsed, cancel) => RunAsync(surroundings, parsed.GetRequiredValue(profile), cancel));
        return command;
    }

    private static async Task<int> RunAsync(CommandSurroundings surroundings, string name, CancellationToken cancel)
    {
        var repository = Repository.Find(AppContext.BaseDirectory, surroundings.WorkingDirectory);
        try
        {
            var variables = Variables.Read(repository.Settings(name).Variables);
            await using var twin = variables.GetValueOrDefault(Settings.TwinMode.Name) == "embedded" ? await EmbeddedTwin.StartAsync(variables, cancel) : null;
            var profile = ProfileReader.Read(twin is null ? variables : EmbeddedTwin.Over(variables, twin));
            var findings = await new Doctor(profile, surroundings.Clock).ExamineAsync(cancel);
            Show(surroundings.Console, profile, findings, twin);
            return (int)(findings.All(finding => finding.Fine) ? ExitCode.Accepted : ExitCode.Refused);
        }
        catch (ProfileException exception)
        {
            await surroundings.Error.WriteLineAsync(exception.Message);
            return (int)ExitCode.Unusable;
        }
    }

    private static void Show(IAnsiConsole console, Profile profile, IReadOnlyList<Finding> findings, Twin? twin)
    {
        console.MarkupLineInterpolated($"Profile [bold]{profile.Name}[/] demonstrates {string.Join(", ", profile.Demonstrates).ToLowerInvariant()}{(twin is null ? "" : " on the embedded twin")}; its configuration is complete.");
        var table = new Table().Border(TableBorder.Rounded).AddColumns("system", "check", "", "seen");
        foreach (var finding in findings)
        {
            table.AddRow(
                new Text(finding.System), new Text(finding.Check), finding.Fine ? new Markup("[green]ok[/]") : new Markup("[red]no[/]"), new Text(finding.Detail));
        }

        console.Write(table);
    }
}
