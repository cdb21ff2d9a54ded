using Acceptance.Platform.Cleanup;

namespace Acceptance.Tests.Suite.Cleanup;

public sealed class ResourceLabelsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 8, 15, 30, TimeSpan.Zero);

    [Fact]
    public void A_run_labels_what_it_makes_with_itself_and_an_expiry_that_is_read_back()
    {
        var labels = ResourceLabels.Of("r41a00", Now);

        labels.Should().Equal(new Dictionary<string, string> { ["acceptance-run"] = "r41a00", ["acceptance-expires"] = "2026-11-30t20-15-30z" });
        ResourceLabels.ExpiryOf(labels).Should().Be(Now.AddHours(12));
    }

    [Theory]
    [InlineData("acceptance-expires", "2026-11-30t20-15-30z")]
    [InlineData("acceptance-run", "r41a00")]
    public void Half_of_the_labels_is_none(string name, string value) => ResourceLabels.ExpiryOf(new Dictionary<string, string> { [name] = value }).Should().BeNull();

    [Fact]
    public void An_expiry_that_cannot_be_read_is_none() =>
        ResourceLabels.ExpiryOf(new Dictionary<string, string> { ["acceptance-run"] = "r41a00", ["acceptance-expires"] = "tomorrow" }).Should().BeNull();
}
