using Acceptance.StandIns.Containers;

namespace Acceptance.Tests.Suite.Containers;

public sealed class HostProcessTests(ContainerBench bench) : IClassFixture<ContainerBench>
{
    private const string Path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_container_has_the_declared_environment_and_nothing_of_this_host()
    {
        var image = new TestImage { Layers = [new Layer().Folder("app")], Entrypoint = ["env"], Environment = ["A=image", "B=image", "E=a=b"] };

        var ran = await bench.RunAsync(image, spec => spec with { Environment = new Dictionary<string, string> { ["B"] = "declared", ["C"] = "" } });

        ran.Output.Order(StringComparer.Ordinal).Should().Equal("A=image", "B=declared", "C=", "E=a=b", ran.Output.Single(line => line.StartsWith("HOME=", StringComparison.Ordinal)), Path);
        ran.Output.Should().ContainMatch("HOME=*/test-*/root/root");
    }

    [Fact]
    public async Task An_exit_code_is_the_containers()
    {
        var ran = await bench.RunAsync("echo out; echo err >&2; exit 42");

        ran.Exit.Should().Be(new ContainerExit(42, null, null));
        ran.Output.Should().Equal("out");
        ran.Errors.Should().Equal("err");
    }

    [Fact]
    public async Task A_signal_ends_with_128_and_its_number() =>
        (await bench.RunAsync("kill -SEGV $$")).Exit.Should().Be(new ContainerExit(139, 11, null));

    [Fact]
    public async Task Arguments_are_given_as_they_are()
    {
        var image = TestImage.OfScript("""printf '%s\n' "$@" """) with { Cmd = ["of the image"] };

        (await bench.RunAsync(image)).Output.Should().Equal("of the image");
        (await bench.RunAsync(image, spec => spec with { Args = ["a b", "$HOME", ""] })).Output.Should().Equal("a b", "$HOME", "");
        (await bench.RunAsync(image, spec => spec with { Command = ["echo"] })).Output.Should().Equal("");
    }

    [Fact]
    public async Task The_entrypoint_is_found_from_the_working_directory()
    {
        var image = new TestImage { Layers = [new Layer().Script("app/bin/tool", "pwd")], Entrypoint = ["bin/tool"], WorkingDirectory = "/app" };

        (await bench.RunAsync(image)).Output.Should().ContainSingle().Which.Should().EndWith("/root/app");
        (await bench.RunAsync(image, spec => spec with { Command = ["./tool"], WorkingDirectory = "/app/bin" })).Output.Should().ContainSingle().Which.Should().EndWith("/root/app/bin");
    }

    [Fact]
    public async Task A_name_is_found_by_the_images_PATH_and_then_on_this_host()
    {
        var image = new TestImage { Layers = [new Layer().Script("tools/date", "echo found")], Environment = ["PATH=/tools"] };

        (await bench.RunAsync(image, spec => spec with { Command = ["date"] })).Output.Should().Equal("found");
        (await bench.RunAsync(image, spec => spec with { Command = ["dotnet", "--list-runtimes"] })).Output.Should().ContainMatch("Microsoft.NETCore.App 10.*");
    }

    [Fact]
    public async Task A_container_that_passes_its_memory_is_killed()
    {
        var image = new TestImage { Layers = [new Layer().Folder("app")], Entrypoint = ["sh", "-c", "awk 'BEGIN { s = \"x\"; for (;;) s = s s }'; echo survived"] };

        var ran = await bench.RunAsync(image, spec => spec with { Memory = 64 * ContainerBench.Mebibyte });

        ran.Exit.OutOfMemory.Should().BeTrue();
        ran.Exit.Should().BeEquivalentTo(new { Code = 137, Signal = 9 });
        ran.Exit.MemoryAtKill.Should().BeGreaterThan(64 * ContainerBench.Mebibyte);
        ran.Output.Should().BeEmpty();
    }
}
