using Acceptance.Platform.Harbor.Oci;

namespace Acceptance.Tests.Harbor;

[Needs(Capability.Registry)]
public sealed class LargeLayerTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("HA-05")]
    public async Task A_layer_larger_than_the_limits_of_proxies_is_pushed_with_one_token_and_pulled_intact(EnvironmentName environment)
    {
        var harbor = await platform.Harbor(environment);

        var pushed = await harbor.PushLargeLayer(Cancel);
        var pulled = await harbor.PullLargeLayer(pushed, Cancel);

        pushed.Blob.Tokens.Should().BeLessThanOrEqualTo(1, "docker sends a layer in one request, and cannot renew a token that expires within it");
        pulled.Size.Should().Be(harbor.Known.LayerSize);
        (pushed.Blob.Elapsed, pulled.Elapsed).Should().Match<(TimeSpan Push, TimeSpan Pull)>(
            took => took.Push <= harbor.Known.PushWithin && took.Pull <= harbor.Known.PushWithin, "more than {0} is too long to wait for one layer", harbor.Known.PushWithin);
    }
}
