using System.ComponentModel;
using System.Diagnostics;

namespace Acceptance.Recette.Campaigns;

/// <summary>One test program while it runs: its output goes to a log, and its last lines are remembered.</summary>
internal sealed class TestProcess(TestProgram program, IReadOnlyDictionary<string, string> variables, string log)
{
    private const int OutputRemembered = 10;

    // Longer, since a runtime that dies prints a stack after the cause.
    private const int ErrorRemembered = 25;

    private readonly Lock _lock = new();
    private readonly Queue<string> _lastOutput = new();
    private readonly Queue<string> _lastError = new();

    /// <summary>Runs it to its end; cancelled, ends it and everything that it started.</summary>
    public async Task<TestProcessEnd> RunAsync(CancellationToken cancel)
    {
        var start = new ProcessStartInfo(program.FileName, program.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        await using var writer = new StreamWriter(log) { NewLine = "\n", AutoFlush = true };
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Keep(writer, _lastOutput, OutputRemembered, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(writer, _lastError, ErrorRemembered, line.Data);
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            return new TestProcessEnd(program.Category, null, false, [$"{program.FileName}: {exception.Message}"]);
        }

        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancel);
            return End(process, killed: false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            return End(process, killed: true);
        }
    }

    private void Keep(StreamWriter writer, Queue<string> last, int remembered, string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lock)
        {
            writer.WriteLine(line);
            last.Enqueue(line);
            if (last.Count > remembered)
            {
                last.Dequeue();
            }
        }
    }

    private TestProcessEnd End(Process process, bool killed)
    {
        lock (_lock)
        {
            return new TestProcessEnd(program.Category, process.ExitCode, killed, [.. _lastOutput, .. _lastError]);
        }
    }
}

/// <summary>How a test program ended.</summary>
/// <param name="ExitCode">Null where it could not be started.</param>
/// <param name="Killed">The campaign was interrupted while it ran.</param>
/// <param name="LastLines">The last lines of its output, then those of its errors.</param>
internal sealed record TestProcessEnd(string Category, int? ExitCode, bool Killed, IReadOnlyList<string> LastLines)
{
    // xunit v3's in-process runner: 0 all passed, 1 a test failed; anything else is no end that a test program chooses.
    private const int SomeTestFailed = 1;

    /// <summary>True where it ended by itself, and not as a test program does.</summary>
    public bool Died => !Killed && ExitCode is null or < 0 or > SomeTestFailed;
}
