using CliWrap;
using CliWrap.Buffered;

namespace Acceptance.Tests.Suite.RealClients;

/// <summary>How a client ended.</summary>
/// <param name="Printed">What a script of ours, or the client, printed as its result.</param>
/// <param name="Output">Everything that it said.</param>
public sealed record ClientRun(int ExitCode, string Printed, string Output)
{
    /// <summary>Itself, where it ended well.</summary>
    public ClientRun Succeeded()
    {
        ExitCode.Should().Be(0, "{0}", Output);
        return this;
    }

    /// <summary>It ended with 1, and its reason has these words.</summary>
    public void FailedWith(string words)
    {
        ExitCode.Should().Be(1, "{0}", Output);
        // skopeo's logger quotes what it says.
        Output.Replace("\\\"", "\"", StringComparison.Ordinal).Should().Contain(words);
    }

    internal static async Task<ClientRun> OfAsync(Command command, CancellationToken cancellationToken)
    {
        var run = await command.WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(cancellationToken);
        return new ClientRun(run.ExitCode, run.StandardOutput.Trim(), run.StandardOutput + run.StandardError);
    }
}
