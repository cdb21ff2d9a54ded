namespace Acceptance.Tests.Suite.RealClients;

/// <summary>An official client of a platform's system, as <c>ACCEPTANCE_SUITE_CLIENTS</c> names it in lower case.</summary>
public enum OfficialClient
{
    /// <summary>pip, in a virtual environment of Debian's Python.</summary>
    Pip,

    /// <summary>R, with what it compiles packages with.</summary>
    R,
}
