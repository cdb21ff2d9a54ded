namespace Acceptance.Tests.Harbor;

[Needs(Capability.Registry)]
public sealed class LargeLayerTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("HA-05")]
    public async Task A_layer_larger_than_the_limits_of_proxies_is_pushed_with_one_token_and_pulled_intact(EnvironmentName environment)
    {
        var harbor = await platform.Harbor(environment);

        var (image, pushed) = await harbor.PushLargeImage(Cancel);
        var pulled = await harbor.PullImage(HarborRobot.Pull, image.ByDigest, Cancel);

        pulled.Layers.Select(layer => layer.Descriptor.Size).Should().Equal(harbor.Known.LayerSize);
        pushed.Tokens.Should().BeLessThanOrEqualTo(1, "docker sends a layer in one request, and cannot renew a token that expires within it");
        pushed.Elapsed.Should().BeLessThan(harbor.Known.PushWithin, "nobody waits longer for one layer");
        pulled.Layers[0].Elapsed.Should().BeLessThan(harbor.Known.PushWithin, "nobody waits longer for one layer");
    }
}
