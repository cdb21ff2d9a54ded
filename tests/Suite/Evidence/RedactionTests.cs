using System.Text;
using Acceptance.Platform.Evidence;
using Acceptance.Platform.Http;
using Acceptance.Platform.Profiles;

namespace Acceptance.Tests.Suite.Evidence;

public sealed class RedactionTests
{
    private const string Value = "p@ss w0rd/+\"é";

    private readonly Redaction _redaction = new();

    public RedactionTests() => _redaction.Register(new Secret(Value));

    public static TheoryData<string, string> Forms => new()
    {
        { "as it is", Value },
        { "URL", Uri.EscapeDataString(Value) },
        { "form", System.Web.HttpUtility.UrlEncode(Value) },
        { "HTML", System.Web.HttpUtility.HtmlEncode(Value) },
        { "JSON", System.Text.Json.JsonSerializer.Serialize(Value).Trim('"') },
        { "hexadecimal", Convert.ToHexString(Encoding.UTF8.GetBytes(Value)).ToLowerInvariant() },
        { "base64", Convert.ToBase64String(Encoding.UTF8.GetBytes(Value)) },
        { "base64 after a user", Convert.ToBase64String(Encoding.UTF8.GetBytes("me:" + Value)) },
        { "base64 after a longer user", Convert.ToBase64String(Encoding.UTF8.GetBytes("me2:" + Value)) },
        { "base64 between others", Convert.ToBase64String(Encoding.UTF8.GetBytes("a" + Value + "zz")) },
        { "base64url", Convert.ToBase64String(Encoding.UTF8.GetBytes(Value)).Replace('+', '-').Replace('/', '_') },
    };

    [Theory, MemberData(nameof(Forms))]
    public void A_registered_secret_is_masked_in_every_form(string form, string written)
    {
        var masked = _redaction.Text($"before {written} after");

        masked.Should().Contain(Redaction.Mask, "a secret in {0} is still a secret", form);
        masked.Should().StartWith("before ").And.EndWith(" after");
        masked.Should().NotContain(written);
    }

    [Fact]
    public void Of_the_credentials_that_live_for_minutes_the_last_are_masked_and_no_secret_is_lost_to_them()
    {
        for (var number = 0; number < 100; number++)
        {
            _redaction.RegisterPassing($"token-{number:000}");
            _redaction.RegisterPassing("token-always");
        }

        _redaction.Text($"token-099 token-069 token-always {Value}").Should().Be("*** *** *** ***");
        _redaction.Text("token-000").Should().Be("token-000", "what is known of them does not grow without end");
    }

    [Theory]
    [InlineData("Authorization", "Bearer abc")]
    [InlineData("PRIVATE-TOKEN", "glpat-abc")]
    [InlineData("Set-Cookie", "NXSESSIONID=abc")]
    public void A_header_that_holds_a_secret_is_masked_whatever_its_value(string name, string value) =>
        _redaction.Header(name, value).Should().Be(Redaction.Mask);

    [Fact]
    public void Query_fields_and_user_information_are_masked() =>
        _redaction.Url("https://me:mine@host/p?x=1&access_token=abc&y=2&X-Goog-Signature=00ff")
            .Should().Be("https://***@host/p?x=1&access_token=***&y=2&X-Goog-Signature=***");

    [Theory]
    [InlineData("https://host/p?X-Amz-Security-Token=abc&page=2", "https://host/p?X-Amz-Security-Token=***&page=2")]
    [InlineData("https://host/p?Policy=a&Signature=b&Key-Pair-Id=c", "https://host/p?Policy=***&Signature=***&Key-Pair-Id=***")]
    [InlineData("https://host/t/abc-123/conda-forge/noarch/repodata.json", "https://host/t/***/conda-forge/noarch/repodata.json")]
    [InlineData("https://host/t/abc-123/x?token=y", "https://host/t/***/x?token=***")]
    [InlineData("https://host/p?continuationToken=3f&q=numpy", "https://host/p?continuationToken=3f&q=numpy")]
    public void An_address_is_masked_in_its_path_and_query_whoever_prints_it(string address, string masked)
    {
        _redaction.Url(address).Should().Be(masked);
        PublicAddress.Of(new Uri(address)).Should().Be(masked);
    }

    [Fact]
    public void JSON_and_form_fields_are_masked()
    {
        _redaction.Body("""{"access_token" : "abc\"d", "expires_in": 1800, "password":"x"}""")
            .Should().Be("""{"access_token" : "***", "expires_in": 1800, "password":"***"}""");
        _redaction.Body("grant_type=password&password=abc&scope=x").Should().Be("grant_type=password&password=***&scope=x");
    }

    [Fact]
    public void Other_text_is_left_alone() => _redaction.Body("""{"name": "numpy", "key": 1}""").Should().Be("""{"name": "numpy", "key": 1}""");
}
