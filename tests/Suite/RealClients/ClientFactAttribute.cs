using System.Runtime.CompilerServices;

namespace Acceptance.Tests.Suite.RealClients;

/// <summary>A test that drives a real client: skipped where the client is not declared, bounded in time.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClientFactAttribute : FactAttribute
{
    /// <summary>Bounded; commands of Google's Python clients need seconds to start, docker's engine compresses what it pushes, and both need more beside other tests.</summary>
    internal static int Milliseconds(OfficialClient client) => client is OfficialClient.Gcloud or OfficialClient.Gsutil or OfficialClient.Bq or OfficialClient.Docker ? 300_000 : 90_000;

    /// <param name="client">The client; the compiler gives the place.</param>
    public ClientFactAttribute(OfficialClient client, [CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) =>
        (Skip, Timeout) = (RequiredClient.Of(client).NotDeclared(RequiredClient.Declared), Milliseconds(client));
}
