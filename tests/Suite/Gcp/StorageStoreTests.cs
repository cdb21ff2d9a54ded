using Acceptance.StandIns.Gcp;
using Acceptance.StandIns.Gcp.Storage;
using Acceptance.StandIns.Gcp.Storage.Buckets;
using Acceptance.StandIns.Gcp.Storage.Content;
using Acceptance.StandIns.Gcp.Storage.Copies;
using Acceptance.StandIns.Gcp.Storage.Objects;

namespace Acceptance.Tests.Suite.Gcp;

/// <summary>What the wire cannot bring about: another request in the very moment between two steps.</summary>
public sealed class StorageStoreTests : IDisposable
{
    private readonly ObjectStore _store = new(TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bucket_that_changed_before_it_was_deleted_stays()
    {
        var bucket = _store.Create("acc-new", GcpNames.Lab, "EU", BucketSettings.Default)!;
        bucket.Change(Preconditions.None, state => state);

        var deleting = () => _store.DeleteAsync(bucket, new Preconditions(IfMetagenerationMatch: 1), Cancel);

        (await deleting.Should().ThrowAsync<GoogleErrorException>()).Which.Error.Reason.Should().Be("conditionNotMet");
        _store.FindBucket("acc-new").Should().Be(bucket);
    }

    [Fact]
    public async Task A_rewrite_whose_source_was_cut_short_ends()
    {
        _store.Create("acc-new", GcpNames.Lab, "EU", BucketSettings.Default);
        var whole = await _store.PutAsync("acc-new", "x", "text/plain", new MemoryStream(new byte[10]), Cancel);
        using var rewrite = new Rewrite("token", whole with { Content = whole.Content with { Size = 20 } }, new ObjectAddress("acc-new", "y"), _store.Stage());

        var copying = () => rewrite.AdvanceAsync(long.MaxValue, Cancel);

        (await copying.Should().ThrowAsync<GoogleErrorException>()).Which.Error.Code.Should().Be(503);
    }

    public void Dispose() => _store.Dispose();
}
