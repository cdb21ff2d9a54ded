using System.Text.Json.Nodes;
using Acceptance.Platform.Cleanup;
using Acceptance.Platform.CloudRun;
using Acceptance.Platform.Evidence;
using Acceptance.Platform.Http;
using Acceptance.Platform.Profiles;
using Acceptance.Tests.Suite.Gcp.CloudRun.Jobs;
using Acceptance.Tests.Suite.Profiles;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Client;

/// <summary>What runs left in the projects, with and without a ledger.</summary>
public sealed class LeftoversTests(JobBench bench) : IClassFixture<JobBench>
{
    private static readonly DateTimeOffset Long = TimeProvider.System.GetUtcNow().AddDays(-3);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Leftovers Leftovers
    {
        get
        {
            var profile = ProfileReader.Read(
                TestVariables.With([.. bench.Twin.Variables.Select(variable => (variable.Key, variable.Value)), ("ACCEPTANCE_CAPABILITIES", "cloud-run")]), new HashSet<Capability> { Capability.CloudRun });
            return new Leftovers(profile, new HttpPipeline(new Redaction(), profile.Limits, profile.CaCertificates, TimeProvider.System), TimeProvider.System);
        }
    }

    [Fact]
    public async Task A_job_whose_run_has_expired_is_stopped_and_deleted()
    {
        var name = await MakeAsync("sleep 600", ResourceLabels.Of("r41a00", Long));
        await bench.StartAsync($"{JobBench.Lab}/jobs/{name}");

        var found = (await Leftovers.FindAsync(Cancel)).Single(leftover => leftover.Name == name);
        var left = await Leftovers.DeleteAsync(found, Cancel);

        (found.Environment, found.Kind, found.Run, found.Running, found.Expired).Should().Be((EnvironmentName.Lab, Leftover.Job, "r41a00", 1, true));
        found.Fate.Should().Be($"expired at {found.Expiry:u}, and 1 execution of it still runs");
        left.Should().BeNull();
        (await Leftovers.FindAsync(Cancel)).Should().NotContain(leftover => leftover.Name == name);
    }

    [Fact]
    public async Task What_has_no_labels_or_has_not_expired_is_left()
    {
        var (own, used) = (await MakeAsync("true", new Dictionary<string, string>()), await MakeAsync("true", ResourceLabels.Of("r41a01", TimeProvider.System.GetUtcNow())));

        var found = await Leftovers.FindAsync(Cancel);
        var deleting = async () => await Leftovers.DeleteAsync(found.Single(leftover => leftover.Name == own), Cancel);

        found.Single(leftover => leftover.Name == own).Fate.Should().Be("left: it has not the labels of a run");
        found.Single(leftover => leftover.Name == used).Fate.Should().StartWith("left: its run may last until ");
        await deleting.Should().ThrowAsync<InvalidOperationException>("what is not a run's is nobody's to delete");
    }

    [Fact]
    public async Task Buckets_and_datasets_are_found_and_deleted_with_what_they_hold()
    {
        var labels = new JsonObject([.. ResourceLabels.Of("r41a02", Long).Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value))]);
        var bucket = $"acc-{JobBench.NewName()}";
        var body = new JsonObject { ["name"] = bucket, ["location"] = "europe-west1", ["labels"] = labels.DeepClone() };
        (await bench.SendAsync("gcs", HttpMethod.Post, "storage/v1/b?project=acc-lab", body, GcpTwin.Owner)).Status.Should().Be(200);
        var dataset = $"acc_{JobBench.NewName()}".Replace('-', '_');
        body = new JsonObject { ["datasetReference"] = new JsonObject { ["datasetId"] = dataset, ["projectId"] = "acc-lab" }, ["labels"] = labels };
        (await bench.SendAsync("bigquery", HttpMethod.Post, "bigquery/v2/projects/acc-lab/datasets", body, GcpTwin.Owner)).Status.Should().Be(200);

        var found = (await Leftovers.FindAsync(Cancel)).Where(leftover => leftover.Run == "r41a02").ToList();
        var left = await Task.WhenAll(found.Select(leftover => Leftovers.DeleteAsync(leftover, Cancel)));

        found.Select(leftover => (leftover.Kind, leftover.Name)).Should().BeEquivalentTo([(Leftover.Bucket, bucket), (Leftover.Dataset, dataset)]);
        left.Should().OnlyContain(reason => reason == null);
        (await Leftovers.FindAsync(Cancel)).Should().NotContain(leftover => leftover.Run == "r41a02");
    }

    private async Task<string> MakeAsync(string script, IReadOnlyDictionary<string, string> labels)
    {
        var job = JobBench.Job(await bench.PushAsync($"#!/bin/sh\n{script}\n"));
        job["labels"] = new JsonObject([.. labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value))]);
        var name = $"acc-{JobBench.NewName()}";
        await bench.EndAsync(await bench.WellAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId={name}", job));
        return name;
    }
}
