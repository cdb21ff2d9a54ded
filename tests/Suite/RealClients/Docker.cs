using System.Security.Cryptography;
using Acceptance.Platform.Harbor.Oci;
using Acceptance.Tests.Suite.Recette;
using CliWrap;

namespace Acceptance.Tests.Suite.RealClients;

/// <summary>
/// docker, with a configuration of its own, and the engine that already runs on this machine: it is never started here, and what is
/// made in it is removed at the end.
/// </summary>
/// <remarks>
/// An engine asks a registry for its authority in <c>/etc/docker/certs.d</c>, and asks none of what listens on loopback
/// (moby/moby, registry/config.go: 127.0.0.0/8), so nothing is written there.
/// </remarks>
internal sealed class Docker(ClientHarbor harbor) : IAsyncDisposable
{
    public const string Program = "docker";

    private static readonly TimeSpan Removal = TimeSpan.FromMinutes(1);

    private readonly ScratchFolder _configuration = new();
    private bool _isThere;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>An image of the twin, as docker names it.</summary>
    public string Image(string repository, string tag = "v1") => $"{harbor.Host}/{repository}:{tag}";

    public Task<ClientRun> LoginAsync(RegistryAccount account) =>
        RunAsync(["login", "--username", account.User, "--password-stdin", harbor.Host], PipeSource.FromString(account.Password), Cancel);

    /// <summary>Makes an image without a base, whose one layer has random bytes, and gives its id.</summary>
    /// <param name="size">A multiple of 512.</param>
    public async Task<string> ImportAsync(string image, long size)
    {
        var seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        var content = await OciImage.Build().WithRandomLayer(size, seed).BuildAsync(Cancel);
        await using var archive = content.Blobs[0].Source.Open();
        return (await RunAsync(["import", "-", image], PipeSource.FromStream(archive), Cancel)).Succeeded().Printed;
    }

    public Task<ClientRun> RunAsync(params string[] arguments) => RunAsync(arguments, PipeSource.Null, Cancel);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_isThere)
            {
                await RemoveImagesAsync();
            }
        }
        finally
        {
            _configuration.Dispose();
        }
    }

    private async Task RemoveImagesAsync()
    {
        // Of its own: a test that took too long has none left.
        using var time = new CancellationTokenSource(Removal);
        var listed = await RunAsync(["image", "ls", "--quiet", "--filter", $"reference={harbor.Host}/*/*"], PipeSource.Null, time.Token);
        var images = listed.Succeeded().Printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().ToList();
        if (images.Count > 0)
        {
            (await RunAsync(["image", "rm", "--force", .. images], PipeSource.Null, time.Token)).Succeeded();
        }
    }

    private async Task<ClientRun> RunAsync(string[] arguments, PipeSource input, CancellationToken cancellationToken)
    {
        if (!_isThere)
        {
            await RequiredClient.Of(OfficialClient.Docker).MustBeThereAsync(cancellationToken);
            _isThere = true;
        }

        return await ClientRun.OfAsync(
            Cli.Wrap(Program).WithArguments(arguments).WithStandardInputPipe(input)
                .WithEnvironmentVariables(variables => variables.Set("DOCKER_CONFIG", _configuration.Path).Set("DOCKER_CONTENT_TRUST", null)),
            cancellationToken);
    }
}
