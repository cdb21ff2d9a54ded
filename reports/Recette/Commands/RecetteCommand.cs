using System.CommandLine;
using System.CommandLine.Parsing;
using Acceptance.Platform.Requirements;
using Acceptance.Platform.Results;
using Acceptance.Recette.Verdicts;

namespace Acceptance.Recette.Commands;

/// <summary>The <c>recette</c> command: its verbs, and what becomes of what they cannot do.</summary>
internal static class RecetteCommand
{
    // Ctrl+C leaves a campaign the time to end its test processes and to write its report.
    private static readonly TimeSpan ReportAfterInterruption = TimeSpan.FromSeconds(60);

    /// <returns>See <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CommandSurroundings surroundings)
    {
        var root = Create(surroundings);
        var parsed = root.Parse(arguments);
        var invocation = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = ReportAfterInterruption,
            Output = surroundings.Console.Profile.Out.Writer,
            Error = surroundings.Error,
        };
        if (parsed.Errors.Count > 0)
        {
            await parsed.InvokeAsync(invocation);
            return (int)ExitCode.Unusable;
        }

        if (parsed.CommandResult.Command != root && parsed.RootCommandResult.Children.OfType<OptionResult>().FirstOrDefault(option => !option.Implicit) is { } early)
        {
            return Unusable(surroundings, $"{early.Option.Name} goes after the verb, or belongs to 'run'.");
        }

        try
        {
            return await parsed.InvokeAsync(invocation);
        }
        catch (Exception exception) when (exception is RecetteException or ResultsFolderException or RequirementCatalogueException)
        {
            return Unusable(surroundings, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Unusable(surroundings, $"A file cannot be read or written: {exception.Message}");
        }
    }

    private static RootCommand Create(CommandSurroundings surroundings)
    {
        var root = new RootCommand(
            "Acceptance campaigns of the MLOps platform. Without a verb: run.\n\n"
            + "Exit codes: 0 accepted, with or without reserves, or a rehearsal on the twin in which all that ran was demonstrated; "
            + "1 refused, a rehearsal in which something was not, or no test ran; "
            + "2 the command line, the configuration or the results cannot be used; "
            + "3 adjourned.");
        root.HelpName = "recette";
        RunCommand.Describe(root, surroundings);
        root.Subcommands.Add(RunCommand.Create(surroundings));
        root.Subcommands.Add(ReportCommand.Create(surroundings));
        root.Subcommands.Add(DoctorCommand.Create(surroundings));
        root.Subcommands.Add(TwinCommand.Create(surroundings));
        root.Subcommands.Add(JanitorCommand.Create(surroundings));
        return root;
    }

    private static int Unusable(CommandSurroundings surroundings, string message)
    {
        surroundings.Error.WriteLine($"recette: {message.ReplaceLineEndings(" ")}");
        return (int)ExitCode.Unusable;
    }
}
