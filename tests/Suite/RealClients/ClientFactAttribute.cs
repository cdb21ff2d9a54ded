using System.Runtime.CompilerServices;

namespace Acceptance.Tests.Suite.RealClients;

/// <summary>A test that drives a real client: skipped where the client is not declared, bounded in time.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClientFactAttribute : FactAttribute
{
    /// <summary>Of a client that hangs: Google's Python commands need seconds to start, docker's engine compresses what it pushes, and all need more beside other tests.</summary>
    internal const int Milliseconds = 300_000;

    /// <param name="client">The client; the compiler gives the place.</param>
    public ClientFactAttribute(OfficialClient client, [CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) =>
        (Skip, Timeout) = (RequiredClient.Of(client).NotDeclared(RequiredClient.Declared), Milliseconds);
}
