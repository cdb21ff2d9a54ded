using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Acceptance.Platform.Gcp.Auth;
using Acceptance.Platform.Gcp.Storage;
using Acceptance.Platform.Http;
using Acceptance.Tests.Suite.RealClients;

namespace Acceptance.Tests.Suite.Gcp.Storage;

/// <summary>The client against the twin: what it does, and what it says of each fault.</summary>
public sealed class GcsClientTests(GcpTwin twin) : IClassFixture<GcpTwin>
{
    private static readonly BucketName Bucket = BucketName.Parse("acc-lab-data");

    private readonly string _folder = $"client-{Guid.NewGuid():n}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bucket_is_made_listed_and_deleted()
    {
        using var gcs = await ClientAsync();
        var name = BucketName.Parse($"acc-{Guid.NewGuid():n}");

        var made = await gcs.CreateBucketAsync(GcpTwin.Lab, new BucketCreate(name, "europe-west1") { Labels = new Dictionary<string, string> { ["run"] = "x" }, Versioned = true }, Cancel);

        made.Should().BeEquivalentTo(new { Name = name, Location = "EUROPE-WEST1", UniformAccess = true, Versioned = true });
        (await gcs.GetBucketAsync(name, Cancel)).Labels.Should().Contain("run", "x");
        (await gcs.ListBucketsAsync(GcpTwin.Lab, "acc-", Cancel).ToListAsync(Cancel)).Select(bucket => bucket.Name).Should().Contain([name, Bucket]);
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
        using var gcs = await ClientAsync();
        var content = RandomNumberGenerator.GetBytes(9 * 1024 * 1024 + 7);
        var path = Path($"{way} é+%2F ?#.bin");
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
        using var gcs = await ClientAsync();
        var path = Path("range");
        await gcs.UploadMediaAsync(path, Text("0123456789"), new UploadOptions(), Cancel);

        (await ReadAsync(gcs, path, ByteRange.Between(2, 4))).Should().Be("234");
        (await ReadAsync(gcs, path, ByteRange.From(7))).Should().Be("789");
        (await ReadAsync(gcs, path, ByteRange.LastBytes(2))).Should().Be("89");
        twin.Text((await gcs.Invoking(client => ReadAsync(client, path, ByteRange.From(10))).Should().ThrowAsync<GcsException>()).Which).Should().Match($"""
            Expected : bytes=10- of {path}
            Observed : 416 InvalidRange: The requested range cannot be satisfied.*
            Request  : GET http://gcs/storage/v1/b/acc-lab-data/o/{_folder}%2Frange?alt=media -> 416 (request id *)
            Likely   : the object is shorter than the range begins
            Try      : read its size first
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task What_is_stored_compressed_is_read_as_it_is_stored_and_verified()
    {
        using var gcs = await ClientAsync();
        using var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes("plain text"), Cancel);
        }

        compressed.Position = 0;
        await gcs.UploadAsync(Path("z"), compressed, new UploadOptions { ContentType = "text/plain", ContentEncoding = "gzip" }, Cancel);

        await using var stored = await gcs.OpenReadAsync(Path("z"), new ReadOptions(), Cancel);
        using var reader = new StreamReader(new GZipStream(stored, CompressionMode.Decompress));
        (await reader.ReadToEndAsync(Cancel), stored.ContentEncoding).Should().Be(("plain text", "gzip"));
        (await stored.ReadAsync(new byte[1], Cancel), stored.Verified).Should().Be((0, true));
    }

    [Fact]
    public async Task Objects_are_listed_by_folder_over_all_pages()
    {
        using var gcs = await ClientAsync();
        foreach (var name in new[] { "a", "b", "x/1", "x/2", "y/1" })
        {
            await gcs.UploadMediaAsync(Path(name), Text(name), new UploadOptions(), Cancel);
        }

        var pages = await gcs.ListPagesAsync(Bucket, new ObjectQuery { Prefix = $"{_folder}/", Delimiter = "/", PageSize = 2 }, Cancel).ToListAsync(Cancel);

        pages.Should().HaveCountGreaterThan(1);
        pages.SelectMany(page => page.Objects).Select(found => found.Path.Name).Should().Equal($"{_folder}/a", $"{_folder}/b");
        pages.SelectMany(page => page.Prefixes).Should().Equal($"{_folder}/x/", $"{_folder}/y/");
        (await gcs.ListObjectsAsync(Bucket, new ObjectQuery { Prefix = _folder, MatchGlob = "**/1" }, Cancel).ToListAsync(Cancel)).Should().HaveCount(2);
    }

    [Fact]
    public async Task Of_two_writers_who_say_only_if_absent_one_is_told_that_it_was_second()
    {
        using var gcs = await ClientAsync();
        var options = new UploadOptions { Preconditions = Preconditions.Absent };
        var first = await gcs.UploadAsync(Path("once"), Text("1"), options, Cancel);

        var second = (await gcs.Invoking(client => client.UploadAsync(Path("once"), Text("2"), options, Cancel)).Should().ThrowAsync<GcsException>()).Which;

        twin.Text(second).Should().Match($"""
            Expected : gs://acc-lab-data/{_folder}/once written where ifGenerationMatch 0
            Observed : 412 conditionNotMet: At least one of the pre-conditions you specified did not hold. (at If-Match)
            Request  : * http://gcs/upload/storage/v1/b/acc-lab-data/o?uploadType=resumable&*&upload_id=*** -> 412
            Likely   : the object exists already, or was changed since its generation was read: another writer was first
            Try      : read the object's generation and decide again
            """.ReplaceLineEndings("\n"));
        (second.Reason, second.Location, (int?)second.Status).Should().Be(("conditionNotMet", "If-Match", 412));
        (await gcs.GetObjectAsync(Path("once"), new ObjectVersion { Preconditions = Preconditions.Unchanged(first) }, Cancel)).Generation.Should().Be(first.Generation);
    }

    [Fact]
    public async Task Metadata_copies_and_compositions_are_made()
    {
        using var gcs = await ClientAsync();
        var (one, two, both, copy) = (Path("one"), Path("two"), Path("both"), Path("copy"));
        await gcs.UploadMultipartAsync(one, Text("1"), new UploadOptions { Metadata = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" } }, Cancel);
        await gcs.UploadMediaAsync(two, Text("2"), new UploadOptions(), Cancel);

        var patched = await gcs.PatchObjectAsync(one, new ObjectPatch { ContentType = "text/plain", Metadata = new Dictionary<string, string?> { ["a"] = "3" } }, Cancel);
        var composed = await gcs.ComposeAsync(both, [one, two], new UploadOptions { ContentType = "text/plain", Preconditions = Preconditions.Absent }, Cancel);
        var rewritten = await gcs.RewriteAsync(both, copy, new RewriteOptions { Preconditions = Preconditions.Absent }, Cancel);
        await gcs.DeleteObjectAsync(both, Cancel);

        (patched.ContentType, patched.Metageneration, patched.Metadata["a"], patched.Metadata["b"]).Should().Be(("text/plain", 2, "3", "2"));
        (composed.Components, composed.Md5, rewritten.Size).Should().Be((2, null, 2));
        (await ReadAsync(gcs, copy, null)).Should().Be("12");
        (await gcs.FindObjectAsync(both, Cancel)).Should().BeNull();
        (await gcs.FindObjectAsync(copy, Cancel))!.MediaLink!.Authority.Should().Be(twin.AddressOf("gcs").Authority);
    }

    [Fact]
    public async Task A_session_is_gone_on_with_by_another_process()
    {
        var content = RandomNumberGenerator.GetBytes(3 * 256 * 1024);
        var path = Path("session");
        Uri session;
        using (var first = await ClientAsync())
        {
            session = await BegunAsync(first, path, content);
        }

        using var second = await ClientAsync();
        var kept = await second.GetUploadedLengthAsync(session, content.Length, Cancel);
        var done = await second.ContinueUploadAsync(session, path, new MemoryStream(content), new UploadOptions(), resumed: true, Cancel);

        (kept, done.Stored.Size, done.Cuts).Should().Be((256 * 1024, content.Length, 0));
    }

    [Fact]
    public async Task A_session_that_was_given_up_is_said_to_be()
    {
        using var gcs = await ClientAsync();
        var session = await gcs.BeginUploadAsync(Path("given-up"), 1, new UploadOptions(), Cancel);
        await gcs.CancelUploadAsync(session, Cancel);

        await gcs.Invoking(client => client.ContinueUploadAsync(session, Path("given-up"), Text("1"), new UploadOptions(), resumed: false, Cancel)).Should().ThrowAsync<GcsException>()
            .WithMessage("*Likely   : the upload session has expired (they live a week), was cancelled, or another server is asked for it\nTry      : begin the upload anew");
    }

    [Fact]
    public async Task A_declared_hash_that_is_another_is_refused()
    {
        using var gcs = await ClientAsync();

        await gcs.Invoking(client => client.UploadMultipartAsync(Path("declared"), Text("1"), new UploadOptions { Crc32C = "AAAAAA==" }, Cancel)).Should().ThrowAsync<GcsException>()
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
    public async Task G3_is_resumed_up_and_down()
    {
        using var gcs = await ClientAsync();
        using var fault = new ShownFault(twin.Twin, "G3");
        var content = RandomNumberGenerator.GetBytes(4 * 1024 * 1024);
        var session = await gcs.BeginUploadAsync(Path("g3"), content.Length, new UploadOptions(), Cancel);

        var up = await gcs.ContinueUploadAsync(session, Path("g3"), new MemoryStream(content), new UploadOptions(), resumed: false, Cancel);
        using var back = new MemoryStream();
        var down = await gcs.DownloadAsync(Path("g3"), back, new ReadOptions(), Cancel);

        (up.Cuts, down.Cuts, down.Verified).Should().Be((1, 1, true));
        back.ToArray().Should().Equal(content);
        fault.Hits.Should().BeGreaterThan(1);
    }

    [Theory]
    [InlineData("G6", "*404 with an HTML page titled*Likely   : a portal, login or error page of something between here and Google*")]
    [InlineData("Y6", "*410*Likely   : the upload session has expired (they live a week), was cancelled, or another server is asked for it*")]
    [InlineData("Y7", "*Likely   : a portal, login or error page of something between here and Google*")]
    [InlineData("Y8", "Expected : gs://acc-lab-data/* with 2097152 bytes and crc32c=*, as they were sent\nObserved : 2097152 bytes and crc32c=*, said to be written with success*")]
    [InlineData("Y10", "*403 accessNotConfigured*")]
    [InlineData("Y12", "*403 quotaExceeded*")]
    public async Task A_fault_of_an_upload_is_named(string fault, string message)
    {
        using var gcs = await ClientAsync();
        using var shown = new ShownFault(twin.Twin, fault);

        var uploading = () => gcs.UploadAsync(Path(fault), new MemoryStream(new byte[2 * 1024 * 1024]), new UploadOptions { PieceSize = 512 * 1024 }, Cancel);

        (await uploading.Should().ThrowAsync<GcsException>()).WithMessage(message);
        shown.Hits.Should().BePositive();
    }

    [Fact]
    public async Task G8_is_said_only_to_who_sends_an_access_list()
    {
        using var gcs = await ClientAsync();
        using var shown = new ShownFault(twin.Twin, "G8");

        await gcs.UploadAsync(Path("g8"), Text("1"), new UploadOptions(), Cancel);

        await gcs.Invoking(client => client.UploadAsync(Path("g8"), Text("2"), new UploadOptions { PredefinedAcl = "projectPrivate" }, Cancel)).Should().ThrowAsync<GcsException>()
            .WithMessage("*Likely   : the bucket has uniform access, and the client sends an access list with the object*");
    }

    [Theory]
    [InlineData("Y2", "*Observed : * bytes with crc32c=*, though crc32c=* came with them*Likely   : corrupt on the way or in the store*")]
    [InlineData("Y7", "*a portal, login or error page*")]
    [InlineData("Y11", "*503 backendError*")]
    public async Task A_fault_of_a_download_is_named(string fault, string message)
    {
        using var gcs = await ClientAsync();
        await gcs.UploadAsync(Path(fault), new MemoryStream(RandomNumberGenerator.GetBytes(64 * 1024)), new UploadOptions { ContentType = "application/x-model" }, Cancel);
        using var shown = new ShownFault(twin.Twin, fault);

        var reading = () => gcs.DownloadAsync(Path(fault), Stream.Null, new ReadOptions(), Cancel);

        (await reading.Should().ThrowAsync<GcsException>()).WithMessage(message);
        shown.Hits.Should().BePositive();
    }

    [Fact]
    public async Task Y4_uploads_that_are_always_cut_come_to_their_end_step_by_step()
    {
        using var gcs = await ClientAsync();
        using var shown = new ShownFault(twin.Twin, "Y4");
        var session = await gcs.BeginUploadAsync(Path("y4"), 1024 * 1024, new UploadOptions(), Cancel);

        var done = await gcs.ContinueUploadAsync(session, Path("y4"), new MemoryStream(new byte[1024 * 1024]), new UploadOptions(), resumed: false, Cancel);

        (done.Stored.Size, done.Cuts).Should().Be((1024 * 1024, 3));
    }

    [Fact]
    public async Task Y3_downloads_that_are_always_cut_are_gone_on_with()
    {
        using var gcs = await ClientAsync();
        var content = RandomNumberGenerator.GetBytes(16 * 1024 * 1024);
        await gcs.UploadAsync(Path("y3"), new MemoryStream(content), new UploadOptions(), Cancel);
        using var shown = new ShownFault(twin.Twin, "Y3");

        // A reset may drop the last pieces, so that only what is well before the end must come.
        await using var stream = await gcs.OpenReadAsync(Path("y3"), new ReadOptions(), Cancel);
        var beginning = new byte[10 * 1024 * 1024];
        await stream.ReadExactlyAsync(beginning, Cancel);

        beginning.AsSpan().SequenceEqual(content.AsSpan(0, beginning.Length)).Should().BeTrue();
        stream.Cuts.Should().BePositive().And.BeLessThanOrEqualTo((int)shown.Hits);
        (await ReadAsync(gcs, Path("y3"), ByteRange.Between(7, 7))).Should().HaveLength(1, "one byte has no half");
    }

    [Fact]
    public async Task G1_a_session_that_the_question_for_its_state_finishes_is_told_from_a_whole_one()
    {
        using var gcs = await ClientAsync();
        var content = RandomNumberGenerator.GetBytes(3 * 256 * 1024);
        var session = await BegunAsync(gcs, Path("g1"), content);
        using var shown = new ShownFault(twin.Twin, "G1");

        var going = () => gcs.ContinueUploadAsync(session, Path("g1"), new MemoryStream(content), new UploadOptions(), resumed: true, Cancel);

        (await going.Should().ThrowAsync<GcsException>()).WithMessage(
            "Expected : * with 786432 bytes and crc32c=*, as they were sent\nObserved : 262144 bytes*\nLikely   : the upload was finished before its end: a gateway takes the question for its state as the last byte\n*");
        shown.Hits.Should().BePositive();
    }

    [Fact]
    public async Task G4_shows_itself_by_two_writers_who_are_both_first()
    {
        using var gcs = await ClientAsync();
        using var shown = new ShownFault(twin.Twin, "G4");
        var options = new UploadOptions { Preconditions = Preconditions.Absent };

        var first = await gcs.UploadAsync(Path("g4"), Text("1"), options, Cancel);
        var second = await gcs.UploadAsync(Path("g4"), Text("2"), options, Cancel);

        second.Generation.Should().NotBe(first.Generation);
        shown.Hits.Should().BePositive();
    }

    [Fact]
    public async Task G9_an_object_that_is_listed_and_not_found_is_laid_to_a_proxy_that_decodes()
    {
        using var gcs = await ClientAsync();
        await gcs.UploadAsync(Path("a+b"), Text("1"), new UploadOptions(), Cancel);
        using var shown = new ShownFault(twin.Twin, "G9");

        var listed = await gcs.ListObjectsAsync(Bucket, new ObjectQuery { Prefix = _folder }, Cancel).SingleAsync(Cancel);

        await gcs.Invoking(client => client.GetObjectAsync(listed.Path, Cancel)).Should().ThrowAsync<GcsException>()
            .WithMessage("*404 notFound*Likely   : the object was never written or is deleted, or a proxy before this address decodes its name (%2F, +)\n*");
        shown.Hits.Should().BePositive();
    }

    [Fact]
    public async Task Y1_says_when_the_object_may_be_changed_again()
    {
        using var gcs = await ClientAsync();
        using var shown = new ShownFault(twin.Twin, "Y1");

        await gcs.Invoking(client => client.UploadMediaAsync(Path("y1"), Text("1"), new UploadOptions(), Cancel)).Should().ThrowAsync<GcsException>()
            .WithMessage("*429 rateLimitExceeded*Try      : spread them out and try again, no sooner than in 1 s");
        (await gcs.UploadMediaAsync(Path("y1"), Text("1"), new UploadOptions(), Cancel)).Size.Should().Be(1);
        shown.Hits.Should().BePositive();
    }

    [Fact]
    public async Task A_session_that_is_finished_gives_its_object_to_who_goes_on_with_it()
    {
        using var gcs = await ClientAsync();
        var content = RandomNumberGenerator.GetBytes(300_000);
        var session = await gcs.BeginUploadAsync(Path("done"), null, new UploadOptions(), Cancel);
        var first = await gcs.ContinueUploadAsync(session, Path("done"), new MemoryStream(content), new UploadOptions(), resumed: false, Cancel);

        var again = await gcs.ContinueUploadAsync(session, Path("done"), new MemoryStream(content), new UploadOptions(), resumed: true, Cancel);
        var piped = await gcs.ContinueUploadAsync(session, Path("done"), new BufferedStream(new ForwardsOnly(content)), new UploadOptions(), resumed: true, Cancel);

        (again.Stored.Generation, piped.Stored.Generation).Should().Be((first.Stored.Generation, first.Stored.Generation));
        (await gcs.GetUploadedLengthAsync(session, null, Cancel)).Should().Be(content.Length);
    }

    [Fact]
    public async Task A_session_is_gone_on_with_from_a_stream_that_cannot_go_back()
    {
        using var gcs = await ClientAsync();
        var content = RandomNumberGenerator.GetBytes(9 * 1024 * 1024);
        var session = await BegunAsync(gcs, Path("piped"), content);

        var done = await gcs.ContinueUploadAsync(session, Path("piped"), new BufferedStream(new ForwardsOnly(content)), new UploadOptions(), resumed: true, Cancel);

        done.Stored.Size.Should().Be(content.Length);
    }

    [Fact]
    public async Task A_copy_is_made_only_of_the_source_that_was_read()
    {
        using var gcs = await ClientAsync();
        var source = await gcs.UploadAsync(Path("source"), Text("1"), new UploadOptions(), Cancel);

        var copying = () => gcs.RewriteAsync(Path("source"), Path("target"), new RewriteOptions { SourcePreconditions = new Preconditions { GenerationMatch = source.Generation + 1 } }, Cancel);

        (await copying.Should().ThrowAsync<GcsException>()).WithMessage($"Expected : {source.Path} where ifGenerationMatch {source.Generation + 1} rewritten to *\nObserved : 412 conditionNotMet*");
        (await gcs.RewriteAsync(Path("source"), Path("target"), new RewriteOptions { SourcePreconditions = Preconditions.Unchanged(source) }, Cancel)).Size.Should().Be(1);
    }

    [Fact]
    public async Task An_object_that_was_not_changed_is_said_to_be()
    {
        using var gcs = await ClientAsync();
        var written = await gcs.UploadAsync(Path("same"), Text("1"), new UploadOptions(), Cancel);

        var reading = () => gcs.GetObjectAsync(Path("same"), new ObjectVersion { Preconditions = new Preconditions { GenerationNotMatch = written.Generation } }, Cancel);

        (await reading.Should().ThrowAsync<GcsException>()).WithMessage("*-> 304*\nLikely   : the object is still the one that the condition excludes: nothing was changed since it was read\n*");
    }

    private async Task<GcsClient> ClientAsync() => new(twin.Pipeline, twin.AddressOf("gcs"), await twin.AsAsync(GcpTwin.Recette), twin.Limits);

    /// <summary>A session that has the first 256 KiB of a content.</summary>
    private async Task<Uri> BegunAsync(GcsClient gcs, ObjectPath path, byte[] content)
    {
        var session = await gcs.BeginUploadAsync(path, content.Length, new UploadOptions(), Cancel);
        using var http = await twin.ClientAsync("gcs", GcpTwin.Recette);
        using var part = new ByteArrayContent(content, 0, 256 * 1024);
        part.Headers.TryAddWithoutValidation("Content-Range", $"bytes 0-262143/{content.Length}");
        using var answer = await http.PutAsync(session, part, Cancel);
        return session;
    }

    private ObjectPath Path(string name) => new(Bucket, $"{_folder}/{name}");

    private static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));

    private static async Task<string> ReadAsync(GcsClient gcs, ObjectPath path, ByteRange? range)
    {
        using var back = new MemoryStream();
        await gcs.DownloadAsync(path, back, new ReadOptions { Range = range }, Cancel);
        return Encoding.UTF8.GetString(back.ToArray());
    }

    /// <summary>A stream that cannot go back, as a pipe is.</summary>
    private sealed class ForwardsOnly(byte[] content) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = Math.Min(Math.Min(count, 100_001), content.Length - _at);
            content.AsSpan(_at, read).CopyTo(buffer.AsSpan(offset));
            _at += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
