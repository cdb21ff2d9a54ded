using Acceptance.Platform.Results;

namespace Acceptance.Recette.Verdicts;

/// <summary>What the <c>recette</c> command answers to the shell that started it.</summary>
public enum ExitCode
{
    /// <summary>Accepted, accepted with reserves, or a rehearsal in which all that ran was demonstrated.</summary>
    Accepted = 0,

    /// <summary>Refused; or a rehearsal in which something failed, was blocked, broke or did not run; or no test ran.</summary>
    Refused = 1,

    /// <summary>The command line, the configuration or a results folder cannot be used: nothing was judged.</summary>
    Unusable = 2,

    /// <summary>Adjourned: a blocking requirement is not demonstrated, or the campaign is incomplete.</summary>
    Adjourned = 3,
}

/// <summary>From verdict to exit code.</summary>
public static class ExitCodes
{
    /// <summary>The code for <paramref name="verdict"/>; a campaign that ran nothing never succeeds.</summary>
    public static ExitCode Of(Verdict verdict) => verdict.Decision.Proposed switch
    {
        _ when !DecisionRules.RanAnything(verdict.Requirements) => ExitCode.Refused,
        ProposedDecision.Accepted or ProposedDecision.AcceptedWithReserves => ExitCode.Accepted,
        ProposedDecision.Adjourned => ExitCode.Adjourned,
        ProposedDecision.Rehearsal => verdict.Errors.Count == 0 && verdict.Requirements.SelectMany(row => row.Tests).All(WentWell)
            ? ExitCode.Accepted
            : ExitCode.Refused,
        _ => ExitCode.Refused,
    };

    private static bool WentWell(TestReport test) => test.Outcome is TestOutcome.Passed or TestOutcome.Skipped;
}
