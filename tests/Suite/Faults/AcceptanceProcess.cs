using System.Diagnostics;
using System.Xml.Linq;
using Acceptance.Platform.Profiles;
using Acceptance.Platform.Results;
using CliWrap;
using CliWrap.Buffered;

namespace Acceptance.Tests.Suite.Faults;

/// <summary>An acceptance test program, run as a user runs it: in a process of its own, configured by variables.</summary>
internal static class AcceptanceProcess
{
    /// <summary>The program of a project, of the configuration that this one was built with.</summary>
    public static string Program(string project) => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", project, Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), $"Acceptance.Tests.{project}.dll"));

    /// <summary>Runs a project's tests and returns where their results are, and what the process said.</summary>
    /// <param name="project">Name of the test project.</param>
    /// <param name="variables">Over those of the profile's runsettings. Results and ledger go to a new folder where they do not say.</param>
    /// <param name="profile">Name of the runsettings file.</param>
    /// <param name="arguments">Of xunit's own command line.</param>
    public static async Task<AcceptanceRun> RunAsync(
        string project, IReadOnlyDictionary<string, string> variables, string profile = "offline", IReadOnlyList<string>? arguments = null, CancellationToken cancellationToken = default)
    {
        var environment = Environment(variables, profile);
        var result = await Command(project, environment, arguments).ExecuteBufferedAsync(cancellationToken);
        return new AcceptanceRun(result.ExitCode, result.StandardOutput + result.StandardError, new ResultsFolder(environment[Platform.Profiles.Settings.Results.Name]!));
    }

    /// <summary>Runs a project's tests and returns what the process said, where its results may have no folder.</summary>
    public static async Task<string> OutputAsync(string project, IReadOnlyDictionary<string, string> variables, string profile, CancellationToken cancellationToken)
    {
        var result = await Command(project, Environment(variables, profile), null).ExecuteBufferedAsync(cancellationToken);
        return result.StandardOutput + result.StandardError;
    }

    /// <summary>Starts a project's tests with the offline profile, for somebody who will end them.</summary>
    public static Process Start(string project, IReadOnlyDictionary<string, string> variables, IReadOnlyList<string>? arguments = null)
    {
        // What a shell starts in the background ignores Ctrl+C, and what that starts does too.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", "exec", Program(project), .. arguments ?? ["-noLogo"]]) { RedirectStandardOutput = true };
        foreach (var (name, value) in Environment(variables, "offline"))
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private static Command Command(string project, Dictionary<string, string?> environment, IReadOnlyList<string>? arguments) => Cli.Wrap("dotnet")
        .WithArguments(["exec", Program(project), .. arguments ?? ["-noLogo"]])
        .WithEnvironmentVariables(environment)
        .WithValidation(CommandResultValidation.None);

    private static Dictionary<string, string?> Environment(IReadOnlyDictionary<string, string> variables, string profile)
    {
        // Nothing of this process's own settings may reach the other.
        var environment = Variables.Read().Keys.ToDictionary(name => name, _ => (string?)null);
        foreach (var (name, value) in Settings(profile).Concat(variables.Select(variable => new KeyValuePair<string, string?>(variable.Key, variable.Value))))
        {
            environment[name] = value;
        }

        environment.TryAdd(Platform.Profiles.Settings.Results.Name, null);
        environment.TryAdd(Platform.Profiles.Settings.Ledger.Name, null);
        var folder = RepositoryRoot.Resolve(Path.Combine("artifacts", "suite-runs", Guid.NewGuid().ToString("N")));
        environment[Platform.Profiles.Settings.Results.Name] ??= folder;
        environment[Platform.Profiles.Settings.Ledger.Name] ??= Path.Combine(folder, "ledger");
        return environment;
    }

    private static Dictionary<string, string?> Settings(string profile) => XDocument.Load(
            RepositoryRoot.Resolve(Path.Combine("runsettings", $"{profile}.runsettings")))
        .Descendants("EnvironmentVariables").Elements().ToDictionary(element => element.Name.LocalName, element => (string?)element.Value);
}

/// <summary>A finished run of a test program.</summary>
internal sealed record AcceptanceRun(int ExitCode, string Output, ResultsFolder Folder)
{
    /// <summary>Requirements of which a test did not pass, in order.</summary>
    public IReadOnlyList<string> Red => [.. Folder.Results().Where(IsRed).SelectMany(result => result.LabelValues(AllureLabel.Exigence)).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Tests that ended as a defect of the suite, each with what it said.</summary>
    public IReadOnlyList<string> Broken => [.. Folder.Results().Where(result => result.Outcome == TestOutcome.Broken).Select(result => $"{result.Name}: {result.StatusDetails?.Message}")];

    /// <summary>What the tests that did not pass said.</summary>
    public IReadOnlyList<string> Messages => [.. Folder.Results().Where(IsRed).Select(result => result.StatusDetails?.Message ?? "")];

    /// <summary>What the tests said that found the platform wrong; those that were blocked by them say only why.</summary>
    public IReadOnlyList<string> Failures => [.. Folder.Results().Where(result => result.Outcome == TestOutcome.Failed).Select(result => result.StatusDetails?.Message ?? "")];

    private static bool IsRed(AllureResult result) => result.Outcome is not (TestOutcome.Passed or TestOutcome.Skipped);
}
