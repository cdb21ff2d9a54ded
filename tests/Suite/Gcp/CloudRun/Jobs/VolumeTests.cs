using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Jobs;

public sealed class VolumeTests(JobBench bench) : IClassFixture<JobBench>
{
    [Fact]
    public async Task A_bucket_is_read_as_a_directory()
    {
        var bucket = await bench.BucketAsync("in/data.csv");
        var job = await bench.CreateAsync("cat ../mnt/data/in/data.csv", task => Mount(task, bucket, readOnly: true));

        (await bench.OutputAsync(await bench.RunAsync(job))).Should().Equal("1;2;3");
    }

    [Fact]
    public async Task What_a_job_writes_into_a_bucket_is_an_object()
    {
        var bucket = await bench.BucketAsync("data.csv");
        var job = await bench.CreateAsync("echo 0.93 > ../mnt/data/score.txt", task => Mount(task, bucket, readOnly: false));

        var execution = await bench.RunAsync(job);

        ((int?)execution["succeededCount"]).Should().Be(1);
        (await bench.SendAsync("gcs", HttpMethod.Get, $"storage/v1/b/{bucket}/o/score.txt?alt=media", null, GcpTwin.Owner)).Text.Should().Be("0.93\n");
    }

    [Fact]
    public async Task A_read_only_volume_is_not_written()
    {
        var bucket = await bench.BucketAsync("data.csv");
        var job = await bench.CreateAsync("echo 0.93 > ../mnt/data/score.txt", task => Mount(task, bucket, readOnly: true));

        var execution = await bench.RunAsync(job);

        ((int?)execution["failedCount"]).Should().Be(1);
        (await bench.SendAsync("gcs", HttpMethod.Get, $"storage/v1/b/{bucket}/o/score.txt", null, GcpTwin.Owner)).Status.Should().Be(404);
    }

    [Fact]
    public async Task An_empty_volume_is_each_tasks_own()
    {
        var declared = JobBench.Job(await bench.PushAsync("ls ../scratch | wc -l; touch ../scratch/mine"), task =>
        {
            task["volumes"] = JsonNode.Parse("""[{"name": "scratch", "emptyDir": {"medium": "MEMORY"}}]""");
            task["containers"]![0]!["volumeMounts"] = JsonNode.Parse("""[{"name": "scratch", "mountPath": "/scratch"}]""");
            task["containers"]![0]!["workingDir"] = "/app";
        });
        declared["template"]!["taskCount"] = 2;

        (await bench.OutputAsync(await bench.RunAsync(await bench.CreateAsync(declared)))).Should().Equal("0", "0");
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_fails_the_task_and_is_named()
    {
        var job = await bench.CreateAsync("true", task => Mount(task, "acc-nothing", readOnly: true));

        var execution = await bench.RunAsync(job);

        ((int?)execution["failedCount"]).Should().Be(1);
        (await bench.LogsAsync(execution, "severity=ERROR")).Should().ContainSingle().Which["textPayload"]!.ToString()
            .Should().Be("Mounting volume 'data' failed: bucket 'acc-nothing': the bucket does not exist.");
    }

    [Theory]
    [InlineData("scratch")]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("/a/../b")]
    [InlineData("/a:b")]
    [InlineData("/a\0b")]
    [InlineData("/a-name-that-is-longer-than-the-255-bytes-that-a-file-system-has-for-one-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789")]
    public async Task Where_nothing_can_be_mounted_no_job_is_made(string path)
    {
        var answer = await bench.SendAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId={JobBench.NewName()}", Mounting(path));

        (answer.Status, answer.Message).Should().Be((400,
            $"Violation in CreateJobRequest.job.template.template.containers[0].volume_mounts[0].mount_path: '{path}' is not an absolute path without ':', below the container's root."));
    }

    [Theory]
    [InlineData("/a", "/a/", 400)]
    [InlineData("/a/b", "/a//b", 400)]
    [InlineData("/a", "/a/b", 501)]
    [InlineData("/a/b/", "//a", 501)]
    [InlineData("/a", "/ab", 200)]
    public async Task Volumes_are_mounted_apart_from_each_other(string one, string other, int status)
    {
        var answer = await bench.SendAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId={JobBench.NewName()}", Mounting(one, other));

        answer.Status.Should().Be(status, answer.Text);
    }

    private static JsonObject Mounting(params string[] paths) => JobBench.Job("docker.io/test/x/y:z", task =>
    {
        task["volumes"] = JsonNode.Parse("""[{"name": "scratch", "emptyDir": {}}]""");
        task["containers"]![0]!["volumeMounts"] = new JsonArray([.. paths.Select(path => new JsonObject { ["name"] = "scratch", ["mountPath"] = path })]);
    });

    /// <summary>Mounts a bucket at <c>/mnt/data</c>, with the working directory beside it.</summary>
    internal static void Mount(JsonObject task, string bucket, bool readOnly)
    {
        task["volumes"] = new JsonArray(new JsonObject { ["name"] = "data", ["gcs"] = new JsonObject { ["bucket"] = bucket, ["readOnly"] = readOnly } });
        task["containers"]![0]!["volumeMounts"] = JsonNode.Parse("""[{"name": "data", "mountPath": "/mnt/data"}]""");
        task["containers"]![0]!["workingDir"] = "/app";
    }
}
