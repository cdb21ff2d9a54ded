using Acceptance.Platform.Profiles;
using Acceptance.Tests.Suite.RealClients;
using CliWrap;

namespace Acceptance.Tests.Suite.Contracts;

/// <summary>The program that holds recorded traffic against the official descriptions of the systems' APIs.</summary>
internal static class ContractChecker
{
    /// <summary>Why a test of the contracts is not run; null where a checker is declared.</summary>
    public static string? NotDeclared(string? path) =>
        path is null ? $"{Settings.SuiteContracts.Name} declares no contract checker." : null;

    /// <summary>Checks a file of recorded exchanges.</summary>
    /// <exception cref="FileNotFoundException">The checker was declared, and is not there.</exception>
    public static Task<ClientRun> CheckAsync(string? checker, string traffic, CancellationToken cancellationToken) => File.Exists(checker)
        ? ClientRun.OfAsync(Cli.Wrap(RequiredClient.Python).WithArguments([checker, traffic]), cancellationToken)
        : throw new FileNotFoundException($"{Settings.SuiteContracts.Name} declares the contract checker '{checker}', and there is no such file.", checker);
}
