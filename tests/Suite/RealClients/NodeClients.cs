using System.Security.Cryptography;
using Acceptance.Platform.Profiles;
using Acceptance.Tests.Suite.RealClients;
using CliWrap;

[assembly: AssemblyFixture(typeof(NodeClients))]

namespace Acceptance.Tests.Suite.RealClients;

/// <summary>
/// Google's Node clients, as <c>node/package-lock.json</c> says, installed once into a folder of artifacts: when a test first asks,
/// and again when the lock changes.
/// </summary>
public sealed class NodeClients
{
    private static readonly string Scripts = RepositoryRoot.Resolve("tests/Suite/RealClients/node");
    private static readonly string Folder = RepositoryRoot.Resolve("artifacts/node-clients");

    private readonly Lazy<Task> _installed = new(InstallAsync);

    /// <summary>Runs a script of <c>node/</c>.</summary>
    /// <exception cref="ClientMissingException">Node was declared, and is not there.</exception>
    public async Task<ClientRun> RunAsync(string script, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        await _installed.Value.WaitAsync(cancellationToken);
        return await ClientRun.OfAsync(
            Cli.Wrap("node").WithArguments([Path.Combine(Scripts, script), .. arguments])
                .WithEnvironmentVariables(variables => variables.Set("NODE_PATH", Path.Combine(Folder, "node_modules")).Set("GOOGLE_APPLICATION_CREDENTIALS", null)),
            cancellationToken);
    }

    private static async Task InstallAsync()
    {
        using var time = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await RequiredClient.Of(OfficialClient.NodeStorage).MustBeThereAsync(time.Token);
        var wanted = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Scripts, "package-lock.json"), time.Token)));
        var mark = Path.Combine(Folder, "installed");
        if (File.Exists(mark) && await File.ReadAllTextAsync(mark, time.Token) == wanted)
        {
            return;
        }

        Directory.CreateDirectory(Folder);
        foreach (var file in new[] { "package.json", "package-lock.json" })
        {
            File.Copy(Path.Combine(Scripts, file), Path.Combine(Folder, file), overwrite: true);
        }

        await Cli.Wrap("npm").WithArguments(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).WithWorkingDirectory(Folder).ExecuteAsync(time.Token);
        await File.WriteAllTextAsync(mark, wanted, time.Token);
    }
}
