using System.Formats.Tar;
using Acceptance.StandIns.Containers;
using Acceptance.StandIns.Containers.Unpacking;

namespace Acceptance.Tests.Suite.Containers;

public sealed class UnpackTests(ContainerBench bench) : IClassFixture<ContainerBench>
{
    private static readonly string Outside = $"acceptance-outside-{Guid.NewGuid():n}";
    private static readonly string Up = string.Concat(Enumerable.Repeat("../", 20));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> BadArchives => new()
    {
        { "dot dot", "has a file whose path leaves the image's root: '../../outside'" },
        { "dot dot within", "has a file whose path leaves the image's root: 'a/../../outside'" },
        { "absolute", "has a file with an absolute path: '/tmp/*'" },
        { "through a link", "has a file whose path leaves the image's root through a link: 'link/outside'" },
        { "through a link of a lower layer", "has a file whose path leaves the image's root through a link: 'link/outside'" },
        { "hard link out", "has a hard link's target whose path leaves the image's root: '../../etc/passwd'" },
        { "absolute hard link", "has a hard link's target with an absolute path: '/etc/passwd'" },
        { "hard link through a link", "has a hard link's target whose path leaves the image's root through a link: 'link/etc/passwd'" },
        { "hard link to nothing", "has a hard link 'a' to 'b', which is no file of the image" },
        { "links in a circle", "has a file whose path leaves the image's root through a link: 'a/file'" },
        { "character device", "has a character device, which no image of the twin may have: 'dev/mem'" },
        { "block device", "has a block device, which no image of the twin may have: 'dev/sda'" },
        { "named pipe", "has a named pipe, which no image of the twin may have: 'pipe'" },
        { "whiteout of the parent", "has a whiteout that takes away a directory from within: 'a/.wh...'" },
        { "whiteout of the folder", "has a whiteout that takes away a directory from within: 'a/.wh..'" },
        { "long name", "has a file whose name Linux cannot have: 'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn…'" },
        { "below a file", "has a file below what is no directory: 'a/b'" },
        { "file as root", "has a link in place of the image's root" },
        { "attributes of 100 MiB", "describes an entry with 104857600 bytes, and 1048576 are allowed: a bomb" },
        { "attributes of 2 GiB", "is no archive that can be read: *" },
        { "long name of 100 MiB", "describes an entry with 104857600 bytes, and 1048576 are allowed: a bomb" },
        { "long name of 2 GiB", "is no archive that can be read: *" },
        { "bomb", "grows to more than 67108864 bytes from *: a decompression bomb" },
        { "no archive", "is no archive that can be read: *" },
        { "other diff id", "holds an archive whose digest is sha256:*, and the configuration says sha256:0*" },
    };

    [Theory, MemberData(nameof(BadArchives))]
    public async Task A_bad_archive_is_refused_and_nothing_of_it_is_left(string name, string reason)
    {
        var pulling = () => bench.PulledAsync(Bad(name));

        var exception = (await pulling.Should().ThrowAsync<ImagePullException>()).Which;
        exception.Failure.Should().Be(ImagePullFailure.Invalid);
        exception.Reason.Should().Match($"layer sha256:* {reason}.");
        Directory.EnumerateFileSystemEntries(Path.GetTempPath(), $"*{Outside}*").Should().BeEmpty();
        Directory.EnumerateDirectories(bench.Runtime.Images).Should().NotContain(folder => Path.GetFileName(folder).Contains('.'));
    }

    [Fact]
    public async Task Limits_hold_for_all_layers_together()
    {
        var image = new TestImage { Layers = [new Layer().Zeros("a", 60_000), new Layer().Zeros("b", 60_000)] };
        var reference = await bench.PushAsync(image);
        await using var small = bench.NewRuntime(new UnpackLimits { Total = 100_000 });
        await using var few = bench.NewRuntime(new UnpackLimits { Entries = 1 });

        (await small.Invoking(runtime => runtime.PullAsync(reference, bench.Pull, Cancel)).Should().ThrowAsync<ImagePullException>())
            .Which.Reason.Should().EndWith("makes the image larger than 100000 bytes: a decompression bomb.");
        (await few.Invoking(runtime => runtime.PullAsync(reference, bench.Pull, Cancel)).Should().ThrowAsync<ImagePullException>())
            .Which.Reason.Should().EndWith("has more entries than an image may have.");
    }

    [Fact]
    public async Task What_hard_links_copy_counts_as_much_as_files_do()
    {
        var image = new TestImage { Layers = [new Layer().Zeros("a", 40_000).HardLink("b", "a").HardLink("c", "a").HardLink("d", "a")] };
        var reference = await bench.PushAsync(image);
        await using var small = bench.NewRuntime(new UnpackLimits { Total = 100_000 });

        (await small.Invoking(runtime => runtime.PullAsync(reference, bench.Pull, Cancel)).Should().ThrowAsync<ImagePullException>())
            .Which.Reason.Should().EndWith("has hard links to more than 100000 bytes, which makes the image too large: a bomb.");
    }

