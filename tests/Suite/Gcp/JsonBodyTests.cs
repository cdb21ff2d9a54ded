using System.Text;
using Acceptance.StandIns.Gcp;

namespace Acceptance.Tests.Suite.Gcp;

/// <summary>Bodies that are JSON to a parser and hold no text: bytes that are no UTF-8, halves of surrogate pairs.</summary>
public sealed class JsonBodyTests(GcpTwin twin) : IClassFixture<GcpTwin>
{
    /// <summary>Written in Latin-1, so that ÿ is the byte 0xFF.</summary>
    [Theory]
    [InlineData("""{"a": "ÿ"}""")]
    [InlineData("""{"ÿ": 1}""")]
    [InlineData("""{"a": "\ud800"}""")]
    [InlineData("""{"a": ["\udc00"]}""")]
    [InlineData("""{"a": {"\ud800": 1}}""")]
    [InlineData("""{"a": "\ud800\ud800"}""")]
    public void What_could_not_be_read_later_is_refused_at_once(string body)
    {
        var parse = () => JsonBody.Parse(Encoding.Latin1.GetBytes(body), problem => new FormatException(problem));

        parse.Should().Throw<FormatException>().WithMessage("Encountered non UTF-8 code points.");
    }

    [Fact]
    public void Text_of_every_script_is_read()
    {
        var body = JsonBody.Parse("""{"\u00e9": "\ud83d\ude00 é 😀"}"""u8, problem => new FormatException(problem));

        ((string?)body["é"]).Should().Be("😀 é 😀");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    public void What_says_nothing_is_empty(string body) => JsonBody.Parse(Encoding.UTF8.GetBytes(body), problem => new FormatException(problem)).Should().BeEmpty();

    [Theory]
    [InlineData("cloud-run", "v2/projects/acc-lab/locations/europe-west1/jobs?jobId=j")]
    [InlineData("cloud-run", "v2/projects/acc-lab/locations/europe-west1/services?serviceId=s")]
    [InlineData("gcs", "storage/v1/b?project=acc-lab")]
    [InlineData("bigquery", "bigquery/v2/projects/acc-lab/datasets")]
    [InlineData("logging", "v2/entries:write")]
    [InlineData("gcp-auth", "v1/projects/-/serviceAccounts/recette@acc-lab.iam.gserviceaccount.com:generateAccessToken")]
    [InlineData("gcp-auth", "v1/token")]
    public async Task No_system_fails_over_half_a_character(string system, string path)
    {
        var token = await twin.TokenAsync(GcpTwin.Owner);

        var answers = new[]
        {
            await twin.SendAsync(system, HttpMethod.Post, path, """{"\ud800": "x"}""", token),
            await twin.SendAsync(system, HttpMethod.Post, path, """{"name": "\ud800", "logName": "\ud800", "scope": ["\ud800"], "datasetReference": {"datasetId": "\ud800"}, "grantType": "\ud800"}""", token),
        };

        answers.Should().OnlyContain(answer => answer.Status == 400);
    }

    [Fact]
    public async Task A_field_in_both_spellings_is_refused_where_tokens_are_exchanged()
    {
        var answer = await twin.SendAsync("gcp-auth", HttpMethod.Post, "v1/token", """{"grantType": "a", "grant_type": "b"}""", null);

        (answer.Status, (string?)answer.Json["error"]).Should().Be((400, "invalid_request"));
    }

    [Theory]
    [InlineData("""{"labels": {"a": "\ud800"}}""")]
    [InlineData("""{"template": {"template": {"containers": [{"image": "\ud800"}]}}}""")]
    public async Task Cloud_Run_says_that_it_is_no_text(string job)
    {
        var answer = await twin.SendAsync("cloud-run", HttpMethod.Post, "v2/projects/acc-lab/locations/europe-west1/jobs?jobId=j", job, await twin.TokenAsync(GcpTwin.Owner));

        (answer.Status, answer.Message).Should().Be((400, "Invalid JSON payload received. Encountered non UTF-8 code points."));
    }
}
