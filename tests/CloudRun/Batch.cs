using Acceptance.Platform.CloudRun;
using Acceptance.Platform.Gcp.BigQuery;
using Acceptance.Platform.Gcp.CloudRun;
using Acceptance.Platform.Gcp.Logging;
using Acceptance.Platform.Gcp.Storage;
using Acceptance.Platform.Waiting;

namespace Acceptance.Tests.CloudRun;

/// <summary>A batch that ran: two tasks at once, each of which scores two clients.</summary>
public sealed class Batch(CloudRunFixture cloudRun, BucketName inputs, BucketName outputs, TableReference scores)
{
    public const int Tasks = 2;

    public const int Processors = 1;

    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);

    private Task<Settled<IReadOnlyList<LogEntry>>>? _log;

    public static TableSchema Schema { get; } = new TableSchemaBuilder
    {
        { "execution", BigQueryDbType.String }, { "task", BigQueryDbType.String }, { "client", BigQueryDbType.String }, { "proba", BigQueryDbType.Float64 },
    }.Build();

    public CloudRunFixture CloudRun => cloudRun;

    public BucketName Outputs => outputs;

    public TableReference Scores => scores;

    /// <summary>How it ended.</summary>
    public ExecutionOutcome Outcome { get; private set; } = null!;

    /// <summary>What was declared.</summary>
    public JobSpec Spec => new("batch")
    {
        Tasks = Tasks,
        Parallelism = Tasks,
        Cpu = $"{Processors}",
        Memory = "512Mi",
        Timeout = Timeout,
        Mounts = [new BucketMount("/mnt/inputs", inputs, ReadOnly: true), new BucketMount("/mnt/outputs", outputs, ReadOnly: false)],
        Variables = new Dictionary<string, string> { ["RECETTE_DECLARED"] = "by the job", ["RECETTE_OVERRIDDEN"] = "by the job" },
        Acts = ["exit", "1"], // This execution does otherwise.
    };

    /// <summary>What the execution wrote, all of it, or as much as Cloud Logging has when the time is over: each claim judges its own lines. An execution that failed was cut short.</summary>
    public async Task<ExecutionLog> Log() => new((await (_log ??= cloudRun.SettledLog(
        Outcome.Successful(), IsWhole, $"a line of each act, and what is not JSON, of each of {Tasks} tasks", CancellationToken.None))).Judge());

    /// <summary>The one line of an act of each task.</summary>
    public async Task<IReadOnlyList<ProbeLine>> LinesOf(string act) => (await Log()).Of(act);

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var job = await cloudRun.CreateJob(Spec, cancellationToken);
        Outcome = await cloudRun.Run(job, new ExecutionOverrides
        {
            ContainerOverrides = [new ContainerOverride { Args = ["--keep-going", .. Acts.SelectMany(act => act.Prepend("then")).Skip(1)], Env = [new EnvVar("RECETTE_OVERRIDDEN", "by the execution")] }],
        }, cancellationToken);
    }

    // Each task waits for what the other gives back, so that both run at once where they may: a container may take seconds to start. Short beside the timeout.
    private double Patience => Math.Min(60, cloudRun.Known.Within.TotalSeconds / 3);

    private string[][] Acts =>
    [
        ["environment", "CLOUD_RUN_JOB", "CLOUD_RUN_EXECUTION", "CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_ATTEMPT", "CLOUD_RUN_TASK_COUNT", "RECETTE_DECLARED", "RECETTE_OVERRIDDEN"],
        ["identity"],
        ["spin", $"{4 * Processors}", Seconds(Math.Min(5, cloudRun.Known.Within.TotalSeconds / 60))],
        ["mounts", "/mnt/inputs"],
        ["read", "/mnt/inputs/scripts/score.R"],
        ["write", "/mnt/outputs/marks/${CLOUD_RUN_TASK_INDEX}.txt", "task ${CLOUD_RUN_TASK_INDEX} of ${CLOUD_RUN_EXECUTION}"],
        ["bigquery", scores.ProjectId, scores.DatasetId, scores.TableId, Row("c1", "0.125"), Row("c2", "0.875")],
        ["gcs", outputs.Name, "qod/${CLOUD_RUN_EXECUTION}/${CLOUD_RUN_TASK_INDEX}.json", Quality("${CLOUD_RUN_TASK_INDEX}")],
        ["stdout", OnStdout("${CLOUD_RUN_TASK_INDEX}")],
        ["stderr", OnStderr("${CLOUD_RUN_TASK_INDEX}")],
        ["log", "WARNING", "a warning of task ${CLOUD_RUN_TASK_INDEX}"],
        ["await", Seconds(Patience), outputs.Name, "qod/${CLOUD_RUN_EXECUTION}/0.json", "qod/${CLOUD_RUN_EXECUTION}/1.json"],
        ["exit", "0"], // What went wrong before is in its lines, each of which is judged for itself.
    ];

    /// <summary>What a task writes to stdout that is not JSON.</summary>
    public static string OnStdout(string task) => $"a line on stdout of task {task}";

    /// <summary>What a task writes to stderr.</summary>
    public static string OnStderr(string task) => $"a line on stderr of task {task}";

    /// <summary>What a task writes of the quality of its data.</summary>
    public static string Quality(string task) => $$"""{"task":"{{task}}","rows":2,"nulls":0}""";

    // Stdout and stderr are two logs, and an entry may come after younger ones: that the last line is there says nothing of the others.
    private bool IsWhole(ExecutionLog log) => Acts.All(act => log.Of(act[0]).Count >= Tasks)
        && new[] { "0", "1" }.SelectMany(task => new[] { OnStdout(task), OnStderr(task) }).All(text => log.Entries.Any(entry => entry.TextPayload == text));

    private static string Seconds(double count) => count.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Row(string client, string proba) =>
        $$"""{"execution":"${CLOUD_RUN_EXECUTION}","task":"${CLOUD_RUN_TASK_INDEX}","client":"{{client}}","proba":{{proba}}}""";
}
