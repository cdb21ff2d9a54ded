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
    /// <summary>Every test of <paramref name="folder"/>, in a stable order.</summary>
    public static IEnumerable<JoinedTest> Of(JoinedFolder folder)
    {
        var results = folder.Results.ToLookup(result => result.HistoryId, StringComparer.Ordinal);
        var planned = folder.Plans.SelectMany(plan => plan.Tests.Select(test => (Plan: plan, Test: test)))
            .DistinctBy(entry => entry.Test.HistoryId, StringComparer.Ordinal).ToList();
        var known = planned.Select(entry => entry.Test.HistoryId).ToHashSet(StringComparer.Ordinal);
        EnvironmentName[] joined = [.. folder.Plans.SelectMany(plan => plan.Environments).Distinct().Order()];

        return planned.Select(entry => Planned(entry.Plan, entry.Test, results[entry.Test.HistoryId]))
            .Concat(results.Where(group => !known.Contains(group.Key)).Select(group => Unplanned(group, joined)))
            .OrderBy(test => test.Report.Name, StringComparer.Ordinal);
    }

    private static JoinedTest Planned(CampaignPlan plan, PlannedTest test, IEnumerable<AllureResult> executions) => new(
        test.Requirements,
        test.Environment,
        test.Environment is { } environment ? [environment] : plan.Environments,
        executions.Any() ? Executed(executions) : NotRun(test));

    private static JoinedTest Unplanned(IEnumerable<AllureResult> executions, EnvironmentName[] joined)
    {
        var result = executions.First();
        EnvironmentName? environment = result.LabelValues(AllureLabel.Environment).FirstOrDefault() is { } word
            && Enum.TryParse<EnvironmentName>(word, ignoreCase: true, out var named) ? named : null;
        return new JoinedTest(
            [.. result.LabelValues(AllureLabel.Exigence)],
            environment,
            environment is { } one ? [one] : joined is [] ? Enum.GetValues<EnvironmentName>() : joined,
            Executed(executions));
    }

    private static TestReport NotRun(PlannedTest test) => new(
        test.Name, TestOutcome.NotRun, null, "Non exécuté : le processus de test s'est arrêté avant de rendre ce résultat.", []);

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
