using System.Text.Json;
using Acceptance.Platform.Results;

namespace Acceptance.Recette.Campaigns;

/// <summary>What is known of a running campaign, read from the files that appear in its results.</summary>
internal sealed class CampaignProgress(string results, IReadOnlyList<string> categories, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _categoryOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CategoryProgress> _progress = categories.ToDictionary(category => category, category => new CategoryProgress(category));

    /// <summary>Each category, as it stands.</summary>
    public IReadOnlyList<CategoryProgress> Categories
    {
        get
        {
            lock (_lock)
            {
                return [.. categories.Select(category => _progress[category])];
            }
        }
    }

    public void Started(string category) => Change(category, known => known with { StartedAt = clock.GetUtcNow() });

    public void Ended(TestProcessEnd end) => Change(end.Category, known => known with { EndedAt = clock.GetUtcNow(), End = end });

    /// <summary>Reads the files that appeared since the last time.</summary>
    public void Refresh()
    {
        foreach (var plan in Appeared<CampaignPlan>("*-plan.json"))
        {
            foreach (var test in plan.Tests ?? [])
            {
                _categoryOf[test.HistoryId] = plan.Category;
            }

            Change(plan.Category, known => known with { Planned = known.Planned + (plan.Tests?.Count ?? 0) });
        }

        foreach (var result in Appeared<AllureResult>("*-result.json"))
        {
            if (_categoryOf.TryGetValue(result.HistoryId, out var category))
            {
                Change(category, known => known with { Outcomes = [.. known.Outcomes, result.Outcome] });
            }
        }
    }

    private void Change(string category, Func<CategoryProgress, CategoryProgress> change)
    {
        lock (_lock)
        {
            if (_progress.TryGetValue(category, out var known))
            {
                _progress[category] = change(known);
            }
        }
    }

    private IEnumerable<T> Appeared<T>(string pattern)
    {
        foreach (var file in Directory.EnumerateFiles(results, pattern).Where(file => !Path.GetFileName(file).StartsWith('.') && _read.Add(file)))
        {
            if (Read<T>(file) is { } content)
            {
                yield return content;
            }
        }
    }

    private static T? Read<T>(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(file), ResultsFolder.Json);
        }
        catch (JsonException)
        {
            return default; // The join names the file; progress goes on.
        }
    }
}

/// <summary>One category of a running campaign.</summary>
/// <param name="Category">Name of the test project.</param>
internal sealed record CategoryProgress(string Category)
{
    public int Planned { get; init; }

    public IReadOnlyList<TestOutcome> Outcomes { get; init; } = [];

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public TestProcessEnd? End { get; init; }

    public int Count(TestOutcome outcome) => Outcomes.Count(seen => seen == outcome);
}
