using Acceptance.StandIns.Hosting;

namespace Acceptance.Tests.Suite.StandIns;

/// <summary>Where the stand-ins of a running twin listen.</summary>
internal static class TwinAddresses
{
    public static Uri Upstream(this Twin twin) => twin.Endpoints.Single(endpoint => endpoint.System == "upstream").Address;

    public static Uri Nexus(this Twin twin, string environment = "lab") =>
        twin.Endpoints.Single(endpoint => endpoint.System == "nexus" && endpoint.Environment == environment).Address;

    public static Uri Harbor(this Twin twin) => twin.Endpoints.Single(endpoint => endpoint.System == "harbor").Address;

    /// <summary>Base address of a repository's content.</summary>
    public static Uri Repository(this Twin twin, string repository, string environment = "lab") =>
        new(twin.Nexus(environment), $"repository/{repository}/");
}
