using System.Collections.Concurrent;
using Acceptance.Platform.Profiles;
using Acceptance.Platform.Requirements;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Requirements;

namespace Acceptance.Tests.Suite.Faults;

/// <summary>
/// Runs the acceptance tests of some projects once without a fault and once on each fault of their systems, and those of another's rows
/// that lean on it, two at a time, each on a twin of its own.
/// </summary>
/// <param name="projects">Those.</param>
/// <param name="table">File of <c>artifacts</c> that says what turned red.</param>
public abstract class FaultMatrixRun(IReadOnlyList<string> projects, string table) : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, FaultResult> _results = new(StringComparer.Ordinal);

    // Large enough for every limit that a fault shows, and no larger: the matrix is about messages.
    private const string LayerSize = "8MiB";

    // What runs containers is run in one environment on each fault: the other would say the same, and the matrix would take twice as long.
    private static readonly Dictionary<string, string> EnvironmentOf = new() { ["CloudRun"] = "run" };

    private IEnumerable<FaultEntry> Entries => FaultMatrix.EntriesOf(projects);

    /// <summary>Without a fault nothing of a project is red.</summary>
    public void MustBeGreen(string project)
    {
        var run = _results[NoneIn(project)].Run;

        run.Messages.Should().BeEmpty();
        run.ExitCode.Should().Be(0, "{0}", run.Output);
        run.Folder.Results().Should().HaveCountGreaterThan(30, "a run that runs nothing is green too");
    }

    /// <summary>A fault was met, turned what its entry says red and nothing else, and was named.</summary>
    public void MustBeRed(string fault)
    {
        var entry = FaultMatrix.Entries.Single(entry => entry.Fault == fault);

        MustBeRed(_results[fault], entry.Red, entry.Says);
    }

    /// <summary>The same of what leans on the fault's system in another project.</summary>
    public void MustBeRed(string fault, string project)
    {
        var elsewhere = FaultMatrix.Entries.Single(entry => entry.Fault == fault).Also.Single(also => also.Project == project);

        MustBeRed(_results[Elsewhere(fault, project)], elsewhere.Red, elsewhere.Says);
    }

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        var runs = projects.Select(project => new MatrixRun(NoneIn(project), project, null, []))
            .Concat(Entries.Select(entry => new MatrixRun(entry.Fault, FaultMatrix.ProjectOf(entry), entry, [])))
            .Concat(Entries.SelectMany(entry => entry.Also.Select(also => new MatrixRun(Elsewhere(entry.Fault, also.Project), also.Project, entry, also.Red))));
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

    private static void MustBeRed(FaultResult result, List<string> red, string says)
    {
        result.Hits.Should().BePositive("a red test proves something only if its fault was met");
        result.Run.Broken.Should().BeEmpty("a wrong platform is no defect of the suite");
        result.Run.Red.Should().Equal(red.Order(StringComparer.Ordinal), "{0}", string.Join("\n\n", result.Run.Messages));
        result.Run.Messages.Should().Contain(message => message.Contains(says, StringComparison.OrdinalIgnoreCase));
        result.Run.Failures.Should().NotBeEmpty().And.OnlyContain(message => message.Contains("Since    : ") && message.Contains("Evidence : "));
    }

    private static async Task<FaultResult> RunAsync(MatrixRun matrixRun, CancellationToken cancellationToken)
    {
        var entry = matrixRun.Entry;
        await using var twin = await Twin.StartAsync(new TwinOptions { Faults = entry is null ? [] : [entry.Fault] }, cancellationToken);
        var variables = new Dictionary<string, string>(twin.Variables)
        {
            [Settings.TwinMode.Name] = "none",
            [Settings.HarborLayerSize.Name] = LayerSize,
        };
        if (entry is not null && (entry.Environment ?? EnvironmentOf.GetValueOrDefault(FaultMatrix.ProjectOf(entry))) is { } environment)
        {
            variables[Settings.Demonstrates.Name] = environment;
        }

        string[] arguments = ["-noLogo", .. matrixRun.Requirements.SelectMany(requirement => new[] { "-trait", $"{RequirementAttribute.TraitName}={requirement}" })];
        var run = await AcceptanceProcess.RunAsync(matrixRun.Project, variables, arguments: arguments, cancellationToken: cancellationToken);
        return new FaultResult(run, entry is null ? 0 : twin.Faults.Hits(entry.Fault));
    }

    private async Task WriteTableAsync()
    {
        var lines = Entries
            .SelectMany(entry => entry.Also.Select(also => Line(Elsewhere(entry.Fault, also.Project), also.Red)).Prepend(Line(entry.Fault, entry.Red)))
            .Prepend("| --- | --- | --- | ---: |").Prepend("| fault | expected red | red | hits |");
        var text = string.Join('\n', lines) + '\n';
        await File.WriteAllTextAsync(RepositoryRoot.Resolve(Path.Combine("artifacts", table)), text);
        TestContext.Current.SendDiagnosticMessage(text);

        string Line(string key, List<string> expected) => $"| {key} | {string.Join(", ", expected)} | {string.Join(", ", _results[key].Run.Red)} | {_results[key].Hits} |";
    }

    /// <param name="Key">Under which its result is found.</param>
    /// <param name="Project">Whose tests are run.</param>
    /// <param name="Entry">The fault; null for none.</param>
    /// <param name="Requirements">The only rows that are run; empty for all of the project's.</param>
    private sealed record MatrixRun(string Key, string Project, FaultEntry? Entry, IReadOnlyList<string> Requirements);
}

/// <summary>What starts no containers, but for a row or two: beside the suite's other tests.</summary>
public sealed class FaultMatrixRunBesideOthers() : FaultMatrixRun([.. AcceptanceProjects.Names.Except(FaultMatrixAlone.Projects)], "fault-matrix.md");

/// <summary>What starts containers, after them.</summary>
public sealed class FaultMatrixRunAlone() : FaultMatrixRun(FaultMatrixAlone.Projects, "fault-matrix-alone.md");

/// <summary>What the acceptance tests said on one fault, and how often the twin showed it.</summary>
internal sealed record FaultResult(AcceptanceRun Run, int Hits);
