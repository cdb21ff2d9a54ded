using Acceptance.Platform.Profiles;
using Acceptance.Platform.Requirements;
using Acceptance.Platform.Results;
using Acceptance.Recette.Verdicts;
using static Acceptance.Platform.Requirements.Criticality;
using static Acceptance.Recette.Verdicts.ProposedDecision;

namespace Acceptance.Tests.Suite.Recette;

public sealed class DecisionRulesTests
{
    [Theory]
    [InlineData(Blocking, RequirementOutcome.Demonstrated, Accepted, ExitCode.Accepted)]
    [InlineData(Blocking, RequirementOutcome.Failed, Refused, ExitCode.Refused)]
    [InlineData(Blocking, RequirementOutcome.Blocked, Adjourned, ExitCode.Adjourned)]
    [InlineData(Blocking, RequirementOutcome.NotDemonstrated, Adjourned, ExitCode.Adjourned)]
    [InlineData(Blocking, RequirementOutcome.Waived, Accepted, ExitCode.Accepted)]
    [InlineData(Blocking, RequirementOutcome.NotApplicable, Accepted, ExitCode.Accepted)]
    [InlineData(Major, RequirementOutcome.Demonstrated, Accepted, ExitCode.Accepted)]
    [InlineData(Major, RequirementOutcome.Failed, AcceptedWithReserves, ExitCode.Accepted)]
    [InlineData(Major, RequirementOutcome.Blocked, AcceptedWithReserves, ExitCode.Accepted)]
    [InlineData(Major, RequirementOutcome.NotDemonstrated, AcceptedWithReserves, ExitCode.Accepted)]
    [InlineData(Major, RequirementOutcome.Waived, Accepted, ExitCode.Accepted)]
    [InlineData(Major, RequirementOutcome.NotApplicable, Accepted, ExitCode.Accepted)]
    [InlineData(Minor, RequirementOutcome.Failed, Accepted, ExitCode.Accepted)]
    [InlineData(Minor, RequirementOutcome.Blocked, Accepted, ExitCode.Accepted)]
    [InlineData(Minor, RequirementOutcome.NotDemonstrated, Accepted, ExitCode.Accepted)]
    public void One_row_beside_a_demonstrated_one_decides(Criticality criticality, RequirementOutcome outcome, ProposedDecision proposed, ExitCode code)
    {
        var verdict = Verdict([Row(Blocking, RequirementOutcome.Demonstrated, TestOutcome.Passed), Row(criticality, outcome, TestOutcome.Passed)]);

        verdict.Decision.Proposed.Should().Be(proposed);
        ExitCodes.Of(verdict).Should().Be(code);
    }

    [Fact]
    public void A_failed_blocking_row_outweighs_one_that_is_not_demonstrated()
    {
        var verdict = Verdict([Row(Blocking, RequirementOutcome.NotDemonstrated), Row(Blocking, RequirementOutcome.Failed, TestOutcome.Failed)]);

        verdict.Decision.Proposed.Should().Be(Refused);
        verdict.Decision.Because.Should().Contain("Exigences bloquantes non conformes : X-1 (lab).")
            .And.Contain("Exigences bloquantes non démontrées ou bloquées : X-1 (lab).");
    }

    [Theory]
    [InlineData(TestOutcome.Passed, ExitCode.Accepted)]
    [InlineData(TestOutcome.Skipped, ExitCode.Accepted)]
    [InlineData(TestOutcome.Failed, ExitCode.Refused)]
    [InlineData(TestOutcome.Broken, ExitCode.Refused)]
    [InlineData(TestOutcome.Blocked, ExitCode.Refused)]
    [InlineData(TestOutcome.NotRun, ExitCode.Refused)]
    public void A_twin_is_a_rehearsal_whatever_it_shows(TestOutcome outcome, ExitCode code)
    {
        var verdict = Verdict(
            [Row(Blocking, RequirementOutcome.Demonstrated, TestOutcome.Passed), Row(Minor, RequirementOutcome.NotDemonstrated, outcome), Row(Blocking, RequirementOutcome.NotDemonstrated)],
            twin: true);

        verdict.Decision.Proposed.Should().Be(Rehearsal);
        verdict.Decision.Because.Should().HaveElementAt(0, "Résultats obtenus sur le jumeau : sans valeur de recette.");
        ExitCodes.Of(verdict).Should().Be(code);
    }

    [Fact]
    public void A_rehearsal_with_an_error_of_the_run_is_no_success()
    {
        ExitCodes.Of(Verdict([Row(Blocking, RequirementOutcome.Demonstrated, TestOutcome.Passed)], twin: true, errors: ["fixture"]))
            .Should().Be(ExitCode.Refused);
    }

    [Fact]
    public void A_process_that_ended_early_adjourns_what_would_be_accepted()
    {
        var verdict = Verdict([Row(Blocking, RequirementOutcome.Demonstrated, TestOutcome.Passed)], endedEarly: 1);

        verdict.Decision.Proposed.Should().Be(Adjourned);
        verdict.Decision.Because.Should().Contain("Campagne incomplète : 1 processus de test s'est arrêté avant la fin.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_campaign_in_which_no_test_ran_never_succeeds(bool twin)
    {
        var verdict = Verdict([Row(Major, RequirementOutcome.NotDemonstrated, TestOutcome.Skipped)], twin);

        ExitCodes.Of(verdict).Should().Be(ExitCode.Refused);
        verdict.Decision.Because.Should().Contain("Aucun test n'a été exécuté.");
    }

    [Fact]
    public void A_long_list_of_rows_is_cut_and_counted()
    {
        var verdict = Verdict([.. Enumerable.Repeat(Row(Blocking, RequirementOutcome.Failed, TestOutcome.Failed), 13)]);

        verdict.Decision.Because.Should().ContainSingle(sentence => sentence.EndsWith("X-1 (lab) et 3 autres.", StringComparison.Ordinal));
    }

    private static RequirementVerdict Row(Criticality criticality, RequirementOutcome outcome, params TestOutcome[] tests) => new(
        "X-1", "X", "Titre", criticality, EnvironmentName.Lab, outcome, null, [.. tests.Select(test => new TestReport("test", test, 1, null, []))], null);

    private static Verdict Verdict(RequirementVerdict[] rows, bool twin = false, int endedEarly = 0, string[]? errors = null)
    {
        var start = ResultsOfOneProcess.Start;
        return new Verdict(
            new CampaignSummary("c", "p", [EnvironmentName.Lab], start, start, twin, [], []),
            DecisionRules.Propose(rows, twin, endedEarly, errors?.Length ?? 0),
            rows,
            new Coverage([], CategoryCoverage.Of("total", "Total", rows)),
            [],
            errors ?? [],
            new EvidenceManifest("", []));
    }
}
