using Acceptance.Platform.Profiles;
using Acceptance.Platform.Requirements;
using Acceptance.Platform.Results;

namespace Acceptance.Recette.Verdicts;

/// <summary>What a campaign showed, as <c>verdict.json</c>: every report is a rendering of it.</summary>
/// <param name="Campaign">When, on what, with which versions.</param>
/// <param name="Decision">What the results propose; people decide.</param>
/// <param name="Requirements">Every row of the catalogue in each of its environments, in the catalogue's order.</param>
/// <param name="Coverage">The rows counted.</param>
/// <param name="LeftBehind">Resources that the campaign could not delete.</param>
/// <param name="Errors">Errors that belong to no requirement.</param>
/// <param name="Evidence">Every file that the verdict rests on.</param>
public sealed record Verdict(
    CampaignSummary Campaign,
    Decision Decision,
    IReadOnlyList<RequirementVerdict> Requirements,
    Coverage Coverage,
    IReadOnlyList<string> LeftBehind,
    IReadOnlyList<string> Errors,
    EvidenceManifest Evidence);

/// <summary>When a campaign ran, and on what.</summary>
/// <param name="Id">Name of the campaign, which is also its folder.</param>
/// <param name="Profile">Profiles of its processes; null where no process lived long enough to say.</param>
/// <param name="Environments">Environments that the profiles demonstrate.</param>
/// <param name="StartedAt">When the first process began, UTC.</param>
/// <param name="FinishedAt">When the last process ended, UTC.</param>
/// <param name="Twin">True where a stand-in answered any of the processes.</param>
/// <param name="PlatformVersions">The version that each system said it has.</param>
/// <param name="Notes">What a reader should know beside the results.</param>
public sealed record CampaignSummary(
    string Id,
    string? Profile,
    IReadOnlyList<EnvironmentName> Environments,
    DateTimeOffset StartedAt,
    DateTimeOffset FinishedAt,
    bool Twin,
    IReadOnlyList<SystemVersion> PlatformVersions,
    IReadOnlyList<string> Notes);

/// <summary>One row of the catalogue in one environment.</summary>
/// <param name="Reason">Why the verdict is what it is, in French; null for a demonstrated row.</param>
/// <param name="Waiver">The waiver that covers the row, null where there is none.</param>
public sealed record RequirementVerdict(
    string Id,
    string Category,
    string Title,
    Criticality Criticality,
    EnvironmentName Environment,
    RequirementOutcome Verdict,
    string? Reason,
    IReadOnlyList<TestReport> Tests,
    Waiver? Waiver);

/// <summary>What the results say of a requirement in an environment.</summary>
public enum RequirementOutcome
{
    /// <summary>Démontrée: at least one test, and all of them passed.</summary>
    Demonstrated,

    /// <summary>Non conforme: a test found the platform wrong.</summary>
    Failed,

    /// <summary>Bloquée: the tests could not tell, and none found the platform wrong.</summary>
    Blocked,

    /// <summary>Dérogation: not met, and accepted as such by a waiver.</summary>
    Waived,

    /// <summary>Non démontrée: nothing was asked of the platform, or not all that the row needs.</summary>
    NotDemonstrated,

    /// <summary>Sans objet: the catalogue says why a live platform is not asked to show it.</summary>
    NotApplicable,
}

/// <summary>One test of a row.</summary>
/// <param name="Name">The sentence of the test.</param>
/// <param name="DurationMs">Null for a test that did not run.</param>
/// <param name="Message">What was expected and observed, since when, where to look; null where there is nothing to say.</param>
/// <param name="Evidence">Files of evidence.</param>
public sealed record TestReport(
    string Name,
    TestOutcome Outcome,
    long? DurationMs,
    string? Message,
    IReadOnlyList<EvidenceLink> Evidence);

/// <summary>A file of evidence: what a reader sees, and its path in the campaign's folder.</summary>
public sealed record EvidenceLink(string Name, string Path);

/// <summary>An accepted departure from a requirement. None is read yet.</summary>
public sealed record Waiver(string Reason, string ApprovedBy, DateOnly ExpiresOn);
