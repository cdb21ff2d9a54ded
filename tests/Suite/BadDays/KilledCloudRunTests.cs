using Acceptance.Platform.Profiles;
using Acceptance.Platform.Waiting;
using Acceptance.Tests.Suite.Faults;
using Acceptance.Tests.Suite.Gcp.CloudRun.Jobs;
using Acceptance.Tests.Suite.Recette;

namespace Acceptance.Tests.Suite.BadDays;

/// <summary>A test process that is killed while its jobs run: the next one stops and deletes them.</summary>
public sealed class KilledCloudRunTests(JobBench bench) : IClassFixture<JobBench>, IDisposable
{
    private readonly ScratchFolder _scratch = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // A batch then sleeps for half a minute: there is time to kill who waits for it.
    private Dictionary<string, string> Variables => new(bench.Twin.Variables)
    {
        [Settings.TwinMode.Name] = "none",
        [Settings.Demonstrates.Name] = "lab",
        [Settings.CloudRunWithin.Name] = "10m",
        [Settings.Results.Name] = _scratch.File("results"),
        [Settings.Ledger.Name] = _scratch.File("ledger"),
    };

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Jobs_that_still_run_are_stopped_and_deleted_by_the_next_run()
    {
        using var process = AcceptanceProcess.Start("CloudRun", Variables, ["-noLogo", "-class", "Acceptance.Tests.CloudRun.InputTests"]);
        await UntilAsync("a job that runs", async () => await RunningAsync() > 0);
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(Cancel);
        (await RunningAsync()).Should().BePositive("nobody stopped it");

        var next = await AcceptanceProcess.RunAsync("CloudRun", Variables, arguments: ["-noLogo", "-class", "Acceptance.Tests.CloudRun.ServiceTests"], cancellationToken: Cancel);

        next.Folder.Facts().Single().Notes.Should().Contain(note => note.StartsWith("cloud-run/lab/job acc-")).And.OnlyContain(note => note.EndsWith("is deleted."), "{0}", next.Output);
        (await bench.GetAsync($"{JobBench.Lab}/jobs"))["jobs"].Should().BeNull("what the killed run made is gone");
        Directory.GetFiles(_scratch.File("ledger"), "*.jsonl").Should().BeEmpty();
    }

    private async Task<int> RunningAsync() => (await bench.GetAsync($"{JobBench.Lab}/jobs/-/executions"))["executions"]?.AsArray().Sum(execution => (int?)execution!["runningCount"] ?? 0) ?? 0;

    private static Task<bool> UntilAsync(string what, Func<Task<bool>> reached) => Eventually.Default.ReachAsync(
        what, async _ => await reached(), there => there ? "there" : "not yet", there => there, new Wait("there", TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(50)), Cancel);
}
