using Acceptance.Platform.Profiles;
using Acceptance.Platform.Requirements;
using Acceptance.Platform.Results;
using Acceptance.Recette.Campaigns;
using Acceptance.Recette.Verdicts;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.Recette;

/// <summary>Campaigns of shell scripts that copy prepared results to where a test program writes its own.</summary>
public sealed class CampaignRunTests : IDisposable
{
    private const string CopyThen = "cp \"$PREPARED\"/* \"$ACCEPTANCE_RESULTS\"/; ";

    private readonly ScratchFolder _scratch = new();
    private readonly FakeTimeProvider _clock = new(ResultsOfOneProcess.Start);

    [Fact]
    public async Task A_program_that_ends_well_leaves_nothing_but_its_results()
    {
        Prepared().With("NX-01", Lab, TestOutcome.Passed).Ended();

        var (verdict, progress) = await Run([("Nexus", CopyThen + "exit 0")], Cancel);

        verdict.Errors.Should().BeEmpty();
        progress.Categories.Single().Should().BeEquivalentTo(new { Category = "Nexus", Planned = 1, Outcomes = new[] { TestOutcome.Passed } });
    }

    [Fact]
    public async Task A_program_that_dies_is_told_with_its_code_and_its_last_lines()
    {
        Prepared().With("NX-01", Lab, TestOutcome.Passed).Planned("NX-02", Lab).Killed();

        var (verdict, _) = await Run([("Nexus", CopyThen + "echo memory corrupted; exit 134")], Cancel);

        verdict.Errors.Should().Contain("Le processus de test Nexus est mort avec le code 134 (journal : logs/Nexus.log). Dernières lignes :\nmemory corrupted");
        verdict.Errors.Should().Contain(error => error.StartsWith("Le processus p1 (catégorie Nexus"));
        verdict.Requirements.Single(row => row.Id == "NX-02" && row.Environment == Lab).Tests.Single().Outcome.Should().Be(TestOutcome.NotRun);
    }

    [Fact]
    public async Task A_program_that_announces_no_test_is_told()
    {
        var (verdict, _) = await Run([("Nexus", "exit 0")], Cancel);

        verdict.Errors.Should().Equal("Le processus de test Nexus s'est terminé sans annoncer aucun test (journal : logs/Nexus.log).");
    }

    [Fact]
    public async Task Interrupted_it_keeps_what_is_finished_and_says_what_was_not_started()
    {
        Prepared().With("NX-01", Lab, TestOutcome.Passed).Planned("NX-02", Lab).Killed();
        using var interruption = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var campaign = Run(
            [("Nexus", CopyThen + "touch \"$ACCEPTANCE_RESULTS\"/copied; sleep 600"), ("Harbor", "sleep 600"), ("Airflow", "sleep 600")], interruption.Token);
        while (!File.Exists(Path.Combine(_scratch.Path, "out", "c", "results", "copied")))
        {
            await Task.Yield();
        }

        await interruption.CancelAsync();
        var (verdict, _) = await campaign;

        verdict.Errors.Should().Contain("Campagne interrompue par son opérateur. Arrêtées en cours : Nexus, Harbor. Non lancées : Airflow.");
        verdict.Requirements.Single(row => row.Id == "NX-01" && row.Environment == Lab).Verdict.Should().Be(RequirementOutcome.Demonstrated);
        verdict.Requirements.Single(row => row.Id == "NX-02" && row.Environment == Lab).Verdict.Should().Be(RequirementOutcome.Blocked);
    }

    public void Dispose() => _scratch.Dispose();

    private static EnvironmentName Lab => EnvironmentName.Lab;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ResultsOfOneProcess Prepared() => new(_scratch.File("prepared"));

    private async Task<(Verdict Verdict, CampaignProgress Progress)> Run((string Category, string Script)[] programs, CancellationToken cancel)
    {
        var folder = CampaignFolder.Create(_scratch.File("out"), "c");
        var run = new CampaignRun(
            [.. programs.Select(program => new TestProgram(program.Category, "/bin/sh", ["-c", program.Script]))],
            new Dictionary<string, string> { ["PREPARED"] = _scratch.File("prepared") },
            folder,
            _clock);
        await run.RunAsync(cancel);
        run.Progress.Refresh();
        return (new CampaignJoin(RequirementCatalogue.Current, _clock).Join(folder.Id, [JoinedFolder.Read(folder.Results)]), run.Progress);
    }
}
