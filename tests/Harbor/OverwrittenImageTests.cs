using System.Net;
using Acceptance.Platform.Harbor.Oci;

namespace Acceptance.Tests.Harbor;

public sealed class OverwrittenImageTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("HA-07"), Needs(Capability.Registry)]
    public async Task An_image_whose_tag_moved_on_is_still_pulled_by_its_digest(EnvironmentName environment)
    {
        var harbor = await platform.Harbor(environment);
        var running = await harbor.PushImage("moved", UploadMode.Streamed, Cancel);

        var newer = await harbor.PushOver(running, Cancel);
        var pulled = await harbor.PullImage(HarborRobot.Pull, running.ByDigest, Cancel);

        newer.Digest.Should().NotBe(running.Digest);
        pulled.Manifest.Digest.Should().Be(running.Digest, "what runs was started by its digest");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("HA-07"), Needs(Capability.Harbor)]
    public async Task An_image_whose_tag_was_deleted_is_still_pulled_by_its_digest(EnvironmentName environment)
    {
        var harbor = await platform.Harbor(environment);
        var running = await harbor.PushImage("untagged", UploadMode.Streamed, Cancel);

        await harbor.Api.DeleteTagAsync(running.Path, running.Digest.ToString(), running.Tag.ToString(), Cancel);
        var pulled = await harbor.PullImage(HarborRobot.Pull, running.ByDigest, Cancel);

        pulled.Manifest.Digest.Should().Be(running.Digest, "what runs was started by its digest");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("HA-07"), Needs(Capability.ImmutableTags)]
    public async Task The_project_has_the_rule_that_keeps_released_tags(EnvironmentName environment)
    {
        var harbor = await platform.Harbor(environment);

        var rules = await harbor.Api.ListImmutableTagRulesAsync(harbor.Project, Cancel);

        rules.Should().Contain(rule => rule.Keeps(harbor.Known.ImmutableTags), "the platform declares it for the tags {0}", harbor.Known.ImmutableTags);
    }

    [AcceptanceTest, InEachEnvironment, Requirement("HA-07"), Needs(Capability.ImmutableTags)]
    public async Task A_tag_that_a_rule_keeps_cannot_be_moved(EnvironmentName environment)
    {
        var harbor = await platform.Harbor(environment);
        var released = await harbor.PushImage("released", UploadMode.Streamed, Cancel);
        await harbor.KeepTags(released, Cancel);

        var moving = () => harbor.PushOver(released, Cancel);
        (await moving.Should().ThrowAsync<OciException>("a rule keeps the tag {0} where it is", released.Tag))
            .Which.Status.Should().Be(HttpStatusCode.PreconditionFailed);
        var read = await harbor.As(HarborRobot.Pull).GetManifestAsync(released.Repository, released.Tag, Cancel);

        read.Digest.Should().Be(released.Digest);
    }
}
