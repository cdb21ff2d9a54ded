using Acceptance.Platform.Evidence;
using Acceptance.Platform.Http;
using Acceptance.Platform.Nexus.Content;
using Acceptance.Platform.Nexus.Locks;
using Acceptance.Platform.Nexus.PyPi;
using Acceptance.Platform.Personas;
using Acceptance.StandIns.Hosting;

namespace Acceptance.Bench;

/// <summary>How near the resolution of a lock comes to its ideal: entries × latency ÷ connections.</summary>
internal static class LockFigure
{
    /// <summary>Resolves one lock several times, each time by a new client, through a Nexus whose cache is empty at first.</summary>
    public static async Task<IReadOnlyList<string>> MeasureAsync(int entries, TimeSpan latency, int connections, int rounds)
    {
        await using var twin = await Twin.StartAsync(new TwinOptions { Latency = latency });
        var file = Path.GetTempFileName();
        using (var http = new HttpClient())
        {
            var upstream = twin.Endpoints.Single(endpoint => endpoint.System == "upstream").Address;
            await File.WriteAllTextAsync(file, await http.GetStringAsync(new Uri(upstream, $"_standin/upstream/locks/requirements.txt?entries={entries}")));
        }

        var locks = LockFile.Read(file);
        File.Delete(file);
        var nexus = new Uri(twin.Variables["ACCEPTANCE_LAB_NEXUS_URL"]);
        var ideal = latency * locks.Count / connections;
        var lines = new List<string>();
        for (var round = 1; round <= rounds; round++)
        {
            var pipeline = new HttpPipeline(new Redaction(), new HttpLimits(), null, TimeProvider.System);
            using var http = pipeline.Client(nexus, Persona.Anonymous, connections);
            var index = new PyPiIndex(new RepositoryContent(http, twin.Variables["ACCEPTANCE_NEXUS_PYPI_REPOSITORY"], new HttpLimits()));
            var report = await LockResolution.ResolveAsync(locks, new LockIndexes { PyPi = index }, connections, TimeProvider.System, CancellationToken.None);
            var state = round == 1 ? "cold cache" : "warm cache";
            lines.Add(FormattableString.Invariant(
                $"round {round} ({state}): {(report.Complete ? "complete" : "INCOMPLETE")} in {report.Elapsed.TotalSeconds:0.00} s, ideal {ideal.TotalSeconds:0.00} s, ratio {report.Elapsed / ideal:0.00}"));
        }

        return lines;
    }
}
