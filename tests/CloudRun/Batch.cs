using Acceptance.Platform.CloudRun;
using Acceptance.Platform.Gcp.BigQuery;
using Acceptance.Platform.Gcp.CloudRun;
using Acceptance.Platform.Gcp.Storage;

namespace Acceptance.Tests.CloudRun;

/// <summary>A batch that ran: two tasks at once, each of which scores two clients.</summary>
public sealed class Batch(CloudRunFixture cloudRun, BucketName inputs, BucketName outputs, TableReference scores)
{
    public const int Tasks = 2;

    public const int Processors = 1;

    private Task<ExecutionLog>? _log;

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
        Timeout = TimeSpan.FromMinutes(3),
        Mounts = [new BucketMount("/mnt/inputs", inputs, ReadOnly: true), new BucketMount("/mnt/outputs", outputs, ReadOnly: false)],
        Variables = new Dictionary<string, string> { ["RECETTE_DECLARED"] = "by the job", ["RECETTE_OVERRIDDEN"] = "by the job" },
        Acts = ["exit", "1"], // This execution does otherwise.
    };

    /// <summary>What the execution wrote, all of it: one that failed was cut short.</summary>
    public Task<ExecutionLog> Log() => _log ??= cloudRun.ReadLog(Outcome.Successful(), "await", CancellationToken.None);

    /// <summary>The one line of an act of each task.</summary>
    public async Task<IReadOnlyList<ProbeLine>> LinesOf(string act) => (await Log()).Of(act);

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var job = await cloudRun.CreateJob(Spec, cancellationToken);
        Outcome = await cloudRun.Run(job, new ExecutionOverrides
        {
            ContainerOverrides = [new ContainerOverride { Args = Acts, Env = [new EnvVar("RECETTE_OVERRIDDEN", "by the execution")] }],
        }, cancellationToken);
    }

    // Each task waits for the other's mark: a container may take seconds to start. Short beside the timeout.
    private double Patience => Math.Min(60, cloudRun.Known.Within.TotalSeconds / 2);

    private string[] Acts =>
    [
        "--keep-going",
        "environment", "CLOUD_RUN_JOB", "CLOUD_RUN_EXECUTION", "CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_ATTEMPT", "CLOUD_RUN_TASK_COUNT", "RECETTE_DECLARED", "RECETTE_OVERRIDDEN",
        "then", "identity", "then", "spin", $"{4 * Processors}", Seconds(Math.Min(5, cloudRun.Known.Within.TotalSeconds / 60)),
        "then", "mounts", "/mnt/inputs",
        "then", "read", "/mnt/inputs/scripts/score.R",
        "then", "write", "/mnt/outputs/marks/${CLOUD_RUN_TASK_INDEX}.txt", "task ${CLOUD_RUN_TASK_INDEX} of ${CLOUD_RUN_EXECUTION}",
        "then", "bigquery", scores.ProjectId, scores.DatasetId, scores.TableId, Row("c1", "0.125"), Row("c2", "0.875"),
        "then", "gcs", outputs.Name, "qod/${CLOUD_RUN_EXECUTION}/${CLOUD_RUN_TASK_INDEX}.json", Quality("${CLOUD_RUN_TASK_INDEX}"),
        "then", "stdout", "a line on stdout of task ${CLOUD_RUN_TASK_INDEX}",
        "then", "stderr", "a line on stderr of task ${CLOUD_RUN_TASK_INDEX}",
        "then", "log", "WARNING", "a warning of task ${CLOUD_RUN_TASK_INDEX}",
        "then", "await", Seconds(Patience), "/mnt/outputs/marks/0.txt", "/mnt/outputs/marks/1.txt",
        "then", "exit", "0", // What went wrong before is in its lines, each of which is judged for itself.
    ];

    /// <summary>What a task writes of the quality of its data.</summary>
    public static string Quality(string task) => $$"""{"task":"{{task}}","rows":2,"nulls":0}""";

    private static string Seconds(double count) => count.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Row(string client, string proba) =>
        $$"""{"execution":"${CLOUD_RUN_EXECUTION}","task":"${CLOUD_RUN_TASK_INDEX}","client":"{{client}}","proba":{{proba}}}""";
}
