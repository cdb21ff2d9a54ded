using System.Text;

namespace Acceptance.Tests.Suite.Harbor;

/// <summary>An image of one layer.</summary>
internal sealed record Image(byte[] Config, byte[] Layer, string Manifest)
{
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    private const string ConfigType = "application/vnd.oci.image.config.v1+json";
    private const string LayerType = "application/vnd.oci.image.layer.v1.tar";

    public string Digest => HarborWire.Digest(Encoding.UTF8.GetBytes(Manifest));

    /// <param name="vulnerabilities">What a scan is to find in it.</param>
    public static Image Of(string layer, string vulnerabilities = "")
    {
        var config = Encoding.UTF8.GetBytes(
            $$$$"""{"architecture":"amd64","os":"linux","of":"{{{{layer}}}}","config":{"Labels":{"test.acceptance.vulnerabilities":"{{{{vulnerabilities}}}}"}}}""");
        var content = Encoding.UTF8.GetBytes(layer);
        return new Image(config, content, $$"""
            {
              "schemaVersion": 2, "mediaType": "{{OciManifest}}",
              "config": {{Descriptor(ConfigType, config)}},
              "layers": [{{Descriptor(LayerType, content)}}]
            }
            """);
    }

    public static string Descriptor(string type, byte[] content) =>
        $$"""{"mediaType": "{{type}}", "digest": "{{HarborWire.Digest(content)}}", "size": {{content.Length}}}""";
}
