using System.Text.RegularExpressions;
using Acceptance.Platform.Profiles;
using Acceptance.Platform.Requirements;
using Acceptance.Platform.Results;
using Acceptance.Recette.Verdicts;

namespace Acceptance.Recette;

/// <summary>The report's words, dates and typography. Written out here, since the suite runs without cultures.</summary>
public static partial class French
{
    private const char NoBreak = '\u00A0';

    private static readonly string[] Months =
        ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"];

    /// <summary>A verdict, as a reader of the report sees it.</summary>
    public static string Word(RequirementOutcome outcome) => outcome switch
    {
        RequirementOutcome.Demonstrated => "démontrée",
        RequirementOutcome.Failed => "non conforme",
        RequirementOutcome.Blocked => "bloquée",
        RequirementOutcome.Waived => "dérogation",
        RequirementOutcome.NotDemonstrated => "non démontrée",
        _ => "sans objet",
    };

    /// <summary>The outcome of a test.</summary>
    public static string Word(TestOutcome outcome) => outcome switch
    {
        TestOutcome.Passed => "réussi",
        TestOutcome.Failed => "non conforme",
        TestOutcome.Broken => "défaut de la suite",
        TestOutcome.Skipped => "non demandé",
        TestOutcome.Blocked => "bloqué",
        _ => "non exécuté",
    };

    /// <summary>The criticality of a requirement.</summary>
    public static string Word(Criticality criticality) => criticality switch
    {
        Criticality.Blocking => "bloquante",
        Criticality.Major => "majeure",
        _ => "mineure",
    };

    /// <summary>The proposal, as a sentence's end.</summary>
    public static string Word(ProposedDecision decision) => decision switch
    {
        ProposedDecision.Accepted => "recette prononcée",
        ProposedDecision.AcceptedWithReserves => "recette prononcée avec réserves",
        ProposedDecision.Refused => "recette refusée",
        ProposedDecision.Adjourned => "recette ajournée",
        _ => "aucune, répétition sur le jumeau",
    };

    /// <summary>An environment keeps its name.</summary>
    public static string Word(EnvironmentName environment) => environment == EnvironmentName.Lab ? "lab" : "run";

    /// <summary><c>23 novembre 2026 à 21:14 UTC</c>.</summary>
    public static string Date(DateTimeOffset instant)
    {
        var utc = instant.ToUniversalTime();
        var day = utc.Day == 1 ? "1er" : $"{utc.Day}";
        return Typeset($"{day} {Months[utc.Month - 1]} {utc.Year} à {utc:HH:mm} UTC");
    }

    /// <summary><c>340 ms</c>, <c>2,4 s</c>, <c>3 min 12 s</c>.</summary>
    public static string Duration(TimeSpan duration) => (duration.TotalSeconds switch
    {
        < 1 => $"{duration.TotalMilliseconds:0} ms",
        < 59.95 => $"{duration.TotalSeconds:0.0} s".Replace('.', ','),
        < 3600 => $"{(int)duration.TotalMinutes} min {duration.Seconds} s",
        _ => $"{(int)duration.TotalHours} h {duration.Minutes} min",
    }).Replace(' ', NoBreak);

    /// <summary><c>87,5 %</c>, or a dash where there is nothing to divide.</summary>
    public static string Rate(decimal? rate) => rate is { } value
        ? $"{value * 100:0.0}".Replace('.', ',') + NoBreak + "%"
        : "—";

    /// <summary><c>1 exigence</c>, <c>2 exigences</c>; French counts zero as one.</summary>
    public static string Count(int count, string one, string several) => $"{count}{NoBreak}{(count < 2 ? one : several)}";

    /// <summary>Puts the spaces that may not break before <c>: ; ! ? % »</c> and after <c>«</c>.</summary>
    public static string Typeset(string text) => Colon().Replace(Before().Replace(After().Replace(text, "«\u00A0"), "\u00A0$1"), "$1\u00A0: ");

    /// <summary>With a capital.</summary>
    public static string Sentence(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    [GeneratedRegex(@" ([:;!?%»])(?=\s|[,.)]|$)")]
    private static partial Regex Before();

    [GeneratedRegex("« ")]
    private static partial Regex After();

    [GeneratedRegex(@"(\p{L}): ")]
    private static partial Regex Colon();
}
