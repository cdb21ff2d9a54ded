using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.Gcp.Logging;

public sealed class LoggingStandInTests(GcpTwin twin) : IClassFixture<GcpTwin>
{
    private readonly string _log = $"projects/acc-lab/logs/test-{Guid.NewGuid():n}";

    [Fact]
    public async Task What_is_written_is_read_with_what_the_request_gave_all()
    {
        await WriteAsync("""
            {"logName": "LOG", "resource": {"type": "global"}, "labels": {"team": "risk", "run": "7"}, "entries": [
              {"textPayload": "first", "labels": {"team": "fraud"}},
              {"severity": "ERROR", "jsonPayload": {"message": "second", "n": 1.5}, "trace": "projects/acc-lab/traces/1", "httpRequest": {"requestSize": 12}}]}
            """);

        var entries = (await ReadAsync()).AsArray();

        entries.Select(entry => (string?)entry!["textPayload"] ?? (string?)entry["jsonPayload"]!["message"]).Should().Equal(["first", "second"], "the list of a request keeps its order");
        var first = entries[0]!.AsObject();
        first.Select(member => member.Key).Should().BeEquivalentTo("logName", "resource", "labels", "textPayload", "timestamp", "receiveTimestamp", "insertId");
        first["labels"]!.ToJsonString().Should().Be("""{"team":"fraud","run":"7"}""");
        first["resource"]!.ToJsonString().Should().Be("""{"type":"global","labels":{"project_id":"acc-lab"}}""");
        ((string?)entries[1]!["severity"], (string?)entries[1]!["httpRequest"]!["requestSize"]).Should().Be(("ERROR", "12"));
    }

    [Fact]
    public async Task An_entry_written_twice_is_one()
    {
        var now = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'.123456789Z'");
        var request = $$"""{"logName": "LOG", "resource": {"type": "global"}, "entries": [{"textPayload": "once", "insertId": "i1", "timestamp": "{{now}}"}]}""";

        await WriteAsync(request);
        await WriteAsync(request);

        (await ReadAsync()).AsArray().Should().ContainSingle().Which!["timestamp"]!.ToString().Should().Be(now, "nanoseconds are kept");
    }

    [Fact]
    public async Task Entries_come_in_pages_of_one_query()
    {
        await WriteAsync($$"""{"logName": "LOG", "resource": {"type": "global"}, "entries": [{{string.Join(", ", Enumerable.Range(1, 5).Select(n => $$"""{"textPayload": "n{{n}}"}"""))}}]}""");

        var seen = new List<string>();
        string? token = null;
        do
        {
            var page = await ListAsync(new JsonObject { ["pageSize"] = 2, ["orderBy"] = "timestamp desc", ["pageToken"] = token });
            seen.Add(string.Join(' ', page.Json["entries"]!.AsArray().Select(entry => (string?)entry!["textPayload"])));
            token = (string?)page.Json["nextPageToken"];
        }
        while (token is not null);

        seen.Should().Equal("n5 n4", "n3 n2", "n1");
        var first = (await ListAsync(new JsonObject { ["pageSize"] = 2 })).Json["nextPageToken"];
        var other = await ListAsync(new JsonObject { ["pageSize"] = 2, ["orderBy"] = "timestamp desc", ["pageToken"] = (string?)first });
        (other.Status, other.Message).Should().Be((400, "page_token doesn't match arguments from the request"));
        (await ListAsync(new JsonObject { ["pageToken"] = "x" })).Message.Should().Be("page_token is invalid");
    }

    [Fact]
    public async Task Of_a_write_that_fails_in_part_the_rest_is_written_where_asked()
    {
        const string Entries = """[{"textPayload": "good"}, {"textPayload": "old", "timestamp": "2001-01-01T00:00:00Z"}]""";

        var whole = await PostAsync($$"""{"logName": "LOG", "resource": {"type": "global"}, "entries": {{Entries}}}""");
        var none = await ReadAsync();
        var partial = await PostAsync($$"""{"logName": "LOG", "resource": {"type": "global"}, "partialSuccess": true, "entries": {{Entries}}}""");

        (whole.Status, none.AsArray().Count, partial.Status).Should().Be((400, 0, 400));
        whole.Json["error"]!["details"].Should().BeNull();
        var errors = partial.Json["error"]!["details"]![0]!;
        ((string?)errors["@type"]).Should().Be("type.googleapis.com/google.logging.v2.WriteLogEntriesPartialErrors");
        ((int?)errors["logEntryErrors"]!["1"]!["code"], errors["logEntryErrors"]!.AsObject().Count).Should().Be((3, 1));
        (await ReadAsync()).AsArray().Should().ContainSingle().Which!["textPayload"]!.ToString().Should().Be("good");
    }

