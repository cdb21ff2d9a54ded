using Acceptance.Platform.Profiles;
using Acceptance.Platform.Results;

namespace Acceptance.Recette.Verdicts;

/// <summary>One test of a folder: planned, executed, or both.</summary>
/// <param name="Requirements">Ids of the rows that it names.</param>
/// <param name="Environment">The environment among its arguments; null for a test of none.</param>
/// <param name="Environments">Environments that it counts for.</param>
/// <param name="Report">What became of it.</param>
public sealed record JoinedTest(
    IReadOnlyList<string> Requirements,
    EnvironmentName? Environment,
    IReadOnlyList<EnvironmentName> Environments,
    TestReport Report)
{
    // Results carry their process as Allure's timeline does.
    private const string ProcessLabel = "thread";

    /// <summary>Every test of <paramref name="folder"/>, each process for itself.</summary>
    public static IEnumerable<JoinedTest> Of(JoinedFolder folder)
    {
        var results = folder.Results.ToLookup(result => (ProcessOf(result, folder.Plans), result.HistoryId));
        foreach (var plan in folder.Plans)
        {
            foreach (var test in plan.Tests.DistinctBy(test => test.HistoryId, StringComparer.Ordinal))
            {
                yield return Planned(plan, test, results[(plan.Process, test.HistoryId)]);
            }
        }

        var planned = folder.Plans.SelectMany(plan => plan.Tests.Select(test => ((string?)plan.Process, test.HistoryId))).ToHashSet();
        foreach (var executions in results.Where(group => !planned.Contains(group.Key)))
        {
            yield return Unplanned(executions, folder.Plans);
        }
    }

    /// <summary>The process that wrote <paramref name="result"/>: the one it names, or else the only one that planned it.</summary>
    private static string? ProcessOf(AllureResult result, IReadOnlyList<CampaignPlan> plans)
    {
        if (result.LabelValues(ProcessLabel).FirstOrDefault() is { } named && plans.Any(plan => plan.Process == named))
        {
            return named;
        }

        string[] planned = [.. plans.Where(plan => plan.Tests.Any(test => test.HistoryId == result.HistoryId)).Select(plan => plan.Process)];
        return planned is [var only] ? only : null;
    }

    private static JoinedTest Planned(CampaignPlan plan, PlannedTest test, IEnumerable<AllureResult> executions) => new(
        test.Requirements,
        test.Environment,
        test.Environment is { } environment ? [environment] : plan.Environments,
        executions.Any() ? Executed(executions) : NotRun(test));

    private static JoinedTest Unplanned(IGrouping<(string? Process, string HistoryId), AllureResult> executions, IReadOnlyList<CampaignPlan> plans)
    {
        var result = executions.First();
        EnvironmentName? environment = result.LabelValues(AllureLabel.Environment).FirstOrDefault() is { } word
            && Enum.TryParse<EnvironmentName>(word, ignoreCase: true, out var named) ? named : null;
        EnvironmentName[] joined =
        [
            .. plans.Where(plan => executions.Key.Process is null || plan.Process == executions.Key.Process)
                .SelectMany(plan => plan.Environments).Distinct().Order(),
        ];
        return new JoinedTest(
            [.. result.LabelValues(AllureLabel.Exigence)],
            environment,
            environment is { } one ? [one] : joined is [] ? Enum.GetValues<EnvironmentName>() : joined,
            Executed(executions));
    }

    private static TestReport NotRun(PlannedTest test) => new(
        test.Name, TestOutcome.NotRun, null, "Non exécuté : prévu, et resté sans résultat.", []);

    private static TestReport Executed(IEnumerable<AllureResult> executions)
    {
        AllureResult[] inOrder = [.. executions.OrderBy(result => result.Stop).ThenBy(result => result.Start).ThenBy(result => result.Uuid, StringComparer.Ordinal)];
        var last = inOrder[^1];
        var note = inOrder.Length == 1
            ? null
            : $"Exécuté {inOrder.Length} fois, la dernière compte ; avant elle : {string.Join(", ", inOrder[..^1].Select(result => French.Word(result.Outcome)))}.";
        string?[] message = [last.StatusDetails?.Message, note];
        return new TestReport(
            last.Name,
            last.Outcome,
            Math.Max(0, last.Stop - last.Start),
            string.Join("\n\n", message.Where(part => !string.IsNullOrWhiteSpace(part))) is { Length: > 0 } text ? text : null,
            [.. Attachments(last), new EvidenceLink("résultat complet", EvidenceManifest.PathOf($"{last.Uuid}-result.json"))]);
    }

    private static IEnumerable<EvidenceLink> Attachments(AllureResult result) =>
        result.Attachments.Concat(result.Steps.SelectMany(Attachments))
            .Select(attachment => new EvidenceLink(attachment.Name, EvidenceManifest.PathOf(attachment.Source)))
            .DistinctBy(link => link.Path);

    private static IEnumerable<AllureAttachment> Attachments(AllureStep step) => step.Attachments.Concat(step.Steps.SelectMany(Attachments));
}
