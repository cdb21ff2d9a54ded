using System.Text;
using System.Text.Json.Nodes;
using Acceptance.StandIns.Harbor;
using Acceptance.StandIns.Harbor.Content;
using Acceptance.StandIns.Harbor.Repositories;
using Acceptance.StandIns.Harbor.Scans;

namespace Acceptance.Tests.Suite.Harbor;

/// <summary>Images that are there without having been pushed.</summary>
internal static class StoredImage
{
    public const string ImageManifest = "application/vnd.oci.image.manifest.v1+json";
    private const string Index = "application/vnd.oci.image.index.v1+json";

    /// <summary>An image whose content follows from <paramref name="content"/>.</summary>
    public static Artifact Image(this HarborState state, string repository, string content, string? tag = null, string? vulnerabilities = null)
    {
        var config = new JsonObject
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["config"] = new JsonObject { ["Labels"] = vulnerabilities is null ? null : new JsonObject { [DeclaredVulnerabilities.Label] = vulnerabilities } },
            ["history"] = new JsonArray(new JsonObject { ["created_by"] = "COPY" }),
        };
        return state.Put(repository, tag, new Manifest
        {
            Digest = OciDigest.Sha256(Encoding.UTF8.GetBytes(repository + content)),
            Content = Encoding.UTF8.GetBytes(content),
            MediaType = ImageManifest,
            IsIndex = false,
            ArtifactType = "application/vnd.oci.image.config.v1+json",
            Config = state.Blob(repository, "application/vnd.oci.image.config.v1+json", config.ToJsonString()),
            Layers = [state.Blob(repository, "application/vnd.oci.image.layer.v1.tar+gzip", content)],
        });
    }

    public static Artifact Signature(this HarborState state, Artifact subject) => state.Put(subject.Repository.Name, null, new Manifest
    {
        Digest = OciDigest.Sha256(Encoding.UTF8.GetBytes($"signature {subject.Digest}")),
        Content = "{}"u8.ToArray(),
        MediaType = ImageManifest,
        IsIndex = false,
        ArtifactType = "application/vnd.cncf.notary.signature",
        Config = state.Blob(subject.Repository.Name, "application/vnd.oci.empty.v1+json", "{}"),
        Subject = Descriptor(subject),
    });

    public static Artifact IndexOf(this HarborState state, string tag, params Artifact[] images) => state.Put(images[0].Repository.Name, tag, new Manifest
    {
        Digest = OciDigest.Sha256(Encoding.UTF8.GetBytes($"index {string.Join(' ', images.Select(image => image.Digest))}")),
        Content = "{}"u8.ToArray(),
        MediaType = Index,
        IsIndex = true,
        ArtifactType = null,
        Manifests = [.. images.Select(Descriptor)],
    });

    private static Artifact Put(this HarborState state, string repository, string? tag, Manifest manifest)
    {
        var into = state.Repositories.Ensure(repository);
        var artifact = into.Put(manifest);
        if (tag is not null)
        {
            into.Tag(artifact, tag);
        }

        return artifact;
    }

    private static OciDescriptor Blob(this HarborState state, string repository, string type, string content)
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        var digest = OciDigest.Sha256(bytes);
        var file = Path.GetTempFileName();
        File.WriteAllBytes(file, bytes);
        state.Blobs.Adopt(repository, digest, file);
        return new OciDescriptor(type, digest, bytes.Length, []);
    }

    private static OciDescriptor Descriptor(Artifact artifact) => new(
        artifact.Manifest.MediaType,
        artifact.Digest,
        artifact.Manifest.Content.Length,
        new JsonObject { ["platform"] = new JsonObject { ["architecture"] = "amd64", ["os"] = "linux" } });
}
