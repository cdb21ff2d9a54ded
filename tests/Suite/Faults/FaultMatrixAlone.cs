namespace Acceptance.Tests.Suite.Faults;

/// <summary>
/// What has the machine to itself: xUnit runs a collection that may not be parallel after all others have ended. Where each test
/// starts containers, the limits of a user's run would have to be loose beside other tests.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FaultMatrixAlone
{
    public const string Name = "fault matrix of what starts containers";

    public static IReadOnlyList<string> Projects { get; } = ["CloudRun"];
}
