using System.Text;
using System.Text.Json.Nodes;

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
    public async Task A_tag_that_moves_leaves_its_image_under_its_digest()
    {
        var before = await _harbor.PushAsync("one", "latest");
        var after = await _harbor.PushAsync("two", "latest");

        (await GetAsync("latest")).Text.Should().Be(after.Manifest);
        (await GetAsync(before.Digest)).Text.Should().Be(before.Manifest);
    }

    [Fact]
    public async Task X21_deletes_the_image_that_a_tag_moved_away_from()
    {
        var before = await _harbor.PushAsync("one", "latest");
        _harbor.Faults.SwitchOn("X21");
        await _harbor.PushAsync("two", "latest");

        (await GetAsync(before.Digest)).Status.Should().Be(404);
        _harbor.Faults.Hits("X21").Should().Be(1);
    }

    [Fact]
    public async Task An_immutable_tag_is_neither_moved_nor_deleted()
    {
        var image = await _harbor.PushAsync("one", "release-1");
        await _harbor.PushBlobAsync(Image.Of("two").Config);
        await _harbor.PushBlobAsync(Image.Of("two").Layer);

        var moved = await _harbor.PutAsync(Image.Of("two").Manifest, "release-1");
        var deleted = await _harbor.SendAsync(HttpMethod.Delete, $"{Manifests}/{image.Digest}", _harbor.Recette);

        moved.Error.Should().Be((412, "PRECONDITION", "Failed to process request due to 'churn/trainer:release-1' configured as immutable."));
        deleted.Error.Should().Be((412, "PRECONDITION", "the tag release-1 configured as immutable, cannot be deleted"));
        (await GetAsync("release-1")).Text.Should().Be(image.Manifest);
    }

    [Fact]
    public async Task X20_moves_an_immutable_tag()
    {
        await _harbor.PushAsync("one", "release-1");
        _harbor.Faults.SwitchOn("X20");

        var after = await _harbor.PushAsync("two", "release-1");

        (await GetAsync("release-1")).Text.Should().Be(after.Manifest);
        _harbor.Faults.Hits("X20").Should().BePositive();
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
    public async Task Tags_are_listed_in_order_a_page_at_a_time()
    {
        var image = await _harbor.PushAsync("one", "b");
        foreach (var tag in new[] { "c", "a", "B" })
        {
            await _harbor.PutAsync(image.Manifest, tag);
        }

        var all = await TagsAsync("");
        var first = await TagsAsync("?n=2");
        var second = await TagsAsync("?n=2&last=a");
        var none = await TagsAsync("?n=0");

        all.Text.Should().Be($$"""{"name":"{{HarborWire.Repository}}","tags":["B","a","b","c"]}""");
        (first.Text, first.Headers["Link"]).Should().Be(
            ($$"""{"name":"{{HarborWire.Repository}}","tags":["B","a"]}""", $"</v2/{HarborWire.Repository}/tags/list?last=a&n=2>; rel=\"next\""));
        (second.Text, second.Headers.ContainsKey("Link")).Should().Be(($$"""{"name":"{{HarborWire.Repository}}","tags":["b","c"]}""", false));
        (none.Text, none.Headers.ContainsKey("Link")).Should().Be(($$"""{"name":"{{HarborWire.Repository}}","tags":[]}""", false));
        (await TagsAsync("?n=-1")).Error.Should().Be((400, "BAD_REQUEST", "the N must be a positive int type"));
        (await _harbor.GetAsync("v2/mlops-lab/none/tags/list", _harbor.Pull)).Error.Should().Be((404, "NOT_FOUND", "repository mlops-lab/none not found"));
    }

    [Fact]
    public async Task What_is_about_an_image_is_listed_and_goes_with_it()
    {
        var image = await _harbor.PushAsync("one", "1.0");
        var signature = await AttachAsync(image, "application/vnd.example.signature");
        await AttachAsync(image, "application/vnd.example.sbom");

        var all = await ReferrersAsync(image.Digest);
        var signatures = await ReferrersAsync(image.Digest, "?artifactType=application/vnd.example.signature");
        var none = await ReferrersAsync(HarborWire.Digest("none"u8.ToArray()));
        await _harbor.SendAsync(HttpMethod.Delete, $"{Manifests}/{image.Digest}", _harbor.Recette);

        (all.Headers["Content-Type"], all.Headers.ContainsKey("OCI-Filters-Applied")).Should().Be((Image.OciIndex, false));
        all.Json["manifests"]!.AsArray().Should().HaveCount(2);
        signatures.Headers["OCI-Filters-Applied"].Should().Be("artifactType");
        JsonNode.DeepEquals(signatures.Json["manifests"]!.AsArray().Single(), JsonNode.Parse(
            $$$"""{"mediaType":"{{{Image.OciManifest}}}","digest":"{{{signature}}}","size":{{{Referrer(image, "application/vnd.example.signature").Length}}},"artifactType":"application/vnd.example.signature","annotations":{"of":"test"}}""")).Should().BeTrue();
        (none.Status, none.Json["manifests"]!.AsArray().Count).Should().Be((200, 0));
        (await GetAsync(signature)).Status.Should().Be(404, "Harbor deletes what is about a deleted image");
    }

    [Fact]
    public async Task O3_knows_no_referrers()
    {
        var image = await _harbor.PushAsync("one", "1.0");
        _harbor.Faults.SwitchOn("O3");

        (await ReferrersAsync(image.Digest)).Status.Should().Be(404);
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

    private Task<WireAnswer> TagsAsync(string query) => _harbor.GetAsync($"v2/{HarborWire.Repository}/tags/list{query}", _harbor.Pull);

    private Task<WireAnswer> ReferrersAsync(string digest, string query = "") =>
        _harbor.GetAsync($"v2/{HarborWire.Repository}/referrers/{digest}{query}", _harbor.Pull);

    /// <summary>Pushes something about an image; its digest.</summary>
    private async Task<string> AttachAsync(Image image, string type)
    {
        await _harbor.PushBlobAsync("{}"u8.ToArray());
        var manifest = Referrer(image, type);
        var put = await _harbor.PutAsync(manifest, HarborWire.Digest(Encoding.UTF8.GetBytes(manifest)));
        (put.Status, put.Headers["OCI-Subject"]).Should().Be((201, image.Digest));
        return put.Headers["Docker-Content-Digest"];
    }

    private static string Referrer(Image image, string type) => $$"""
        {
          "schemaVersion": 2, "mediaType": "{{Image.OciManifest}}", "artifactType": "{{type}}",
          "config": {{Image.Descriptor("application/vnd.oci.empty.v1+json", "{}"u8.ToArray())}},
          "layers": [{{Image.Descriptor("application/vnd.oci.empty.v1+json", "{}"u8.ToArray())}}],
          "subject": {{Image.Descriptor(Image.OciManifest, Encoding.UTF8.GetBytes(image.Manifest))}},
          "annotations": {"of": "test"}
        }
        """;
}
