using System.Text.Json;
using Acceptance.Platform.Gcp.Auth;
using Acceptance.Platform.Gcp.Logging;
using Acceptance.Platform.Http;
using Acceptance.Platform.Waiting;
using Acceptance.Tests.Suite.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.Gcp.Logging;

public sealed class LoggingClientTests(GcpTwin twin) : IClassFixture<GcpTwin>
{
    private readonly LogName _log = new(GcpTwin.Lab, $"my.app/test-{Guid.NewGuid():n}");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_written_is_listed_by_filter_over_all_pages()
    {
        using var logging = await twin.LoggingAsync(GcpTwin.Recette);
        await logging.WriteLogEntriesAsync(_log, new MonitoredResource("cloud_run_job", new Dictionary<string, string> { ["job_name"] = "score" }), [
            .. Enumerable.Range(1, 5).Select(n => new LogEntry { TextPayload = $"line {n} \"quoted\" \\", Severity = n == 5 ? LogSeverity.Error : LogSeverity.Info, Labels = new Dictionary<string, string> { ["a.b/c"] = $"v{n}" } }),
            new LogEntry { JsonPayload = JsonSerializer.SerializeToElement(new { message = "structured", step = new { name = "load" } }) },
        ], Cancel);

        (await MessagesAsync(logging, LogFilter.Everything, pageSize: 2)).Should().HaveCount(6).And.StartWith("line 1 \"quoted\" \\").And.EndWith("structured");
        (await MessagesAsync(logging, LogFilter.AtLeast(LogSeverity.Warning))).Should().Equal("line 5 \"quoted\" \\");
        (await MessagesAsync(logging, LogFilter.TextHas("3 \"quoted\" \\"))).Should().Equal("line 3 \"quoted\" \\");
        (await MessagesAsync(logging, LogFilter.TextMatches(@"^line [12] """).Or(LogFilter.Label("a.b/c", "v4")))).Should().HaveCount(3);
        (await MessagesAsync(logging, LogFilter.Json(["step", "name"], "load").And(LogFilter.Resource("cloud_run_job", ("job_name", "score"))))).Should().Equal("structured");
        (await MessagesAsync(logging, LogFilter.TextHas("line").Or(LogFilter.Json(["message"], "structured")).Not())).Should().BeEmpty();
        (await MessagesAsync(logging, LogFilter.Since(TimeProvider.System.GetUtcNow().AddMinutes(1)))).Should().BeEmpty();
        (await MessagesAsync(logging, LogFilter.Before(TimeProvider.System.GetUtcNow().AddMinutes(1)))).Should().HaveCount(6);
        (await logging.ListLogsAsync(GcpTwin.Lab, Cancel).ToListAsync(Cancel)).Should().Contain(_log);
    }

    [Fact]
    public async Task A_log_is_followed_until_what_is_awaited_came()
    {
        using var logging = await twin.LoggingAsync(GcpTwin.Recette);
        var tail = new LogTail(logging, new LogQuery(GcpTwin.Lab, LogFilter.Log(_log)), Eventually.Default);
        var asked = 0;

        var entries = await tail.UntilAsync(
            "the end of the log",
            seen =>
            {
                asked++;
                logging.WriteLogEntriesAsync(_log, MonitoredResource.Global, [new LogEntry { TextPayload = $"{asked}" }], Cancel).GetAwaiter().GetResult();
                return seen.Count == 3;
            },
            new Wait("3 entries", TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(1)),
            Cancel);

        entries.Select(entry => entry.TextPayload).Should().Equal("1", "2", "3");
    }

    [Fact]
    public async Task A_tail_reaches_back_and_counts_what_comes_twice_once()
    {
        var (filters, messages) = await TailAsync(
            Page(("a", "10:00:00", "10:00:01"), ("b", "10:05:00", "10:05:01")),
            Page(("b", "10:05:00", "10:05:01"), ("late", "10:04:30", "10:06:00")));

        messages.Should().Equal("a", "late", "b");
        filters.Should().Equal("", "timestamp>=\"2026-01-01T10:04:00.000000Z\"");
    }

