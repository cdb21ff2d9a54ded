namespace Acceptance.Recette.Verdicts;

/// <summary>What the results propose, and why. The tool proposes; people decide.</summary>
/// <param name="Proposed">The proposal.</param>
/// <param name="Because">The facts that lead to it, one French sentence each.</param>
public sealed record Decision(ProposedDecision Proposed, IReadOnlyList<string> Because);

/// <summary>What may be proposed.</summary>
public enum ProposedDecision
{
    /// <summary>Recette prononcée.</summary>
    Accepted,

    /// <summary>Recette prononcée avec réserves: a major row is not demonstrated.</summary>
    AcceptedWithReserves,

    /// <summary>Recette refusée: a blocking row failed.</summary>
    Refused,

    /// <summary>Recette ajournée: a blocking row is not demonstrated, or the campaign is incomplete.</summary>
    Adjourned,

    /// <summary>Répétition: a twin answered, so there is nothing to sign.</summary>
    Rehearsal,
}
