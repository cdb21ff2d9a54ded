using Acceptance.Platform.Evidence;
using Acceptance.Platform.Results;

namespace Acceptance.Tests.Suite.Results;

public sealed class AllureApiTests
{
    [Fact]
    public async Task Steps_nest_and_keep_how_they_ended()
    {
        var failing = () => AllureApi.Step("outer", async () =>
        {
            await AllureApi.Step("first", () => Task.CompletedTask);
            await AllureApi.Step("second", () => throw new InvalidOperationException("no"));
        });

        await failing.Should().ThrowAsync<InvalidOperationException>();

        var outer = TestJournal.Current.Root.Steps.Should().ContainSingle().Which;
        outer.Steps.Select(step => (step.Name, step.Failure?.Message)).Should().Equal(("first", null), ("second", "no"));
        outer.Failure.Should().NotBeNull();
        outer.Stop.Should().BeOnOrAfter(outer.Start);
    }

    [Fact]
    public async Task Steps_that_run_side_by_side_stay_with_their_parent()
    {
        await AllureApi.Step("parent", () => Task.WhenAll(Enumerable.Range(0, 20).Select(number =>
            AllureApi.Step($"child {number}", async () => await AllureApi.Step($"grandchild {number}", () => Task.CompletedTask)))));

        var children = TestJournal.Current.Root.Steps.Single().Steps.ToList();
        children.Should().HaveCount(20).And.OnlyContain(child => child.Steps.Single().Name == child.Name.Replace("child", "grandchild"));
    }

    [Theory]
    [InlineData("text/plain; charset=utf-8", "with ***")]
    [InlineData("application/octet-stream", "with correct horse")]
    public void An_attachment_of_text_is_masked_when_it_is_written(string type, string written)
    {
        var folder = new ResultsFolder(Directory.CreateTempSubdirectory("attachment-").FullName);
        var redaction = new Redaction();
        redaction.Register("correct horse");

        AllureApi.AddAttachment("log", type, "with correct horse"u8.ToArray(), ".log");
        var file = TestJournal.Current.WriteEvidence(folder, redaction).Should().ContainSingle().Which.Source;

        File.ReadAllText(Path.Combine(folder.Path, file)).Should().Be(written);
    }

    [Fact]
    public void An_attachment_is_written_beside_the_result()
    {
        var folder = new ResultsFolder(Directory.CreateTempSubdirectory("attachment-").FullName);

        AllureApi.AddAttachment("what pip said", "Successfully installed");
        var written = TestJournal.Current.WriteEvidence(folder, new Redaction()).Should().ContainSingle().Which;

        written.Name.Should().Be("what pip said");
        written.Source.Should().EndWith("-attachment.txt", "Allure 3 knows an attachment by this part of its name");
        File.ReadAllText(Path.Combine(folder.Path, written.Source)).Should().Be("Successfully installed");
    }
}
