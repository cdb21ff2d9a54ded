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

    private readonly ScratchFolder _configuration = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>An image of the twin, as docker names it.</summary>
    public string Image(string repository, string tag = "v1") => $"{harbor.Host}/{repository}:{tag}";

    public Task<ClientRun> LoginAsync(RegistryAccount account) =>
        RunAsync(["login", "--username", account.User, "--password-stdin", harbor.Host], PipeSource.FromString(account.Password));

    /// <summary>Makes an image without a base, whose one layer has random bytes, and gives its id.</summary>
    /// <param name="size">A multiple of 512.</param>
    public async Task<string> ImportAsync(string image, long size)
    {
        var seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        var content = await OciImage.Build().WithRandomLayer(size, seed).BuildAsync(Cancel);
        await using var archive = content.Blobs[0].Source.Open();
        return (await RunAsync(["import", "-", image], PipeSource.FromStream(archive))).Succeeded().Printed;
    }

    public Task<ClientRun> RunAsync(params string[] arguments) => RunAsync(arguments, PipeSource.Null);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        try
        {
            var images = (await RunAsync("image", "ls", "--quiet", "--filter", $"reference={harbor.Host}/*/*")).Succeeded().Printed.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (images.Length > 0)
            {
                (await RunAsync(["image", "rm", "--force", .. images.Distinct()])).Succeeded();
            }
        }
        finally
        {
            _configuration.Dispose();
        }
    }

    private async Task<ClientRun> RunAsync(string[] arguments, PipeSource input)
    {
        await RequiredClient.Of(OfficialClient.Docker).MustBeThereAsync(Cancel);
        return await ClientRun.OfAsync(
            Cli.Wrap(Program).WithArguments(arguments).WithStandardInputPipe(input)
                .WithEnvironmentVariables(variables => variables.Set("DOCKER_CONFIG", _configuration.Path).Set("DOCKER_CONTENT_TRUST", null)),
            Cancel);
    }
}
