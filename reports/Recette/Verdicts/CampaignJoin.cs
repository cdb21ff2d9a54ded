using Acceptance.Platform.Profiles;
using Acceptance.Platform.Requirements;
using Acceptance.Platform.Results;

namespace Acceptance.Recette.Verdicts;

/// <summary>Joins results folders with the catalogue. Same folders, same verdict.</summary>
/// <param name="catalogue">Every row, whether a test names it or not.</param>
/// <param name="clock">Dates a campaign whose folders hold no date.</param>
public sealed class CampaignJoin(RequirementCatalogue catalogue, TimeProvider clock)
{
    /// <summary>By name; of two results of one test, by their files, so that the order of folders changes nothing.</summary>
    private static readonly Comparer<TestReport> InReport = Comparer<TestReport>.Create((left, right) =>
        string.CompareOrdinal(left.Name, right.Name) is not 0 and var byName
            ? byName
            : string.CompareOrdinal(ResultOf(left), ResultOf(right)));

    /// <exception cref="RecetteException">The folders hold different files of one name.</exception>
    /// <exception cref="ResultsFolderException">A file of theirs cannot be read.</exception>
    public Verdict Join(string campaign, IReadOnlyList<JoinedFolder> folders)
    {
        List<CampaignPlan> plans = [.. folders.SelectMany(folder => folder.Plans)];
        List<PlatformFacts> facts = [.. folders.SelectMany(folder => folder.Facts)];
        List<AllureResult> results = [.. folders.SelectMany(folder => folder.Results)];
        List<JoinedTest> tests = [.. folders.SelectMany(JoinedTest.Of)];
        var evidence = EvidenceManifest.Of(folders.Select(folder => folder.Path));

        var summary = Summary(campaign, plans, facts, results);
        var early = EndedEarly(folders).ToList();
        List<string> errors =
        [
            .. early
                .Concat(folders.SelectMany(folder => folder.Globals).SelectMany(globals => globals.Errors).Select(error => error.Message))
                .Concat(tests.SelectMany(Astray))
                .Concat(Missing(tests, evidence))
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];
        List<RequirementVerdict> rows = [.. Rows(summary, plans, tests)];
        return new Verdict(
            summary,
            DecisionRules.Propose(rows, summary.Twin, early.Count, errors.Count),
            rows,
            Coverage.Of(catalogue, rows),
            [.. facts.SelectMany(fact => fact.LeftBehind).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            errors,
            evidence);
    }

    private IEnumerable<RequirementVerdict> Rows(CampaignSummary summary, List<CampaignPlan> plans, List<JoinedTest> tests)
    {
        var byRow = tests
            .SelectMany(test => test.Requirements.Distinct().SelectMany(id => test.Environments.Select(environment => (Row: (id, environment), test.Report))))
            .ToLookup(entry => entry.Row, entry => entry.Report);
        foreach (var category in catalogue.Categories)
        {
            var joined = plans.Any(plan => plan.Category == category.Project);
            foreach (var requirement in category.Requirements)
            {
                foreach (var environment in requirement.Environments)
                {
                    List<TestReport> own = [.. byRow[(requirement.Id, environment)].Order(InReport)];
                    var row = new RowFacts(summary.Environments.Contains(environment), joined, summary.Twin, requirement.NotProvoked);
                    var (outcome, reason) = VerdictRules.Judge(row, own);
                    yield return new RequirementVerdict(
                        requirement.Id, category.Id, requirement.Title, requirement.Criticality, environment, outcome, reason, own, null);
                }
            }
        }
    }

    private CampaignSummary Summary(string campaign, List<CampaignPlan> plans, List<PlatformFacts> facts, List<AllureResult> results)
    {
        List<DateTimeOffset> started = [.. plans.Select(plan => plan.StartedAt), .. results.Select(result => DateTimeOffset.FromUnixTimeMilliseconds(result.Start))];
        List<DateTimeOffset> finished = [.. facts.Select(fact => fact.FinishedAt), .. results.Select(result => DateTimeOffset.FromUnixTimeMilliseconds(result.Stop))];
        var first = (started is [] ? clock.GetUtcNow() : started.Min()).ToUniversalTime();
        var last = finished is [] ? first : finished.Max().ToUniversalTime();
        return new CampaignSummary(
            campaign,
            plans is [] ? null : string.Join(" + ", plans.Select(plan => plan.Profile).Distinct().Order(StringComparer.Ordinal)),
            [.. plans.SelectMany(plan => plan.Environments).Distinct().Order()],
            first,
            last < first ? first : last,
            facts.Any(fact => fact.Twin) || results.Any(result => result.LabelValues(AllureLabel.Twin).Contains("true", StringComparer.OrdinalIgnoreCase)),
            [.. facts.SelectMany(fact => fact.Systems).Distinct()
                .OrderBy(system => system.System, StringComparer.Ordinal).ThenBy(system => system.Environment)
                .ThenBy(system => system.Address.AbsoluteUri, StringComparer.Ordinal).ThenBy(system => system.Version, StringComparer.Ordinal)
                .ThenBy(system => system.Error, StringComparer.Ordinal)],
            [.. facts.SelectMany(fact => fact.Notes).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    private static IEnumerable<string> EndedEarly(IReadOnlyList<JoinedFolder> folders)
    {
        foreach (var folder in folders)
        {
            var ended = folder.Facts.Select(facts => facts.Process).ToHashSet(StringComparer.Ordinal);
            var executed = folder.Results.Select(result => result.HistoryId).ToHashSet(StringComparer.Ordinal);
            foreach (var plan in folder.Plans.Where(plan => !ended.Contains(plan.Process)))
            {
                yield return $"Le processus {plan.Process} (catégorie {plan.Category}, profil {plan.Profile}) s'est arrêté avant la fin : "
                    + $"{plan.Tests.Count(test => executed.Contains(test.HistoryId))} résultats sur {plan.Tests.Count} tests prévus.";
            }
        }
    }

    /// <summary>A test that reaches no row must not vanish with what it found.</summary>
    private IEnumerable<string> Astray(JoinedTest test)
    {
        if (test.Requirements is [] && test.Report.Outcome is not (TestOutcome.Passed or TestOutcome.Skipped))
        {
            yield return $"Le test « {test.Report.Name} » ne nomme aucune exigence ; {French.Word(test.Report.Outcome)} : {test.Report.Message}";
        }

        foreach (var id in test.Requirements.Distinct())
        {
            if (catalogue.Find(id) is not { } requirement)
            {
                yield return $"Le test « {test.Report.Name} » nomme l'exigence {id}, que le catalogue ne connaît pas ; {French.Word(test.Report.Outcome)}.";
            }
            else if (test.Environment is { } environment && !requirement.Environments.Contains(environment))
            {
                yield return $"Le test « {test.Report.Name} » s'exécute dans {French.Word(environment)}, où l'exigence {id} n'est pas demandée ; {French.Word(test.Report.Outcome)}.";
            }
        }
    }

    private static IEnumerable<string> Missing(List<JoinedTest> tests, EvidenceManifest evidence)
    {
        var present = evidence.Files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        return tests.SelectMany(test => test.Report.Evidence
            .Where(link => !present.Contains(link.Path))
            .Select(link => $"La preuve {link.Path} du test « {test.Report.Name} » est absente du dossier de résultats."));
    }

    private static string? ResultOf(TestReport test) => test.Evidence is [.., var result] ? result.Path : null;
}
