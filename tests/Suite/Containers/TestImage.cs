using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Acceptance.StandIns.Containers.Pulling;
using Acceptance.Tests.Suite.Harbor;

namespace Acceptance.Tests.Suite.Containers;

/// <summary>An image that a test makes.</summary>
internal sealed record TestImage
{
    /// <summary>As no machine writes it: what parses and writes it anew changes its digest.</summary>
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public IReadOnlyList<Layer> Layers { get; init; } = [];

    public IReadOnlyList<string> Entrypoint { get; init; } = [];

    public IReadOnlyList<string> Cmd { get; init; } = [];

    public IReadOnlyList<string> Environment { get; init; } = [];

    public string WorkingDirectory { get; init; } = "";

    public string Architecture { get; init; } = ImagePuller.Architecture;

    /// <summary>Instead of the digests of the layers' archives.</summary>
    public IReadOnlyList<string>? DiffIds { get; init; }

    /// <summary>An image whose program is a script.</summary>
    public static TestImage OfScript(string script) => new() { Layers = [new Layer().Script("app/run", script)], Entrypoint = ["/app/run"] };

    /// <summary>Its manifest, and the blobs that it names.</summary>
    public (string Manifest, IReadOnlyList<byte[]> Blobs) Build()
    {
        var layers = Layers.Select(layer => (layer.Type, Built: layer.Build())).ToList();
        var config = Config(layers.Select(layer => layer.Built.DiffId));
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = Image.OciManifest,
            ["config"] = JsonNode.Parse(Image.Descriptor("application/vnd.oci.image.config.v1+json", config)),
            ["layers"] = new JsonArray([.. layers.Select(layer => JsonNode.Parse(Image.Descriptor(layer.Type, layer.Built.Blob)))]),
        };
        return (manifest.ToJsonString(Indented), [.. layers.Select(layer => layer.Built.Blob), config]);
    }

    /// <summary>Pushes it, and gives the digest of its manifest.</summary>
    public async Task<string> PushAsync(HarborWire harbor, string repository, string tag)
    {
        var (manifest, blobs) = Build();
        foreach (var blob in blobs)
        {
            await harbor.PushBlobAsync(blob, repository);
        }

        var pushed = await harbor.PutAsync(manifest, tag, repository);
        pushed.Status.Should().Be(201, pushed.Text);
        return HarborWire.Digest(Encoding.UTF8.GetBytes(manifest));
    }

    private byte[] Config(IEnumerable<string> diffIds) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["os"] = "linux",
        ["architecture"] = Architecture,
        ["config"] = new JsonObject { ["Entrypoint"] = Texts(Entrypoint), ["Cmd"] = Texts(Cmd), ["Env"] = Texts(Environment), ["WorkingDir"] = WorkingDirectory },
        ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = Texts(DiffIds ?? diffIds) },
    }.ToJsonString());

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];
}
