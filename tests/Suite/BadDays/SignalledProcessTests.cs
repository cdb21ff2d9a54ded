using System.Diagnostics;
using Acceptance.Platform.Profiles;
using Acceptance.Platform.Results;
using Acceptance.Platform.Waiting;
using Acceptance.Tests.Suite.Faults;
using Acceptance.Tests.Suite.Recette;

namespace Acceptance.Tests.Suite.BadDays;

/// <summary>A test process with its own twin that is told to end, as Ctrl+C and a cancelled job of CI do.</summary>
public sealed class SignalledProcessTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private Process? _process;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (_process is { HasExited: false } running)
        {
            running.Kill(entireProcessTree: true);
            running.WaitForExit();
        }

        _process?.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task SIGTERM_ends_it_at_once()
    {
        // Its first job waits ten minutes for an instance.
        await RunningAsync("CloudRun", new() { [Settings.TwinProvisioning.Name] = "10m", [Settings.CloudRunWithin.Name] = "10m" });

        (await EndAsync("TERM")).Should().Be(143, "that is 128 and the signal's number");
    }

    [Fact]
    public async Task SIGINT_ends_it_and_what_it_breaks_off_is_no_failure_of_the_platform()
    {
        await RunningAsync("Nexus", []);

        (await EndAsync("INT")).Should().NotBe(0);

        var results = new ResultsFolder(_scratch.File("results")).Results().ToList();
        results.Should().NotBeEmpty().And.NotContain(result => result.Outcome == TestOutcome.Failed, "what was cancelled is not judged");
    }

    /// <summary>Starts a process, which then has a first result.</summary>
    private async Task RunningAsync(string project, Dictionary<string, string> variables)
    {
        var results = _scratch.File("results");
        variables[Settings.Results.Name] = results;
        variables[Settings.Ledger.Name] = _scratch.File("ledger");
        _process = AcceptanceProcess.Start(project, variables);
        await Eventually.Default.ReachAsync(
            "tests that run",
            _ => Task.FromResult(Directory.Exists(results) && Directory.GetFiles(results, "*-result.json").Length > 0),
            there => there ? "there" : "not yet",
            there => there,
            new Wait("there", TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(20)),
            Cancel);
    }

    private async Task<int> EndAsync(string signal)
    {
        using (var kill = Process.Start("kill", [$"-{signal}", $"{_process!.Id}"]))
        {
            await kill.WaitForExitAsync(Cancel);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }
}
