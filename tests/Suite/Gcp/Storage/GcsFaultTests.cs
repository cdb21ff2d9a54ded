using System.Security.Cryptography;
using Acceptance.Platform.Gcp.Storage;
using Acceptance.Platform.Http;
using Acceptance.Tests.Suite.RealClients;

namespace Acceptance.Tests.Suite.Gcp.Storage;

/// <summary>What the client does and says on each fault of the twin.</summary>
public sealed class GcsFaultTests(GcpTwin twin) : IClassFixture<GcpTwin>
{
    private readonly GcsFolder _folder = new(twin);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task G3_is_resumed_up_and_down()
    {
        using var gcs = await _folder.ClientAsync();
        using var fault = new ShownFault(twin.Twin, "G3");
        var content = RandomNumberGenerator.GetBytes(4 * 1024 * 1024);
        var session = await gcs.BeginUploadAsync(_folder.Path("g3"), content.Length, new UploadOptions(), Cancel);

        var up = await gcs.ContinueUploadAsync(session, _folder.Path("g3"), new MemoryStream(content), new UploadOptions(), resumed: false, Cancel);
        using var back = new MemoryStream();
        var down = await gcs.DownloadAsync(_folder.Path("g3"), back, new ReadOptions(), Cancel);

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
        using var gcs = await _folder.ClientAsync();
        using var shown = new ShownFault(twin.Twin, fault);

        var uploading = () => gcs.UploadAsync(_folder.Path(fault), new MemoryStream(new byte[2 * 1024 * 1024]), new UploadOptions { PieceSize = 512 * 1024 }, Cancel);

        (await uploading.Should().ThrowAsync<GcsException>()).WithMessage(message);
        shown.Hits.Should().BePositive();
    }

    [Fact]
    public async Task G8_is_said_only_to_who_sends_an_access_list()
    {
        using var gcs = await _folder.ClientAsync();
        using var shown = new ShownFault(twin.Twin, "G8");

        await gcs.UploadAsync(_folder.Path("g8"), GcsFolder.Text("1"), new UploadOptions(), Cancel);

        await gcs.Invoking(client => client.UploadAsync(_folder.Path("g8"), GcsFolder.Text("2"), new UploadOptions { PredefinedAcl = "projectPrivate" }, Cancel)).Should().ThrowAsync<GcsException>()
            .WithMessage("*Likely   : the bucket has uniform access, and the client sends an access list with the object*");
    }

    [Theory]
    [InlineData("Y2", "*Observed : * bytes with crc32c=*, though crc32c=* came with them*Likely   : corrupt on the way or in the store*")]
    [InlineData("Y7", "*a portal, login or error page*")]
    [InlineData("Y11", "*503 backendError*")]
    public async Task A_fault_of_a_download_is_named(string fault, string message)
    {
        using var gcs = await _folder.ClientAsync();
        await gcs.UploadAsync(_folder.Path(fault), new MemoryStream(RandomNumberGenerator.GetBytes(64 * 1024)), new UploadOptions { ContentType = "application/x-model" }, Cancel);
        using var shown = new ShownFault(twin.Twin, fault);

        var reading = () => gcs.DownloadAsync(_folder.Path(fault), Stream.Null, new ReadOptions(), Cancel);

        (await reading.Should().ThrowAsync<GcsException>()).WithMessage(message);
        shown.Hits.Should().BePositive();
    }

    [Fact]
    public async Task Y4_uploads_that_are_always_cut_come_to_their_end_step_by_step()
    {
        using var gcs = await _folder.ClientAsync();
        using var shown = new ShownFault(twin.Twin, "Y4");
        var session = await gcs.BeginUploadAsync(_folder.Path("y4"), 1024 * 1024, new UploadOptions(), Cancel);

        var done = await gcs.ContinueUploadAsync(session, _folder.Path("y4"), new MemoryStream(new byte[1024 * 1024]), new UploadOptions(), resumed: false, Cancel);

        (done.Stored.Size, done.Cuts).Should().Be((1024 * 1024, 3));
    }

