using System.Collections.Concurrent;
using Acceptance.Platform.CloudRun;
using Acceptance.Platform.Gcp.Storage;

namespace Acceptance.Tests.CloudRun;

/// <summary>Executions that fail, one of each kind in each environment; all of them are begun at once.</summary>
public sealed class FailedRuns(PlatformFixture platform)
{
    public const int ExitCode = 7;

    public const string Memory = "512Mi";

    /// <summary>Most of the memory, in MiB: the rest is the runtime's.</summary>
    public const int MostOfMemory = 416;

    private readonly ConcurrentDictionary<EnvironmentName, Lazy<Failing>> _runs = new();

    public Task<CloudRunFixture> CloudRun(EnvironmentName environment) => platform.CloudRun(environment);

    /// <summary>It tries to write where it may not, and then ends with an exit code.</summary>
    public Task<ExecutionOutcome> WithExitCode(EnvironmentName environment) => In(environment).WithExitCode;

    /// <summary>What that wrote.</summary>
    public async Task<ExecutionLog> LogWithExitCode(EnvironmentName environment) =>
        await (await CloudRun(environment)).ReadLog(
        await WithExitCode(environment), log => new[] { "read", "write", "exit" }.All(act => log.Of(act).Count > 0), "a line of each of 'read', 'write' and 'exit'", CancellationToken.None);

    /// <summary>It fills half as much memory again as it has.</summary>
    public Task<ExecutionOutcome> OutOfMemory(EnvironmentName environment) => In(environment).OutOfMemory;

    /// <summary>What that wrote, as far as most of its memory.</summary>
    public async Task<ExecutionLog> LogOutOfMemory(EnvironmentName environment) => await (await CloudRun(environment)).ReadLog(
        await OutOfMemory(environment), log => log.Of("memory").Any(line => line.Number("filledMib") >= MostOfMemory), $"a line that says {MostOfMemory} MiB are filled", CancellationToken.None);

    /// <summary>It sleeps for longer than it may.</summary>
    public Task<(ExecutionOutcome Outcome, TaskTime Time)> TooLong(EnvironmentName environment) => In(environment).TooLong;

    /// <summary>What that wrote.</summary>
    public async Task<ExecutionLog> LogOfTooLong(EnvironmentName environment) => await (await CloudRun(environment)).ReadLog(
        (await TooLong(environment)).Outcome, log => log.Lines.Any(line => line.Act == "sleep"), "the line that the sleep begins", CancellationToken.None);

    /// <summary>The bucket in which nothing may be written.</summary>
    public Task<BucketName> ReadOnly(EnvironmentName environment) => In(environment).Bucket;

    private Failing In(EnvironmentName environment)
    {
        platform.Profile.Demonstrates.ToList().ForEach(one => _ = Of(one));
        return Of(environment);
    }

    private Failing Of(EnvironmentName environment) => _runs.GetOrAdd(environment, one => new Lazy<Failing>(() => Begin(platform.CloudRun(one)))).Value;

    private static Failing Begin(Task<CloudRunFixture> cloudRun)
    {
        var bucket = BucketAsync(cloudRun);
        return new Failing(bucket, ExitAsync(cloudRun, bucket), MemoryAsync(cloudRun), SleepAsync(cloudRun));
    }

    private static async Task<BucketName> BucketAsync(Task<CloudRunFixture> cloudRun) =>
        await (await cloudRun).CreateBucket("read-only", new Dictionary<string, string> { ["kept.txt"] = "kept" }, CancellationToken.None);

    private static async Task<ExecutionOutcome> ExitAsync(Task<CloudRunFixture> cloudRun, Task<BucketName> bucket) => await (await cloudRun).Run(
        new JobSpec("exit")
        {
            Mounts = [new BucketMount("/mnt/read-only", await bucket, ReadOnly: true)],
            Acts = ["--keep-going", "read", "/mnt/read-only/kept.txt", "then", "write", "/mnt/read-only/new.txt", "written", "then", "exit", $"{ExitCode}"],
        },
        CancellationToken.None);

    // It keeps what it filled for a while: limits are looked at from time to time.
    private static async Task<ExecutionOutcome> MemoryAsync(Task<CloudRunFixture> known)
    {
        var cloudRun = await known;
        var held = Math.Min(60, Math.Ceiling(cloudRun.Known.Within.TotalSeconds / 6));
        return await cloudRun.Run(new JobSpec("memory") { Memory = Memory, Acts = ["memory", "768", "then", "sleep", $"{held}"] }, CancellationToken.None);
    }

    private static async Task<(ExecutionOutcome, TaskTime)> SleepAsync(Task<CloudRunFixture> known)
    {
        var cloudRun = await known;
        var time = new TaskTime(TimeSpan.FromSeconds(Math.Ceiling(cloudRun.Known.Within.TotalSeconds / 6)));
        return (await cloudRun.Run(new JobSpec("timeout") { Timeout = time.Timeout, Acts = ["sleep", $"{time.Sleep.TotalSeconds}"] }, CancellationToken.None), time);
    }

    private sealed record Failing(Task<BucketName> Bucket, Task<ExecutionOutcome> WithExitCode, Task<ExecutionOutcome> OutOfMemory, Task<(ExecutionOutcome, TaskTime)> TooLong);
}
