using CliWrap;

namespace Acceptance.Tests.Suite.Gcp;

/// <summary>A bucket is a directory, so that a machine without FUSE can show one as if it were mounted.</summary>
public sealed class BucketFolderTests : IAsyncLifetime
{
    private StorageWire _gcs = null!;
    private string _directory = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _gcs = await StorageWire.StartAsync();
        _directory = await _gcs.DirectoryAsync();
    }

    public ValueTask DisposeAsync() => _gcs.DisposeAsync();

    [Fact]
    public async Task An_object_is_a_file()
    {
        await _gcs.PutObjectAsync("models/churn/v1.txt", "weights");

        (await File.ReadAllTextAsync(Path.Combine(_directory, "models", "churn", "v1.txt"), Cancel)).Should().Be("weights");
    }

    [Fact]
    public async Task A_deleted_object_leaves_no_file_and_no_empty_directory()
    {
        await _gcs.PutObjectAsync("models/churn/v1.txt", "weights");

        await _gcs.SendAsync(HttpMethod.Delete, $"storage/v1/b/{StorageWire.Bucket}/o/{Uri.EscapeDataString("models/churn/v1.txt")}");

        Directory.EnumerateFileSystemEntries(_directory).Should().BeEmpty();
    }

    [Fact]
    public async Task A_file_that_appears_is_an_object()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "sub"));
        await File.WriteAllTextAsync(Path.Combine(_directory, "sub", "a+b.txt"), "hello world", Cancel);

        var listed = (await _gcs.GetAsync($"storage/v1/b/{StorageWire.Bucket}/o?prefix=sub")).Json["items"]!.AsArray().Single()!;
        ((string?)listed["name"], (string?)listed["crc32c"], (string?)listed["md5Hash"]).Should().Be(("sub/a+b.txt", "yZRlqg==", "XrY7u+Ae7tCTyyK7j1rNww=="));
        (await _gcs.MediaAsync("sub/a+b.txt")).Text.Should().Be("hello world");
    }

    [Fact]
    public async Task A_file_that_changes_is_another_generation()
    {
        await _gcs.PutObjectAsync("x", "one");
        var before = (await _gcs.ResourceAsync("x")).Json;

        await File.WriteAllTextAsync(Path.Combine(_directory, "x"), "two", Cancel);
        var after = (await _gcs.ResourceAsync("x")).Json;

        long.Parse((string)after["generation"]!).Should().BeGreaterThan(long.Parse((string)before["generation"]!));
        (await _gcs.MediaAsync("x")).Text.Should().Be("two");
    }

    [Fact]
    public async Task A_file_that_goes_takes_its_object_along()
    {
        await _gcs.PutObjectAsync("x", "one");

        File.Delete(Path.Combine(_directory, "x"));

        (await _gcs.ResourceAsync("x")).Status.Should().Be(404);
        (await _gcs.GetAsync($"storage/v1/b/{StorageWire.Bucket}/o")).Json["items"].Should().BeNull();
    }

    [Fact]
    public async Task Nothing_outside_the_directory_is_read_or_written()
    {
        var outside = Directory.CreateTempSubdirectory("acc-outside-");
        await File.WriteAllTextAsync(Path.Combine(outside.FullName, "secret"), "secret", Cancel);
        File.CreateSymbolicLink(Path.Combine(_directory, "link"), Path.Combine(outside.FullName, "secret"));
        Directory.CreateSymbolicLink(Path.Combine(_directory, "way"), outside.FullName);

        (await _gcs.ResourceAsync("link")).Status.Should().Be(404);
        (await _gcs.ResourceAsync("way/secret")).Status.Should().Be(404);
        (await _gcs.GetAsync($"storage/v1/b/{StorageWire.Bucket}/o")).Json["items"].Should().BeNull();
        (await _gcs.PutObjectAsync("way/new", "kept")).Status.Should().Be(200);
        (await _gcs.PutObjectAsync("../../up", "kept")).Status.Should().Be(200);
        (await _gcs.MediaAsync("way/new")).Text.Should().Be("kept");
        outside.GetFiles().Select(file => file.Name).Should().Equal("secret");
        outside.Delete(recursive: true);
    }

    [Fact]
    public async Task A_reset_leaves_the_twins_buckets_empty()
    {
        await _gcs.PutObjectAsync("x", "one");

        await _gcs.SendAsync(HttpMethod.Post, "_standin/reset");

        Directory.Exists(_directory).Should().BeFalse();
        Directory.Exists(await _gcs.DirectoryAsync()).Should().BeTrue();
    }

    [Fact]
    public async Task A_file_that_keeps_growing_is_an_object_all_the_same()
    {
        var file = Path.Combine(_directory, "log");
        await File.WriteAllBytesAsync(file, new byte[32 * 1024 * 1024], Cancel);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writing = Task.Run(() => Grow(file, enough.Token), Cancel);

        var listed = await _gcs.GetAsync($"storage/v1/b/{StorageWire.Bucket}/o");
        await enough.CancelAsync();
        await writing;

        ((string?)listed.Json["items"]![0]!["name"]).Should().Be("log");
        (await _gcs.MediaAsync("log")).Content.Should().Equal(await File.ReadAllBytesAsync(file, Cancel));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_no_object_until_it_can()
    {
        var file = Path.Combine(_directory, "closed");
        await using (new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            (await _gcs.ResourceAsync("closed")).Status.Should().Be(404);
            (await _gcs.GetAsync($"storage/v1/b/{StorageWire.Bucket}/o")).Json["items"].Should().BeNull();
        }

        (await _gcs.ResourceAsync("closed")).Status.Should().Be(200);
    }

    [Fact]
    public async Task What_is_no_regular_file_is_no_object()
    {
        await Cli.Wrap("mkfifo").WithArguments([Path.Combine(_directory, "pipe")]).ExecuteAsync(Cancel);

        (await _gcs.ResourceAsync("pipe")).Status.Should().Be(404);
        (await _gcs.GetAsync($"storage/v1/b/{StorageWire.Bucket}/o")).Json["items"].Should().BeNull();
        (await _gcs.PutObjectAsync("pipe", "kept")).Status.Should().Be(200);
        (await _gcs.MediaAsync("pipe")).Text.Should().Be("kept");
    }

    [Fact]
    public async Task A_file_that_appears_during_an_upload_is_there_when_its_condition_is_judged()
    {
        var session = await _gcs.BeginAsync("x", "&ifGenerationMatch=0");
        await File.WriteAllTextAsync(Path.Combine(_directory, "x"), "first", Cancel);

        (await _gcs.PartAsync(session, new byte[10], "bytes 0-9/10")).Refusal.Should().Be((412, "conditionNotMet"));
        (await _gcs.MediaAsync("x")).Text.Should().Be("first");
    }

    private static void Grow(string file, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            File.AppendAllText(file, "line\n");
        }
    }
}
