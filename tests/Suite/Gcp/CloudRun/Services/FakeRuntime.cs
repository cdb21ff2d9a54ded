using System.Collections.Concurrent;
using Acceptance.StandIns.Containers;
using Acceptance.StandIns.Hosting;
using Microsoft.AspNetCore.Http;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Services;

/// <summary>Containers without processes: what an image does is a delegate of the test.</summary>
internal sealed class FakeRuntime : IContainerRuntime
{
    private readonly ConcurrentDictionary<string, FakeProgram> _programs = new(StringComparer.Ordinal);

    public ConcurrentQueue<FakeContainer> Started { get; } = new();

    public IEnumerable<FakeContainer> Running => Started.Where(container => !container.Exit.IsCompleted);

    /// <summary>Makes an image that can be pulled.</summary>
    public ContainerImage Image(string reference, FakeProgram program)
    {
        _programs[reference] = program;
        return new ContainerImage(reference, "sha256:" + new string('a', 64), ["/app"], [], new Dictionary<string, string>(), "/", reference);
    }

    /// <summary>Done before each pull; what it fails with, the pull does.</summary>
    public Action Pulling { get; set; } = () => { };

    public Task<ContainerImage> PullAsync(string reference, RegistryCredential? credential, CancellationToken cancellationToken)
    {
        Pulling();
        return Task.FromResult(_programs.TryGetValue(reference, out var program) ? Image(reference, program) : throw new ImagePullException(reference, ImagePullFailure.Missing, "manifest unknown"));
    }

    public async Task<IContainer> StartAsync(ContainerSpec spec, CancellationToken cancellationToken)
    {
        var container = await FakeContainer.StartAsync(spec, _programs[spec.Image.Reference], cancellationToken);
        Started.Enqueue(container);
        return container;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var container in Started)
        {
            await container.DisposeAsync();
        }
    }
}

/// <summary>What a fake container does.</summary>
internal sealed record FakeProgram
{
    /// <summary>Answers its requests; null for one that does not listen.</summary>
    public Func<HttpContext, FakeContainer, Task>? Answer { get; init; }

    /// <summary>How it ends as soon as it started; null for one that runs on.</summary>
    public ContainerExit? Exit { get; init; }

    /// <summary>Why it cannot be executed.</summary>
    public string? Broken { get; init; }

    public static FakeProgram Saying(string text) => new() { Answer = (context, _) => context.Response.WriteAsync(text) };
}

/// <summary>One of them.</summary>
internal sealed class FakeContainer : IContainer
{
    private readonly TaskCompletionSource<ContainerExit> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoopbackListener? _listener;

    private FakeContainer(ContainerSpec spec) => Spec = spec;

    public ContainerSpec Spec { get; }

    public Uri? Address { get; private set; }

    public Task<ContainerExit> Exit => _exit.Task;

    public bool WasAskedToStop { get; private set; }

    /// <summary>True for one that only SIGKILL ends.</summary>
    public bool IsStubborn { get; set; }

    /// <summary>Why it cannot be removed; null where it can.</summary>
    public string? Stuck { get; set; }

    public static async Task<FakeContainer> StartAsync(ContainerSpec spec, FakeProgram program, CancellationToken cancellationToken)
    {
        var container = new FakeContainer(spec) { Address = new Uri("http://127.0.0.1:1/") };
        if (program.Broken is { } reason)
        {
            throw new ContainerStartException(reason);
        }

        if (program.Exit is { } exit)
        {
            container._exit.SetResult(exit);
        }
        else if (program.Answer is { } answer)
        {
            container._listener = await LoopbackListener.StartAsync("fake", context => answer(context, container), cancellationToken);
            container.Address = container._listener.Address;
        }

        return container;
    }

    /// <summary>Ends by itself.</summary>
    public async Task CrashAsync(ContainerExit? exit = null)
    {
        if (Interlocked.Exchange(ref _listener, null) is { } listener)
        {
            await listener.DisposeAsync();
        }

        _exit.TrySetResult(exit ?? new ContainerExit(1, null, null));
    }

    public Task StopAsync(TimeSpan grace)
    {
        WasAskedToStop = true;
        return IsStubborn ? Exit : CrashAsync(new ContainerExit(143, 15, null));
    }

    public async ValueTask DisposeAsync()
    {
        await CrashAsync(new ContainerExit(137, 9, null));
        if (Stuck is { } reason)
        {
            throw new IOException(reason);
        }
    }
}
