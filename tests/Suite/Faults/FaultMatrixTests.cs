using Acceptance.StandIns.Faults;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Requirements;

namespace Acceptance.Tests.Suite.Faults;

/// <summary>The matrix but for what starts containers, which is in <see cref="FaultMatrixAloneTests"/>; and what holds of all of it.</summary>
public sealed class FaultMatrixTests(FaultMatrixRunBesideOthers matrix) : IClassFixture<FaultMatrixRunBesideOthers>
{
    public static TheoryData<string> Faults => [.. FaultMatrix.Entries.Select(entry => entry.Fault).Except(FaultMatrixAloneTests.Faults.Select(row => row.Data))];

    public static TheoryData<string> Projects => [.. AcceptanceProjects.Names.Except(FaultMatrixAlone.Projects)];

    [Fact]
    public void Every_fault_of_the_twin_has_an_entry()
    {
        // A system that no category demonstrates yet has its faults met by Suite tests of its own.
        var demonstrated = Twin.KnownFaults.Where(fault => AcceptanceProjects.Of(fault.System) is not null && !FaultMatrix.OfNoRequirement.ContainsKey(fault.Id));
        FaultMatrix.Entries.Select(entry => entry.Fault).Should().BeEquivalentTo(demonstrated.Select(fault => fault.Id));
        FaultMatrix.Entries.Should().OnlyContain(entry => entry.Red.Count > 0 && entry.Says.Length > 0);
    }

    [Fact]
    public void Rows_of_other_projects_are_named_and_are_run_with_the_fault()
    {
        // The others' table has no place for them.
        FaultMatrix.Entries.Where(entry => entry.Also.Count > 0).Should().NotBeEmpty().And.OnlyContain(entry => FaultMatrixAlone.Projects.Contains(FaultMatrix.ProjectOf(entry)));
        FaultMatrix.Entries.SelectMany(entry => entry.Also.Select(also => (Own: FaultMatrix.ProjectOf(entry), also))).Should()
            .OnlyContain(one => one.Own != one.also.Project && one.also.Red.Count > 0 && one.also.Says.Length > 0, "the rows of its own project are in 'red', and without rows all of the other's would be run");
    }

    [Theory, MemberData(nameof(Projects))]
    public void Without_a_fault_all_is_green(string project) => matrix.MustBeGreen(project);

    [Theory, MemberData(nameof(Faults))]
    public void A_fault_turns_its_requirements_red_and_is_named(string fault) => matrix.MustBeRed(fault);

    [Fact]
    public void An_unknown_fault_is_refused_with_those_known()
    {
        var switching = () => new FaultSwitches(Twin.KnownFaults).SwitchOn("N99");

        switching.Should().Throw<UnknownFaultException>().WithMessage("No stand-in shows a fault 'N99'. Known: *N1, N2, N3,*");
    }
}
