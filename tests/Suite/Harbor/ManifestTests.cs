using System.Text;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class ManifestTests : IAsyncLifetime
{
    private const string Manifests = $"v2/{HarborWire.Repository}/manifests";

    private HarborWire _harbor = null!;

    public async ValueTask InitializeAsync() => _harbor = await HarborWire.StartAsync();

    public ValueTask DisposeAsync() => _harbor.DisposeAsync();

    [Fact]
    public async Task A_manifest_is_pulled_by_tag_and_digest_as_it_was_pushed()
    {
        var image = await _harbor.PushAsync("one", "1.0");

        var byTag = await GetAsync("1.0");
        var byDigest = await GetAsync(image.Digest);
        var head = await _harbor.SendAsync(HttpMethod.Head, $"{Manifests}/1.0", _harbor.Pull, null, ("Accept", Image.OciManifest));

        (byTag.Text, byDigest.Text).Should().Be((image.Manifest, image.Manifest));
        (byTag.Headers["Content-Type"], byTag.Headers["Docker-Content-Digest"]).Should().Be((Image.OciManifest, image.Digest));
        (head.Status, head.Headers["Content-Length"], head.Headers["Docker-Content-Digest"]).Should().Be((200, $"{image.Manifest.Length}", image.Digest));
    }

    [Fact]
    public async Task A_manifest_is_not_shown_to_who_does_not_ask_for_its_kind()
    {
        var image = await _harbor.PushAsync("one", "1.0");

        var any = await _harbor.GetAsync($"{Manifests}/1.0", _harbor.Pull, ("Accept", "*/*"));
        var known = await _harbor.GetAsync($"{Manifests}/1.0", _harbor.Pull, ("Accept", Image.OciManifest), ("If-None-Match", $"\"{image.Digest}\""));

        any.Error.Should().Be((404, "MANIFEST_UNKNOWN", "OCI manifest found, but accept header does not support OCI manifests"));
        known.Status.Should().Be(304);
    }

    [Theory]
    [InlineData("2.0", "artifact mlops-lab/churn/trainer:2.0 not found")]
    [InlineData("sha256:0000000000000000000000000000000000000000000000000000000000000000",
        "artifact mlops-lab/churn/trainer@sha256:0000000000000000000000000000000000000000000000000000000000000000 not found")]
    [InlineData("..%2f..%2fx", "artifact mlops-lab/churn/trainer:..%2f..%2fx not found")]
    public async Task An_absent_manifest_is_named(string reference, string message) =>
        (await GetAsync(reference)).Error.Should().Be((404, "NOT_FOUND", message));

    [Theory]
    [InlineData("not JSON at all", Image.OciManifest)]
    [InlineData("[]", Image.OciManifest)]
    [InlineData("""{"schemaVersion": 1}""", Image.OciManifest)]
    [InlineData("""{"schemaVersion": 2}""", Image.OciManifest)]
    [InlineData("""{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json"}""", Image.OciManifest)]
    [InlineData("""{"schemaVersion": 2, "manifests": []}""", Image.OciManifest)]
    [InlineData("""{"schemaVersion": 2, "layers": []}""", Image.OciIndex)]
    [InlineData("""{"schemaVersion": 2, "manifests": [{"digest": "sha256:x", "size": 1}]}""", Image.OciIndex)]
    [InlineData("""{"schemaVersion": 2, "config": {"mediaType": "x", "digest": "sha256:../../x", "size": 1}, "layers": []}""", Image.OciManifest)]
    [InlineData("""{"schemaVersion": 2, "config": {"mediaType": "x", "digest": 7, "size": "many"}, "layers": {}}""", Image.OciManifest)]
    [InlineData("""{"schemaVersion": 2}""", Image.DockerManifest)]
    [InlineData("""{"schemaVersion": 2}""", "application/json")]
    public async Task A_manifest_that_is_none_is_refused(string manifest, string type)
    {
        (await _harbor.PutAsync(manifest, "1.0", type: type)).Refusal.Should().Be((400, "MANIFEST_INVALID"));
        (await GetAsync("1.0")).Status.Should().Be(404);
    }

    [Fact]
    public async Task A_manifest_larger_than_four_mebibytes_is_refused()
    {
        var large = await _harbor.PutAsync(new string(' ', 4 * 1024 * 1024) + Image.Of("one").Manifest, "1.0");

        (large.Refusal, (string?)large.Json["errors"]![0]!["detail"]).Should().Be(((400, "MANIFEST_INVALID"), "http: request body too large"));
    }

    [Fact]
    public async Task A_manifest_whose_blobs_are_not_all_there_names_those_that_lack()
    {
        var image = Image.Of("one");
        await _harbor.PushBlobAsync(image.Config);
        await _harbor.PushBlobAsync(image.Layer, "mlops-lab/other");

        var put = await _harbor.PutAsync(image.Manifest, "1.0");

        put.Refusal.Should().Be((400, "MANIFEST_BLOB_UNKNOWN"));
        put.Json["errors"]!.AsArray().Select(error => (string?)error!["detail"]).Should().Equal(HarborWire.Digest(image.Layer));
    }

    [Theory]
    [InlineData("sha256:0000000000000000000000000000000000000000000000000000000000000000", "DIGEST_INVALID")]
    [InlineData("sha256:short", "DIGEST_INVALID")]
    [InlineData("-tag", "MANIFEST_INVALID")]
    [InlineData("a%2fb", "MANIFEST_INVALID")]
    public async Task A_manifest_is_not_pushed_under_another_digest_or_a_tag_that_is_none(string reference, string code)
    {
        var image = await _harbor.PushAsync("one", "1.0");

        (await _harbor.PutAsync(image.Manifest, reference)).Refusal.Should().Be((400, code));
    }

    [Fact]
    public async Task An_index_names_manifests_of_its_repository()
    {
        var image = await _harbor.PushAsync("one", "1.0");
        var index = $$"""{"schemaVersion": 2, "manifests": [{{Image.Descriptor(Image.OciManifest, Encoding.UTF8.GetBytes(image.Manifest))}}]}""";

        var there = await _harbor.PutAsync(index, "all", type: Image.OciIndex);
        var elsewhere = await _harbor.PutAsync(index, "all", "mlops-lab/other", Image.OciIndex);
        var child = await _harbor.SendAsync(HttpMethod.Delete, $"{Manifests}/{image.Digest}", _harbor.Recette);

        (there.Status, elsewhere.Refusal).Should().Be((201, (400, "MANIFEST_BLOB_UNKNOWN")));
        (await _harbor.GetAsync($"{Manifests}/all", _harbor.Pull, ("Accept", Image.OciIndex))).Text.Should().Be(index);
        child.Error.Should().Be((412, "VIOLATE_FOREIGN_KEY_CONSTRAINT", "the deleting artifact is referenced by others"));
    }

    [Fact]
    public async Task A_manifest_is_deleted_by_its_digest_with_its_tags_and_what_only_it_named()
    {
        var image = await _harbor.PushAsync("one", "1.0");
        await _harbor.PutAsync(image.Manifest, "1.1");

        var byTag = await _harbor.SendAsync(HttpMethod.Delete, $"{Manifests}/1.0", _harbor.Recette);
        var byDigest = await _harbor.SendAsync(HttpMethod.Delete, $"{Manifests}/{image.Digest}", _harbor.Recette);
        var again = await _harbor.SendAsync(HttpMethod.Delete, $"{Manifests}/{image.Digest}", _harbor.Recette);

        byTag.Error.Should().Be((400, "UNSUPPORTED", "unsupported digest 1.0: invalid checksum digest format"));
        (byDigest.Status, again.Refusal).Should().Be((202, (404, "NOT_FOUND")));
        (await GetAsync("1.1")).Status.Should().Be(404);
        (await _harbor.GetAsync($"v2/{HarborWire.Repository}/blobs/{HarborWire.Digest(image.Layer)}", _harbor.Pull)).Status.Should().Be(404);
    }

    [Fact]
    public async Task H9_keeps_a_vulnerable_image_from_being_pulled()
    {
        await _harbor.PushAsync("one", "1.0");
        _harbor.Faults.SwitchOn("H9");

        (await GetAsync("1.0")).Refusal.Should().Be((412, "PROJECTPOLICYVIOLATION"));
    }

    [Theory]
    [InlineData("", 200)]
    [InlineData("CVE-2030-1 Medium openssl 1.0", 200)]
    [InlineData("CVE-2030-1 Medium openssl 1.0; CVE-2030-2 High zlib 1.2", 412)]
    public async Task A_project_that_prevents_vulnerable_images_gives_out_those_that_are_found_good(string vulnerabilities, int status)
    {
        var settings = new StringContent("""{"metadata": {"prevent_vul": "true", "severity": "high"}}""", Encoding.UTF8, "application/json");
        (await _harbor.SendAsync(HttpMethod.Put, "api/v2.0/projects/mlops-lab", await _harbor.AdminAsync(), settings)).Status.Should().Be(200);
        await _harbor.PushAsync(Image.Of("one", vulnerabilities), "1.0");

        var before = await GetAsync("1.0");
        _harbor.Clock.Advance(TimeSpan.FromSeconds(1));
        var scanned = await GetAsync("1.0");

        before.Error.Message.Should().StartWith("current image with \"Pending\" status of vulnerability scanning cannot be pulled");
        scanned.Status.Should().Be(status);
    }

    [Fact]
    public async Task X17_keeps_other_bytes_under_another_digest()
    {
        _harbor.Faults.SwitchOn("X17");
        var image = Image.Of("one");
        await _harbor.PushBlobAsync(image.Config);
        await _harbor.PushBlobAsync(image.Layer);

        var put = await _harbor.PutAsync(image.Manifest, "1.0");

        var pulled = await GetAsync("1.0");
        put.Headers["Docker-Content-Digest"].Should().Be(HarborWire.Digest(pulled.Content)).And.NotBe(image.Digest);
        pulled.Text.Should().NotBe(image.Manifest);
        (await GetAsync(image.Digest)).Status.Should().Be(404);
    }

    [Fact]
    public async Task A_reset_forgets_what_was_pushed_and_keeps_who_may_push()
    {
        await _harbor.PushAsync("one", "1.0");

        _harbor.Twin.Reset();

        (await GetAsync("1.0")).Status.Should().Be(404);
        await _harbor.PushAsync("one", "1.0");
    }

    private Task<WireAnswer> GetAsync(string reference) => _harbor.GetAsync($"{Manifests}/{reference}", _harbor.Pull, ("Accept", Image.OciManifest));
}
