using Acceptance.Recette;

namespace Acceptance.Tests.Suite.Recette;

public sealed class FrenchTests
{
    [Theory]
    [InlineData("2026-11-23T21:14:59Z", "23 novembre 2026 à 21:14 UTC")]
    [InlineData("2026-02-01T00:05:00+01:00", "31 janvier 2026 à 23:05 UTC")]
    [InlineData("2026-08-01T07:00:00Z", "1er août 2026 à 07:00 UTC")]
    public void A_date_is_written_out(string instant, string expected) =>
        French.Date(DateTimeOffset.Parse(instant)).Should().Be(expected);

    [Theory]
    [InlineData(0, "0_ms")]
    [InlineData(340, "340_ms")]
    [InlineData(2449, "2,4_s")]
    [InlineData(59_960, "0_min_59_s")]
    [InlineData(192_000, "3_min_12_s")]
    [InlineData(7_500_000, "2_h_5_min")]
    public void A_duration_has_its_unit_beside_it(int milliseconds, string expected) =>
        French.Duration(TimeSpan.FromMilliseconds(milliseconds)).Should().Be(expected.Replace('_', '\u00A0'));

    [Theory]
    [InlineData("Monitoring: suivi", "Monitoring_: suivi")]
    [InlineData("« oui » ; non ! 12 %", "«_oui_»_; non_! 12_%")]
    [InlineData("http://127.0.0.1:80/ à 21:14", "http://127.0.0.1:80/ à 21:14")]
    [InlineData("déjà : là", "déjà_: là")]
    public void Double_signs_keep_their_space_on_their_line(string text, string expected) =>
        French.Typeset(text).Should().Be(expected.Replace('_', '\u00A0'));

    [Fact]
    public void A_rate_of_nothing_is_a_dash()
    {
        French.Rate(0.875m).Should().Be("87,5\u00A0%");
        French.Rate(null).Should().Be("—");
    }
}
