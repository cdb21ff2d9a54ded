using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.Gcp;

/// <summary>One line of <c>googlesql.txt</c>: what a construct gives in BigQuery.</summary>
/// <param name="Construct">The line of SupportedSql that it proves.</param>
internal sealed record SqlProof(string Section, string Construct, string Sql, string Expected)
{
    /// <summary>What is sent, one after the other; an expression becomes a query.</summary>
    public IReadOnlyList<string> Statements => Section == "Statements" ? Sql.Split(" ;; ") : [IsQuery ? Sql : $"SELECT {Sql}"];

    private bool IsQuery => Sql.StartsWith("SELECT ", StringComparison.Ordinal) || Sql.StartsWith("WITH ", StringComparison.Ordinal);

    public static IEnumerable<SqlProof> Read(IEnumerable<string> lines)
    {
        var section = "";
        foreach (var line in lines.Where(line => line.Length > 0))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                section = line[3..];
            }
            else if (!line.StartsWith('#'))
            {
                var cells = line.Split(" ¦", 3);
                yield return new SqlProof(section, cells[0], cells[1].Trim(), cells[2].TrimStart());
            }
        }
    }

    /// <summary>What differs; null where nothing does.</summary>
    public string? Difference(JsonNode answer)
    {
        var observed = answer["error"] is { } error ? "!" + error["message"] : Rows(answer["rows"] as JsonArray ?? []);
        var same = Expected.StartsWith('!') ? observed.StartsWith('!') && observed.Contains(Expected[1..], StringComparison.Ordinal) : observed == Expected;
        return same ? null : $"{Construct}: {Sql}\n    Expected : {Expected}\n    Observed : {observed}";
    }

    private static string Rows(JsonArray rows) => string.Join("; ", rows.Select(row => string.Join(", ", ((JsonArray)row!["f"]!).Select(cell => Value(cell!["v"])))));

    private static string Value(JsonNode? value) => value switch
    {
        null => "NULL",
        JsonValue text when text.ToString() is "" or "NULL" => $"'{text}'",
        JsonArray items => $"[{string.Join(", ", items.Select(item => Value(item!["v"])))}]",
        JsonObject record => $"{{{string.Join(", ", ((JsonArray)record["f"]!).Select(cell => Value(cell!["v"])))}}}",
        _ => value.ToString(),
    };
}
