using Acceptance.Platform.Results;

namespace Acceptance.Recette.Verdicts;

/// <summary>
/// The rules that make a verdict of a row's tests. A broken test is the suite's fault and never condemns the platform;
/// it does not acquit it either.
/// </summary>
public static class VerdictRules
{
    /// <param name="row">What is known of the row beside its tests.</param>
    /// <param name="tests">The row's tests in its environment.</param>
    /// <returns>The verdict, and its reason in French: null for a demonstrated row.</returns>
    public static (RequirementOutcome Outcome, string? Reason) Judge(RowFacts row, IReadOnlyList<TestReport> tests)
    {
        var count = tests.CountBy(test => test.Outcome).ToDictionary();
        int Of(TestOutcome outcome) => count.GetValueOrDefault(outcome);

        if (tests.Count == 0)
        {
            return (RequirementOutcome.NotDemonstrated, NoTest(row));
        }

        if (Of(TestOutcome.Failed) is > 0 and var failed)
        {
            return (RequirementOutcome.Failed, $"{failed} {Plural(failed, "test non conforme", "tests non conformes")} sur {tests.Count}");
        }

        if (Of(TestOutcome.Broken) + Of(TestOutcome.Blocked) + Of(TestOutcome.NotRun) > 0)
        {
            return (RequirementOutcome.Blocked, string.Join(", ", CouldNotTell(Of)));
        }

        if (Of(TestOutcome.Skipped) == 0)
        {
            return (RequirementOutcome.Demonstrated, null);
        }

        if (row is { NotProvoked: { } why, Twin: false })
        {
            return Of(TestOutcome.Passed) > 0 ? (RequirementOutcome.Demonstrated, null) : (RequirementOutcome.NotApplicable, why);
        }

        return (RequirementOutcome.NotDemonstrated, Of(TestOutcome.Passed) > 0
            ? $"démontrée en partie : {Of(TestOutcome.Skipped)} {Plural(Of(TestOutcome.Skipped), "test non demandé", "tests non demandés")} par ce profil sur {tests.Count}"
            : "tests non demandés par ce profil");
    }

    private static string NoTest(RowFacts row) => row switch
    {
        { EnvironmentJoined: false } => "environnement hors de cette campagne",
        { CategoryJoined: false } => "catégorie hors de cette campagne",
        _ => "aucun test de cette campagne ne la démontre",
    };

    private static IEnumerable<string> CouldNotTell(Func<TestOutcome, int> of)
    {
        if (of(TestOutcome.Broken) is > 0 and var broken)
        {
            yield return $"la suite a fait défaut ({broken} {Plural(broken, "test", "tests")})";
        }

        if (of(TestOutcome.Blocked) is > 0 and var blocked)
        {
            yield return $"système injoignable ({blocked} {Plural(blocked, "test bloqué", "tests bloqués")})";
        }

        if (of(TestOutcome.NotRun) is > 0 and var notRun)
        {
            yield return $"non exécuté ({notRun} {Plural(notRun, "test", "tests")})";
        }
    }

    private static string Plural(int count, string one, string several) => count < 2 ? one : several;
}

/// <summary>What is known of a row beside its tests.</summary>
/// <param name="EnvironmentJoined">The row's environment is one that a joined plan demonstrates.</param>
/// <param name="CategoryJoined">The row's category has a joined plan.</param>
/// <param name="Twin">A stand-in answered in this campaign.</param>
/// <param name="NotProvoked">Why a live platform is not asked to show the row; null where it is.</param>
public sealed record RowFacts(bool EnvironmentJoined, bool CategoryJoined, bool Twin, string? NotProvoked);
