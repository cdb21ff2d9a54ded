using Acceptance.Platform.Profiles;
using Acceptance.Platform.Twins;

namespace Acceptance.Tests.Suite.Gcp.CloudRun;

/// <summary>How a twin is told what time provisioning takes.</summary>
public sealed class ProvisioningTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, 0)]
    [InlineData("", 0)]
    [InlineData("0ms", 0)]
    [InlineData("8s", 8000)]
    public async Task The_embedded_twin_takes_the_time_of_its_setting(string? value, int milliseconds)
    {
        await using var twin = await EmbeddedTwin.StartAsync(Variables(value), Cancel);

        twin.Settings.Provisioning.TotalMilliseconds.Should().Be(milliseconds);
    }

    [Theory]
    [InlineData("soon", "'soon' is not a duration. Expected a number and ms, s, m, h or d, such as 30s.")]
    [InlineData("3d", "'3d' is not from 1ms to 1d.")]
    public async Task A_time_that_is_none_is_refused_with_its_variable(string value, string says)
    {
        var starting = () => EmbeddedTwin.StartAsync(Variables(value), Cancel);

        (await starting.Should().ThrowAsync<ProfileException>()).Which.Message.Should().Contain("ACCEPTANCE_TWIN_PROVISIONING").And.Contain(says);
    }

    [Fact]
    public async Task The_control_plane_changes_it_and_a_reset_takes_it_back()
    {
        await using var twin = await EmbeddedTwin.StartAsync(Variables(null), Cancel);
        using var http = new HttpClient { BaseAddress = twin.Endpoints[0].Address };

        (await http.PutAsync("_standin/provisioning/1500", null, Cancel)).EnsureSuccessStatusCode();
        var set = twin.Settings.Provisioning;
        (await http.PostAsync("_standin/reset", null, Cancel)).EnsureSuccessStatusCode();

        (set, twin.Settings.Provisioning).Should().Be((TimeSpan.FromSeconds(1.5), TimeSpan.Zero));
    }

    private static Dictionary<string, string> Variables(string? provisioning) =>
        provisioning is null ? [] : new Dictionary<string, string> { [Settings.TwinProvisioning.Name] = provisioning };
}
