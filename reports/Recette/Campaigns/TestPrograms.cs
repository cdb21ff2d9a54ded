using System.Runtime.InteropServices;
using Acceptance.Platform.Requirements;

namespace Acceptance.Recette.Campaigns;

/// <summary>One category's test program, ready to be started.</summary>
internal sealed record TestProgram(string Category, string FileName, IReadOnlyList<string> Arguments);

/// <summary>Finds the test programs of the catalogue's categories.</summary>
internal static class TestPrograms
{
    /// <param name="asked">Categories asked for; empty for all.</param>
    /// <returns>The programs that are built, and the categories without one.</returns>
    /// <exception cref="RecetteException">A category is unknown, asked for and not built, or none is built.</exception>
    public static (IReadOnlyList<TestProgram> Programs, IReadOnlyList<string> Unbuilt) Of(
        Repository repository, RequirementCatalogue catalogue, IReadOnlyList<string> asked)
    {
        List<string> known = [.. catalogue.Categories.Select(category => category.Project)];
        if (asked.FirstOrDefault(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new RecetteException($"No category '{unknown}' in the catalogue: {string.Join(", ", known)}.{Nearest.Sentence(unknown, known)}");
        }

        var selected = known.Where(name => asked.Count == 0 || asked.Contains(name, StringComparer.OrdinalIgnoreCase))
            .ToLookup(name => File.Exists(repository.TestAssembly(name)));
        List<string> unbuilt = [.. selected[false]];
        if ((asked.Count > 0 && unbuilt.Count > 0) || !selected[true].Any())
        {
            throw new RecetteException($"No test program for {string.Join(", ", unbuilt)}: '{repository.TestAssembly(unbuilt[0])}' is not built. Run dotnet build, if that project exists.");
        }

        return ([.. selected[true].Select(name => Native(name, repository.TestAssembly(name)))], unbuilt);
    }

    /// <summary>xunit v3's own command line: a test project is a program, and starts faster than under a test platform.</summary>
    private static TestProgram Native(string category, string assembly) =>
        new(category, DotnetHost(), ["exec", assembly, "-noLogo", "-noColor", "-noAutoReporters"]);

    /// <summary>The host that runs this process, so that a campaign needs nothing on the path.</summary>
    private static string DotnetHost()
    {
        var host = Path.GetFullPath(Path.Combine(
            RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        return File.Exists(host) ? host : "dotnet";
    }
}
