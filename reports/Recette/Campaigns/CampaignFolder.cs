using System.Text.RegularExpressions;
using Acceptance.Recette.Report;
using Acceptance.Recette.Verdicts;

namespace Acceptance.Recette.Campaigns;

/// <summary>Where a campaign is kept: <c>results/</c>, <c>logs/</c>, the verdict and the report.</summary>
internal sealed partial class CampaignFolder
{
    private CampaignFolder(string path)
    {
        Path = path;
        Id = System.IO.Path.GetFileName(path);
    }

    /// <summary>The campaign's id.</summary>
    public string Id { get; }

    public string Path { get; }

    public string Results => System.IO.Path.Combine(Path, EvidenceManifest.Folder);

    public string Logs => System.IO.Path.Combine(Path, "logs");

    public string Report => System.IO.Path.Combine(Path, RapportHtml.Name);

    /// <summary>The folder of campaigns, absolute.</summary>
    public static string Output(string? asked, Repository? repository, string workingDirectory) => asked is null
        ? System.IO.Path.Combine(repository?.Root ?? workingDirectory, "reports", "out")
        : System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(asked, workingDirectory));

    /// <summary>A new campaign's folder.</summary>
    /// <exception cref="RecetteException">The id cannot be a folder's name, the folder is in use, or it cannot be created.</exception>
    public static CampaignFolder Create(string output, string id)
    {
        if (!Name().IsMatch(id))
        {
            throw new RecetteException($"'{id}' cannot name a campaign: letters, digits, '.', '_' and '-' only, a letter or digit first.");
        }

        var folder = new CampaignFolder(System.IO.Path.Combine(output, id));
        try
        {
            if (Directory.Exists(folder.Path) && Directory.EnumerateFileSystemEntries(folder.Path).Any())
            {
                throw new RecetteException($"'{folder.Path}' holds a campaign already, and a campaign is never overwritten. Give another --campaign or --output.");
            }

            Directory.CreateDirectory(folder.Results);
            return folder;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RecetteException($"The campaign's folder '{folder.Path}' cannot be created: {exception.Message} Give an --output that this user may write to.", exception);
        }
    }

    /// <summary>The campaign of <paramref name="output"/> whose results these are, or null.</summary>
    public static CampaignFolder? Holding(string results, string output) =>
        System.IO.Path.GetFileName(results) == EvidenceManifest.Folder
        && System.IO.Path.GetDirectoryName(results) is { } campaign
        && System.IO.Path.GetDirectoryName(campaign) == output
            ? new CampaignFolder(campaign)
            : null;

    /// <summary>Copies every file that a verdict over <paramref name="folders"/> rests on.</summary>
    public void CopyEvidence(IEnumerable<string> folders)
    {
        foreach (var file in folders.SelectMany(EvidenceManifest.FilesOf))
        {
            File.Copy(file, System.IO.Path.Combine(Results, System.IO.Path.GetFileName(file)), overwrite: true);
        }
    }

    /// <summary>Writes the verdict and the report.</summary>
    public async Task WriteAsync(Verdict verdict)
    {
        Write(VerdictFile.Name, VerdictFile.Write(verdict));
        Write(RapportHtml.Name, await RapportHtml.RenderAsync(verdict));
    }

    /// <summary>Under a temporary name first, so that a reader never meets half of a file.</summary>
    private void Write(string name, byte[] content)
    {
        var temporary = System.IO.Path.Combine(Path, $".{name}.tmp");
        File.WriteAllBytes(temporary, content);
        File.Move(temporary, System.IO.Path.Combine(Path, name), overwrite: true);
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    private static partial Regex Name();
}
