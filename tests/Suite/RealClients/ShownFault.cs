using Acceptance.StandIns.Hosting;

namespace Acceptance.Tests.Suite.RealClients;

/// <summary>A fault that a twin shows until this is disposed.</summary>
internal sealed class ShownFault : IDisposable
{
    private readonly Twin _twin;
    private readonly string _id;

    public ShownFault(Twin twin, string id)
    {
        (_twin, _id) = (twin, id);
        twin.Faults.SwitchOn(id);
    }

    /// <summary>How often a client met it.</summary>
    public int Hits => _twin.Faults.Hits(_id);

    public void Dispose() => _twin.Faults.SwitchOff(_id);
}
