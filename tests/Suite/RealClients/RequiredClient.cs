using System.ComponentModel;
using Acceptance.Platform.Profiles;
using CliWrap;
using CliWrap.Buffered;

namespace Acceptance.Tests.Suite.RealClients;

/// <summary>A client that configuration says is there: what must run for that to be true, and how to install it.</summary>
/// <param name="Name">As the setting names it.</param>
/// <param name="Proofs">Commands that end with 0 where it is there.</param>
/// <param name="Install">What to do where it is not.</param>
internal sealed record RequiredClient(string Name, IReadOnlyList<string[]> Proofs, string Install)
{
    /// <summary>Debian's, so that no version manager's shim decides which pip is met.</summary>
    public const string Python = "/usr/bin/python3";

    public static IReadOnlyList<string> Declared => Names(Variables.Find(Settings.SuiteClients));

    public static RequiredClient Of(OfficialClient client) => client switch
    {
        OfficialClient.Pip => new("pip", [[Python, "-c", "import venv, ensurepip"]], "apt-get install python3-venv"),
        OfficialClient.R => new("r", [["Rscript", "--version"], ["make", "--version"], ["g++", "--version"]], "apt-get install r-base-dev"),
        OfficialClient.Skopeo => new(RealClients.Skopeo.Program, [[RealClients.Skopeo.Program, "--version"]], "apt-get install skopeo"),
        OfficialClient.Docker => new(RealClients.Docker.Program, [[RealClients.Docker.Program, "version"]], "apt-get install docker.io, start its engine, name its socket in DOCKER_HOST"),
        OfficialClient.DockerRegistry => new(RealClients.DockerRegistry.Program, [[RealClients.DockerRegistry.Program, "--version"]], "apt-get install docker-registry"),
        OfficialClient.Gcloud => new("gcloud", [[GoogleCloud.Gcloud.Program, "--version"]], "the package google-cloud-cli of Google's own repository, which machines of this kind bring"),
        OfficialClient.Gsutil => new("gsutil", [["gsutil", "--version"]], "the package google-cloud-cli of Google's own repository, which machines of this kind bring"),
        OfficialClient.Rclone => new("rclone", [["rclone", "--version"]], "apt-get install rclone"),
        OfficialClient.NodeStorage => new("node-storage", [["node", "--version"], ["npm", "--version"]], "apt-get install nodejs npm"),
        OfficialClient.Bq => new("bq", [[GoogleCloud.Bq.Program, "version"]], "the package google-cloud-cli of Google's own repository, which machines of this kind bring"),
        OfficialClient.NodeLogging => new("node-logging", [["node", "--version"], ["npm", "--version"]], "apt-get install nodejs npm"),
        OfficialClient.NodeRun => new("node-run", [["node", "--version"], ["npm", "--version"]], "apt-get install nodejs npm"),
        OfficialClient.NodeBigQuery => new("node-bigquery", [["node", "--version"], ["npm", "--version"]], "apt-get install nodejs npm"),
        _ => throw new ArgumentOutOfRangeException(nameof(client), client, null),
    };

    /// <summary>Why a test of this client is not run; null where it is declared.</summary>
    public string? NotDeclared(IReadOnlyList<string> declared) => declared.Contains(Name)
        ? null
        : $"{Settings.SuiteClients.Name} does not declare '{Name}': this test drives the real client.";

    /// <exception cref="ClientMissingException">It was declared, and is not there.</exception>
    public async Task MustBeThereAsync(CancellationToken cancellationToken)
    {
        foreach (var proof in Proofs)
        {
            if (await ProblemAsync(proof, cancellationToken) is { } problem)
            {
                throw new ClientMissingException(this, string.Join(' ', proof), problem);
            }
        }
    }

    public static IReadOnlyList<string> Names(string? value) =>
        value?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static async Task<string?> ProblemAsync(string[] proof, CancellationToken cancellationToken)
    {
        try
        {
            var run = await Cli.Wrap(proof[0]).WithArguments(proof[1..]).WithValidation(CommandResultValidation.None)
                .ExecuteBufferedAsync(cancellationToken);
            return run.ExitCode == 0 ? null : $"exit code {run.ExitCode}: {run.StandardError.Trim()}";
        }
        catch (Win32Exception)
        {
            return $"no program '{proof[0]}'";
        }
    }
}
