using Acceptance.StandIns.Harbor.Projects;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class DoublestarPatternTests
{
    [Theory]
    [InlineData("release-*", "release-1.0", true)]
    [InlineData("release-*", "pre-release-1", false)]
    [InlineData("**", "churn/trainer", true)]
    [InlineData("*", "churn/trainer", false)]
    [InlineData("churn/**", "churn/a/b", true)]
    [InlineData("churn/**", "churn", false)]
    [InlineData("**/trainer", "trainer", true)]
    [InlineData("**/trainer", "churn/v2/trainer", true)]
    [InlineData("churn/*/trainer", "churn/v2/trainer", true)]
    [InlineData("{churn,score}/**", "score/a", true)]
    [InlineData("v?", "v1", true)]
    [InlineData("v?", "v/", false)]
    [InlineData("v[0-9].[^5]", "v1.4", true)]
    [InlineData("v[0-9].[^5]", "v1.5", false)]
    [InlineData("v1.0", "v1x0", false)]
    [InlineData(@"\*", "*", true)]
    public void It_matches_as_Harbors_rules_do(string pattern, string value, bool matches) =>
        DoublestarPattern.IsMatch(pattern, value).Should().Be(matches);

    [Theory]
    [InlineData("v[", false)]
    [InlineData("{a,b", false)]
    [InlineData("[z-a]", false)]
    [InlineData("a\\", false)]
    [InlineData("a]b}", true)]
    public void What_is_no_pattern_matches_nothing(string pattern, bool valid) => DoublestarPattern.IsValid(pattern).Should().Be(valid);
}
