using Acceptance.Platform.Profiles;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Contracts;
using Acceptance.Tests.Suite.Recette;

namespace Acceptance.Tests.Suite.Gcp.Logging;

/// <summary>A walk through every operation of Cloud Logging that the twin answers, held against Google's own description of the API.</summary>
public sealed class LoggingContractTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [ContractFact]
    public async Task What_Cloud_Logging_answers_is_what_its_description_says()
    {
        var traffic = _scratch.File("traffic.jsonl");
        var twin = new GcpTwin(new TwinOptions { TrafficFile = traffic });
        await twin.InitializeAsync();
        await using (twin)
        {
            var token = await twin.TokenAsync(GcpTwin.Owner);
            await WellAsync(twin, "v2/entries:write", """
                {"labels": {"team": "risk"}, "partialSuccess": true, "entries": [
                  {"logName": "projects/acc-lab/logs/app%2Fx", "resource": {"type": "cloud_run_job", "labels": {"job_name": "j"}}, "textPayload": "one", "severity": "INFO", "insertId": "i", "trace": "projects/acc-lab/traces/t", "spanId": "000000000000004a", "traceSampled": true},
                  {"logName": "projects/acc-lab/logs/app%2Fx", "resource": {"type": "cloud_run_job", "labels": {"job_name": "j"}}, "jsonPayload": {"message": "two", "n": 1, "list": [1, "a", null]}, "severity": "ERROR", "operation": {"id": "o", "producer": "p", "first": true, "last": false}},
                  {"logName": "projects/acc-lab/logs/app%2Fx", "resource": {"type": "cloud_run_job", "labels": {"job_name": "j"}}, "textPayload": "three", "sourceLocation": {"file": "f", "line": 12, "function": "g"},
                   "httpRequest": {"requestMethod": "GET", "requestUrl": "/x", "status": 503, "requestSize": 1, "responseSize": "2", "latency": "0.5s", "userAgent": "u", "remoteIp": "::1", "protocol": "HTTP/1.1"}}]}
                """, token);
            await WellAsync(twin, "v2/entries:write", """{"dryRun": true, "entries": [{"logName": "projects/acc-lab/logs/x", "resource": {"type": "global", "labels": {}}, "textPayload": "x"}]}""", token);
            await WellAsync(twin, "v2/entries:list", """{"resourceNames": ["projects/acc-lab"], "filter": "severity>=INFO", "orderBy": "timestamp desc", "pageSize": 1}""", token);
            await WellAsync(twin, "v2/entries:list", """{"resourceNames": ["projects/acc-lab", "projects/acc-run"]}""", token);
            (await twin.SendAsync("logging", HttpMethod.Get, "v2/projects/acc-lab/logs?pageSize=1", null, token)).Status.Should().Be(200);
            (await twin.SendAsync("logging", HttpMethod.Delete, "v2/projects/acc-lab/logs/app%2Fx", null, token)).Status.Should().Be(200);
            (await twin.SendAsync("logging", HttpMethod.Delete, "v2/projects/acc-lab/logs/app%2Fx", null, token)).Status.Should().Be(404);
            (await twin.SendAsync("logging", HttpMethod.Post, "v2/entries:list", """{"resourceNames": ["projects/acc-lab"], "filter": "("}""", token)).Status.Should().Be(400);
            (await twin.SendAsync("logging", HttpMethod.Post, "v2/entries:write", """{"partialSuccess": true, "entries": [{"logName": "projects/acc-lab/logs/x", "resource": {"type": "global", "labels": {}}, "textPayload": "a"}, {"logName": "projects/acc-lab/logs/x", "resource": {"type": "global", "labels": {}}, "textPayload": "b", "timestamp": "2001-01-01T00:00:00Z"}]}""", token)).Status.Should().Be(400);
            (await twin.SendAsync("logging", HttpMethod.Post, "v2/entries:list", """{"resourceNames": ["projects/acc-lab"]}""")).Status.Should().Be(401);
            (await twin.SendAsync("logging", HttpMethod.Post, "v2/entries:list", """{"resourceNames": ["projects/acc-run"]}""", await twin.TokenAsync(GcpTwin.DataScientist))).Status.Should().Be(403);
        }

        var check = await ContractChecker.CheckAsync(Variables.Find(Settings.SuiteContracts), traffic, Cancel);

        check.ExitCode.Should().Be(0, "{0}", check.Output);
        check.Printed.Should().EndWith(" exchanges, 0 violations");
        RecordedExchange.Read(traffic).Count(exchange => exchange.System == "logging").Should().Be(11);
    }

    public void Dispose() => _scratch.Dispose();

    private static async Task WellAsync(GcpTwin twin, string path, string body, string token)
    {
        var answer = await twin.SendAsync("logging", HttpMethod.Post, path, body, token);
        answer.Status.Should().Be(200, "{0}", answer.Text);
    }
}
