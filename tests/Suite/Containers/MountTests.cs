using Acceptance.StandIns.Containers;
using Acceptance.StandIns.Containers.Unpacking;
using Acceptance.Tests.Suite.Recette;

namespace Acceptance.Tests.Suite.Containers;

public sealed class MountTests(ContainerBench bench) : IClassFixture<ContainerBench>, IDisposable
{
    private readonly ScratchFolder _bucket = new();

    [Fact]
    public async Task What_is_mounted_is_read_and_written()
    {
        await File.WriteAllTextAsync(Path.Combine(_bucket.Path, "in"), "read\n", TestContext.Current.CancellationToken);

        var ran = await RunAsync("cat mnt/data/in; mkdir mnt/data/a; echo written > mnt/data/a/out", readOnly: false);

        ran.Output.Should().Equal("read");
        File.ReadAllText(Path.Combine(_bucket.Path, "a", "out")).Should().Be("written\n");
    }

    [Theory]
    [InlineData("echo x > mnt/data/new")]
    [InlineData("echo x >> mnt/data/folder/in")]
    [InlineData("echo x > mnt/data/folder/new")]
    [InlineData("rm -r mnt/data/folder")]
    [InlineData("mv mnt/data/folder/in mnt/data/in")]
    [InlineData("chmod -R u+w mnt/data/ && echo x > mnt/data/folder/in")]
    [InlineData("chown -R $(id -u) mnt/data/")]
    public async Task What_is_mounted_read_only_is_not_written(string command)
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(_bucket.Path, "folder")).FullName, "in");
        await File.WriteAllTextAsync(file, "read\n", TestContext.Current.CancellationToken);

        var ran = await RunAsync($"{command} && echo done; cat mnt/data/folder/in", readOnly: true);

        ran.Output.Should().Equal("read");
        ran.Errors.Should().NotBeEmpty();
        File.ReadAllText(file).Should().Be("read\n");
    }

    [Fact]
    public async Task A_pipe_in_what_is_mounted_holds_nobody_up()
    {
        await File.WriteAllTextAsync(Path.Combine(_bucket.Path, "in"), "read\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_bucket.Path, "empty"), "", TestContext.Current.CancellationToken);
        await RunAsync("mkfifo mnt/data/pipe", readOnly: false);

        var ran = await RunAsync("ls mnt/data", readOnly: true).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        ran.Output.Should().Equal("empty", "in");
    }

    [Fact]
    public async Task A_mount_stays_when_its_container_is_gone()
    {
        Directory.CreateDirectory(Path.Combine(_bucket.Path, "kept"));

        await RunAsync("true", readOnly: false);
        await RunAsync("true", readOnly: true);

        Directory.Exists(Path.Combine(_bucket.Path, "kept")).Should().BeTrue();
    }

    [Fact]
    public async Task A_program_that_is_mounted_is_started()
    {
        var program = Path.Combine(_bucket.Path, "program");
        await File.WriteAllTextAsync(program, "#!/bin/sh\necho mounted", TestContext.Current.CancellationToken);
        FileModes.Set(program, (UnixFileMode)0b111_101_101);

        var ran = await bench.RunAsync("", spec => spec with { Command = ["/mnt/data/program"], Mounts = [new("/mnt/data", _bucket.Path, true)] });

        ran.Output.Should().Equal("mounted");
    }

    [Theory, InlineData("mnt"), InlineData("/"), InlineData("/mnt/../../etc"), InlineData("/out/etc")]
    public async Task A_mount_out_of_the_root_is_refused(string path)
    {
        var image = new TestImage { Layers = [new Layer().Link("out", "../../..")], Entrypoint = ["true"] };

        var running = () => bench.RunAsync(image, spec => spec with { Mounts = [new(path, _bucket.Path, false)] });

        (await running.Should().ThrowAsync<ContainerStartException>())
            .WithMessage($"Container test cannot mount anything at '{path}': it is no absolute path below the image's root and outside other mounts.");
    }

    public void Dispose() => _bucket.Dispose();

    private Task<RanContainer> RunAsync(string script, bool readOnly) =>
        bench.RunAsync(script, spec => spec with { Mounts = [new("/mnt/data", _bucket.Path, readOnly)] });
}
