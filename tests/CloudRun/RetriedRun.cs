using System.Collections.Concurrent;
using Acceptance.Platform.CloudRun;

namespace Acceptance.Tests.CloudRun;

/// <summary>An execution in each environment of two tasks, one after the other, each of which fails at its first attempt.</summary>
public sealed class RetriedRun(PlatformFixture platform)
{
    private const string Attempt = "task ${CLOUD_RUN_TASK_INDEX} attempt ${CLOUD_RUN_TASK_ATTEMPT}";

    private readonly ConcurrentDictionary<EnvironmentName, Lazy<Task<ExecutionOutcome>>> _runs = new();

    /// <summary>What it wrote, where it came to a good end: one that failed was cut short.</summary>
    public async Task<ExecutionLog> LogIn(EnvironmentName environment) => await (await platform.CloudRun(environment)).ReadLog(
        (await In(environment)).Successful(), log => log.Of("fail-until").Count >= 4 && log.Of("log").Count >= 6, "the lines 'log' and 'fail-until' of two attempts of two tasks", CancellationToken.None);

    /// <summary>How it ended. Those of the other environments begin with it.</summary>
    public Task<ExecutionOutcome> In(EnvironmentName environment)
    {
        platform.Profile.Demonstrates.ToList().ForEach(one => _ = Of(one));
        return Of(environment);
    }

    private Task<ExecutionOutcome> Of(EnvironmentName environment) => _runs.GetOrAdd(environment, one => new Lazy<Task<ExecutionOutcome>>(() => RunAsync(one))).Value;

    private async Task<ExecutionOutcome> RunAsync(EnvironmentName environment) => await (await platform.CloudRun(environment)).Run(
        new JobSpec("retries")
        {
            Tasks = 2,
            Parallelism = 1,
            MaxRetries = 1,
            Acts = ["log", "INFO", $"{Attempt} begins", "then", "fail-until", "1", "9", "then", "log", "INFO", $"{Attempt} ends"],
        },
        CancellationToken.None);
}
