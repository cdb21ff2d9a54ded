using Acceptance.Platform.Profiles;
using Acceptance.Platform.Requirements;
using Acceptance.Platform.Results;
using Acceptance.Recette;
using Acceptance.Recette.Verdicts;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.Recette;

public sealed class CampaignJoinTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    [Fact]
    public void Every_row_of_the_catalogue_appears_in_each_of_its_environments()
    {
        var verdict = Join(new ResultsOfOneProcess(_scratch.Path).With("NX-01", EnvironmentName.Lab, TestOutcome.Passed).Ended());

        verdict.Requirements.Select(row => (row.Id, row.Environment)).Should().Equal(
            RequirementCatalogue.Current.All.SelectMany(row => row.Environments.Select(environment => (row.Id, environment))));
        Row(verdict, "NX-01", EnvironmentName.Lab).Verdict.Should().Be(RequirementOutcome.Demonstrated);
        Row(verdict, "NX-01", EnvironmentName.Run).Reason.Should().Be("aucun test de cette campagne ne la démontre");
        Row(verdict, "HA-01", EnvironmentName.Run).Reason.Should().Be("catégorie hors de cette campagne");
    }

    [Fact]
    public void An_environment_that_no_plan_demonstrates_is_outside_the_campaign()
    {
        var verdict = Join(new ResultsOfOneProcess(_scratch.Path) { Environments = [EnvironmentName.Lab] }.With("NX-01", EnvironmentName.Lab, TestOutcome.Passed).Ended());

        Row(verdict, "NX-01", EnvironmentName.Run).Should().BeEquivalentTo(
            new { Verdict = RequirementOutcome.NotDemonstrated, Reason = "environnement hors de cette campagne" });
    }

    [Fact]
    public void A_killed_process_leaves_its_tests_not_run_and_is_named()
    {
        var verdict = Join(new ResultsOfOneProcess(_scratch.Path)
            .With("NX-01", EnvironmentName.Lab, TestOutcome.Passed).Planned("NX-01", EnvironmentName.Run).Killed());

        Row(verdict, "NX-01", EnvironmentName.Lab).Verdict.Should().Be(RequirementOutcome.Demonstrated);
        var blocked = Row(verdict, "NX-01", EnvironmentName.Run);
        blocked.Verdict.Should().Be(RequirementOutcome.Blocked);
        blocked.Reason.Should().Be("non exécuté (1 test)");
        blocked.Tests.Single().Outcome.Should().Be(TestOutcome.NotRun);
        verdict.Errors.Should().Equal("Le processus p1 (catégorie Nexus, profil live) s'est arrêté avant la fin : 1 résultats sur 2 tests prévus.");
        verdict.Decision.Proposed.Should().Be(ProposedDecision.Adjourned);
    }

    [Fact]
    public void Of_a_test_run_twice_the_last_counts_and_the_other_is_told()
    {
        var verdict = Join(new ResultsOfOneProcess(_scratch.Path)
            .With("NX-01", EnvironmentName.Lab, TestOutcome.Failed, "502").Unplanned("NX-01", EnvironmentName.Lab, TestOutcome.Passed).Ended());

        var test = Row(verdict, "NX-01", EnvironmentName.Lab).Tests.Single();
        test.Outcome.Should().Be(TestOutcome.Passed);
        test.Message.Should().Be("Exécuté 2 fois, la dernière compte ; avant elle : non conforme.");
    }

    [Fact]
    public void The_same_test_in_two_folders_counts_in_both()
    {
        var verdict = Join(
            new ResultsOfOneProcess(_scratch.File("a"), process: "a").With("NX-01", EnvironmentName.Lab, TestOutcome.Failed).Ended(),
            new ResultsOfOneProcess(_scratch.File("b"), process: "b").With("NX-01", EnvironmentName.Lab, TestOutcome.Passed).Ended());

        var row = Row(verdict, "NX-01", EnvironmentName.Lab);
        row.Verdict.Should().Be(RequirementOutcome.Failed);
        row.Tests.Should().HaveCount(2);
    }

    [Fact]
    public void A_test_of_no_environment_counts_for_those_of_its_plan()
    {
        var verdict = Join(new ResultsOfOneProcess(_scratch.Path).With("NX-04", null, TestOutcome.Passed).Ended());

        Row(verdict, "NX-04", EnvironmentName.Lab).Verdict.Should().Be(RequirementOutcome.Demonstrated);
        Row(verdict, "NX-04", EnvironmentName.Run).Verdict.Should().Be(RequirementOutcome.Demonstrated);
    }

    [Theory]
    [InlineData(false, RequirementOutcome.NotApplicable)]
    [InlineData(true, RequirementOutcome.NotDemonstrated)]
    public void A_row_that_is_not_provoked_on_a_platform_carries_the_catalogues_reason(bool twin, RequirementOutcome expected)
    {
        var verdict = Join(new ResultsOfOneProcess(_scratch.Path) { Twin = twin }.With("NX-05", EnvironmentName.Lab, TestOutcome.Skipped).Ended());

        var row = Row(verdict, "NX-05", EnvironmentName.Lab);
        row.Verdict.Should().Be(expected);
        (row.Reason == RequirementCatalogue.Current.Find("NX-05")!.NotProvoked).Should().Be(!twin);
    }

    [Fact]
    public void A_result_that_reaches_no_row_is_told_as_an_error()
    {
        var verdict = Join(new ResultsOfOneProcess(_scratch.Path)
            .With("NX-99", EnvironmentName.Lab, TestOutcome.Passed).With("WS-01", EnvironmentName.Run, TestOutcome.Failed).Ended());

        verdict.Errors.Should().Equal(
            "Le test « NX-99 holds (Lab) » nomme l'exigence NX-99, que le catalogue ne connaît pas ; réussi.",
            "Le test « WS-01 holds (Run) » s'exécute dans run, où l'exigence WS-01 n'est pas demandée ; non conforme.");
    }

    [Fact]
    public void Evidence_that_is_named_and_missing_is_told_as_an_error()
    {
        var results = new ResultsOfOneProcess(_scratch.Path);
        var kept = results.Attach("kept");

        var verdict = Join(results
            .Unplanned("NX-01", EnvironmentName.Lab, TestOutcome.Passed, attachment: kept)
            .Unplanned("NX-01", EnvironmentName.Run, TestOutcome.Passed, attachment: new AllureAttachment("lost", "lost-attachment.txt", "text/plain")).Ended());

        verdict.Errors.Should().Equal("La preuve results/lost-attachment.txt du test « NX-01 holds (Run) » est absente du dossier de résultats.");
        Row(verdict, "NX-01", EnvironmentName.Lab).Tests.Single().Evidence[0].Should().Be(new EvidenceLink("kept", $"results/{kept.Source}"));
    }

    [Fact]
    public void An_empty_folder_is_a_campaign_of_nothing_dated_by_the_clock()
    {
        Directory.CreateDirectory(_scratch.Path);

        var verdict = Verdict(RequirementCatalogue.Current, [_scratch.Path]);

        verdict.Campaign.StartedAt.Should().Be(ResultsOfOneProcess.Start);
        verdict.Campaign.Profile.Should().BeNull();
        ExitCodes.Of(verdict).Should().Be(ExitCode.Refused);
    }

    [Fact]
    public void The_order_in_which_folders_are_given_changes_nothing()
    {
        var one = new ResultsOfOneProcess(_scratch.File("a"), process: "a").With("NX-01", EnvironmentName.Lab, TestOutcome.Failed, "one").Ended();
        var other = new ResultsOfOneProcess(_scratch.File("b"), process: "b").With("NX-01", EnvironmentName.Lab, TestOutcome.Failed, "other").Ended();

        VerdictFile.Write(Join(one, other)).Should().Equal(VerdictFile.Write(Join(other, one)));
    }

    [Fact]
    public void Two_folders_with_different_files_of_one_name_are_refused()
    {
        var one = new ResultsOfOneProcess(_scratch.File("a")).With("NX-01", EnvironmentName.Lab, TestOutcome.Passed).Ended();
        var other = new ResultsOfOneProcess(_scratch.File("b")).With("NX-01", EnvironmentName.Lab, TestOutcome.Failed).Ended();

        FluentActions.Invoking(() => Join(one, other)).Should().Throw<RecetteException>().WithMessage("*p1-001-result.json*cannot be joined*");
    }

    public void Dispose() => _scratch.Dispose();

    private static Verdict Join(params ResultsOfOneProcess[] processes) =>
        Verdict(RequirementCatalogue.Current, processes.Select(process => process.Path));

    private static Verdict Verdict(RequirementCatalogue catalogue, IEnumerable<string> folders) =>
        new CampaignJoin(catalogue, new FakeTimeProvider(ResultsOfOneProcess.Start)).Join("c", [.. folders.Select(JoinedFolder.Read)]);

    private static RequirementVerdict Row(Verdict verdict, string id, EnvironmentName environment) =>
        verdict.Requirements.Single(row => row.Id == id && row.Environment == environment);
}
