namespace Acceptance.Recette.Campaigns;

/// <summary>The working copy that this command was built in.</summary>
/// <param name="Root">Folder of <c>Acceptance.sln</c>.</param>
internal sealed record Repository(string Root)
{
    private const string Extension = ".runsettings";

    /// <summary>The first of <paramref name="starts"/> that lies in a working copy.</summary>
    /// <exception cref="RecetteException">None does.</exception>
    public static Repository Find(params string[] starts) => FindOrNull(starts)
        ?? throw new RecetteException($"No Acceptance.sln above {string.Join(" or ", starts.Select(start => $"'{start}'"))}. Start the command inside the repository.");

    /// <inheritdoc cref="Find" />
    public static Repository? FindOrNull(params string[] starts) =>
        starts.SelectMany(Above).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "Acceptance.sln"))) is { } root
            ? new Repository(root)
            : null;

    /// <summary>The settings of a profile.</summary>
    /// <exception cref="RecetteException">There is no such profile, or its file is not one of settings.</exception>
    public RunSettings Settings(string profile)
    {
        var folder = Path.Combine(Root, "runsettings");
        string[] known = Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, $"*{Extension}").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)]
            : [];
        return known.Contains(profile)
            ? RunSettings.Read(Path.Combine(folder, profile + Extension))
            : throw new RecetteException(
                $"No profile '{profile}' in {folder}: it holds {(known is [] ? "none" : string.Join(", ", known))}.{Nearest.Sentence(profile, known)}");
    }

    /// <summary>Where the test program of a project lies when it is built with the configuration that this command was built with.</summary>
    public string TestAssembly(string project) => Path.Combine(
        Root, "artifacts", "bin", project, Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), $"Acceptance.Tests.{project}.dll");

    private static IEnumerable<string> Above(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            yield return folder.FullName;
        }
    }
}
