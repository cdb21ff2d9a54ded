using System.CommandLine;
using Acceptance.StandIns.Faults;
using Acceptance.StandIns.Hosting;
using Spectre.Console;

namespace Acceptance.Recette.Commands;

/// <summary><c>recette twin</c>: the platform's twin, for as long as it is wanted.</summary>
internal static class TwinCommand
{
    // Room above the first port for the stand-ins that follow it.
    private const int HighestFirstPort = 65000;

    // A minute is longer than any client waits.
    private const int HighestLatency = 60_000;

    // A day, as ACCEPTANCE_TWIN_PROVISIONING allows.
    private const int HighestProvisioning = 86_400_000;

    public static Command Create(CommandSurroundings surroundings)
    {
        var port = new Option<int?>("--port") { Description = "Port of the first stand-in, the next ones following it. Default free ports.", HelpName = "P" };
        var export = new Option<string>("--export")
        {
            Description = "Writes the variables that point the lab and run profiles at this twin, as a file to source in a shell. It holds the twin's passwords, so only its owner may read it.",
            HelpName = "FILE",
        };
        var faults = new Option<string[]>("--fault") { Description = "Faults that are on from the start, such as N1.", HelpName = "ID", AllowMultipleArgumentsPerToken = true };
        var latency = new Option<int>("--latency") { Description = "Milliseconds added before every answer.", HelpName = "MS" };
        var provisioning = new Option<int>("--provisioning") { Description = "Milliseconds that it takes to make something ready, such as the instance of a job.", HelpName = "MS" };
        var traffic = new Option<string>("--traffic") { Description = "Appends every exchange to FILE as a JSON line, for the contract checker.", HelpName = "FILE" };
        var docker = new Option<bool>("--docker") { Description = "Runs the containers of Cloud Run in Docker, not as processes of this machine." };
        Within(port, 1, HighestFirstPort);
        Within(latency, 0, HighestLatency);
        Within(provisioning, 0, HighestProvisioning);
        var command = new Command("twin", "Starts every stand-in of the platform on loopback, prints where each listens, and runs until Ctrl+C.")
        {
            port, export, faults, latency, provisioning, docker, traffic,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var options = new TwinOptions
            {
                FirstPort = parsed.GetValue(port),
                Latency = TimeSpan.FromMilliseconds(parsed.GetValue(latency)),
                Provisioning = TimeSpan.FromMilliseconds(parsed.GetValue(provisioning)),
                ContainersIn = parsed.GetValue(docker) ? ContainerRuntimeKind.Docker : ContainerRuntimeKind.HostProcesses,
                TrafficFile = Appendable(parsed.GetValue(traffic), surroundings.WorkingDirectory),
                Clock = surroundings.Clock,
            };
            await using var twin = await StartAsync(options, parsed.GetValue(faults) ?? [], cancel);
            Show(surroundings.Console, twin);
            if (parsed.GetValue(export) is { } file)
            {
                var written = TwinExport.Write(Path.GetFullPath(file, surroundings.WorkingDirectory), twin.Variables);
                surroundings.Console.Profile.Out.Writer.WriteLine($"Variables: {written}   (source it: . {written})");
            }

            surroundings.Console.WriteLine("Ctrl+C stops it.");
            await UntilCancelledAsync(cancel);
            return 0;
        });
        return command;
    }

    private static async Task<Twin> StartAsync(TwinOptions options, IReadOnlyList<string> faults, CancellationToken cancel)
    {
        Twin twin;
        try
        {
            twin = await Twin.StartAsync(options, cancel);
        }
        catch (TwinException exception)
        {
            throw new RecetteException(exception.Message, exception);
        }

        foreach (var id in faults)
        {
            try
            {
                twin.Faults.SwitchOn(id);
            }
            catch (UnknownFaultException exception)
            {
                var near = Nearest.Sentence(id, twin.Faults.All.Select(fault => fault.Id));
                await twin.DisposeAsync();
                throw new RecetteException($"{exception.Message}{near}", exception);
            }
        }

        return twin;
    }

    private static void Show(IAnsiConsole console, Twin twin)
    {
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumns("System", "Environment", "Address");
        foreach (var endpoint in twin.Endpoints)
        {
            table.AddRow(Markup.Escape(endpoint.System), endpoint.Environment ?? "shared", Markup.Escape(endpoint.Address.AbsoluteUri));
        }

        console.Write(table);
        console.WriteLine($"Control plane, for the whole twin: {new Uri(twin.Endpoints[0].Address, "_standin/")}");
        console.WriteLine("  GET health   GET faults   PUT|DELETE faults/ID   PUT latency/MS   PUT provisioning/MS   POST reset");
        var on = twin.Faults.All.Where(fault => twin.Faults.IsOn(fault.Id)).ToList();
        console.WriteLine($"{twin.Faults.All.Count} faults, {(on.Count == 0 ? "none on" : $"on: {string.Join(", ", on.Select(fault => fault.Id))}")}.");
    }

    private static async Task UntilCancelledAsync(CancellationToken cancel)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var _ = cancel.Register(stopped.SetResult);
        await stopped.Task;
    }

    private static string? Appendable(string? file, string workingDirectory)
    {
        if (file is null)
        {
            return null;
        }

        var path = Path.GetFullPath(file, workingDirectory);
        try
        {
            using var stream = new FileStream(path, FileMode.Append);
            return path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RecetteException($"--traffic '{path}' cannot be written: {exception.Message}", exception);
        }
    }

    private static void Within<T>(Option<T> option, int lowest, int highest) => option.Validators.Add(result =>
    {
        if (result.Tokens is [{ Value: var text }] && int.TryParse(text, out var value) && (value < lowest || value > highest))
        {
            result.AddError($"{option.Name} {value} is not between {lowest} and {highest}.");
        }
    });
}
