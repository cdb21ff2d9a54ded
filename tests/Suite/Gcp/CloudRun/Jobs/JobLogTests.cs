using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Jobs;

public sealed class JobLogTests(JobBench bench) : IClassFixture<JobBench>
{
    [Fact]
    public async Task Each_stream_has_its_log_and_each_entry_says_where_it_is_from()
    {
        var job = await bench.CreateAsync("echo out; echo err >&2");

        var execution = await bench.RunAsync(job);

        var id = ((string)execution["name"]!).Split('/')[^1];
        var entry = (await bench.LogsAsync(execution, "textPayload=\"err\"")).Should().ContainSingle().Subject;
        ((string?)entry["logName"], entry["severity"]).Should().Be(("projects/acc-lab/logs/run.googleapis.com%2Fstderr", null));
        entry["resource"]!.ToJsonString().Should().Be($$$"""{"type":"cloud_run_job","labels":{"project_id":"acc-lab","location":"europe-west1","job_name":"{{{job.Split('/')[^1]}}}"}}""");
        entry["labels"]!.ToJsonString().Should().Be($$$"""{"run.googleapis.com/execution_name":"{{{id}}}","run.googleapis.com/task_index":"0","run.googleapis.com/task_attempt":"0"}""");
        (await bench.OutputAsync(execution)).Should().Equal("out");
        (await bench.LogsAsync(execution, "log_id(\"run.googleapis.com/varlog/system\")")).Should().ContainSingle()
            .Which.Should().Match<JsonNode>(one => (string?)one["textPayload"] == "Container called exit(0)." && (string?)one["severity"] == "INFO");
    }

    [Fact]
    public async Task A_line_of_JSON_is_a_payload_and_its_special_fields_are_the_entrys()
    {
        var job = await bench.CreateAsync("""
            echo '{"severity": "WARNING", "message": "slow", "seconds": 12.5, "logging.googleapis.com/labels": {"team": "risk"}, "logging.googleapis.com/trace": "projects/acc-lab/traces/t"}'
            echo '{"severity": "LOUD", "message": "odd"}' >&2
            echo '{"not": json}'
            """);

        var execution = await bench.RunAsync(job);

        var slow = (await bench.LogsAsync(execution, "severity=WARNING jsonPayload.seconds>10 labels.team=risk")).Should().ContainSingle().Subject;
        (slow["jsonPayload"]!.ToJsonString(), (string?)slow["trace"]).Should().Be(("""{"message":"slow","seconds":12.5}""", "projects/acc-lab/traces/t"));
        (await bench.LogsAsync(execution, "jsonPayload.message=odd")).Should().ContainSingle().Which["jsonPayload"]!["severity"]!.ToString().Should().Be("LOUD");
        (await bench.OutputAsync(execution)).Should().Contain("""{"not": json}""");
    }

    [Fact]
    public async Task A_line_whose_special_fields_no_entry_can_hold_is_kept_as_text()
    {
        const string Line = """{"logging.googleapis.com/labels": {"n": 1}, "message": "odd"}""";
        var job = await bench.CreateAsync($"echo '{Line}'");

        (await bench.OutputAsync(await bench.RunAsync(job))).Should().Equal(Line);
    }

    [Theory]
    [InlineData("""{"severity": "\ud800", "message": "half a character"}""")]
    [InlineData("""{"message": "\ud800"}""")]
    [InlineData("""{"\udc00": {"a": [1]}}""")]
    [InlineData("""{"httpRequest": {"status": "\ud800"}, "message": "odd"}""")]
    public async Task A_line_that_is_no_text_does_no_harm(string line)
    {
        var job = await bench.CreateAsync($"printf '%s\\n' '{line}' after");

        (await bench.OutputAsync(await bench.RunAsync(job))).Should().Contain("after");
    }

    [Fact]
    public async Task A_line_of_JSON_that_is_too_deep_for_an_answer_is_kept_as_text()
    {
        var line = string.Concat(Enumerable.Repeat("{\"a\":", 63)) + "1" + new string('}', 63);
        var job = await bench.CreateAsync($"printf '%s\\n' '{line}' after");

        (await bench.OutputAsync(await bench.RunAsync(job))).Should().Equal(line, "after");
    }

    [Fact]
    public async Task Lines_keep_their_order()
    {
        var job = await bench.CreateAsync("for n in 1 2 3 4 5 6 7 8 9; do echo $n; done");

        (await bench.OutputAsync(await bench.RunAsync(job))).Should().Equal("1", "2", "3", "4", "5", "6", "7", "8", "9");
    }
}
