namespace Acceptance.Tests.Suite.Gcp;

/// <summary>JSON of the wrong types, and bodies that are not what their headers say: Google answers 400, never 500.</summary>
public sealed class StorageBadRequestTests : IAsyncLifetime
{
    private const string Bucket = $"storage/v1/b/{StorageWire.Bucket}";

    private StorageWire _gcs = null!;

    public async ValueTask InitializeAsync()
    {
        _gcs = await StorageWire.StartAsync();
        await _gcs.PutObjectAsync("x", "text");
    }

    public ValueTask DisposeAsync() => _gcs.DisposeAsync();

    [Theory]
    [InlineData("POST", "storage/v1/b?project=acc-lab", """{"name": 5}""")]
    [InlineData("POST", "storage/v1/b?project=acc-lab", """{"name": "acc-new", "location": {}}""")]
    [InlineData("PATCH", Bucket, """{"versioning": 5}""")]
    [InlineData("PUT", Bucket + "/iam", """{"bindings": ["x"]}""")]
    [InlineData("PUT", Bucket + "/iam", """{"bindings": [{"role": 5}]}""")]
    [InlineData("PUT", Bucket + "/iam", """{"bindings": [{"role": "roles/storage.objectViewer", "members": [5]}]}""")]
    [InlineData("PUT", Bucket + "/iam", """{"etag": 5, "bindings": []}""")]
    [InlineData("POST", Bucket + "/o/whole/compose", """{"sourceObjects": ["x"]}""")]
    [InlineData("POST", Bucket + "/o/whole/compose", """{"sourceObjects": [{"name": 5}]}""")]
    [InlineData("POST", Bucket + "/o/whole/compose", """{"sourceObjects": [{"name": "x", "objectPreconditions": 5}]}""")]
    [InlineData("POST", Bucket + "/o/whole/compose", """{"sourceObjects": [{"name": "x"}], "deleteSourceObjects": "yes"}""")]
    [InlineData("POST", "upload/" + Bucket + "/o?uploadType=resumable", """{"name": 5}""")]
    [InlineData("POST", "upload/" + Bucket + "/o?uploadType=resumable&name=y", """{"crc32c": 5}""")]
    [InlineData("POST", "upload/" + Bucket + "/o?uploadType=resumable&name=y", """{"md5Hash": {}}""")]
    [InlineData("PATCH", Bucket + "/o/x", """{"contentType": 5}""")]
    [InlineData("PATCH", Bucket + "/o/x", """{"metadata": {"k": 5}}""")]
    public async Task JSON_of_the_wrong_type_is_refused(string method, string path, string body)
    {
        var answer = await _gcs.SendAsync(new HttpMethod(method), path, new StringContent(body));

        answer.Refusal.Should().Be((400, "invalid"), "{0}", answer.Text);
    }

    [Fact]
    public async Task A_body_that_is_only_said_to_be_gzip_is_refused() => (await _gcs.SendAsync(
        HttpMethod.Patch, $"{Bucket}/o/x", new StringContent("{}"), null, ("Content-Encoding", "gzip"))).Refusal.Should().Be((400, "parseError"));

    [Fact]
    public async Task A_call_of_a_batch_whose_path_is_none_is_refused()
    {
        const string Batch = "--edge\r\nContent-Type: application/http\r\n\r\nGET storage/v1/b/acc-lab-data HTTP/1.1\r\n\r\n--edge--\r\n";

        var answer = await _gcs.SendAsync(HttpMethod.Post, "batch/storage/v1", new StringContent(Batch), null, ("Content-Type", "multipart/mixed; boundary=edge"));

        answer.Refusal.Should().Be((400, "badRequest"));
    }

    [Fact]
    public async Task A_resource_beside_its_bytes_is_no_longer_than_one_alone()
    {
        var resource = $$"""{"name": "y", "contentType": "{{new string('k', 5 * 1024 * 1024)}}"}""";

        var put = await _gcs.PutRelatedAsync(resource, "text");

        put.Refusal.Should().Be((413, "uploadTooLarge"));
    }
}
