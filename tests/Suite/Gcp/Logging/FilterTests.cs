using System.Text.Json.Nodes;
using Acceptance.StandIns.Gcp;
using Acceptance.StandIns.Gcp.Logging.Filters;

namespace Acceptance.Tests.Suite.Gcp.Logging;

/// <summary>The query language, as https://cloud.google.com/logging/docs/view/logging-query-language has it.</summary>
public sealed class FilterTests
{
    private static readonly JsonObject Entry = JsonNode.Parse("""
        {
          "logName": "projects/acc-lab/logs/run.googleapis.com%2Fstdout",
          "resource": {"type": "cloud_run_job", "labels": {"job_name": "score-daily", "location": "europe-west1"}},
          "timestamp": "2026-11-24T10:20:30.123456789Z",
          "severity": "WARNING",
          "insertId": "abc",
          "labels": {"run.googleapis.com/execution_name": "score-x7", "team": "Risk"},
          "jsonPayload": {"message": "Scored 12 rows", "rows": 12, "ratio": 0.5, "ok": true, "tags": ["a", "b"], "nested": {"deep": "Value"}},
          "httpRequest": {"status": 503}
        }
        """)!.AsObject();

    [Theory]
    [InlineData("")]
    [InlineData("   -- only a comment")]
    [InlineData("severity=WARNING")]
    [InlineData("severity = warning")]
    [InlineData("severity>=NOTICE AND severity<ERROR")]
    [InlineData("severity=(ERROR OR WARNING)")]
    [InlineData("severity>300")]
    [InlineData("resource.type=cloud_run_job resource.labels.job_name=score-daily")]
    [InlineData("resource.type=\"CLOUD_RUN_JOB\"")]
    [InlineData("RESOURCE.TYPE:run")]
    [InlineData("labels.\"run.googleapis.com/execution_name\"=score-x7")]
    [InlineData("labels.team:risk")]
    [InlineData("labels.team:*")]
    [InlineData("logName=\"projects/acc-lab/logs/run.googleapis.com%2Fstdout\"")]
    [InlineData("log_name:stdout")]
    [InlineData("log_id(\"run.googleapis.com/stdout\")")]
    [InlineData("timestamp>=\"2026-11-24T10:20:30.123456789Z\"")]
    [InlineData("timestamp<=\"2026-11-24T11:20:30.123456789+01:00\"")]
    [InlineData("timestamp>\"2026-11-24\" timestamp<\"2026-11-25\"")]
    [InlineData("jsonPayload.message=\"scored 12 ROWS\"")]
    [InlineData("jsonPayload.message:\"12 rows\"")]
    [InlineData("jsonPayload.message=~\"^Scored \\\\d+ rows$\"")]
    [InlineData("jsonPayload.message=~\"Scored \\d+\"")]
    [InlineData("jsonPayload.message!~\"failed\"")]
    [InlineData("jsonPayload.rows>=12 jsonPayload.rows<100 jsonPayload.rows!=13")]
    [InlineData("jsonPayload.rows>-5")]
    [InlineData("jsonPayload.ratio=0.50")]
    [InlineData("jsonPayload.ok=true")]
    [InlineData("jsonPayload.tags=b")]
    [InlineData("jsonPayload.tags:(a AND b)")]
    [InlineData("jsonPayload.nested.deep=value")]
    [InlineData("jsonPayload.nested:value")]
    [InlineData("jsonPayload:scored")]
    [InlineData("httpRequest.status>=500")]
    [InlineData("insertId=abc")]
    [InlineData("trace=\"\"")]
    [InlineData("NOT jsonPayload.absent=1")]
    [InlineData("-severity=ERROR")]
    [InlineData("\"score-x7\"")]
    [InlineData("scored")]
    [InlineData("severity=ERROR OR severity=WARNING")]
    [InlineData("(severity=ERROR AND insertId=abc) OR NOT insertId=x")]
    [InlineData("severity=WARNING -- the rest of the line\n AND insertId=abc")]
    public void What_a_filter_says_of_an_entry_holds(string filter) => FilterParser.Parse(filter).Matches(Entry).Should().BeTrue();

