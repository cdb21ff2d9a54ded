using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Acceptance.Platform.Gcp.Auth;
using Acceptance.Platform.Gcp.Storage;
using Acceptance.Platform.Http;

namespace Acceptance.Tests.Suite.Gcp.Storage;

/// <summary>The client against the twin: what it does.</summary>
public sealed class GcsClientTests(GcpTwin twin) : IClassFixture<GcpTwin>
{
    private readonly GcsFolder _folder = new(twin);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bucket_is_made_listed_and_deleted()
    {
        using var gcs = await _folder.ClientAsync();
        var name = BucketName.Parse($"acc-{Guid.NewGuid():n}");

        var made = await gcs.CreateBucketAsync(GcpTwin.Lab, new BucketCreate(name, "europe-west1") { Labels = new Dictionary<string, string> { ["run"] = "x" }, Versioned = true }, Cancel);

        made.Should().BeEquivalentTo(new { Name = name, Location = "EUROPE-WEST1", UniformAccess = true, Versioned = true });
        (await gcs.GetBucketAsync(name, Cancel)).Labels.Should().Contain("run", "x");
        (await gcs.ListBucketsAsync(GcpTwin.Lab, "acc-", Cancel).ToListAsync(Cancel)).Select(bucket => bucket.Name).Should().Contain([name, GcsFolder.Bucket]);
        using var scientist = new GcsClient(twin.Pipeline, twin.AddressOf("gcs"), await twin.AsAsync(GcpTwin.DataScientist), twin.Limits);
        (await scientist.TestPermissionsAsync(name, ["storage.objects.get", "storage.buckets.delete"], Cancel)).Should().Equal("storage.objects.get");
        await gcs.DeleteBucketAsync(name, Cancel);
        (await gcs.Invoking(client => client.GetBucketAsync(name, Cancel)).Should().ThrowAsync<GcsException>()).Which.Reason.Should().Be("notFound");
    }

    [Theory]
    [InlineData("media")]
    [InlineData("multipart")]
    [InlineData("resumable")]
    [InlineData("pieces")]
    [InlineData("forwards")]
    public async Task An_object_is_written_and_read_back_verified(string way)
    {
        using var gcs = await _folder.ClientAsync();
        var content = RandomNumberGenerator.GetBytes(9 * 1024 * 1024 + 7);
        var path = _folder.Path($"{way} é+%2F ?#.bin");
        var options = new UploadOptions { ContentType = "application/x-model", PieceSize = way == "pieces" ? 1024 * 1024 : null };

        var written = way switch
        {
            "media" => await gcs.UploadMediaAsync(path, new MemoryStream(content), options, Cancel),
            "multipart" => await gcs.UploadMultipartAsync(path, new MemoryStream(content), options with { Metadata = new Dictionary<string, string> { ["k"] = "v" } }, Cancel),
            "forwards" => await gcs.UploadAsync(path, new BufferedStream(new ForwardsOnly(content)), options, Cancel),
            _ => await gcs.UploadAsync(path, new MemoryStream(content), options, Cancel),
        };

        (written.Path, written.Size, written.ContentType, written.Metadata.Count).Should().Be((path, content.LongLength, "application/x-model", way == "multipart" ? 1 : 0));
        using var back = new MemoryStream();
        var read = await gcs.DownloadAsync(path, back, new ReadOptions(), Cancel);
        read.Should().Be(new DownloadedObject(content.LongLength, written.Generation, "application/x-model", null, true, 0));
        back.ToArray().Should().Equal(content);
    }

