using Acceptance.Platform.Harbor.Oci;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class ImageReferenceTests
{
    private const string Sha256 = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    [Theory]
    [InlineData("harbor.example.com/mlops-lab/trainer", "harbor.example.com", "mlops-lab/trainer", null, null)]
    [InlineData("harbor.example.com/mlops-lab/trainer:1.4", "harbor.example.com", "mlops-lab/trainer", "1.4", null)]
    [InlineData("127.0.0.1:5000/a:_x", "127.0.0.1:5000", "a", "_x", null)]
    [InlineData("localhost/a/b__c/d---e.f_g", "localhost", "a/b__c/d---e.f_g", null, null)]
    [InlineData("[::1]:443/a@" + Sha256, "[::1]:443", "a", null, Sha256)]
    [InlineData("Harbor.Example.com/a:V1@" + Sha256, "Harbor.Example.com", "a", "V1", Sha256)]
    public void A_reference_is_read_and_written(string text, string registry, string repository, string? tag, string? digest)
    {
        var image = ImageReference.Parse(text);

        (image.Registry, image.Repository.ToString(), image.Tag?.ToString(), image.Digest?.ToString()).Should().Be((registry, repository, tag, digest));
        image.ToString().Should().Be(text);
        ImageReference.TryParse(text, out var same).Should().BeTrue();
        same.Should().Be(image);
    }

    [Theory]
    [InlineData("", 1, "a registry, host[:port], before the repository's name", "the end")]
    [InlineData("ubuntu", 7, "a registry, '/' and the repository's name", "no '/'")]
    [InlineData("library/ubuntu:20.04", 1, "a registry, host[:port], before the repository's name: its host has a '.' or a port, or is localhost", "'library'")]
    [InlineData("https://harbor.example.com/a/b", 1, "a registry's name without a scheme", "'https://'")]
    [InlineData("/a/b", 1, "a registry, host[:port], before the repository's name", "'/'")]
    [InlineData(":5000/a", 1, "a registry, host[:port], before the repository's name", "':'")]
    [InlineData("harbor_x.example.com/a", 7, "letters, digits, '-' and single '.' in a registry's host", "'_'")]
    [InlineData("harbor..com/a", 8, "letters, digits, '-' and single '.' in a registry's host", "'.'")]
    [InlineData("harbor-.com/a", 7, "a letter or digit at both ends of each part of a registry's host", "'-'")]
    [InlineData("harbor.example.com:/a", 20, "a port from 1 to 65535", "'/'")]
    [InlineData("harbor.example.com:70000/a", 20, "a port from 1 to 65535", "'70000'")]
    [InlineData("[::1/a", 1, "an IPv6 address in brackets", "'['")]
    [InlineData("[::1]x/a", 6, "':' and a port, or '/'", "'x'")]
    [InlineData("harbor.example.com/", 20, "a letter or digit", "the end")]
    [InlineData("harbor.example.com/MLops/a", 20, "lower case letters, digits, '.', '_', '-' and '/' in a repository's name", "'M'")]
    [InlineData("harbor.example.com/mlops//a", 26, "a letter or digit", "'/'")]
    [InlineData("harbor.example.com/mlops/", 26, "a letter or digit", "the end")]
    [InlineData("harbor.example.com/../../etc", 20, "one '.', one or two '_' or any number of '-', between letters and digits", "'..'")]
    [InlineData("harbor.example.com/a..b", 21, "one '.', one or two '_' or any number of '-', between letters and digits", "'..'")]
    [InlineData("harbor.example.com/a___b", 21, "one '.', one or two '_' or any number of '-', between letters and digits", "'___'")]
    [InlineData("harbor.example.com/a-", 21, "one '.', one or two '_' or any number of '-', between letters and digits", "'-'")]
    [InlineData("harbor.example.com/a b", 21, "lower case letters, digits, '.', '_', '-' and '/' in a repository's name", "' '")]
    [InlineData("harbor.example.com/a:", 22, "a tag", "the end")]
    [InlineData("harbor.example.com/a:@" + Sha256, 22, "a tag", "'@'")]
    [InlineData("harbor.example.com/a:.x", 22, "a letter, a digit or '_' at the beginning of a tag", "'.'")]
    [InlineData("harbor.example.com/a:x+1", 23, "letters, digits, '_', '.' and '-' in a tag", "'+'")]
    [InlineData("harbor.example.com/a@", 22, "an algorithm, ':' and hexadecimal digits, such as sha256:9f86…", "no ':'")]
    [InlineData("harbor.example.com/a@md5:0123", 22, "the algorithm sha256 or sha512", "'md5'")]
    [InlineData("harbor.example.com/a@sha256:0123", 29, "64 hexadecimal digits of sha256", "4")]
    [InlineData("harbor.example.com/a@sha256:01AB", 31, "digits of lower case hexadecimal", "'A'")]
    public void A_malformed_reference_says_what_was_expected_what_came_and_where(string text, int position, string expected, string observed)
    {
        var reading = () => ImageReference.Parse(text);

        var exception = reading.Should().Throw<OciFormatException>().Which;
        (exception.Position, exception.Expected, exception.Observed).Should().Be((position, expected, observed));
        exception.Message.Should().Be($"'{text}' is not an image reference.\n  Expected : {expected}\n  Observed : {observed} at character {position}");
        ImageReference.TryParse(text, out _).Should().BeFalse();
    }

    [Fact]
    public void Names_and_tags_have_a_length()
    {
        var name = () => ImageReference.Parse($"harbor.example.com/{new string('a', 256)}");
        var tag = () => ImageReference.Parse($"harbor.example.com/a:{new string('a', 129)}");

        name.Should().Throw<OciFormatException>().WithMessage("*Expected : a repository's name of at most 255 characters\n  Observed : 256 at character 20");
        tag.Should().Throw<OciFormatException>().WithMessage("*Expected : a tag of at most 128 characters\n  Observed : 129 at character 22");
    }

    [Fact]
    public void A_digest_wins_over_a_tag_and_there_is_no_default_one()
    {
        ImageReference.Parse($"harbor.example.com/a:x@{Sha256}").Manifest.Should().Be(ManifestReference.To(Digest.Parse(Sha256)));
        ImageReference.Parse("harbor.example.com/a:x").Manifest.ToString().Should().Be("x");

        var none = () => ImageReference.Parse("harbor.example.com/a").Manifest;

        none.Should().Throw<InvalidOperationException>().WithMessage("Image 'harbor.example.com/a' names neither a tag nor a digest, and there is no default tag.");
    }

    [Fact]
    public void Digests_are_equal_by_what_they_say()
    {
        Digest.Of("test"u8).Should().Be(Digest.Parse(Sha256));
        Digest.Parse($"sha512:{new string('a', 128)}").Algorithm.Should().Be("sha512");
        Digest.TryParse("sha256:9f86", out _).Should().BeFalse();
        Digest.TryParse(null, out _).Should().BeFalse();

        var reading = () => Digest.Parse("sha256");

        reading.Should().Throw<OciFormatException>().WithMessage(
            "'sha256' is not a digest.\n  Expected : an algorithm, ':' and hexadecimal digits, such as sha256:9f86…\n  Observed : no ':' at character 7");
    }
}
