using System.Collections.Concurrent;
using System.Security.Cryptography;
using Acceptance.StandIns.Containers;
using Acceptance.StandIns.Containers.Processes;
using Acceptance.StandIns.Containers.Pulling;
using Acceptance.StandIns.Containers.Unpacking;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Harbor;

namespace Acceptance.Tests.Suite.Containers;

/// <summary>A twin's Harbor, and a runtime that pulls from it.</summary>
public sealed class ContainerBench : IAsyncLifetime
{
    public const long Mebibyte = 1024 * 1024;

    internal HarborWire Harbor { get; private set; } = null!;

    internal HostProcesses Runtime { get; private set; } = null!;

    internal Twin Twin => Harbor.Twin;

    internal string Host => Harbor.Address.Authority;

    internal RegistryTrust Trust => new(Harbor.Address, Twin.Variables["ACCEPTANCE_CA_CERTIFICATES"]);

    /// <summary>The robot that may pull.</summary>
    internal RegistryCredential Pull => Credential(Harbor.Pull);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Harbor = await HarborWire.StartOnMachineClockAsync();
        Runtime = new HostProcesses(Trust);
    }

    public async ValueTask DisposeAsync()
    {
        await Runtime.DisposeAsync();
        await Harbor.DisposeAsync();
    }

    internal static RegistryCredential Credential(string account) => new(account.Split(':')[0], account.Split(':')[1]);

    internal static string NewRepository() => $"{HarborWire.Lab}/container-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    /// <summary>Pushes an image; the name by which it is pulled.</summary>
    internal async Task<string> PushAsync(TestImage image)
    {
        var repository = NewRepository();
        await image.PushAsync(Harbor, repository, "v1");
        return $"{Host}/{repository}:v1";
    }

    internal async Task<ContainerImage> PulledAsync(TestImage image) => await Runtime.PullAsync(await PushAsync(image), Pull, Cancel);

    internal HostProcesses NewRuntime(UnpackLimits limits) => new(Trust, limits);

    /// <summary>Starts a container, with what it writes.</summary>
    internal async Task<(IContainer Container, ConcurrentQueue<ContainerLine> Lines)> StartAsync(TestImage image, Func<ContainerSpec, ContainerSpec>? with = null)
    {
        var lines = new ConcurrentQueue<ContainerLine>();
        var spec = new ContainerSpec { Name = "test", Image = await PulledAsync(image), Memory = 512 * Mebibyte, Output = lines.Enqueue };
        return (await Runtime.StartAsync(with?.Invoke(spec) ?? spec, Cancel), lines);
    }

    /// <summary>Runs a container to its end.</summary>
    internal async Task<RanContainer> RunAsync(TestImage image, Func<ContainerSpec, ContainerSpec>? with = null)
    {
        var (container, lines) = await StartAsync(image, with);
        await using (container)
        {
            return new RanContainer(await container.Exit.WaitAsync(TimeSpan.FromSeconds(30), Cancel), [.. lines]);
        }
    }

    internal Task<RanContainer> RunAsync(string script, Func<ContainerSpec, ContainerSpec>? with = null) => RunAsync(TestImage.OfScript(script), with);
}

/// <param name="Lines">All that it wrote.</param>
internal sealed record RanContainer(ContainerExit Exit, IReadOnlyList<ContainerLine> Lines)
{
    public IEnumerable<string> Output => Lines.Where(line => !line.IsError).Select(line => line.Text);

    public IEnumerable<string> Errors => Lines.Where(line => line.IsError).Select(line => line.Text);
}
