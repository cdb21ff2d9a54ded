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

    [Fact]
    public async Task Memory_of_what_a_container_starts_counts_too()
    {
        var ran = await bench.RunAsync("sh -c 'awk \"BEGIN { s = 1; for (;;) s = s s }\"'; echo survived", spec => spec with { Memory = 64 * ContainerBench.Mebibyte });

        ran.Exit.OutOfMemory.Should().BeTrue();
        ran.Output.Should().BeEmpty();
    }

    [Fact]
    public async Task What_a_container_is_told_by_PORT_is_where_it_is_reached()
    {
        var (container, lines) = await bench.StartAsync(TestImage.OfScript("echo $PORT"), spec => spec with { Port = 8080 });
        await using var ended = container;
        await container.Exit.WaitAsync(Cancel);

        lines.Should().ContainSingle().Which.Text.Should().Be(container.Address!.Port.ToString());
        container.Address.IsLoopback.Should().BeTrue();
    }

    [Fact]
    public async Task A_container_without_network_has_only_itself()
    {
        var ran = await bench.RunAsync("tail -n +3 /proc/net/dev | cut -d: -f1", spec => spec with { Network = false });

        ran.Output.Select(line => line.Trim()).Should().Equal("lo");
    }

    [Fact]
    public async Task It_sees_as_many_processors_as_it_may_use() =>
        (await bench.RunAsync("nproc", spec => spec with { Cpu = 0.5 })).Output.Should().Equal("1");

    [Fact]
    public async Task Containers_of_one_image_do_not_see_each_others_files()
    {
        var image = TestImage.OfScript("cat /dev/null; ls; echo x > left; echo y >> run") with { WorkingDirectory = "/app" };

        (await bench.RunAsync(image)).Output.Should().Equal("run");
        (await bench.RunAsync(image)).Output.Should().Equal("run");
    }

    [Theory]
    [InlineData("/app/missing", "no such file in the image")]
    [InlineData("no-such-program", "the image's PATH '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' has no such program, and neither has this host")]
    [InlineData("/app/text", "permission denied: it is not executable")]
    [InlineData("/app/garbage", "exec format error: it is neither a program for Linux nor a script that names one")]
    [InlineData("/../../bin/sh", "its path leaves the image's root")]
    [InlineData("/app/out", "its path leaves the image's root")]
    [InlineData("/app/absolute", "no such file in the image")]
    public async Task What_cannot_be_started_is_told(string program, string why)
    {
        var layer = new Layer().File("app/text", "text").File("app/garbage", "garbage"u8.ToArray(), (UnixFileMode)0b111_101_101)
            .Link("app/out", "../../../../../../../../../../../../bin/sh").Link("app/absolute", "/bin/sh");

        var starting = () => bench.RunAsync(new TestImage { Layers = [layer], Entrypoint = [program] });

        (await starting.Should().ThrowAsync<ContainerStartException>()).WithMessage($"Container test cannot start '{program}': {why}.");
    }

    [Fact]
    public async Task An_image_without_a_command_cannot_be_started()
    {
        var starting = () => bench.RunAsync(new TestImage { Layers = [new Layer().Folder("app")] });

        (await starting.Should().ThrowAsync<ContainerStartException>()).WithMessage("Container test has nothing to start: neither its image * nor its specification names a command.");
    }
}
