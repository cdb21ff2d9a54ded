using Acceptance.Platform.Results;
using Acceptance.Recette.Verdicts;
using static Acceptance.Platform.Results.TestOutcome;
using static Acceptance.Recette.Verdicts.RequirementOutcome;

namespace Acceptance.Tests.Suite.Recette;

public sealed class VerdictRulesTests
{
    private static readonly RowFacts Live = new(EnvironmentJoined: true, CategoryJoined: true, Twin: false, NotProvoked: null);

    /// <summary>Every outcome alone, and with every other.</summary>
    public static TheoryData<TestOutcome, TestOutcome, RequirementOutcome> Pairs => new()
    {
        { Passed, Passed, Demonstrated },
        { Passed, TestOutcome.Failed, RequirementOutcome.Failed },
        { Passed, Broken, RequirementOutcome.Blocked },
        { Passed, Skipped, NotDemonstrated },
        { Passed, TestOutcome.Blocked, RequirementOutcome.Blocked },
        { Passed, NotRun, RequirementOutcome.Blocked },
        { TestOutcome.Failed, TestOutcome.Failed, RequirementOutcome.Failed },
        { TestOutcome.Failed, Broken, RequirementOutcome.Failed },
        { TestOutcome.Failed, Skipped, RequirementOutcome.Failed },
        { TestOutcome.Failed, TestOutcome.Blocked, RequirementOutcome.Failed },
        { TestOutcome.Failed, NotRun, RequirementOutcome.Failed },
        { Broken, Broken, RequirementOutcome.Blocked },
        { Broken, Skipped, RequirementOutcome.Blocked },
        { Broken, TestOutcome.Blocked, RequirementOutcome.Blocked },
        { Broken, NotRun, RequirementOutcome.Blocked },
        { Skipped, Skipped, NotDemonstrated },
        { Skipped, TestOutcome.Blocked, RequirementOutcome.Blocked },
        { Skipped, NotRun, RequirementOutcome.Blocked },
        { TestOutcome.Blocked, TestOutcome.Blocked, RequirementOutcome.Blocked },
        { TestOutcome.Blocked, NotRun, RequirementOutcome.Blocked },
        { NotRun, NotRun, RequirementOutcome.Blocked },
    };

    /// <summary>Every set of outcomes that a row's tests can have, the empty one left out.</summary>
    public static TheoryData<int> Sets => [.. Enumerable.Range(1, (1 << Enum.GetValues<TestOutcome>().Length) - 1)];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Two_outcomes_make_one_verdict(TestOutcome one, TestOutcome other, RequirementOutcome expected)
    {
        VerdictRules.Judge(Live, Tests(one, other)).Outcome.Should().Be(expected);
        VerdictRules.Judge(Live, Tests(other, one)).Outcome.Should().Be(expected);
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void No_set_of_outcomes_is_better_than_its_worst(int set)
    {
        TestOutcome[] outcomes = [.. Enum.GetValues<TestOutcome>().Where(outcome => (set & (1 << (int)outcome)) != 0)];

        foreach (var row in (RowFacts[])[Live, Live with { Twin = true }, Live with { NotProvoked = "coupure" }, Live with { NotProvoked = "coupure", Twin = true }])
        {
            var (outcome, reason) = VerdictRules.Judge(row, Tests(outcomes));

            (outcome == RequirementOutcome.Failed).Should().Be(outcomes.Contains(TestOutcome.Failed));
            (outcome == RequirementOutcome.Blocked).Should().Be(
                !outcomes.Contains(TestOutcome.Failed) && outcomes.Intersect([Broken, TestOutcome.Blocked, NotRun]).Any());
            (reason is null).Should().Be(outcome == Demonstrated, "only a demonstrated row needs no reason");
            if (outcome == Demonstrated)
            {
                outcomes.Should().Contain(Passed);
            }
        }
    }

    [Theory]
    [InlineData(false, NotApplicable, "Ne se provoque pas.")]
    [InlineData(true, NotDemonstrated, "tests non demandés par ce profil")]
    public void A_row_that_is_not_provoked_has_no_object_on_a_live_platform_only(bool twin, RequirementOutcome expected, string reason)
    {
        VerdictRules.Judge(Live with { NotProvoked = "Ne se provoque pas.", Twin = twin }, Tests(Skipped, Skipped)).Should().Be((expected, reason));
    }

    [Theory]
    [InlineData(false, true, "environnement hors de cette campagne")]
    [InlineData(false, false, "environnement hors de cette campagne")]
    [InlineData(true, false, "catégorie hors de cette campagne")]
    [InlineData(true, true, "aucun test de cette campagne ne la démontre")]
    public void A_row_without_a_test_is_not_demonstrated_and_says_why(bool environment, bool category, string reason)
    {
        VerdictRules.Judge(Live with { EnvironmentJoined = environment, CategoryJoined = category }, []).Should().Be((NotDemonstrated, reason));
    }

    [Theory]
    [InlineData(new[] { TestOutcome.Failed, Passed, Passed }, "1 test non conforme sur 3")]
    [InlineData(new[] { TestOutcome.Failed, TestOutcome.Failed }, "2 tests non conformes sur 2")]
    [InlineData(new[] { Broken, TestOutcome.Blocked, NotRun, NotRun }, "la suite a fait défaut (1 test), système injoignable (1 test bloqué), non exécuté (2 tests)")]
    [InlineData(new[] { Passed, Skipped }, "démontrée en partie : 1 test non demandé par ce profil sur 2")]
    public void The_reason_counts(TestOutcome[] outcomes, string reason) =>
        VerdictRules.Judge(Live, Tests(outcomes)).Reason.Should().Be(reason);

    private static TestReport[] Tests(params TestOutcome[] outcomes) => [.. outcomes.Select(outcome => new TestReport("test", outcome, 1, null, []))];
}
