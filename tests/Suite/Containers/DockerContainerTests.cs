using Acceptance.StandIns.Containers;
using Acceptance.StandIns.Containers.Docker;
using Acceptance.Tests.Suite.RealClients;
using Acceptance.Tests.Suite.Recette;

namespace Acceptance.Tests.Suite.Containers;

/// <summary>The same seam in Docker: what differs from processes of this host is the engine's, so less is asked.</summary>
public sealed class DockerContainerTests(DockerBench bench) : IClassFixture<DockerBench>, IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    private readonly ScratchFolder _bucket = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [ClientFact(OfficialClient.Docker)]
    public async Task A_container_has_the_declared_environment_and_what_an_engine_adds()
    {
        var ran = await bench.RunAsync("env", spec => spec with { Environment = new Dictionary<string, string> { ["B"] = "declared", ["C"] = "a=b" } });

        ran.Output.Should().Contain(["A=image", "B=declared", "C=a=b"]);
        ran.Output.Select(line => line.Split('=')[0]).Should().BeSubsetOf(["A", "B", "C", "PATH", "HOME", "HOSTNAME", "PWD", "_", "SHLVL", "OLDPWD"]);
    }

    [ClientFact(OfficialClient.Docker)]
    public async Task An_exit_code_is_the_containers_and_its_lines_keep_their_stream()
    {
        var ran = await bench.RunAsync("echo out; echo err >&2; exit 42");

        ran.Exit.Should().Be(new ContainerExit(42, null, null));
        ran.Output.Should().Equal("out");
        ran.Errors.Should().Equal("err");
    }

    [ClientFact(OfficialClient.Docker)]
    public async Task A_container_that_passes_its_memory_is_killed()
    {
        var ran = await bench.RunAsync("s=x; while :; do s=$s$s; done", spec => spec with { Memory = 16 * ContainerBench.Mebibyte });

        ran.Exit.Should().Be(new ContainerExit(137, 9, 16 * ContainerBench.Mebibyte));
    }

    [ClientFact(OfficialClient.Docker)]
    public async Task Stopping_tells_it_with_SIGTERM_first()
    {
        var (container, lines) = await bench.StartAsync("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done");
        await using var ended = container;
        await ContainerBench.Until(() => !lines.IsEmpty);

        await container.StopAsync(TimeSpan.FromSeconds(30));

        (await container.Exit).Should().Be(new ContainerExit(3, null, null));
        lines.Should().Contain(new ContainerLine(false, "bye"));
    }

    [ClientFact(OfficialClient.Docker)]
    public async Task What_does_not_listen_to_SIGTERM_is_killed()
    {
        var (container, lines) = await bench.StartAsync("trap '' TERM; echo ready; while :; do sleep 600; done");
        await using var ended = container;
        await ContainerBench.Until(() => !lines.IsEmpty);

        await container.StopAsync(TimeSpan.FromMilliseconds(50));

        (await container.Exit).Should().Be(new ContainerExit(137, 9, null));
    }

    [ClientFact(OfficialClient.Docker)]
    public async Task What_is_mounted_is_read_and_written_and_read_only_is_not()
    {
        await File.WriteAllTextAsync(Path.Combine(_bucket.Path, "in"), "read\n", Cancel);

        var ran = await bench.RunAsync("cat /rw/in /ro/in; echo written > /rw/out; echo x > /ro/in || echo refused", spec => spec with
        {
            Mounts = [new("/rw", _bucket.Path, false), new("/ro", _bucket.Path, true)],
        });

        ran.Output.Should().Equal("read", "read", "refused");
        File.ReadAllText(Path.Combine(_bucket.Path, "out")).Should().Be("written\n");
    }

    [ClientFact(OfficialClient.Docker)]
    public async Task What_a_container_is_told_by_PORT_is_where_it_is_reached()
    {
        var (container, lines) = await bench.StartAsync("echo $PORT", spec => spec with { Port = 8080 });
        await using var ended = container;
        await container.Exit.WaitAsync(Soon, Cancel);

        lines.Should().ContainSingle().Which.Text.Should().Be(container.Address!.Port.ToString());
    }

    [ClientFact(OfficialClient.Docker)]
    public async Task Who_listens_on_all_interfaces_is_reached_and_who_listens_on_127_0_0_1_only_is_not()
    {
        var everywhere = () => AnswerAsync("\\0\\0\\0\\0");
        var toItself = () => AnswerAsync("\\x7f\\0\\0\\1");

        (await everywhere()).Should().Be("it is me");
        (await toItself.Should().ThrowAsync<HttpRequestException>()).Which.HttpRequestError.Should().Be(HttpRequestError.ConnectionError);
    }

    [ClientFact(OfficialClient.Docker)]
    public async Task A_container_without_network_has_only_itself() =>
        (await bench.RunAsync("cat /proc/net/dev", spec => spec with { Network = false })).Output.Skip(2).Should().ContainSingle().Which.Should().StartWith("    lo:");

    [ClientFact(OfficialClient.Docker)]
    public async Task What_cannot_be_started_is_told()
    {
        var starting = () => bench.RunAsync("", spec => spec with { Command = ["/bin/missing"] });

        (await starting.Should().ThrowAsync<ContainerStartException>()).WithMessage("Container test cannot start: 'docker start *' failed: *\"/bin/missing\"*no such file or directory*");
    }

    [ClientFact(OfficialClient.Docker)]
    public async Task Nothing_of_a_container_or_of_its_image_is_left()
    {
        var image = new TestImage { Layers = [new Layer().Programs("/bin/sh").File("id", Guid.NewGuid().ToString())], Entrypoint = ["/bin/sh", "-c", "while :; do :; done"] };
        var pulled = await bench.PullAsync(await bench.PushAsync(image));
        (await DockerCommand.RunAsync("image", "inspect", "--format", "{{.Id}}", pulled.Location)).Should().Be(pulled.Location);
        var (container, _) = await bench.StartAsync("", spec => spec with { Image = pulled, Args = null });

        await container.DisposeAsync();

        (await container.Exit).Signal.Should().Be(9);
        (await DockerCommand.RunAsync("ps", "--all", "--quiet", "--filter", $"ancestor={pulled.Location}")).Should().BeEmpty();
    }

    [ClientFact(OfficialClient.Docker)]
    public async Task The_containers_of_a_twin_that_was_killed_are_removed()
    {
        var image = await bench.ImageAsync();
        var left = await DockerCommand.RunAsync("run", "--detach", "--network", "none", "--label", "acceptance-twin=2147483647-1", image.Location, "-c", "sleep 600");
        var (container, _) = await bench.StartAsync("sleep 600");
        await using var living = container;

        await DockerLabel.RemoveForsakenAsync();

        (await DockerCommand.RunAsync("ps", "--all", "--quiet", "--no-trunc", "--filter", $"id={left}")).Should().BeEmpty();
        container.Exit.IsCompleted.Should().BeFalse();
    }

    public void Dispose() => _bucket.Dispose();

    /// <summary>What a server in a container answers that listens on its port at an address.</summary>
    /// <param name="address">Four bytes, as Perl writes them.</param>
    private async Task<string> AnswerAsync(string address)
    {
        var server = $$"""
            exec perl -e '$| = 1; socket(S, 2, 1, 6); bind(S, pack("S n a4 x8", 2, $ENV{PORT}, "{{address}}")) or die $!; listen(S, 5); print "listens\n";
            while (accept(C, S)) { sysread(C, $_, 4096); syswrite(C, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nit is me"); close C }'
            """;
        var (container, lines) = await bench.StartAsync(server, spec => spec with { Port = 8080 });
        await using var ended = container;
        await ContainerBench.Until(() => lines.Any(line => line.Text == "listens"));
        using var client = new HttpClient { Timeout = Soon };
        return await client.GetStringAsync(container.Address, Cancel);
    }
}
