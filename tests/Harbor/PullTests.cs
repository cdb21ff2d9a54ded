using Acceptance.Platform.Harbor.Oci;

namespace Acceptance.Tests.Harbor;

[Needs(Capability.Registry)]
public sealed class PullTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("HA-03")]
    public async Task The_workstations_robot_pulls_an_image_with_every_layer_intact(EnvironmentName environment)
    {
        var harbor = await platform.Harbor(environment);
        var pushed = await harbor.PushImage("workstation", UploadMode.Streamed, Cancel);

        var pulled = await harbor.PullImage(HarborRobot.Pull, pushed.ByTag, Cancel);

        pulled.Manifest.Digest.Should().Be(pushed.Digest);
        pulled.Layers.Select(layer => layer.Descriptor).Should().NotBeEmpty().And.Equal(pushed.Layers, "each layer was verified as it came");
    }
}