    [Fact]
    public async Task An_entry_that_is_dated_ahead_does_not_blind_a_tail()
    {
        var (filters, messages) = await TailAsync(
            Page(("now", "10:00:00", "10:00:01"), ("ahead", "23:00:00", "10:00:02")),
            Page(("next", "10:01:00", "10:01:01")));

        messages.Should().Equal("now", "next", "ahead");
        filters[1].Should().Be("timestamp>=\"2026-01-01T09:59:02.000000Z\"");
    }

    [Fact]
    public async Task A_tail_outlives_an_API_that_is_disturbed()
    {
        var (filters, messages) = await TailAsync(Page(("a", "10:00:00", "10:00:01")), null, Page(("b", "10:00:02", "10:00:03")));

        messages.Should().Equal("a", "b");
        filters.Should().HaveCount(3).And.Subject.Skip(1).Distinct().Should().ContainSingle("the same is asked again");
    }

    [Fact]
    public async Task A_field_that_is_at_fault_is_named()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsJsonAsync(new
            {
                error = new { code = 400, message = "Log entry is too old", status = "INVALID_ARGUMENT", details = new object[] { new { reason = "x" }, new { fieldViolations = new[] { new { field = "entries[0].timestamp" } } } } },
            });
        });
        using var logging = new LoggingClient(twin.Pipeline, server.Address, GcpPersona.Anonymous);

        var writing = () => logging.WriteLogEntriesAsync(_log, MonitoredResource.Global, [new LogEntry { TextPayload = "x" }], Cancel);

        (await writing.Should().ThrowAsync<LoggingException>()).WithMessage("*400 INVALID_ARGUMENT: Log entry is too old (at entries*.timestamp)*").Which.Location.Should().Be("entries[0].timestamp");
    }

    [Fact]
    public async Task A_filter_that_somebody_wrote_keeps_its_meaning_in_another()
    {
        using var logging = await twin.LoggingAsync(GcpTwin.Recette);
        await logging.WriteLogEntriesAsync(_log, MonitoredResource.Global, [new LogEntry { TextPayload = "x" }, new LogEntry { TextPayload = "y" }], Cancel);
        var written = LogFilter.Of("textPayload=\"x\"\nseverity=DEFAULT -- as it was");

        (await MessagesAsync(logging, written.Not())).Should().Equal("y");
        (await MessagesAsync(logging, LogFilter.TextHas("y").And(written.Or(LogFilter.TextHas("y"))))).Should().Equal("y");
    }

    [Fact]
    public async Task A_log_that_stays_empty_says_every_state_that_was_seen()
    {
        using var logging = await twin.LoggingAsync(GcpTwin.Recette);
        await logging.WriteLogEntriesAsync(_log, MonitoredResource.Global, [new LogEntry { TextPayload = "only this" }], Cancel);
        var clock = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(5) };
        var tail = new LogTail(logging, new LogQuery(GcpTwin.Lab, LogFilter.Log(_log)), new Eventually(clock));

        var following = () => tail.UntilAsync("The end of job score", seen => seen.Count > 1, new Wait("2 entries", TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(1)), Cancel);

        (await following.Should().ThrowAsync<NotReachedException>()).Which.Message.Should().Be("""
            The end of job score was not reached within 4 s.
              Expected : 2 entries
              Observed : 1 entry, "only this" (5 s), unchanged for 0 s
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_log_is_deleted()
    {
        using var logging = await twin.LoggingAsync(GcpTwin.Owner);
        await logging.WriteLogEntriesAsync(_log, MonitoredResource.Global, [new LogEntry { TextPayload = "x" }], Cancel);

        await logging.DeleteLogAsync(_log, Cancel);

        (await MessagesAsync(logging, LogFilter.Everything)).Should().BeEmpty();
        twin.Text((await logging.Invoking(client => client.DeleteLogAsync(_log, Cancel)).Should().ThrowAsync<LoggingException>()).Which).Should().Be($"""
            Expected : an answer of Cloud Logging
            Observed : 404 notFound: Log {_log.LogId} does not exist
            Request  : DELETE http://logging/v2/projects/acc-lab/logs/{Uri.EscapeDataString(_log.LogId)} -> 404
            Likely   : the log has no entries, or the project does not exist
            Try      : check the project's id and the log's name
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_filter_in_another_language_is_refused_with_its_place()
    {
        using var logging = await twin.LoggingAsync(GcpTwin.Recette);

        var listing = async () => await logging.ListLogEntriesAsync(new LogQuery(GcpTwin.Lab, LogFilter.Of("level == 'ERROR'")), Cancel).ToListAsync(Cancel);

        var refused = (await listing.Should().ThrowAsync<LoggingException>()).Which;
        twin.Text(refused).Should().Be("""
            Expected : entries listed from Cloud Logging
            Observed : 400 badRequest: Unparseable filter: syntax error, token ''' at line 1, column 10
            Request  : POST http://logging/v2/entries:list -> 400
            Likely   : the filter is not in the query language
            Try      : try it in the Logs Explorer; quote every value
            """.ReplaceLineEndings("\n"));
        ((int?)refused.Status, refused.Reason).Should().Be((400, "badRequest"));
    }

    [Fact]
    public async Task Who_may_not_read_is_told_which_role_to_ask_for()
    {
        using var logging = await twin.LoggingAsync(GcpTwin.DataScientist);

        var listing = async () => await logging.ListLogEntriesAsync(new LogQuery(GcpTwin.Run, LogFilter.Everything), Cancel).ToListAsync(Cancel);
        var writing = () => logging.WriteLogEntriesAsync(_log, MonitoredResource.Global, [new LogEntry { TextPayload = "x" }], Cancel);

        twin.Text((await listing.Should().ThrowAsync<LoggingException>()).Which).Should().Be("""
            Expected : entries listed from Cloud Logging
            Observed : 403 forbidden: Permission denied for all log views
            Request  : POST http://logging/v2/entries:list -> 403
            Likely   : the identity may not read the project's logs, or the API is not enabled there
            Try      : grant roles/logging.viewer, or use an identity that has it
            """.ReplaceLineEndings("\n"));
        (await writing.Should().ThrowAsync<LoggingException>()).WithMessage("*grant roles/logging.logWriter, or use an identity that has it");
    }

    [Fact]
    public async Task A_quota_that_is_used_up_says_when_to_try_again()
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "1";
            context.Response.Headers["X-Goog-Request-Id"] = "r-17";
            await context.Response.WriteAsJsonAsync(new { error = new { code = 429, message = "Quota exceeded for quota metric 'Read requests'", status = "RESOURCE_EXHAUSTED" } });
        });
        using var logging = new LoggingClient(twin.Pipeline, server.Address, GcpPersona.Anonymous);

        var listing = async () => await logging.ListLogEntriesAsync(new LogQuery("p", LogFilter.Everything), Cancel).ToListAsync(Cancel);

        var refused = (await listing.Should().ThrowAsync<LoggingException>()).Which;
        refused.Message.Replace(server.Address.Authority, "logging").Should().Be("""
            Expected : entries listed from Cloud Logging
            Observed : 429 RESOURCE_EXHAUSTED: Quota exceeded for quota metric 'Read requests'
            Request  : POST http://logging/v2/entries:list -> 429 (request id r-17)
            Likely   : the quota of Cloud Logging (60 reads a minute and project) is used up; it may be tried again after 1 s
            Try      : poll less often, or ask for a higher quota
            """.ReplaceLineEndings("\n"));
        refused.RequestId.Should().Be("r-17");
    }

    [Theory]
    [InlineData(200, "text/html", "<html><title>Sign in</title></html>", "an HTML page titled \"Sign in\": it looks like a portal or login page")]
    [InlineData(200, "application/json", "[1]", "not the documented answer: *")]
    [InlineData(502, "text/html", "<html><title>Bad Gateway</title></html>", "502 with an HTML page titled \"Bad Gateway\"*Likely   : a portal, login or error page of something between here and Google*")]
    [InlineData(407, "text/plain", "who are you", "407 ProxyAuthenticationRequired with \"who are you\"*Likely   : a proxy between here and Google asks for an account of its own (proxyAuthenticationRequired)*")]
    [InlineData(503, "text/plain", "", "503 ServiceUnavailable without a body*Likely   : an answer of something between here and Google*")]
    public async Task What_is_no_answer_of_Google_is_told_from_one(int status, string type, string body, string observed)
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            (context.Response.StatusCode, context.Response.ContentType) = (status, type);
            return context.Response.WriteAsync(body);
        });
        using var logging = new LoggingClient(twin.Pipeline, server.Address, GcpPersona.Anonymous);

        var listing = async () => await logging.ListLogEntriesAsync(new LogQuery("p", LogFilter.Everything), Cancel).ToListAsync(Cancel);

        await listing.Should().ThrowAsync<LoggingException>().WithMessage($"Expected : entries listed from Cloud Logging\nObserved : {observed}*");
    }

    [Fact]
    public async Task Pages_that_never_end_are_refused()
    {
        await using var server = await LoopbackServer.StartAsync(context => context.Response.WriteAsJsonAsync(new { nextPageToken = "t" }));
        using var logging = new LoggingClient(twin.Pipeline, server.Address, GcpPersona.Anonymous);

        var listing = async () => await logging.ListLogEntriesAsync(new LogQuery("p", LogFilter.Everything), Cancel).ToListAsync(Cancel);

        await listing.Should().ThrowAsync<LoggingException>().WithMessage("*page 2 has the nextPageToken of an earlier one: the pages never end");
    }

    [Fact]
    public async Task An_API_that_does_not_answer_is_not_waited_for()
    {
        await using var server = await LoopbackServer.StartAsync(context => Nexus.ContentServer.HangAsync(context));
        using var logging = new LoggingClient(twin.Pipeline, server.Address, GcpPersona.Anonymous, new HttpLimits { Answer = TimeSpan.FromMilliseconds(200) });

        var listing = async () => await logging.ListLogEntriesAsync(new LogQuery("p", LogFilter.Everything), Cancel).ToListAsync(Cancel);

        await listing.Should().ThrowAsync<LoggingException>().WithMessage("*Observed : nothing whole within 200 ms*no answer*");
    }

    [Theory]
    [InlineData("syslog")]
    [InlineData("projects/p/logs/")]
    [InlineData("projects/p/logs/a/b")]
    public void A_name_that_is_none_is_refused_with_its_form(string name)
    {
        var parsing = () => LogName.Parse(name);

        parsing.Should().Throw<FormatException>().WithMessage($"'{name}' is no log name: projects/[PROJECT_ID]/logs/[LOG_ID] is expected, with the slashes of the id encoded as %2F.");
    }

    private static object Page(params (string Text, string Time, string Received)[] entries) => new
    {
        entries = entries.Select(entry => new { insertId = entry.Text, textPayload = entry.Text, timestamp = $"2026-01-01T{entry.Time}Z", receiveTimestamp = $"2026-01-01T{entry.Received}Z" }),
    };

    /// <summary>Follows a log whose answers are given, until all of them were: null is a 503.</summary>
    private async Task<(IReadOnlyList<string> Filters, IReadOnlyList<string?> Messages)> TailAsync(params object?[] answers)
    {
        var filters = new List<string>();
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            filters.Add((await context.Request.ReadFromJsonAsync<JsonElement>()).GetProperty("filter").GetString()!);
            var answer = answers[filters.Count - 1];
            context.Response.StatusCode = answer is null ? 503 : 200;
            await context.Response.WriteAsJsonAsync(answer);
        });
        using var logging = new LoggingClient(twin.Pipeline, server.Address, GcpPersona.Anonymous);
        var tail = new LogTail(logging, new LogQuery("p", LogFilter.Everything), Eventually.Default);

        var seen = await tail.UntilAsync("The end of the log", _ => filters.Count == answers.Length, new Wait("all", TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(1)), Cancel);

        return (filters, [.. seen.Select(entry => entry.TextPayload)]);
    }

    private async Task<IReadOnlyList<string>> MessagesAsync(LoggingClient logging, LogFilter filter, int? pageSize = null) =>
        [.. (await logging.ListLogEntriesAsync(new LogQuery(GcpTwin.Lab, LogFilter.Log(_log).And(filter)) { PageSize = pageSize }, Cancel).ToListAsync(Cancel)).Select(entry => entry.Message)];
}