    [Theory, InlineData(Layer.Plain), InlineData(Layer.Gzip), InlineData(Layer.Zstd)]
    public async Task A_layer_is_unpacked_whatever_its_compression(string type)
    {
        var root = await UnpackAsync(new Layer { Type = type }.Folder("a").File("a/file", "content").Script("a/program", ""));

        File.ReadAllText(Path.Combine(root, "a/file")).Should().Be("content");
        FileModes.Get(Path.Combine(root, "a/program")).Should().HaveFlag(UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        FileModes.Get(Path.Combine(root, "a/file")).Should().NotHaveFlag(UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task A_layer_takes_away_what_lower_ones_put_there_and_nothing_else()
    {
        var root = await UnpackAsync(
            new Layer().File("kept", "").File("gone", "").File("folder/gone", "").File("opaque/gone", "").File("opaque/both", "lower").File("mine", "lower"),
            new Layer().File("opaque/new", "").File("opaque/both", "upper").File("opaque/.wh..wh..opq", "").File(".wh.gone", "").File(".wh.folder", "")
                .File("mine", "upper").File(".wh.mine", "").File(".wh..wh.plnk", "").File(".wh.never", ""));

        Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root, file)).Order(StringComparer.Ordinal)
            .Should().Equal("kept", "mine", "opaque/both", "opaque/new");
        File.ReadAllText(Path.Combine(root, "opaque/both")).Should().Be("upper");
    }

    [Fact]
    public async Task A_later_layer_replaces_files_folders_and_links()
    {
        var root = await UnpackAsync(
            new Layer().File("file", "lower").File("folder/in", "").Link("link", "/etc").Folder("kept").File("kept/in", ""),
            new Layer().Folder("file").File("folder", "upper").Folder("link").File("link/in", "upper").Folder("kept"));

        Directory.Exists(Path.Combine(root, "file")).Should().BeTrue();
        File.ReadAllText(Path.Combine(root, "folder")).Should().Be("upper");
        new FileInfo(Path.Combine(root, "link")).LinkTarget.Should().BeNull();
        File.Exists(Path.Combine(root, "kept/in")).Should().BeTrue();
    }

    [Fact]
    public async Task Links_are_kept_and_followed_within_the_root_only()
    {
        var root = await UnpackAsync(
            new Layer().Folder("usr/bin").Link("bin", "usr/bin").Link("absolute", "/etc").Link("out", Up + "etc/passwd"),
            new Layer().File("bin/tool", "tool").File($"absolute/{Outside}", "inside").HardLink("hard", "bin/tool").HardLink("same", "out"));

        File.ReadAllText(Path.Combine(root, "usr/bin/tool")).Should().Be("tool");
        File.ReadAllText(Path.Combine(root, "hard")).Should().Be("tool");
        File.ReadAllText(Path.Combine(root, "etc", Outside)).Should().Be("inside");
        File.Exists($"/etc/{Outside}").Should().BeFalse();
        new FileInfo(Path.Combine(root, "same")).LinkTarget.Should().Be(Up + "etc/passwd");
    }

    [Fact]
    public async Task What_describes_entries_is_no_file_and_may_be_long()
    {
        var root = await UnpackAsync(new Layer().Global("comment", "of a release").Described("file", "SCHILY.xattr.user.notes", new string('n', 900_000)));

        Directory.EnumerateFileSystemEntries(root).Should().Equal(Path.Combine(root, "file"));
    }

    private static TestImage Bad(string name) => name switch
    {
        "dot dot" => Of(new Layer().File("../../outside", "")),
        "dot dot within" => Of(new Layer().File("a/../../outside", "")),
        "absolute" => Of(new Layer().File($"/tmp/{Outside}", "")),
        "through a link" => Of(new Layer().Link("link", Up + "tmp").File("link/outside", "")),
        "through a link of a lower layer" => Of(new Layer().Link("link", Up + "tmp"), new Layer().File("link/outside", "")),
        "hard link out" => Of(new Layer().HardLink("a", "../../etc/passwd")),
        "absolute hard link" => Of(new Layer().HardLink("a", "/etc/passwd")),
        "hard link through a link" => Of(new Layer().Link("link", Up).HardLink("a", "link/etc/passwd")),
        "hard link to nothing" => Of(new Layer().HardLink("a", "b")),
        "links in a circle" => Of(new Layer().Link("a", "b").Link("b", "a").File("a/file", "")),
        "character device" => Of(new Layer().Special(TarEntryType.CharacterDevice, "dev/mem")),
        "block device" => Of(new Layer().Special(TarEntryType.BlockDevice, "dev/sda")),
        "named pipe" => Of(new Layer().Special(TarEntryType.Fifo, "pipe")),
        "whiteout of the parent" => Of(new Layer().File("a/.wh...", "")),
        "whiteout of the folder" => Of(new Layer().File("a/.wh..", "")),
        "long name" => Of(new Layer().File(new string('n', 256), "")),
        "below a file" => Of(new Layer().File("a", "").File("a/b", "")),
        "file as root" => Of(new Layer().Link("./", "/etc")),
        "attributes of 100 MiB" => Of(Headed('x', 100 << 20)),
        "attributes of 2 GiB" => Of(Headed('x', 1L << 31)),
        "long name of 100 MiB" => Of(Headed('L', 100 << 20)),
        "long name of 2 GiB" => Of(Headed('L', 1L << 31)),
        "bomb" => Of(new Layer().Zeros("zeros", 80_000_000)),
        "no archive" => Of(new Layer { Tail = "garbage that is longer than a block of an archive".PadRight(1024, 'x').Select(letter => (byte)letter).ToArray(), Whole = false }),
        "other diff id" => Of(new Layer().File("a", "")) with { DiffIds = [$"sha256:{new string('0', 64)}"] },
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    private static Layer Headed(char type, long size) => new() { Tail = Layer.Header(type, size), Whole = false };

    private static TestImage Of(params Layer[] layers) => new() { Layers = layers, Entrypoint = ["true"] };

    private async Task<string> UnpackAsync(params Layer[] layers) => (await bench.PulledAsync(Of(layers))).Location;
}
