using System.Text.Json;
using Acceptance.Platform.Results;

namespace Acceptance.Recette.Verdicts;

/// <summary>The content of one results folder.</summary>
/// <param name="Path">Absolute path.</param>
public sealed record JoinedFolder(
    string Path,
    IReadOnlyList<CampaignPlan> Plans,
    IReadOnlyList<AllureResult> Results,
    IReadOnlyList<PlatformFacts> Facts,
    IReadOnlyList<AllureGlobals> Globals)
{
    /// <summary>Reads a folder.</summary>
    /// <exception cref="RecetteException">It does not exist.</exception>
    /// <exception cref="ResultsFolderException">A file of it does not hold what its name says.</exception>
    public static JoinedFolder Read(string path)
    {
        // Asked first, since a ResultsFolder creates what is missing.
        if (!Directory.Exists(path))
        {
            throw new RecetteException($"There is no results folder '{path}'.");
        }

        var folder = new ResultsFolder(path);
        var joined = new JoinedFolder(folder.Path, [.. folder.Plans()], [.. folder.Results()], [.. folder.Facts()], [.. folder.Globals()]);
        return joined.Whole()
            ? joined
            : throw new ResultsFolderException(folder.Path, new JsonException("A file of the folder lacks a name or a list that it must hold."));
    }

    /// <summary>JSON leaves a missing list null, whatever the record says.</summary>
    private bool Whole() =>
        Plans.All(plan => plan is { Process: not null, Category: not null, Profile: not null, Environments: not null, Tests: not null }
            && plan.Tests.All(test => test is { HistoryId: not null, Name: not null, Requirements: not null }))
        && Results.All(result => result is { HistoryId: not null, Name: not null, Labels: not null, Attachments: not null, Steps: not null })
        && Facts.All(facts => facts is { Process: not null, Systems: not null, LeftBehind: not null, Notes: not null })
        && Globals.All(globals => globals is { Errors: not null });
}
