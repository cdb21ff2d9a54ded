using System.Text;
using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class ReferrerTests : IAsyncLifetime
{
    private const string Manifests = $"v2/{HarborWire.Repository}/manifests";

    private HarborWire _harbor = null!;

    public async ValueTask InitializeAsync() => _harbor = await HarborWire.StartAsync();

    public ValueTask DisposeAsync() => _harbor.DisposeAsync();

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

    private Task<WireAnswer> GetAsync(string reference) => _harbor.GetAsync($"{Manifests}/{reference}", _harbor.Pull, ("Accept", Image.OciManifest));

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
