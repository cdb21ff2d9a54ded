using Acceptance.Tests.Suite.Gcp;

namespace Acceptance.Tests.Suite.Programs;

/// <summary>The probe, run to its end.</summary>
internal static class Probe
{
    public static Task<ProgramRun> RunAsync(params string[] arguments) => RunAsync(new Dictionary<string, string>(), arguments);

    public static async Task<ProgramRun> RunAsync(IReadOnlyDictionary<string, string> variables, string[] arguments, string? folder = null)
    {
        await using var process = ProgramProcess.Start("Probe", variables, arguments, folder);
        return await process.EndAsync();
    }

    /// <summary>On a machine of the twin.</summary>
    public static Task<ProgramRun> RunOnAsync(GcpTwin twin, params string[] arguments) => RunAsync(VariablesOn(twin), arguments);

    public static Dictionary<string, string> VariablesOn(GcpTwin twin) => new()
    {
        ["GCE_METADATA_HOST"] = twin.AddressOf("gcp-auth").Authority,
        ["PROBE_GCS_URL"] = twin.AddressOf("gcs").AbsoluteUri,
        ["PROBE_BIGQUERY_URL"] = twin.AddressOf("bigquery").AbsoluteUri,
    };
}
