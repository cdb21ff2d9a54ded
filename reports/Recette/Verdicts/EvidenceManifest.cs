using System.Security.Cryptography;
using System.Text;
using Acceptance.Platform.Results;

namespace Acceptance.Recette.Verdicts;

/// <summary>Every file that a verdict rests on, and one hash over all of them.</summary>
/// <param name="Root">SHA-256 over the lines <c>sha256, two spaces, path, line feed</c>, sorted by path.</param>
/// <param name="Files">Sorted by path.</param>
public sealed record EvidenceManifest(string Root, IReadOnlyList<EvidenceFile> Files)
{
    /// <summary>Folder of the campaign that holds the files.</summary>
    public const string Folder = "results";

    private static readonly string[] Kinds = ["*-result.json", "*-plan.json", "*-platform.json", "*-globals.json", "*-attachment*"];

    /// <summary>Hashes every file of results and evidence in <paramref name="folders"/>.</summary>
    /// <exception cref="RecetteException">Two folders hold different files of one name.</exception>
    public static EvidenceManifest Of(IEnumerable<string> folders)
    {
        SortedDictionary<string, (string Sha256, string Source)> files = new(StringComparer.Ordinal);
        foreach (var source in folders.SelectMany(FilesOf))
        {
            var path = PathOf(Path.GetFileName(source));
            var sha256 = Sha256(source);
            if (files.TryGetValue(path, out var other) && other.Sha256 != sha256)
            {
                throw new RecetteException($"'{source}' and '{other.Source}' have one name and differ: these folders cannot be joined.");
            }

            files[path] = (sha256, source);
        }

        var lines = string.Concat(files.Select(file => $"{file.Value.Sha256}  {file.Key}\n"));
        return new EvidenceManifest(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines))),
            [.. files.Select(file => new EvidenceFile(file.Key, file.Value.Sha256))]);
    }

    /// <summary>The files of results and evidence in <paramref name="folder"/>; temporary ones are none of them.</summary>
    public static IEnumerable<string> FilesOf(string folder) =>
        Kinds.SelectMany(kind => Directory.EnumerateFiles(folder, kind))
            .Where(file => !Path.GetFileName(file).StartsWith('.'))
            .Distinct();

    /// <summary>Path in the campaign's folder of a file of results.</summary>
    public static string PathOf(string file) => $"{Folder}/{file}";

    private static string Sha256(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ResultsFolderException(file, exception);
        }
    }
}

/// <summary>A file that a verdict rests on.</summary>
/// <param name="Path">In the campaign's folder.</param>
/// <param name="Sha256">Hexadecimal, lower case.</param>
public sealed record EvidenceFile(string Path, string Sha256);
