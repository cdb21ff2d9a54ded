using System.Collections.Concurrent;
using Acceptance.StandIns.Containers;
using Acceptance.StandIns.Containers.Docker;
using Acceptance.Tests.Suite.RealClients;

namespace Acceptance.Tests.Suite.Containers;

/// <summary>A twin's Harbor with an image of a few programs of this host, and the runtime that runs it in Docker.</summary>
public sealed class DockerBench : IAsyncLifetime
{
    private readonly ContainerBench _bench = new();
    private readonly Lazy<Task<ContainerImage>> _image;

    public DockerBench() => _image = new(PullAsync);

    internal DockerContainers Runtime { get; private set; } = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _bench.InitializeAsync();
        Runtime = new DockerContainers(_bench.Trust);
    }

    public async ValueTask DisposeAsync()
    {
        await Runtime.DisposeAsync();
        await _bench.DisposeAsync();
    }

    internal Task<ContainerImage> ImageAsync() => _image.Value;

    internal Task<string> PushAsync(TestImage image) => _bench.PushAsync(image);

    internal Task<ContainerImage> PullAsync(string reference) => Runtime.PullAsync(reference, _bench.Pull, Cancel);

    /// <summary>Starts a container that runs a script.</summary>
    internal async Task<(IContainer Container, ConcurrentQueue<ContainerLine> Lines)> StartAsync(string script, Func<ContainerSpec, ContainerSpec>? with = null)
    {
        var lines = new ConcurrentQueue<ContainerLine>();
        var spec = new ContainerSpec { Name = "test", Image = await ImageAsync(), Args = ["-c", script], Memory = 64 * ContainerBench.Mebibyte, Output = lines.Enqueue };
        return (await Runtime.StartAsync(with?.Invoke(spec) ?? spec, Cancel), lines);
    }

    internal async Task<RanContainer> RunAsync(string script, Func<ContainerSpec, ContainerSpec>? with = null)
    {
        var (container, lines) = await StartAsync(script, with);
        await using (container)
        {
            return new RanContainer(await container.Exit.WaitAsync(TimeSpan.FromMinutes(1), Cancel), [.. lines]);
        }
    }

    private async Task<ContainerImage> PullAsync()
    {
        await RequiredClient.Of(OfficialClient.Docker).MustBeThereAsync(Cancel);
        return await PullAsync(await PushAsync(new TestImage
        {
            Layers = [new Layer().Programs("/bin/sh", "/bin/cat", "/usr/bin/env", "/bin/sleep", "/usr/bin/perl")],
            Entrypoint = ["/bin/sh"],
            Environment = ["A=image", "B=image"],
        }));
    }
}
