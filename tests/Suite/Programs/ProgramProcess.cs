using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Acceptance.Tests.Suite.Programs;

/// <summary>A hosted program, run as a container is: with the variables that it is given, and no other.</summary>
internal sealed class ProgramProcess : IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly StringBuilder _printed = new();
    private readonly StringBuilder _errors = new();

    private ProgramProcess(Process process) => _process = process;

    /// <param name="program">Name of the program.</param>
    /// <param name="folder">Where its files are; null for where they are shipped.</param>
    public static ProgramProcess Start(string program, IReadOnlyDictionary<string, string> variables, IReadOnlyList<string> arguments, string? folder = null)
    {
        folder ??= FolderOf(program);
        var start = new ProcessStartInfo("dotnet", [$"Acceptance.{program}.dll", .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        var running = new ProgramProcess(new Process { StartInfo = start });
        running._process.OutputDataReceived += (_, line) => running.Take(line.Data);
        running._process.ErrorDataReceived += (_, line) => running._errors.Append(line.Data is null ? "" : line.Data + "\n");
        running._process.Start();
        running._process.BeginOutputReadLine();
        running._process.BeginErrorReadLine();
        return running;
    }

    public static string FolderOf(string program) => Path.Combine(AppContext.BaseDirectory, "programs", program);

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The next line on stdout with these words.</summary>
    public async Task<string> LineAsync(string words)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        time.CancelAfter(Longest);
        await foreach (var line in _lines.Reader.ReadAllAsync(time.Token))
        {
            if (line.Contains(words, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"The program ended with {_process.ExitCode} and never said '{words}'. It said:\n{_printed}\n{_errors}");
    }

    public async Task<ProgramRun> EndAsync()
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        time.CancelAfter(Longest);
        await _process.WaitForExitAsync(time.Token);
        return new ProgramRun(_process.ExitCode, _printed.ToString(), _errors.ToString());
    }

    /// <summary>SIGTERM, as Cloud Run ends a container.</summary>
    public async Task<ProgramRun> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        return await EndAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            _lines.Writer.Complete();
            return;
        }

        _printed.Append(line).Append('\n');
        _lines.Writer.TryWrite(line);
    }
}

/// <summary>How a program ended.</summary>
internal sealed record ProgramRun(int ExitCode, string Printed, string Errors)
{
    /// <summary>Its lines of JSON.</summary>
    public IReadOnlyList<JsonNode> Lines => [.. Printed.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)!)];

    /// <summary>What the last line says.</summary>
    public JsonNode Last => Lines[^1];
}
