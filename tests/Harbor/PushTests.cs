using Acceptance.Platform.Harbor;
using Acceptance.Platform.Harbor.Oci;

namespace Acceptance.Tests.Harbor;

[Needs(Capability.Registry)]
public sealed class PushTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("HA-02")]
    public async Task An_image_pushed_as_docker_pushes_is_read_back_as_it_was(EnvironmentName environment)
    {
        var harbor = await platform.Harbor(environment);

        var pushed = await harbor.PushImage("streamed", UploadMode.Streamed, Cancel);
        var read = await harbor.As(HarborRobot.Ci).GetManifestAsync(pushed.Repository, pushed.Tag, Cancel);

        read.Digest.Should().Be(pushed.Digest, "a tag must lead to the manifest that was pushed under it");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("HA-02")]
    public async Task An_image_pushed_blob_by_blob_whole_is_read_back_as_it_was(EnvironmentName environment)
    {
        var harbor = await platform.Harbor(environment);

        var pushed = await harbor.PushImage("monolithic", UploadMode.Monolithic, Cancel);
        var pulled = await harbor.PullImage(HarborRobot.Ci, pushed.ByDigest, Cancel);

        pulled.Layers.Select(layer => layer.Descriptor).Should().Equal(pushed.Layers, "each layer was verified as it came");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("HA-02")]
    public async Task An_image_pushed_in_chunks_is_read_back_as_it_was(EnvironmentName environment)
    {
        var harbor = await platform.Harbor(environment);

        var pushed = await harbor.PushImage("chunked", UploadMode.Chunked(HarborFixture.Chunk), Cancel);
        var pulled = await harbor.PullImage(HarborRobot.Ci, pushed.ByDigest, Cancel);

        pulled.Layers.Select(layer => layer.Descriptor).Should().Equal(pushed.Layers, "each layer was verified as it came");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("HA-02")]
    public async Task A_layer_that_another_repository_has_is_mounted_and_not_sent_again(EnvironmentName environment)
    {
        var harbor = await platform.Harbor(environment);
        var pushed = await harbor.PushImage("mount-from", UploadMode.Streamed, Cancel);

        var mounted = await harbor.MountLayers(pushed, "mount-to", Cancel);

        mounted.Should().OnlyContain(layer => layer.Mounted, "images of one project share their base layers")
            .And.OnlyContain(layer => layer.IsThere, "a layer that is said to be mounted must be there");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("HA-02"), Needs(Capability.Harbor)]
    public async Task The_image_stands_in_Harbor_under_its_tag(EnvironmentName environment)
    {
        var harbor = await platform.Harbor(environment);
        var pushed = await harbor.PushImage("listed", UploadMode.Streamed, Cancel);

        var artifacts = await harbor.Api.ListArtifactsAsync(pushed.Path, Cancel);

        artifacts.Select(artifact => artifact.Digest).Should().Equal(pushed.Digest.ToString());
        artifacts.SelectMany(artifact => artifact.Tags ?? []).Select(tag => tag.Name).Should().Equal([pushed.Tag.ToString()], "who looks for an image in Harbor looks for its tag");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("HA-02"), Needs(Capability.Harbor)]
    public async Task What_is_attached_to_an_image_is_listed_with_it(EnvironmentName environment)
    {
        var harbor = await platform.Harbor(environment);
        var pushed = await harbor.PushImage("attached", UploadMode.Streamed, Cancel);

        var sbom = await harbor.AttachSbom(pushed, Cancel);
        var referrers = await harbor.As(HarborRobot.Ci).ListReferrersAsync(pushed.Repository, pushed.Digest, null, Cancel);

        referrers.Manifests.Select(referrer => referrer.Digest).Should().Equal([sbom], "signatures and bills of materials are found by the referrers of the image");
    }
}
