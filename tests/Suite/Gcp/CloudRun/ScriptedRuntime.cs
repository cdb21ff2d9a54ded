using System.Collections.Concurrent;
using Acceptance.StandIns.Containers;

namespace Acceptance.Tests.Suite.Gcp.CloudRun;

/// <summary>A runtime whose images end as a test says, or run until they are stopped.</summary>
internal sealed class ScriptedRuntime : IContainerRuntime
{
    /// <summary>How containers of an image end; what is not named here is an image only where its name begins with <c>docker.io/test/endless</c>.</summary>
    public ConcurrentDictionary<string, ContainerExit> Images { get; } = new(StringComparer.Ordinal);

    public ConcurrentQueue<ContainerSpec> Started { get; } = new();

    /// <summary>Done before each pull; what it fails with, the pull does.</summary>
    public Action Pulling { get; set; } = () => { };

    public Task<ContainerImage> PullAsync(string reference, RegistryCredential? credential, CancellationToken cancellationToken)
    {
        Pulling();
        return Images.ContainsKey(reference) || reference.StartsWith("docker.io/test/endless", StringComparison.Ordinal)
            ? Task.FromResult(new ContainerImage(reference, "sha256:" + new string('a', 64), ["/run"], [], new Dictionary<string, string>(), "/", ""))
            : throw new ImagePullException(reference, ImagePullFailure.Missing, "manifest unknown");
    }

    public Task<IContainer> StartAsync(ContainerSpec spec, CancellationToken cancellationToken)
    {
        Started.Enqueue(spec);
        return Task.FromResult<IContainer>(new Container(Images.GetValueOrDefault(spec.Image.Reference)));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Container : IContainer
    {
        private readonly TaskCompletionSource<ContainerExit> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Container(ContainerExit? exit)
        {
            if (exit is not null)
            {
                _exit.SetResult(exit);
            }
        }

        public Uri? Address => null;

        public Task<ContainerExit> Exit => _exit.Task;

        public Task StopAsync(TimeSpan grace)
        {
            _exit.TrySetResult(new ContainerExit(143, 15, null));
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            _exit.TrySetResult(new ContainerExit(137, 9, null));
            return ValueTask.CompletedTask;
        }
    }
}
