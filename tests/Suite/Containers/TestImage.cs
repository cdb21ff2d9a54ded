using System.Text;
using System.Text.Json.Nodes;
using Acceptance.StandIns.Containers.Pulling;
using Acceptance.Tests.Suite.Harbor;

namespace Acceptance.Tests.Suite.Containers;

/// <summary>An image that a test makes.</summary>
internal sealed record TestImage
{
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

    /// <summary>Pushes it, and gives the digest of its manifest.</summary>
    public async Task<string> PushAsync(HarborWire harbor, string repository, string tag)
    {
        var (layers, diffIds) = (new JsonArray(), new List<string>());
        foreach (var layer in Layers)
        {
            var (blob, diffId) = layer.Build();
            layers.Add(JsonNode.Parse(Image.Descriptor(layer.Type, blob)));
            diffIds.Add(diffId);
            await harbor.PushBlobAsync(blob, repository);
        }

        var config = Config(diffIds);
        await harbor.PushBlobAsync(config, repository);
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = Image.OciManifest,
            ["config"] = JsonNode.Parse(Image.Descriptor("application/vnd.oci.image.config.v1+json", config)),
            ["layers"] = layers,
        }.ToJsonString();
        var pushed = await harbor.PutAsync(manifest, tag, repository);
        pushed.Status.Should().Be(201, pushed.Text);
        return HarborWire.Digest(Encoding.UTF8.GetBytes(manifest));
    }

    private byte[] Config(List<string> diffIds) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["os"] = "linux",
        ["architecture"] = Architecture,
        ["config"] = new JsonObject { ["Entrypoint"] = Texts(Entrypoint), ["Cmd"] = Texts(Cmd), ["Env"] = Texts(Environment), ["WorkingDir"] = WorkingDirectory },
        ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = Texts(DiffIds ?? diffIds) },
    }.ToJsonString());

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];
}
