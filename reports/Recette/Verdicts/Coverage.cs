using Acceptance.Platform.Requirements;

namespace Acceptance.Recette.Verdicts;

/// <summary>The rows of a campaign counted, by category and in total.</summary>
public sealed record Coverage(IReadOnlyList<CategoryCoverage> Categories, CategoryCoverage Total)
{
    /// <summary>Counts <paramref name="rows"/>.</summary>
    public static Coverage Of(RequirementCatalogue catalogue, IReadOnlyList<RequirementVerdict> rows) => new(
        [.. catalogue.Categories.Select(category => CategoryCoverage.Of(
            category.Id, category.Title, [.. rows.Where(row => row.Category == category.Id)]))],
        CategoryCoverage.Of("total", "Total", rows));
}

/// <summary>Rows counted; a row is a requirement in one of its environments.</summary>
/// <param name="Requirements">All rows.</param>
/// <param name="CoverageRate">(demonstrated + failed + waived) ÷ (requirements − notApplicable); null where that divides by zero.</param>
/// <param name="ConformityRate">demonstrated ÷ (demonstrated + failed + waived); null where that divides by zero.</param>
public sealed record CategoryCoverage(
    string Id,
    string Title,
    int Requirements,
    int Demonstrated,
    int Failed,
    int Blocked,
    int Waived,
    int NotDemonstrated,
    int NotApplicable,
    decimal? CoverageRate,
    decimal? ConformityRate)
{
    /// <summary>Counts <paramref name="rows"/>.</summary>
    public static CategoryCoverage Of(string id, string title, IReadOnlyList<RequirementVerdict> rows)
    {
        var count = rows.CountBy(row => row.Verdict).ToDictionary();
        int Of(RequirementOutcome outcome) => count.GetValueOrDefault(outcome);
        var judged = Of(RequirementOutcome.Demonstrated) + Of(RequirementOutcome.Failed) + Of(RequirementOutcome.Waived);
        return new CategoryCoverage(
            id,
            title,
            rows.Count,
            Of(RequirementOutcome.Demonstrated),
            Of(RequirementOutcome.Failed),
            Of(RequirementOutcome.Blocked),
            Of(RequirementOutcome.Waived),
            Of(RequirementOutcome.NotDemonstrated),
            Of(RequirementOutcome.NotApplicable),
            Rate(judged, rows.Count - Of(RequirementOutcome.NotApplicable)),
            Rate(Of(RequirementOutcome.Demonstrated), judged));
    }

    private static decimal? Rate(int part, int whole) => whole == 0 ? null : decimal.Round((decimal)part / whole, 4);
}
