using Acceptance.Tests.Suite.Http;
using Acceptance.Tests.Suite.RealClients;

[assembly: AssemblyFixture(typeof(SharedDockerRegistry))]

namespace Acceptance.Tests.Suite.RealClients;

/// <summary>One docker-registry for all tests that speak to it, started when the first of them asks: each uses repositories of its own.</summary>
public sealed class SharedDockerRegistry : IAsyncDisposable
{
    private readonly Lazy<Task<DockerRegistry>> _registry = new(StartAsync);

    /// <summary>It, running.</summary>
    /// <exception cref="ClientMissingException">It was declared, and is not there.</exception>
    public Task<DockerRegistry> RunningAsync() => _registry.Value;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_registry is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _registry.Value).DisposeAsync();
        }
    }

    private static async Task<DockerRegistry> StartAsync()
    {
        using var time = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await RequiredClient.Of(OfficialClient.DockerRegistry).MustBeThereAsync(time.Token);
        using var certificate = LoopbackServer.SelfSigned();
        return await DockerRegistry.StartAsync(certificate, time.Token);
    }
}
