using System.Runtime.CompilerServices;
using Acceptance.Platform.Profiles;
using Acceptance.Tests.Suite.RealClients;

namespace Acceptance.Tests.Suite.Contracts;

/// <summary>A test that asks the contract checker: skipped where no checker is declared, bounded in time.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ContractFactAttribute : FactAttribute
{
    /// <summary>Used by the compiler, which gives the place.</summary>
    public ContractFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) =>
        (Skip, Timeout) = (ContractChecker.NotDeclared(Variables.Find(Settings.SuiteContracts)), ClientFactAttribute.Milliseconds);
}
