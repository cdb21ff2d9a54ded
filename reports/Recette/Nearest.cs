namespace Acceptance.Recette;

/// <summary>The words that someone who mistyped most likely meant.</summary>
internal static class Nearest
{
    private const int Named = 3;

    /// <summary>At most three of <paramref name="known"/>, nearest first; a word too far away is no suggestion.</summary>
    public static IReadOnlyList<string> To(string word, IEnumerable<string> known) =>
        [.. known.Select(candidate => (Word: candidate, Distance: Distance(word.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .Where(candidate => candidate.Distance <= Math.Max(1, word.Length / 2))
            .OrderBy(candidate => candidate.Distance).ThenBy(candidate => candidate.Word, StringComparer.Ordinal)
            .Take(Named).Select(candidate => candidate.Word)];

    /// <summary><c> Nearest: a, b.</c>, or nothing.</summary>
    public static string Sentence(string word, IEnumerable<string> known) =>
        To(word, known) is { Count: > 0 } near ? $" Nearest: {string.Join(", ", near)}." : "";

    /// <summary>Levenshtein's distance.</summary>
    private static int Distance(string left, string right)
    {
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        foreach (var (i, letter) in left.Index())
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (letter == right[j - 1] ? 0 : 1));
                (diagonal, row[j]) = (row[j], cost);
            }
        }

        return row[^1];
    }
}
