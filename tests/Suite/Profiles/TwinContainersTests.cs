using Acceptance.Platform.Profiles;
using Acceptance.Platform.Twins;

namespace Acceptance.Tests.Suite.Profiles;

/// <summary>How a twin is told where its containers run.</summary>
public sealed class TwinContainersTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("host")]
    [InlineData("docker")]
    public async Task A_twin_starts_whether_or_not_there_is_an_engine(string value)
    {
        await using var twin = await EmbeddedTwin.StartAsync(Variables(value), Cancel);

        twin.Endpoints.Should().NotBeEmpty("an engine is needed by the first container, not by the twin");
    }

    [Fact]
    public async Task A_place_that_is_none_is_refused_with_its_variable()
    {
        var starting = () => EmbeddedTwin.StartAsync(Variables("podman"), Cancel);

        (await starting.Should().ThrowAsync<ProfileException>()).Which.Message.Should().Contain("ACCEPTANCE_TWIN_CONTAINERS").And.Contain("'podman' is neither 'host' nor 'docker'.");
    }

    private static Dictionary<string, string> Variables(string containers) => new() { [Settings.TwinContainers.Name] = containers };
}