    [Theory]
    [InlineData("severity>=ERROR")]
    [InlineData("severity!=WARNING")]
    [InlineData("resource.labels.job_name:absent")]
    [InlineData("labels.absent:*")]
    [InlineData("textPayload:scored")]
    [InlineData("jsonPayload.absent=1")]
    [InlineData("jsonPayload.absent!=1", "a comparison with a missing field fails, whatever it is")]
    [InlineData("jsonPayload.absent!~x")]
    [InlineData("jsonPayload.message=~\"^scored\"", "regular expressions are case-sensitive")]
    [InlineData("jsonPayload.tags!=a", "one element equals")]
    [InlineData("jsonPayload.rows=\"12 rows\"")]
    [InlineData("timestamp>\"2026-11-24T10:20:30.123456789Z\"")]
    [InlineData("log_id(stdout)")]
    [InlineData("insertId=x OR insertId=abc AND severity=ERROR", "OR binds closer than AND")]
    [InlineData("NOT scored")]
    public void What_a_filter_says_of_an_entry_does_not_hold(string filter, string because = "") =>
        FilterParser.Parse(filter).Matches(Entry).Should().BeFalse(because);

    [Fact]
    public void Or_binds_closer_than_And()
    {
        var filter = "insertId=nothing AND insertId=nothing OR insertId=abc";

        FilterParser.Parse(filter).Matches(Entry).Should().BeFalse();
        FilterParser.Parse($"({filter.Replace(" OR ", ") OR ")}").Matches(Entry).Should().BeTrue();
    }

    [Theory]
    [InlineData("severity=", "syntax error, end of filter at line 1, column 10")]
    [InlineData("severity=LOUD", "invalid severity 'LOUD' at line 1, column 10")]
    [InlineData("a AND\n  (b", "syntax error, end of filter at line 2, column 5")]
    [InlineData("a b)", "syntax error, token ')' at line 1, column 4")]
    [InlineData("timestamp>2026-01-01T00:00:00Z", "invalid timestamp '2026-01-01T00' at line 1, column 11")]
    [InlineData("timestamp>yesterday", "invalid timestamp 'yesterday' at line 1, column 11")]
    [InlineData("level=ERROR", "unknown field 'level' at line 1, column 1")]
    [InlineData("insertId=a AND AND b", "syntax error, token 'AND' at line 1, column 16")]
    [InlineData("OR a", "syntax error, token 'OR' at line 1, column 1")]
    [InlineData("textPayload=\"open", "unterminated string at line 1, column 13")]
    [InlineData("textPayload=~\"(\"", "invalid regular expression: *")]
    [InlineData("textPayload=~\"(a)\\\\1\"", "invalid regular expression: *")]
    [InlineData("severity=~ERR", "a regular expression cannot be compared with severity at line 1, column 11")]
    [InlineData("httpRequest.status=many", "invalid number 'many' at line 1, column 20")]
    [InlineData("a & b", "syntax error, token '&' at line 1, column 3")]
    [InlineData("textPayload==a", "syntax error, token '=' at line 1, column 13")]
    [InlineData("frobnicate(x)", "unknown function 'frobnicate' at line 1, column 1")]
    public void A_filter_that_is_none_is_refused_with_the_place(string filter, string refusal)
    {
        var parsing = () => FilterParser.Parse(filter);

        parsing.Should().Throw<FilterException>().Which.Refusal(filter).Should().Match($"Unparseable filter: {refusal}");
    }

    [Theory]
    [InlineData("sample(insertId, 0.1)", "the function sample in a filter")]
    [InlineData("protoPayload.methodName=x", "the field protoPayload.methodName in a filter")]
    public void What_is_not_emulated_is_said_and_not_guessed(string filter, string what)
    {
        var parsing = () => FilterParser.Parse(filter);

        parsing.Should().Throw<GoogleErrorException>().Which.Error.Should().Match<GoogleError>(error =>
            error.Code == 501 && error.Message == $"The Cloud Logging stand-in does not emulate {what}.");
    }

    [Fact]
    public void A_filter_that_is_nested_without_end_is_refused()
    {
        var parsing = () => FilterParser.Parse(new string('(', 15_000));

        parsing.Should().Throw<FilterException>().WithMessage("the filter is nested too deeply");
    }
}
