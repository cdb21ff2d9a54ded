using System.Collections.Concurrent;
using Acceptance.Platform.CloudRun;
using Acceptance.Platform.Gcp.BigQuery;
using Acceptance.Platform.Gcp.CloudRun;
using Acceptance.Platform.Gcp.Storage;

namespace Acceptance.Tests.CloudRun;

/// <summary>One execution of a batch in each environment, which several claims read: inputs mounted, rows and files given back.</summary>
public sealed class BatchRun(PlatformFixture platform)
{
    public const string Script = "scores <- predict(model, clients)\n";

    private readonly ConcurrentDictionary<EnvironmentName, Lazy<Task<Batch>>> _runs = new();

    /// <summary>What the batch reads: packages, scripts and artefacts.</summary>
    public static IReadOnlyDictionary<string, string> Inputs { get; } = new Dictionary<string, string>
    {
        ["scripts/score.R"] = Script,
        ["packages/churn_1.0.tar.gz"] = "no package, but as many bytes as one needs to be told from another",
        ["artefacts/model.rds"] = "X\n0000\n",
    };

    /// <summary>The batch of an environment. Those of the others begin with it: nobody waits for one after the other.</summary>
    public Task<Batch> In(EnvironmentName environment)
    {
        platform.Profile.Demonstrates.ToList().ForEach(one => _ = Of(one));
        return Of(environment);
    }

    private Task<Batch> Of(EnvironmentName environment) => _runs.GetOrAdd(environment, one => new Lazy<Task<Batch>>(() => RunAsync(one))).Value;

    private async Task<Batch> RunAsync(EnvironmentName environment)
    {
        var cloudRun = await platform.CloudRun(environment);
        var inputs = await cloudRun.CreateBucket("inputs", Inputs, CancellationToken.None);
        // An object that stands for a directory, as gcsfuse has it. The inputs need none: Cloud Run shows directories that are in no name but those of objects below (cloud.google.com/run/docs/configuring/jobs/cloud-storage-volume-mounts#disable-implicit-dirs).
        var outputs = await cloudRun.CreateBucket("outputs", new Dictionary<string, string> { ["marks/"] = "" }, CancellationToken.None);
        var scores = await cloudRun.CreateTable("scores", "probas", Batch.Schema, CancellationToken.None);
        var batch = new Batch(cloudRun, inputs, outputs, scores);
        await batch.RunAsync(CancellationToken.None);
        return batch;
    }
}
