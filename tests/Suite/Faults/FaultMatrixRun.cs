using System.Collections.Concurrent;
using Acceptance.Platform.Profiles;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Requirements;

namespace Acceptance.Tests.Suite.Faults;

/// <summary>
/// Runs the acceptance tests of each system once without a fault and once on each fault of that system, two at a time,
/// each on a twin of its own.
/// </summary>
public sealed class FaultMatrixRun : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, FaultResult> _results = new(StringComparer.Ordinal);

    // Large enough for every limit that a fault shows, and no larger: the matrix is about messages.
    private const string LayerSize = "8MiB";

    // What runs containers is run in one environment on each fault: the other would say the same, and the matrix would take twice as long.
    private static readonly Dictionary<string, string> EnvironmentOf = new() { ["CloudRun"] = "run" };

    internal FaultResult Of(string fault) => _results[fault];

    /// <summary>The run of a project without a fault.</summary>
    internal FaultResult Without(string project) => _results[NoneIn(project)];

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        var runs = AcceptanceProjects.Names.Select(project => (Key: NoneIn(project), Entry: (FaultEntry?)null, Project: project))
            .Concat(FaultMatrix.Entries.Select(entry => (Key: entry.Fault, Entry: (FaultEntry?)entry, Project: AcceptanceProjects.Of(FaultMatrix.Fault(entry.Fault).System)!)));
        await Parallel.ForEachAsync(
            runs,
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            async (run, cancellationToken) => _results[run.Key] = await RunAsync(run.Entry, run.Project, cancellationToken));
        await WriteTableAsync();
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => default;

    private static string NoneIn(string project) => $"none in {project}";

    private static async Task<FaultResult> RunAsync(FaultEntry? entry, string project, CancellationToken cancellationToken)
    {
        await using var twin = await Twin.StartAsync(new TwinOptions { Faults = entry is null ? [] : [entry.Fault] }, cancellationToken);
        var variables = new Dictionary<string, string>(twin.Variables)
        {
            [Settings.TwinMode.Name] = "none",
            [Settings.HarborLayerSize.Name] = LayerSize,
        };
        if (entry is not null && (entry.Environment ?? EnvironmentOf.GetValueOrDefault(project)) is { } environment)
        {
            variables[Settings.Demonstrates.Name] = environment;
        }

        var run = await AcceptanceProcess.RunAsync(project, variables, cancellationToken: cancellationToken);
        return new FaultResult(run, entry is null ? 0 : twin.Faults.Hits(entry.Fault));
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