    [Fact]
    public async Task A_dry_run_checks_and_writes_nothing()
    {
        await WriteAsync("""{"logName": "LOG", "dryRun": true, "resource": {"type": "global"}, "entries": [{"textPayload": "x"}]}""");

        (await ReadAsync()).AsArray().Should().BeEmpty();
    }

    [Theory]
    [InlineData("""{"entries": [{"textPayload": "x"}]}""", 400, "Log name is empty.")]
    [InlineData("""{"logName": "LOG", "entries": [{"textPayload": "x"}]}""", 400, "A monitored resource must be specified for each log entry.")]
    [InlineData("""{"logName": "syslog", "resource": {"type": "global"}, "entries": [{}]}""", 400, "Log name 'syslog' is invalid: projects/[PROJECT_ID]/logs/[LOG_ID], with a URL-encoded log id.")]
    [InlineData("""{"logName": "LOG", "resource": {"type": "global"}, "entries": [{"textPayload": "x", "jsonPayload": {}}]}""", 400, "Only one payload may be set: textPayload, jsonPayload or protoPayload.")]
    [InlineData("""{"logName": "LOG", "entries": [{"text": "x"}]}""", 400, "Invalid JSON payload received. Unknown name \"text\" at 'entries[0]': Cannot find field.")]
    [InlineData("""{"logName": "LOG", "entries": [{"severity": "LOUD"}]}""", 400, "Invalid JSON payload received. Invalid value at 'entries[0].severity' (type.googleapis.com/google.logging.type.LogSeverity), \"LOUD\"")]
    [InlineData("""{"logName": "LOG", "labels": {"a": 1}}""", 400, "Invalid JSON payload received. Invalid value at 'labels[a]' (TYPE_STRING), 1")]
    [InlineData("""[]""", 400, "Invalid JSON payload received. Root element must be a message.")]
    [InlineData("""{"logName": "LOG", "resource": {"type": "global"}, "entries": [{"protoPayload": {}}]}""", 501, "The Cloud Logging stand-in does not emulate protoPayload and split of entries.")]
    [InlineData("""{"logName": "projects/acc-lab/logs/x%0A", "resource": {"type": "global"}, "entries": [{}]}""", 400, "Log name 'projects/acc-lab/logs/x%0A' is invalid: projects/[PROJECT_ID]/logs/[LOG_ID], with a URL-encoded log id.")]
    [InlineData("""{"logName": "LOG", "resource": {"type": "global"}, "entries": [{"timestamp": "2026-11-24T10:20:30.\u0661Z"}]}""", 400, "Invalid JSON payload received. Invalid value at 'entries[0].timestamp' (type.googleapis.com/google.protobuf.Timestamp), \"2026-11-24T10:20:30.\\u0661Z\"")]
    [InlineData("""{"logName": "folders/1/logs/x", "resource": {"type": "global"}, "entries": [{}]}""", 501, "The Cloud Logging stand-in does not emulate logs of folders.")]
    public async Task What_cannot_be_written_is_refused_with_its_reason(string request, int status, string message)
    {
        var answer = await PostAsync(request);

        (answer.Status, answer.Message).Should().Be((status, message));
    }

    [Fact]
    public async Task An_entry_that_is_too_large_is_refused_with_its_size()
    {
        var answer = await PostAsync($$"""{"logName": "LOG", "resource": {"type": "global"}, "entries": [{"textPayload": "{{new string('x', 300_000)}}"}]}""");

        answer.Message.Should().Match("Log entry with size 29?.?K exceeds maximum size of 256.0K");
    }

    [Fact]
    public async Task What_is_nested_so_deeply_that_it_could_not_be_read_again_is_not_kept()
    {
        var readable = await PostAsync(Nested(61));
        var deeper = await PostAsync(Nested(62));

        (readable.Status, deeper.Status).Should().Be((200, 400));
        (await ReadAsync()).AsArray().Should().ContainSingle();

        static string Nested(int levels) =>
            $$"""{"logName": "LOG", "resource": {"type": "global"}, "entries": [{"jsonPayload": {{string.Concat(Enumerable.Repeat("{\"a\":", levels))}}1{{new string('}', levels)}}}]}""";
    }

    [Fact]
    public async Task A_filter_that_is_none_is_refused_with_its_place()
    {
        var answer = await ListAsync(new JsonObject { ["filter"] = "severity=LOUD" });

        (answer.Status, answer.Message, (string?)answer.Json["error"]!["status"]).Should().Be((400, "Unparseable filter: invalid severity 'LOUD' at line 1, column 10", "INVALID_ARGUMENT"));
    }

