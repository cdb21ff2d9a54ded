using System.Diagnostics;
using Acceptance.Platform.Profiles;
using Acceptance.Platform.Results;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Faults;

namespace Acceptance.Bench;

/// <summary>
/// What a category takes beside what it must wait for: its wall time on a twin that takes its time, over its longest chain of waits
/// (<see cref="WaitsMade.LongestChain"/>).
/// </summary>
internal static class WaitingFigure
{
    /// <param name="project">The category's project, built.</param>
    /// <param name="provisioning">What an operation, the start of an execution and a revision each take.</param>
    /// <param name="latency">What each answer takes.</param>
    public static async Task MeasureAsync(string project, TimeSpan provisioning, TimeSpan latency, TextWriter to)
    {
        await using var twin = await Twin.StartAsync(new TwinOptions { Provisioning = provisioning, Latency = latency });
        var clock = Stopwatch.StartNew();
        var run = await AcceptanceProcess.RunAsync(project, new Dictionary<string, string>(twin.Variables) { [Settings.TwinMode.Name] = "none" });
        var wall = clock.Elapsed;
        var conditions = FormattableString.Invariant($"Category={project}, provisioning {provisioning.TotalSeconds:0.#} s, {latency.TotalMilliseconds:0} ms an answer");
        if (run.ExitCode != 0)
        {
            // Printed all the same: a test that fails may have waited, or have stopped before it did.
            await to.WriteLineAsync($"{conditions}: NOT GREEN, exit code {run.ExitCode}, {run.Messages.Count} tests");
        }

        if (run.Folder.Waits().SingleOrDefault() is not { } waits)
        {
            await to.WriteLineAsync($"{conditions}: no wait was made\n{run.Output}");
            return;
        }

        var chain = waits.LongestChain();
        await to.WriteLineAsync(FormattableString.Invariant(
            $"{conditions}: wall {wall.TotalSeconds:0.0} s, longest chain of waits {chain.Length.TotalSeconds:0.0} s ('{chain.Collection}', {chain.Waits.Count} of {waits.Waits.Count} waits), ratio {wall / chain.Length:0.00} (at most 1.15)"));
        foreach (var wait in chain.Waits)
        {
            await to.WriteLineAsync(FormattableString.Invariant($"  {(wait.Stop - wait.Start).TotalSeconds,6:0.0} s  {wait.What}{(wait.Collection is null ? " (outside the tests)" : "")}"));
        }
    }
}
