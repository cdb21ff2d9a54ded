using Acceptance.Platform.Requirements;
using Acceptance.Platform.Results;

namespace Acceptance.Recette.Verdicts;

/// <summary>The rules that make a proposal of the rows.</summary>
public static class DecisionRules
{
    private const int IdsNamed = 10;

    /// <param name="rows">Every row.</param>
    /// <param name="twin">A stand-in answered.</param>
    /// <param name="endedEarly">Test processes that did not say that they ended.</param>
    /// <param name="errors">Errors that belong to no requirement.</param>
    public static Decision Propose(IReadOnlyList<RequirementVerdict> rows, bool twin, int endedEarly, int errors)
    {
        var refusing = Ids(rows, Criticality.Blocking, RequirementOutcome.Failed);
        var adjourning = Ids(rows, Criticality.Blocking, RequirementOutcome.Blocked, RequirementOutcome.NotDemonstrated);
        var reserves = Ids(rows, Criticality.Major, RequirementOutcome.Failed, RequirementOutcome.Blocked, RequirementOutcome.NotDemonstrated);
        var minor = Ids(rows, Criticality.Minor, RequirementOutcome.Failed, RequirementOutcome.Blocked, RequirementOutcome.NotDemonstrated);
        var ranNothing = !RanAnything(rows);

        var proposed = (twin, refusing, adjourning, reserves) switch
        {
            (true, _, _, _) => ProposedDecision.Rehearsal,
            (_, { Count: > 0 }, _, _) => ProposedDecision.Refused,
            (_, _, { Count: > 0 }, _) => ProposedDecision.Adjourned,
            _ when endedEarly > 0 || ranNothing => ProposedDecision.Adjourned,
            (_, _, _, { Count: > 0 }) => ProposedDecision.AcceptedWithReserves,
            _ => ProposedDecision.Accepted,
        };

        List<string> because = [];
        Say(twin, "Résultats obtenus sur le jumeau : sans valeur de recette.");
        Say(ranNothing, "Aucun test n'a été exécuté.");
        because.Add(Counts(rows));
        Say(refusing.Count > 0, $"Exigences bloquantes non conformes : {Named(refusing)}.");
        if (!twin)
        {
            Say(adjourning.Count > 0, $"Exigences bloquantes non démontrées ou bloquées : {Named(adjourning)}.");
            Say(reserves.Count > 0, $"Exigences majeures non conformes, bloquées ou non démontrées : {Named(reserves)}.");
            Say(minor.Count > 0, $"Exigences mineures à traiter en garantie : {Named(minor)}.");
        }

        Say(endedEarly > 0, $"Campagne incomplète : {endedEarly} processus de test {(endedEarly < 2 ? "s'est arrêté" : "se sont arrêtés")} avant la fin.");
        Say(errors > 0, $"{errors} {(errors < 2 ? "erreur d'exécution ne se rattache" : "erreurs d'exécution ne se rattachent")} à aucune exigence.");
        return new Decision(proposed, because);

        void Say(bool holds, string sentence)
        {
            if (holds)
            {
                because.Add(sentence);
            }
        }
    }

    /// <summary>True where at least one test reached its end, whatever it found.</summary>
    public static bool RanAnything(IEnumerable<RequirementVerdict> rows) =>
        rows.SelectMany(row => row.Tests).Any(test => test.Outcome is TestOutcome.Passed or TestOutcome.Failed or TestOutcome.Broken);

    private static List<string> Ids(IReadOnlyList<RequirementVerdict> rows, Criticality criticality, params RequirementOutcome[] outcomes) =>
        [.. rows.Where(row => row.Criticality == criticality && outcomes.Contains(row.Verdict)).Select(row => $"{row.Id} ({row.Environment.ToString().ToLowerInvariant()})")];

    private static string Named(List<string> ids) => ids.Count <= IdsNamed
        ? string.Join(", ", ids)
        : $"{string.Join(", ", ids.Take(IdsNamed))} et {ids.Count - IdsNamed} autres";

    private static string Counts(IReadOnlyList<RequirementVerdict> rows)
    {
        var count = rows.CountBy(row => row.Verdict).ToDictionary();
        string Of(RequirementOutcome outcome, string one, string several) =>
            count.GetValueOrDefault(outcome) is var n && n < 2 ? $"{n} {one}" : $"{n} {several}";
        return $"Sur {rows.Count} exigences × environnements : "
            + string.Join(", ", [
                Of(RequirementOutcome.Demonstrated, "démontrée", "démontrées"),
                Of(RequirementOutcome.Failed, "non conforme", "non conformes"),
                Of(RequirementOutcome.Blocked, "bloquée", "bloquées"),
                Of(RequirementOutcome.Waived, "dérogation", "dérogations"),
                Of(RequirementOutcome.NotDemonstrated, "non démontrée", "non démontrées"),
                Of(RequirementOutcome.NotApplicable, "sans objet", "sans objet")])
            + ".";
    }
}
