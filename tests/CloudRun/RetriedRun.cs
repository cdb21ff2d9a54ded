using System.Collections.Concurrent;
using Acceptance.Platform.CloudRun;

namespace Acceptance.Tests.CloudRun;

/// <summary>An execution in each environment of two tasks, one after the other, each of which fails at its first attempt.</summary>
public sealed class RetriedRun(PlatformFixture platform)
{
    private readonly ConcurrentDictionary<EnvironmentName, Lazy<Task<(ExecutionOutcome, ExecutionLog)>>> _runs = new();

    public Task<(ExecutionOutcome Outcome, ExecutionLog Log)> In(EnvironmentName environment)
    {
        platform.Profile.Demonstrates.ToList().ForEach(one => _ = Of(one));
        return Of(environment);
    }

    private Task<(ExecutionOutcome, ExecutionLog)> Of(EnvironmentName environment) =>
        _runs.GetOrAdd(environment, one => new Lazy<Task<(ExecutionOutcome, ExecutionLog)>>(() => RunAsync(one))).Value;

    private async Task<(ExecutionOutcome, ExecutionLog)> RunAsync(EnvironmentName environment)
    {
        var cloudRun = await platform.CloudRun(environment);
        var outcome = await cloudRun.Run(
            new JobSpec("retries")
            {
                Tasks = 2,
                Parallelism = 1,
                MaxRetries = 1,
                Acts = ["log", "INFO", $"{Attempt} begins", "then", "fail-until", "1", "9", "then", "log", "INFO", $"{Attempt} ends"],
            },
            CancellationToken.None);
        return (outcome, await cloudRun.ReadLog(outcome, log => outcome.Failure is null ? log.Of("fail-until").Count >= 4 && log.Of("log").Count >= 6 : log.Of("fail-until").Count >= 2, "the lines of each attempt", CancellationToken.None));
    }

    private const string Attempt = "task ${CLOUD_RUN_TASK_INDEX} attempt ${CLOUD_RUN_TASK_ATTEMPT}";
}
