using System.Security.Cryptography;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class BlobTests : IAsyncLifetime
{
    private static readonly byte[] Content = "0123456789"u8.ToArray();

    private HarborWire _harbor = null!;
    private string _address = "";

    public async ValueTask InitializeAsync()
    {
        _harbor = await HarborWire.StartAsync();
        _address = $"v2/{HarborWire.Repository}/blobs/{await _harbor.PushBlobAsync(Content)}";
    }

    public ValueTask DisposeAsync() => _harbor.DisposeAsync();

    [Fact]
    public async Task HEAD_tells_what_GET_would()
    {
        var get = await _harbor.GetAsync(_address, _harbor.Pull);
        var head = await _harbor.SendAsync(HttpMethod.Head, _address, _harbor.Pull);

        head.Content.Should().BeEmpty();
        foreach (var header in new[] { "Content-Length", "Content-Type", "Docker-Content-Digest", "ETag", "Accept-Ranges" })
        {
            head.Headers[header].Should().Be(get.Headers[header]);
        }
    }

    [Theory]
    [InlineData("bytes=2-5", 206, "2345", "bytes 2-5/10")]
    [InlineData("bytes=7-", 206, "789", "bytes 7-9/10")]
    [InlineData("bytes=-3", 206, "789", "bytes 7-9/10")]
    [InlineData("bytes=4-400", 206, "456789", "bytes 4-9/10")]
    [InlineData("bytes=10-", 416, "", "bytes */10")]
    public async Task A_part_is_pulled(string range, int status, string content, string contentRange)
    {
        var answer = await _harbor.GetAsync(_address, _harbor.Pull, ("Range", range));

        (answer.Status, answer.Text, answer.Headers["Content-Range"]).Should().Be((status, content, contentRange));
    }

    [Fact]
    public async Task Bytes_of_another_repository_are_not_readable_by_their_digest()
    {
        var elsewhere = await _harbor.GetAsync(_address.Replace(HarborWire.Repository, "mlops-lab/other", StringComparison.Ordinal), _harbor.Pull);
        var otherProject = await _harbor.GetAsync(_address.Replace(HarborWire.Repository, "other-team/a", StringComparison.Ordinal), _harbor.Other);

        (elsewhere.Refusal, otherProject.Refusal).Should().Be(((404, "BLOB_UNKNOWN"), (404, "BLOB_UNKNOWN")));
    }

    [Fact]
    public async Task A_blob_is_deleted_where_it_is_asked_and_stays_elsewhere()
    {
        var digest = HarborWire.Digest(Content);
        await _harbor.SendAsync(HttpMethod.Post, $"v2/mlops-lab/other/blobs/uploads/?mount={digest}&from={HarborWire.Repository}", _harbor.Ci);

        var robot = await _harbor.SendAsync(HttpMethod.Delete, _address, _harbor.Ci);
        var maintainer = await _harbor.SendAsync(HttpMethod.Delete, _address, _harbor.Recette);

        (robot.Status, maintainer.Status).Should().Be((401, 202));
        (await _harbor.GetAsync(_address, _harbor.Pull)).Status.Should().Be(404);
        (await _harbor.GetAsync($"v2/mlops-lab/other/blobs/{digest}", _harbor.Pull)).Content.Should().Equal(Content);
    }

    [Fact]
    public async Task X16_changes_bytes_of_layers_and_leaves_small_blobs_alone()
    {
        var layer = RandomNumberGenerator.GetBytes(100_000);
        var digest = await _harbor.PushBlobAsync(layer);
        _harbor.Faults.SwitchOn("X16");

        var pulled = await _harbor.GetAsync($"v2/{HarborWire.Repository}/blobs/{digest}", _harbor.Pull);

        pulled.Content.Should().HaveCount(layer.Length).And.NotEqual(layer);
        (await _harbor.GetAsync(_address, _harbor.Pull)).Content.Should().Equal(Content);
        _harbor.Faults.Hits("X16").Should().Be(1);
    }

    [Fact]
    public async Task X33_cuts_a_download_half_way()
    {
        var digest = await _harbor.PushBlobAsync(RandomNumberGenerator.GetBytes(100_000));
        _harbor.Faults.SwitchOn("X33");

        var pulling = () => _harbor.GetAsync($"v2/{HarborWire.Repository}/blobs/{digest}", _harbor.Pull);

        await pulling.Should().ThrowAsync<HttpRequestException>();
        _harbor.Faults.Hits("X33").Should().Be(1);
    }
}
