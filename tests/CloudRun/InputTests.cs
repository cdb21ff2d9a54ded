using System.Security.Cryptography;
using System.Text;
using Acceptance.Platform.Gcp.Storage;

namespace Acceptance.Tests.CloudRun;

[Needs(Capability.CloudRun), Collection(BatchCategory.Name)]
public sealed class InputTests(BatchRun run)
{
    [AcceptanceTest, InEachEnvironment, Requirement("CR-02")]
    public async Task Packages_scripts_and_artefacts_of_the_bucket_are_all_mounted_byte_by_byte(EnvironmentName environment)
    {
        var batch = await run.In(environment);

        var mounts = await batch.LinesOf("mounts");

        var expected = BatchRun.Inputs.Select(input => $"{input.Key} sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(input.Value)))}");
        mounts.Should().NotBeEmpty();
        mounts.Select(Files).Should().AllSatisfy(files => files.Should().BeEquivalentTo(expected, "the bucket holds these objects"));
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-02")]
    public async Task A_script_is_read_from_the_mount(EnvironmentName environment)
    {
        var batch = await run.In(environment);

        var read = await batch.LinesOf("read");

        read.Select(line => line["text"] ?? line["error"]).Should().NotBeEmpty().And.OnlyContain(text => text == BatchRun.Script);
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-02")]
    public async Task What_is_written_to_a_mount_that_may_be_written_is_in_the_bucket(EnvironmentName environment)
    {
        var batch = await run.In(environment);

        var storage = await batch.CloudRun.Storage();
        var marks = await storage.TextsOf(batch.Outputs, "marks/", Cancel);

        (await batch.LinesOf("write")).Should().NotBeEmpty().And.OnlyContain(line => line.Ok, "the mount is not declared read-only");
        marks.Should().BeEquivalentTo(new[] { "0", "1" }.Select(task => $"marks/{task}.txt task {task} of {batch.Outcome.Name.ExecutionId}"));
    }

    private static IEnumerable<string> Files(Platform.CloudRun.ProbeLine line) => line.Data.TryGetProperty("mounts", out var mounts) && mounts[0].TryGetProperty("files", out var files)
        ? files.EnumerateArray().Select(file => $"{file.GetProperty("name")} sha256:{file.GetProperty("sha256")}")
        : [line.ToString()];
}
