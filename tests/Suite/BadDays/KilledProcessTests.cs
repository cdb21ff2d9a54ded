using System.Diagnostics;
using Acceptance.Platform.Profiles;
using Acceptance.Platform.Requirements;
using Acceptance.Platform.Results;
using Acceptance.Platform.Waiting;
using Acceptance.Recette.Verdicts;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Faults;

namespace Acceptance.Tests.Suite.BadDays;

/// <summary>A test process that is killed in the middle: finished results are kept, the rest is told as not run, leftovers are swept.</summary>
public sealed class KilledProcessTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("killed-").FullName;
    private Twin? _twin;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Twin Twin => _twin!;

    private Dictionary<string, string> Variables => new(Twin.Variables)
    {
        [Settings.TwinMode.Name] = "none",
        [Settings.Results.Name] = Path.Combine(_folder, "results"),
        [Settings.Ledger.Name] = Path.Combine(_folder, "ledger"),
    };

    public async ValueTask InitializeAsync() => _twin = await Twin.StartAsync(new TwinOptions { Latency = TimeSpan.FromMilliseconds(300) }, Cancel);

    public async ValueTask DisposeAsync()
    {
        await Twin.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Finished_results_are_kept_and_the_rest_is_told_as_not_run()
    {
        using var process = AcceptanceProcess.Start("Nexus", Variables);
        await UntilAsync("three results", () => Results("*-result.json") >= 3);
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(Cancel);

        var verdict = new CampaignJoin(RequirementCatalogue.Current, TimeProvider.System).Join("killed", [JoinedFolder.Read(Variables[Settings.Results.Name])]);

        var tests = verdict.Requirements.SelectMany(row => row.Tests).ToList();
        tests.Count(test => test.Outcome == TestOutcome.Passed).Should().BeGreaterThanOrEqualTo(3);
        tests.Should().Contain(test => test.Outcome == TestOutcome.NotRun);
        verdict.Requirements.Where(row => row.Tests.Any(test => test.Outcome == TestOutcome.NotRun)).Should().OnlyContain(row => row.Verdict == RequirementOutcome.Blocked);
        ExitCodes.Of(verdict).Should().NotBe(ExitCode.Accepted);
    }

    [Fact]
    public async Task What_it_left_on_the_platform_is_swept_by_the_next_run()
    {
        using var process = AcceptanceProcess.Start("Nexus", Variables, ["-noLogo", "-trait", "Requirement=NX-05"]);
        await UntilAsync("an upstream that is cut", () => !UpstreamReachable());
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(Cancel);
        UpstreamReachable().Should().BeFalse("the killed run could not connect it again");
        Twin.Settings.Latency = TimeSpan.Zero;

        var next = await AcceptanceProcess.RunAsync("Nexus", Variables, arguments: ["-noLogo", "-trait", "Requirement=NX-04"], cancellationToken: Cancel);

        UpstreamReachable().Should().BeTrue("the ledger remembered the cut: {0}", next.Output);
        next.Folder.Facts().Single().Notes.Should().ContainSingle().Which.Should().Contain("left by a run that was killed").And.EndWith("is deleted.");
        Directory.GetFiles(Variables[Settings.Ledger.Name], "*.jsonl").Should().BeEmpty();
    }

    private int Results(string pattern) => Directory.Exists(Variables[Settings.Results.Name]) ? Directory.GetFiles(Variables[Settings.Results.Name], pattern).Length : 0;

    private bool UpstreamReachable()
    {
        using var http = new HttpClient();
        return bool.Parse(http.GetStringAsync(new Uri(new Uri(Twin.Variables[Settings.TwinUrl.Name]), "_standin/upstream/reachable"), Cancel).GetAwaiter().GetResult());
    }

    private static Task<bool> UntilAsync(string what, Func<bool> reached) => Eventually.Default.ReachAsync(
        what, _ => Task.FromResult(reached()), there => there ? "there" : "not yet", there => there, new Wait("there", TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(50)), Cancel);
}
