using System.Collections.Concurrent;
using Acceptance.Platform.Profiles;
using Acceptance.StandIns.Hosting;

namespace Acceptance.Tests.Suite.Faults;

/// <summary>Runs the acceptance tests once without a fault and once on each, two at a time, each on a twin of its own.</summary>
public sealed class FaultMatrixRun : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, FaultResult> _results = new(StringComparer.Ordinal);

    /// <summary>Key of the run without a fault.</summary>
    internal const string None = "none";

    internal FaultResult Of(string fault) => _results[fault];

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        await Parallel.ForEachAsync(
            FaultMatrix.Entries.Select(entry => entry.Fault).Prepend(None),
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            async (fault, cancellationToken) => _results[fault] = await RunAsync(fault, cancellationToken));
        await WriteTableAsync();
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => default;

    private static async Task<FaultResult> RunAsync(string fault, CancellationToken cancellationToken)
    {
        await using var twin = await Twin.StartAsync(new TwinOptions { Faults = fault == None ? [] : [fault] }, cancellationToken);
        var variables = new Dictionary<string, string>(twin.Variables) { [Settings.TwinMode.Name] = "none" };
        var run = await AcceptanceProcess.RunAsync("Nexus", variables, cancellationToken: cancellationToken);
        return new FaultResult(run, fault == None ? 0 : twin.Faults.Hits(fault));
    }

    private async Task WriteTableAsync()
    {
        var lines = FaultMatrix.Entries.Select(entry => $"| {entry.Fault} | {string.Join(", ", entry.Red)} | {string.Join(", ", Of(entry.Fault).Run.Red)} | {Of(entry.Fault).Hits} |")
            .Prepend("| --- | --- | --- | ---: |").Prepend("| fault | expected red | red | hits |");
        var table = string.Join('\n', lines) + '\n';
        await File.WriteAllTextAsync(RepositoryRoot.Resolve(Path.Combine("artifacts", "fault-matrix.md")), table);
        TestContext.Current.SendDiagnosticMessage(table);
    }
}

/// <summary>What the acceptance tests said on one fault, and how often the twin showed it.</summary>
internal sealed record FaultResult(AcceptanceRun Run, int Hits);
