using System.CommandLine;
using Acceptance.Platform.Requirements;
using Acceptance.Recette.Campaigns;
using Acceptance.Recette.Verdicts;
using Spectre.Console;

namespace Acceptance.Recette.Commands;

/// <summary><c>recette run</c>: a campaign, from the test programs that are built to the report.</summary>
internal static class RunCommand
{
    public static Command Create(CommandSurroundings surroundings)
    {
        var command = new Command("run", "Runs a campaign: every built category of acceptance tests with one profile, then the verdict and the report.");
        Describe(command, surroundings);
        return command;
    }

    /// <summary>Gives <paramref name="command"/> the options and the act of this verb.</summary>
    public static void Describe(Command command, CommandSurroundings surroundings)
    {
        var profile = new Option<string>("--profile")
        {
            Description = "Profile to run with: a file runsettings/<profile>.runsettings.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "offline",
        };
        var categories = new Option<string[]>("--category")
        {
            Description = "Only these categories of the catalogue, such as Nexus; default all that are built.",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
        };
        var output = CampaignOptions.Output();
        var campaign = CampaignOptions.Campaign("the time and the profile, such as 20261123-211400-offline");
        command.Options.Add(profile);
        command.Options.Add(categories);
        command.Options.Add(output);
        command.Options.Add(campaign);
        command.SetAction((parsed, cancel) => RunAsync(
            surroundings,
            parsed.GetRequiredValue(profile),
            parsed.GetValue(categories) ?? [],
            parsed.GetValue(output),
            parsed.GetValue(campaign),
            cancel));
    }

    private static async Task<int> RunAsync(
        CommandSurroundings surroundings, string profile, string[] categories, string? output, string? campaign, CancellationToken cancel)
    {
        var repository = Repository.Find(AppContext.BaseDirectory, surroundings.WorkingDirectory);
        var variables = repository.Settings(profile).Variables;
        var (programs, unbuilt) = TestPrograms.Of(repository, RequirementCatalogue.Current, categories);
        var folder = CampaignFolder.Create(
            CampaignFolder.Output(output, repository, surroundings.WorkingDirectory),
            campaign ?? $"{surroundings.Clock.GetUtcNow():yyyyMMdd-HHmmss}-{profile}");

        surroundings.Console.MarkupLineInterpolated($"Campaign [bold]{folder.Id}[/] with profile {profile}");
        if (unbuilt.Count > 0)
        {
            surroundings.Console.MarkupLineInterpolated($"[grey]No test project yet: {string.Join(", ", unbuilt)}[/]");
        }

        var run = new CampaignRun(programs, variables, folder, surroundings.Clock);
        await CampaignProgressView.ShowAsync(surroundings.Console, surroundings.Clock, run.Progress, run.RunAsync(cancel));
        if (cancel.IsCancellationRequested)
        {
            surroundings.Console.MarkupLine("[yellow]Interrupted.[/] The test processes were ended; finished results are kept, the others are told as 'non exécuté'.");
        }

        var verdict = new CampaignJoin(RequirementCatalogue.Current, surroundings.Clock).Join(folder.Id, [JoinedFolder.Read(folder.Results)]);
        await folder.WriteAsync(verdict);
        return (int)VerdictConsole.Tell(surroundings.Console, verdict, folder);
    }
}
