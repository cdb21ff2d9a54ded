using System.CommandLine;
using Acceptance.Platform.Requirements;
using Acceptance.Recette.Campaigns;
using Acceptance.Recette.Verdicts;

namespace Acceptance.Recette.Commands;

/// <summary><c>recette report</c>: the verdict and the report of results that are there already.</summary>
internal static class ReportCommand
{
    public static Command Create(CommandSurroundings surroundings)
    {
        var results = new Option<string[]>("--results")
        {
            Description = "Folders of results, each one that ACCEPTANCE_RESULTS named; joined into one campaign.",
            HelpName = "DIR",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var output = CampaignOptions.Output();
        var campaign = CampaignOptions.Campaign("the start and the profile that the results tell");
        var command = new Command(
            "report",
            "Joins folders of results into one verdict and one report, with a copy of the evidence. "
            + "Results that lie in a campaign's own folder are reported there again.")
        {
            results, output, campaign,
        };
        command.SetAction((parsed, _) => RunAsync(surroundings, parsed.GetRequiredValue(results), parsed.GetValue(output), parsed.GetValue(campaign)));
        return command;
    }

    private static async Task<int> RunAsync(CommandSurroundings surroundings, string[] results, string? output, string? campaign)
    {
        var repository = Repository.FindOrNull(AppContext.BaseDirectory, surroundings.WorkingDirectory);
        var into = CampaignFolder.Output(output, repository, surroundings.WorkingDirectory);
        List<JoinedFolder> folders =
        [
            .. results.Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder, surroundings.WorkingDirectory)))
                .Distinct().Order(StringComparer.Ordinal).Select(JoinedFolder.Read),
        ];
        var join = new CampaignJoin(RequirementCatalogue.Current, surroundings.Clock);

        var own = folders is [var only] ? CampaignFolder.Holding(only.Path, into) : null;
        if (own is not null && (campaign is null || campaign == own.Id))
        {
            var again = join.Join(own.Id, folders);
            await own.WriteAsync(again);
            return (int)VerdictConsole.Tell(surroundings.Console, again, own);
        }

        var named = join.Join(campaign ?? "", folders);
        var id = campaign ?? $"{named.Campaign.StartedAt:yyyyMMdd-HHmmss}-{named.Campaign.Profile?.Replace(" + ", "-", StringComparison.Ordinal) ?? "unknown"}";
        var folder = CampaignFolder.Create(into, id);
        folder.CopyEvidence(folders.Select(joined => joined.Path));
        var verdict = named with { Campaign = named.Campaign with { Id = id } };
        await folder.WriteAsync(verdict);
        return (int)VerdictConsole.Tell(surroundings.Console, verdict, folder);
    }
}