    [Theory]
    [InlineData("""{"resourceNames": []}""", 400, "resource_names is required")]
    [InlineData("""{"resourceNames": ["acc-lab"]}""", 400, "resource_names 'acc-lab' is invalid")]
    [InlineData("""{"resourceNames": ["projects/acc-lab"], "pageSize": -1}""", 400, "page_size must not be negative")]
    [InlineData("""{"resourceNames": ["projects/acc-lab"], "orderBy": "severity"}""", 400, "order_by 'severity' is not supported: \"timestamp asc\" or \"timestamp desc\"")]
    [InlineData("""{"resourceNames": ["folders/1"]}""", 501, "The Cloud Logging stand-in does not emulate entries:list of folders/1.")]
    public async Task What_cannot_be_listed_is_refused_with_its_reason(string request, int status, string message)
    {
        var answer = await twin.SendAsync("logging", HttpMethod.Post, "v2/entries:list", request, await twin.TokenAsync(GcpTwin.Recette));

        (answer.Status, answer.Message).Should().Be((status, message));
    }

    [Fact]
    public async Task Who_may_not_is_refused_by_identity_and_project()
    {
        var scientist = await twin.TokenAsync(GcpTwin.DataScientist);
        const string Read = """{"resourceNames": ["projects/PROJECT"]}""";
        const string Write = """{"logName": "projects/acc-lab/logs/x", "resource": {"type": "global"}, "entries": [{"textPayload": "x"}]}""";

        var nobody = await twin.SendAsync("logging", HttpMethod.Post, "v2/entries:list", Read.Replace("PROJECT", "acc-lab"));
        var unknown = await twin.SendAsync("logging", HttpMethod.Post, "v2/entries:write", Write, "ya29.never-issued");
        var lab = await twin.SendAsync("logging", HttpMethod.Post, "v2/entries:list", Read.Replace("PROJECT", "acc-lab"), scientist);
        var run = await twin.SendAsync("logging", HttpMethod.Post, "v2/entries:list", Read.Replace("PROJECT", "acc-run"), scientist);
        var writing = await twin.SendAsync("logging", HttpMethod.Post, "v2/entries:write", Write, scientist);

        (nobody.Status, unknown.Status, lab.Status).Should().Be((401, 401, 200));
        (run.Status, run.Message).Should().Be((403, "Permission denied for all log views"));
        (writing.Status, writing.Message).Should().Be((403, "Permission 'logging.logEntries.create' denied on resource (or it may not exist)."));
    }

    [Fact]
    public async Task Logs_are_listed_and_deleted_by_their_encoded_names()
    {
        var id = $"my.app%2Fx-{Guid.NewGuid():n}";
        await WriteAsync($$"""{"logName": "projects/acc-lab/logs/{{id}}", "resource": {"type": "global"}, "entries": [{"textPayload": "x"}]}""");
        var owner = await twin.TokenAsync(GcpTwin.Owner);

        var listed = await twin.SendAsync("logging", HttpMethod.Get, "v2/projects/acc-lab/logs?pageSize=1000", null, owner);
        var refused = await twin.SendAsync("logging", HttpMethod.Delete, $"v2/projects/acc-lab/logs/{id}", null, await twin.TokenAsync(GcpTwin.Viewer));
        var deleted = await twin.SendAsync("logging", HttpMethod.Delete, $"v2/projects/acc-lab/logs/{id}", null, owner);
        var again = await twin.SendAsync("logging", HttpMethod.Delete, $"v2/projects/acc-lab/logs/{id}", null, owner);

        listed.Json["logNames"]!.AsArray().Select(name => (string?)name).Should().Contain($"projects/acc-lab/logs/{id}");
        (refused.Status, deleted.Status, again.Status).Should().Be((403, 200, 404));
    }

    [Fact]
    public async Task A_call_that_is_not_emulated_is_named()
    {
        var answer = await twin.SendAsync("logging", HttpMethod.Get, "v2/projects/acc-lab/sinks", null, await twin.TokenAsync(GcpTwin.Owner));

        (answer.Status, answer.Message).Should().Be((501, "The Cloud Logging stand-in does not emulate GET /v2/projects/acc-lab/sinks."));
    }

    private async Task WriteAsync(string request)
    {
        var answer = await PostAsync(request);
        answer.Status.Should().Be(200, "{0}", answer.Text);
    }

    private async Task<WireAnswer> PostAsync(string request) =>
        await twin.SendAsync("logging", HttpMethod.Post, "v2/entries:write", request.Replace("\"LOG\"", $"\"{_log}\"", StringComparison.Ordinal), await twin.TokenAsync(GcpTwin.Recette));

    private async Task<JsonNode> ReadAsync() => (await ListAsync([])).Json["entries"] ?? new JsonArray();

    private async Task<WireAnswer> ListAsync(JsonObject more)
    {
        var request = new JsonObject { ["resourceNames"] = new JsonArray("projects/acc-lab"), ["filter"] = $"logName=\"{_log}\"" };
        foreach (var (name, value) in more.Where(member => member.Value is not null).ToList())
        {
            request[name] = value!.DeepClone();
        }

        return await twin.SendAsync("logging", HttpMethod.Post, "v2/entries:list", request.ToJsonString(), await twin.TokenAsync(GcpTwin.Recette));
    }
}
