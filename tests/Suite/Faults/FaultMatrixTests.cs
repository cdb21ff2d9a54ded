using Acceptance.StandIns.Faults;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Requirements;

namespace Acceptance.Tests.Suite.Faults;

[Collection(FaultMatrixAlone.Name)]
public sealed class FaultMatrixTests(FaultMatrixRun matrix) : IClassFixture<FaultMatrixRun>
{
    public static TheoryData<string> Faults => [.. FaultMatrix.Entries.Select(entry => entry.Fault)];

    public static TheoryData<string, string> FaultsElsewhere => [.. FaultMatrix.Entries.SelectMany(entry => entry.Also.Select(also => (entry.Fault, also.Project)))];

    public static TheoryData<string> Projects => [.. AcceptanceProjects.Names];

    [Fact]
    public void Every_fault_of_the_twin_has_an_entry()
    {
        // A system that no category demonstrates yet has its faults met by Suite tests of its own.
        var demonstrated = Twin.KnownFaults.Where(fault => AcceptanceProjects.Of(fault.System) is not null && !FaultMatrix.OfNoRequirement.ContainsKey(fault.Id));
        FaultMatrix.Entries.Select(entry => entry.Fault).Should().BeEquivalentTo(demonstrated.Select(fault => fault.Id));
        FaultMatrix.Entries.Should().OnlyContain(entry => entry.Red.Count > 0 && entry.Says.Length > 0);
    }

    [Theory, MemberData(nameof(Projects))]
    public void Without_a_fault_all_is_green(string project)
    {
        var run = matrix.Without(project).Run;

        run.Messages.Should().BeEmpty();
        run.ExitCode.Should().Be(0, "{0}", run.Output);
        run.Folder.Results().Should().HaveCountGreaterThan(30, "a run that runs nothing is green too");
    }

    [Theory, MemberData(nameof(Faults))]
    public void A_fault_turns_its_requirements_red_and_is_named(string fault)
    {
        var entry = FaultMatrix.Entries.Single(entry => entry.Fault == fault);

        IsRed(matrix.Of(fault), entry.Red, entry.Says);
    }

    [Theory, MemberData(nameof(FaultsElsewhere))]
    public void It_turns_what_leans_on_its_system_in_another_project_red(string fault, string project)
    {
        var entry = FaultMatrix.Entries.Single(entry => entry.Fault == fault);
        var elsewhere = entry.Also.Single(also => also.Project == project);

        AcceptanceProjects.Of(FaultMatrix.Fault(fault).System).Should().NotBe(project, "the rows of its own project are in 'red'");
        elsewhere.Red.Should().NotBeEmpty("without rows the whole project would be run");
        IsRed(matrix.Of(fault, project), elsewhere.Red, elsewhere.Says);
    }

    [Fact]
    public void An_unknown_fault_is_refused_with_those_known()
    {
        var switching = () => new FaultSwitches(Twin.KnownFaults).SwitchOn("N99");

        switching.Should().Throw<UnknownFaultException>().WithMessage("No stand-in shows a fault 'N99'. Known: *N1, N2, N3,*");
    }

    private static void IsRed(FaultResult result, List<string> red, string says)
    {
        says.Should().NotBeEmpty();
        result.Hits.Should().BePositive("a red test proves something only if its fault was met");
        result.Run.Broken.Should().BeEmpty("a wrong platform is no defect of the suite");
        result.Run.Red.Should().Equal(red.Order(StringComparer.Ordinal), "{0}", string.Join("\n\n", result.Run.Messages));
        result.Run.Messages.Should().Contain(message => message.Contains(says, StringComparison.OrdinalIgnoreCase));
        result.Run.Failures.Should().NotBeEmpty().And.OnlyContain(message => message.Contains("Since    : ") && message.Contains("Evidence : "));
    }
}
