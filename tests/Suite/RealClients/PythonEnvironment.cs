using Acceptance.Tests.Suite.RealClients;
using Acceptance.Tests.Suite.Recette;
using CliWrap;

[assembly: AssemblyFixture(typeof(PythonEnvironment))]

namespace Acceptance.Tests.Suite.RealClients;

/// <summary>One virtual environment for all tests that drive pip, made when the first of them asks, removed at the end.</summary>
public sealed class PythonEnvironment : IAsyncDisposable
{
    private readonly Lazy<Task<ScratchFolder>> _folder = new(CreateAsync);

    /// <summary>Runs pip with nothing of this machine's configuration: <c>--isolated</c> ignores every <c>PIP_…</c> variable.</summary>
    /// <exception cref="ClientMissingException">pip was declared, and is not there.</exception>
    public async Task<ClientRun> PipAsync(IEnumerable<string> arguments, CancellationToken cancellationToken) => await PythonAsync(
        ["-I", "-m", "pip", "--isolated", "--no-input", "--disable-pip-version-check", "--no-cache-dir", .. arguments], cancellationToken);

    /// <summary>What a line of Python prints, with the packages of a folder.</summary>
    public Task<ClientRun> EvaluateAsync(string packages, string expression, CancellationToken cancellationToken) => PythonAsync(
        ["-I", "-B", "-c", $"import sys; sys.path.insert(0, sys.argv[1]); {expression}", packages], cancellationToken);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_folder is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            (await _folder.Value).Dispose();
        }
    }

    private async Task<ClientRun> PythonAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var folder = await _folder.Value;
        return await ClientRun.OfAsync(
            Cli.Wrap(folder.File("bin/python")).WithArguments(arguments).WithEnvironmentVariables(variables => variables.Set("PIP_CONFIG_FILE", "/dev/null")),
            cancellationToken);
    }

    private static async Task<ScratchFolder> CreateAsync()
    {
        using var time = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await RequiredClient.Of(OfficialClient.Pip).MustBeThereAsync(time.Token);
        var folder = new ScratchFolder();
        try
        {
            await Cli.Wrap(RequiredClient.Python).WithArguments(["-I", "-m", "venv", folder.Path]).ExecuteAsync(time.Token);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }
}
