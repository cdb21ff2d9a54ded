using System.CommandLine;

namespace Acceptance.Recette.Commands;

/// <summary>Options that every verb with a campaign has.</summary>
internal static class CampaignOptions
{
    public static Option<string> Output() => new("--output")
    {
        Description = "Folder of campaigns; this one is written to DIR/<campaign>/. Default reports/out of the repository.",
        HelpName = "DIR",
    };

    /// <param name="fallback">What names the campaign where the option is not given.</param>
    public static Option<string> Campaign(string fallback) => new("--campaign")
    {
        Description = $"Name of the campaign and of its folder: letters, digits, '.', '_', '-'. Default {fallback}.",
        HelpName = "ID",
    };
}
