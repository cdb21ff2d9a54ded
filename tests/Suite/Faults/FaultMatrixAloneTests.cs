namespace Acceptance.Tests.Suite.Faults;

[Collection(FaultMatrixAlone.Name)]
public sealed class FaultMatrixAloneTests(FaultMatrixRunAlone matrix) : IClassFixture<FaultMatrixRunAlone>
{
    public static TheoryData<string> Faults => [.. FaultMatrix.EntriesOf(FaultMatrixAlone.Projects).Select(entry => entry.Fault)];

    public static TheoryData<string, string> FaultsElsewhere => [.. FaultMatrix.EntriesOf(FaultMatrixAlone.Projects).SelectMany(entry => entry.Also.Select(also => (entry.Fault, also.Project)))];

    public static TheoryData<string> Projects => [.. FaultMatrixAlone.Projects];

    [Theory, MemberData(nameof(Projects))]
    public void Without_a_fault_all_is_green(string project) => matrix.MustBeGreen(project);

    [Theory, MemberData(nameof(Faults))]
    public void A_fault_turns_its_requirements_red_and_is_named(string fault) => matrix.MustBeRed(fault);

    [Theory, MemberData(nameof(FaultsElsewhere))]
    public void It_turns_what_leans_on_its_system_in_another_project_red(string fault, string project) => matrix.MustBeRed(fault, project);
}
