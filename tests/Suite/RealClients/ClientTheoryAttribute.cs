using System.Runtime.CompilerServices;
using Xunit.v3;

namespace Acceptance.Tests.Suite.RealClients;

/// <summary>The same as <see cref="ClientFactAttribute"/>, with data.</summary>
[XunitTestCaseDiscoverer(typeof(TheoryDiscoverer))]
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClientTheoryAttribute : TheoryAttribute
{
    /// <param name="client">The client; the compiler gives the place.</param>
    public ClientTheoryAttribute(OfficialClient client, [CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) =>
        (Skip, Timeout) = (RequiredClient.Of(client).NotDeclared(RequiredClient.Declared), ClientFactAttribute.Milliseconds);
}
