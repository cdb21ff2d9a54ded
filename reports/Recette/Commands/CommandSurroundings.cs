using Spectre.Console;

namespace Acceptance.Recette.Commands;

/// <summary>What a command holds in its hand: where it speaks, what time it is, where it was started.</summary>
/// <param name="Console">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="WorkingDirectory">What relative paths are relative to.</param>
internal sealed record CommandSurroundings(IAnsiConsole Console, TextWriter Error, TimeProvider Clock, string WorkingDirectory)
{
    // Wide enough for a requirement's title in a log of CI, which has no width of its own.
    private const int LogWidth = 160;

    /// <summary>Those of the process.</summary>
    public static CommandSurroundings OfThisProcess()
    {
        var console = AnsiConsole.Console;
        if (!console.Profile.Out.IsTerminal)
        {
            console.Profile.Width = LogWidth;
        }

        return new CommandSurroundings(console, System.Console.Error, TimeProvider.System, Directory.GetCurrentDirectory());
    }
}
