namespace Acceptance.Recette.Diagnosis;

/// <summary>One thing that was looked at.</summary>
/// <param name="System">Name and environment, such as <c>Nexus of lab</c>.</param>
/// <param name="Check">What was looked at.</param>
/// <param name="Fine">Whether it is as it should be.</param>
/// <param name="Detail">What was seen.</param>
internal sealed record Finding(string System, string Check, bool Fine, string Detail);