    [Fact]
    public async Task A_part_is_read_by_its_range()
    {
        using var gcs = await _folder.ClientAsync();
        var path = _folder.Path("range");
        await gcs.UploadMediaAsync(path, GcsFolder.Text("0123456789"), new UploadOptions(), Cancel);

        (await GcsFolder.ReadAsync(gcs, path, ByteRange.Between(2, 4))).Should().Be("234");
        (await GcsFolder.ReadAsync(gcs, path, ByteRange.From(7))).Should().Be("789");
        (await GcsFolder.ReadAsync(gcs, path, ByteRange.LastBytes(2))).Should().Be("89");
        twin.Text((await gcs.Invoking(client => GcsFolder.ReadAsync(client, path, ByteRange.From(10))).Should().ThrowAsync<GcsException>()).Which).Should().Match($"""
            Expected : bytes=10- of {path}
            Observed : 416 InvalidRange: The requested range cannot be satisfied.*
            Request  : GET http://gcs/storage/v1/b/acc-lab-data/o/{_folder.Name}%2Frange?alt=media -> 416 (request id *)
            Likely   : the object is shorter than the range begins
            Try      : read its size first
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task What_is_stored_compressed_is_read_as_it_is_stored_and_verified()
    {
        using var gcs = await _folder.ClientAsync();
        using var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes("plain text"), Cancel);
        }

        compressed.Position = 0;
        await gcs.UploadAsync(_folder.Path("z"), compressed, new UploadOptions { ContentType = "text/plain", ContentEncoding = "gzip" }, Cancel);

        await using var stored = await gcs.OpenReadAsync(_folder.Path("z"), new ReadOptions(), Cancel);
        using var reader = new StreamReader(new GZipStream(stored, CompressionMode.Decompress));
        (await reader.ReadToEndAsync(Cancel), stored.ContentEncoding).Should().Be(("plain text", "gzip"));
        (await stored.ReadAsync(new byte[1], Cancel), stored.Verified).Should().Be((0, true));
    }

    [Fact]
    public async Task Objects_are_listed_by_folder_over_all_pages()
    {
        using var gcs = await _folder.ClientAsync();
        foreach (var name in new[] { "a", "b", "x/1", "x/2", "y/1" })
        {
            await gcs.UploadMediaAsync(_folder.Path(name), GcsFolder.Text(name), new UploadOptions(), Cancel);
        }

        var pages = await gcs.ListPagesAsync(GcsFolder.Bucket, new ObjectQuery { Prefix = $"{_folder.Name}/", Delimiter = "/", PageSize = 2 }, Cancel).ToListAsync(Cancel);

        pages.Should().HaveCountGreaterThan(1);
        pages.SelectMany(page => page.Objects).Select(found => found.Path.Name).Should().Equal($"{_folder.Name}/a", $"{_folder.Name}/b");
        pages.SelectMany(page => page.Prefixes).Should().Equal($"{_folder.Name}/x/", $"{_folder.Name}/y/");
        (await gcs.ListObjectsAsync(GcsFolder.Bucket, new ObjectQuery { Prefix = _folder.Name, MatchGlob = "**/1" }, Cancel).ToListAsync(Cancel)).Should().HaveCount(2);
    }

    [Fact]
    public async Task Of_two_writers_who_say_only_if_absent_one_is_told_that_it_was_second()
    {
        using var gcs = await _folder.ClientAsync();
        var options = new UploadOptions { Preconditions = Preconditions.Absent };
        var first = await gcs.UploadAsync(_folder.Path("once"), GcsFolder.Text("1"), options, Cancel);

        var second = (await gcs.Invoking(client => client.UploadAsync(_folder.Path("once"), GcsFolder.Text("2"), options, Cancel)).Should().ThrowAsync<GcsException>()).Which;

        twin.Text(second).Should().Match($"""
            Expected : gs://acc-lab-data/{_folder.Name}/once written where ifGenerationMatch 0
            Observed : 412 conditionNotMet: At least one of the pre-conditions you specified did not hold. (at If-Match)
            Request  : * http://gcs/upload/storage/v1/b/acc-lab-data/o?uploadType=resumable&*&upload_id=*** -> 412
            Likely   : the object exists already, or was changed since its generation was read: another writer was first
            Try      : read the object's generation and decide again
            """.ReplaceLineEndings("\n"));
        (second.Reason, second.Location, (int?)second.Status).Should().Be(("conditionNotMet", "If-Match", 412));
        (await gcs.GetObjectAsync(_folder.Path("once"), new ObjectVersion { Preconditions = Preconditions.Unchanged(first) }, Cancel)).Generation.Should().Be(first.Generation);
    }

    [Fact]
    public async Task Metadata_copies_and_compositions_are_made()
    {
        using var gcs = await _folder.ClientAsync();
        var (one, two, both, copy) = (_folder.Path("one"), _folder.Path("two"), _folder.Path("both"), _folder.Path("copy"));
        await gcs.UploadMultipartAsync(one, GcsFolder.Text("1"), new UploadOptions { Metadata = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" } }, Cancel);
        await gcs.UploadMediaAsync(two, GcsFolder.Text("2"), new UploadOptions(), Cancel);

        var patched = await gcs.PatchObjectAsync(one, new ObjectPatch { ContentType = "text/plain", Metadata = new Dictionary<string, string?> { ["a"] = "3" } }, Cancel);
        var composed = await gcs.ComposeAsync(both, [one, two], new UploadOptions { ContentType = "text/plain", Preconditions = Preconditions.Absent }, Cancel);
        var rewritten = await gcs.RewriteAsync(both, copy, new RewriteOptions { Preconditions = Preconditions.Absent }, Cancel);
        await gcs.DeleteObjectAsync(both, Cancel);

        (patched.ContentType, patched.Metageneration, patched.Metadata["a"], patched.Metadata["b"]).Should().Be(("text/plain", 2, "3", "2"));
        (composed.Components, composed.Md5, rewritten.Size).Should().Be((2, null, 2));
        (await GcsFolder.ReadAsync(gcs, copy, null)).Should().Be("12");
        (await gcs.FindObjectAsync(both, Cancel)).Should().BeNull();
        (await gcs.FindObjectAsync(copy, Cancel))!.MediaLink!.Authority.Should().Be(twin.AddressOf("gcs").Authority);
    }

    [Fact]
    public async Task A_session_is_gone_on_with_by_another_process()
    {
        var content = RandomNumberGenerator.GetBytes(3 * 256 * 1024);
        var path = _folder.Path("session");
        Uri session;
        using (var first = await _folder.ClientAsync())
        {
            session = await _folder.BegunAsync(first, path, content);
        }

        using var second = await _folder.ClientAsync();
        var kept = await second.GetUploadedLengthAsync(session, content.Length, Cancel);
        var done = await second.ContinueUploadAsync(session, path, new MemoryStream(content), new UploadOptions(), resumed: true, Cancel);

        (kept, done.Stored.Size, done.Cuts).Should().Be((256 * 1024, content.Length, 0));
    }

    [Fact]
    public async Task A_session_that_was_given_up_is_said_to_be()
    {
        using var gcs = await _folder.ClientAsync();
        var session = await gcs.BeginUploadAsync(_folder.Path("given-up"), 1, new UploadOptions(), Cancel);
        await gcs.CancelUploadAsync(session, Cancel);

        await gcs.Invoking(client => client.ContinueUploadAsync(session, _folder.Path("given-up"), GcsFolder.Text("1"), new UploadOptions(), resumed: false, Cancel)).Should().ThrowAsync<GcsException>()
            .WithMessage("*Likely   : the upload session has expired (they live a week), was cancelled, or another server is asked for it\nTry      : begin the upload anew");
    }

    [Fact]
    public async Task A_declared_hash_that_is_another_is_refused()
    {
        using var gcs = await _folder.ClientAsync();

        await gcs.Invoking(client => client.UploadMultipartAsync(_folder.Path("declared"), GcsFolder.Text("1"), new UploadOptions { Crc32C = "AAAAAA==" }, Cancel)).Should().ThrowAsync<GcsException>()
            .WithMessage("*Observed : 400 invalid: *\nLikely   : the content changed on its way, or is another than the declared hash was made of*");
    }

    [Fact]
    public async Task Who_may_not_is_told_which_permission_is_missing()
    {
        using var gcs = new GcsClient(twin.Pipeline, twin.AddressOf("gcs"), await twin.AsAsync(GcpTwin.DataScientist), twin.Limits);
        using var nobody = new GcsClient(twin.Pipeline, twin.AddressOf("gcs"), GcpPersona.Anonymous, twin.Limits);
        var path = new ObjectPath(BucketName.Parse("acc-run-data"), "x");

        var refused = (await gcs.Invoking(client => client.GetObjectAsync(path, Cancel)).Should().ThrowAsync<GcsException>()).Which;

        twin.Text(refused).Should().Match("""
            Expected : object gs://acc-run-data/x
            Observed : 403 forbidden: data-scientist@example.test does not have storage.objects.get access*
            Request  : GET http://gcs/storage/v1/b/acc-run-data/o/x* -> 403 (request id *)
            Likely   : the identity lacks storage.objects.get
            Try      : grant roles/storage.objectViewer to read, roles/storage.objectAdmin to write, or use an identity that has it
            """.ReplaceLineEndings("\n"));
        (await nobody.Invoking(client => client.GetObjectAsync(path, Cancel)).Should().ThrowAsync<GcsException>()).Which.Status.Should().Be(System.Net.HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_session_that_is_finished_gives_its_object_to_who_goes_on_with_it()
    {
        using var gcs = await _folder.ClientAsync();
        var content = RandomNumberGenerator.GetBytes(300_000);
        var session = await gcs.BeginUploadAsync(_folder.Path("done"), null, new UploadOptions(), Cancel);
        var first = await gcs.ContinueUploadAsync(session, _folder.Path("done"), new MemoryStream(content), new UploadOptions(), resumed: false, Cancel);

        var again = await gcs.ContinueUploadAsync(session, _folder.Path("done"), new MemoryStream(content), new UploadOptions(), resumed: true, Cancel);
        var piped = await gcs.ContinueUploadAsync(session, _folder.Path("done"), new BufferedStream(new ForwardsOnly(content)), new UploadOptions(), resumed: true, Cancel);

        (again.Stored.Generation, piped.Stored.Generation).Should().Be((first.Stored.Generation, first.Stored.Generation));
        (await gcs.GetUploadedLengthAsync(session, null, Cancel)).Should().Be(content.Length);
    }

    [Fact]
    public async Task A_session_is_gone_on_with_from_a_stream_that_cannot_go_back()
    {
        using var gcs = await _folder.ClientAsync();
        var content = RandomNumberGenerator.GetBytes(9 * 1024 * 1024);
        var session = await _folder.BegunAsync(gcs, _folder.Path("piped"), content);

        var done = await gcs.ContinueUploadAsync(session, _folder.Path("piped"), new BufferedStream(new ForwardsOnly(content)), new UploadOptions(), resumed: true, Cancel);

        done.Stored.Size.Should().Be(content.Length);
    }

    [Fact]
    public async Task A_copy_is_made_only_of_the_source_that_was_read()
    {
        using var gcs = await _folder.ClientAsync();
        var source = await gcs.UploadAsync(_folder.Path("source"), GcsFolder.Text("1"), new UploadOptions(), Cancel);

        var copying = () => gcs.RewriteAsync(_folder.Path("source"), _folder.Path("target"), new RewriteOptions { SourcePreconditions = new Preconditions { GenerationMatch = source.Generation + 1 } }, Cancel);

        (await copying.Should().ThrowAsync<GcsException>()).WithMessage($"Expected : {source.Path} where ifGenerationMatch {source.Generation + 1} rewritten to *\nObserved : 412 conditionNotMet*");
        (await gcs.RewriteAsync(_folder.Path("source"), _folder.Path("target"), new RewriteOptions { SourcePreconditions = Preconditions.Unchanged(source) }, Cancel)).Size.Should().Be(1);
    }

    [Fact]
    public async Task An_object_that_was_not_changed_is_said_to_be()
    {
        using var gcs = await _folder.ClientAsync();
        var written = await gcs.UploadAsync(_folder.Path("same"), GcsFolder.Text("1"), new UploadOptions(), Cancel);

        var reading = () => gcs.GetObjectAsync(_folder.Path("same"), new ObjectVersion { Preconditions = new Preconditions { GenerationNotMatch = written.Generation } }, Cancel);

        (await reading.Should().ThrowAsync<GcsException>()).WithMessage("*-> 304*\nLikely   : the object is still the one that the condition excludes: nothing was changed since it was read\n*");
    }
}