    [Fact]
    public async Task Y3_downloads_that_are_always_cut_are_gone_on_with()
    {
        using var gcs = await _folder.ClientAsync();
        var content = RandomNumberGenerator.GetBytes(16 * 1024 * 1024);
        await gcs.UploadAsync(_folder.Path("y3"), new MemoryStream(content), new UploadOptions(), Cancel);
        using var shown = new ShownFault(twin.Twin, "Y3");

        // A reset may drop the last pieces, so that only what is well before the end must come.
        await using var stream = await gcs.OpenReadAsync(_folder.Path("y3"), new ReadOptions(), Cancel);
        var beginning = new byte[10 * 1024 * 1024];
        await stream.ReadExactlyAsync(beginning, Cancel);

        beginning.AsSpan().SequenceEqual(content.AsSpan(0, beginning.Length)).Should().BeTrue();
        stream.Cuts.Should().BePositive().And.BeLessThanOrEqualTo((int)shown.Hits);
        (await GcsFolder.ReadAsync(gcs, _folder.Path("y3"), ByteRange.Between(7, 7))).Should().HaveLength(1, "one byte has no half");
    }

    [Fact]
    public async Task G1_a_session_that_the_question_for_its_state_finishes_is_told_from_a_whole_one()
    {
        using var gcs = await _folder.ClientAsync();
        var content = RandomNumberGenerator.GetBytes(3 * 256 * 1024);
        var session = await _folder.BegunAsync(gcs, _folder.Path("g1"), content);
        using var shown = new ShownFault(twin.Twin, "G1");

        var going = () => gcs.ContinueUploadAsync(session, _folder.Path("g1"), new MemoryStream(content), new UploadOptions(), resumed: true, Cancel);

        (await going.Should().ThrowAsync<GcsException>()).WithMessage(
            "Expected : * with 786432 bytes and crc32c=*, as they were sent\nObserved : 262144 bytes*\nLikely   : the upload was finished before its end: a gateway takes the question for its state as the last byte\n*");
        shown.Hits.Should().BePositive();
    }

    [Fact]
    public async Task G4_shows_itself_by_two_writers_who_are_both_first()
    {
        using var gcs = await _folder.ClientAsync();
        using var shown = new ShownFault(twin.Twin, "G4");
        var options = new UploadOptions { Preconditions = Preconditions.Absent };

        var first = await gcs.UploadAsync(_folder.Path("g4"), GcsFolder.Text("1"), options, Cancel);
        var second = await gcs.UploadAsync(_folder.Path("g4"), GcsFolder.Text("2"), options, Cancel);

        second.Generation.Should().NotBe(first.Generation);
        shown.Hits.Should().BePositive();
    }

    [Fact]
    public async Task G9_an_object_that_is_listed_and_not_found_is_laid_to_a_proxy_that_decodes()
    {
        using var gcs = await _folder.ClientAsync();
        await gcs.UploadAsync(_folder.Path("a+b"), GcsFolder.Text("1"), new UploadOptions(), Cancel);
        using var shown = new ShownFault(twin.Twin, "G9");

        var listed = await gcs.ListObjectsAsync(GcsFolder.Bucket, new ObjectQuery { Prefix = _folder.Name }, Cancel).SingleAsync(Cancel);

        await gcs.Invoking(client => client.GetObjectAsync(listed.Path, Cancel)).Should().ThrowAsync<GcsException>()
            .WithMessage("*404 notFound*Likely   : the object was never written or is deleted, or a proxy before this address decodes its name (%2F, +)\n*");
        shown.Hits.Should().BePositive();
    }

    [Fact]
    public async Task Y1_says_when_the_object_may_be_changed_again()
    {
        using var gcs = await _folder.ClientAsync();
        using var shown = new ShownFault(twin.Twin, "Y1");

        await gcs.Invoking(client => client.UploadMediaAsync(_folder.Path("y1"), GcsFolder.Text("1"), new UploadOptions(), Cancel)).Should().ThrowAsync<GcsException>()
            .WithMessage("*429 rateLimitExceeded*Try      : spread them out and try again, no sooner than in 1 s");
        (await gcs.UploadMediaAsync(_folder.Path("y1"), GcsFolder.Text("1"), new UploadOptions(), Cancel)).Size.Should().Be(1);
        shown.Hits.Should().BePositive();
    }
}
