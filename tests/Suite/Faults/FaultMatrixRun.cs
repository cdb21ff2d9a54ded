using System.Collections.Concurrent;
using Acceptance.Platform.Profiles;
using Acceptance.Platform.Requirements;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Requirements;

namespace Acceptance.Tests.Suite.Faults;

/// <summary>
/// Runs the acceptance tests of each system once without a fault and once on each fault of that system, and those of another's rows
/// that lean on it, two at a time, each on a twin of its own.
/// </summary>
public sealed class FaultMatrixRun : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, FaultResult> _results = new(StringComparer.Ordinal);

    // Large enough for every limit that a fault shows, and no larger: the matrix is about messages.
    private const string LayerSize = "8MiB";

    // What runs containers is run in one environment on each fault: the other would say the same, and the matrix would take twice as long.
    private static readonly Dictionary<string, string> EnvironmentOf = new() { ["CloudRun"] = "run" };

    internal FaultResult Of(string fault) => _results[fault];

    /// <summary>The run of what leans on the fault's system in another project.</summary>
    internal FaultResult Of(string fault, string project) => _results[Elsewhere(fault, project)];

    /// <summary>The run of a project without a fault.</summary>
    internal FaultResult Without(string project) => _results[NoneIn(project)];

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        var runs = AcceptanceProjects.Names.Select(project => new MatrixRun(NoneIn(project), project, null, []))
            .Concat(FaultMatrix.Entries.Select(entry => new MatrixRun(entry.Fault, OwnProject(entry), entry, [])))
            .Concat(FaultMatrix.Entries.SelectMany(entry => entry.Also.Select(also => new MatrixRun(Elsewhere(entry.Fault, also.Project), also.Project, entry, also.Red))));
        await Parallel.ForEachAsync(
            runs,
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            async (run, cancellationToken) => _results[run.Key] = await RunAsync(run, cancellationToken));
        await WriteTableAsync();
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => default;

    private static string NoneIn(string project) => $"none in {project}";

    private static string Elsewhere(string fault, string project) => $"{fault} in {project}";

    private static string OwnProject(FaultEntry entry) => AcceptanceProjects.Of(FaultMatrix.Fault(entry.Fault).System)!;

    private static async Task<FaultResult> RunAsync(MatrixRun matrixRun, CancellationToken cancellationToken)
    {
        var entry = matrixRun.Entry;
        await using var twin = await Twin.StartAsync(new TwinOptions { Faults = entry is null ? [] : [entry.Fault] }, cancellationToken);
        var variables = new Dictionary<string, string>(twin.Variables)
        {
            [Settings.TwinMode.Name] = "none",
            [Settings.HarborLayerSize.Name] = LayerSize,
        };
        if (entry is not null && (entry.Environment ?? EnvironmentOf.GetValueOrDefault(OwnProject(entry))) is { } environment)
        {
            variables[Settings.Demonstrates.Name] = environment;
        }

        string[] arguments = ["-noLogo", .. matrixRun.Requirements.SelectMany(requirement => new[] { "-trait", $"{RequirementAttribute.TraitName}={requirement}" })];
        var run = await AcceptanceProcess.RunAsync(matrixRun.Project, variables, arguments: arguments, cancellationToken: cancellationToken);
        return new FaultResult(run, entry is null ? 0 : twin.Faults.Hits(entry.Fault));
    }

    private async Task WriteTableAsync()
    {
        var lines = FaultMatrix.Entries
            .SelectMany(entry => entry.Also.Select(also => Line(Elsewhere(entry.Fault, also.Project), also.Red)).Prepend(Line(entry.Fault, entry.Red)))
            .Prepend("| --- | --- | --- | ---: |").Prepend("| fault | expected red | red | hits |");
        var table = string.Join('\n', lines) + '\n';
        await File.WriteAllTextAsync(RepositoryRoot.Resolve(Path.Combine("artifacts", "fault-matrix.md")), table);
        TestContext.Current.SendDiagnosticMessage(table);

        string Line(string key, List<string> expected) => $"| {key} | {string.Join(", ", expected)} | {string.Join(", ", _results[key].Run.Red)} | {_results[key].Hits} |";
    }

    /// <param name="Key">Under which its result is found.</param>
    /// <param name="Project">Whose tests are run.</param>
    /// <param name="Entry">The fault; null for none.</param>
    /// <param name="Requirements">The only rows that are run; empty for all of the project's.</param>
    private sealed record MatrixRun(string Key, string Project, FaultEntry? Entry, IReadOnlyList<string> Requirements);
}

/// <summary>What the acceptance tests said on one fault, and how often the twin showed it.</summary>
internal sealed record FaultResult(AcceptanceRun Run, int Hits);
