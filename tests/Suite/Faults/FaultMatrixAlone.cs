namespace Acceptance.Tests.Suite.Faults;

/// <summary>
/// What has the machine to itself: xUnit runs a collection that may not be parallel after all others have ended. The matrix
/// starts containers and holds what it times to the limits of a user's run, which beside other tests would have to be loose.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FaultMatrixAlone
{
    public const string Name = "fault matrix";
}
