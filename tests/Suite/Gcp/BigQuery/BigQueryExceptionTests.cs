using Acceptance.Platform.Evidence;
using Acceptance.Platform.Gcp.Auth;
using Acceptance.Platform.Gcp.BigQuery;
using Acceptance.Platform.Gcp.Storage;
using Acceptance.Platform.Http;
using Acceptance.Platform.Waiting;
using Acceptance.Tests.Suite.Http;
using Microsoft.AspNetCore.Http;

namespace Acceptance.Tests.Suite.Gcp.BigQuery;

/// <summary>What is said of servers that answer as no stand-in does, word for word.</summary>
public sealed class BigQueryExceptionTests
{
    private static readonly TableReference Table = new("p", "d", "t");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(404, "notFound", "Not found: Dataset p:d was not found in location US", "the job ran in another location than its dataset",
        "give the job the dataset's location (ACCEPTANCE_LAB_GCP_LOCATION, ACCEPTANCE_RUN_GCP_LOCATION); if it comes only now and then, it is the service: try again")]
    [InlineData(403, "quotaExceeded", "Quota exceeded: Your project exceeded quota for free query bytes scanned.", "a quota of the project is used up", "wait for its period to end, or ask for a higher one, no sooner than in 9 s")]
    [InlineData(403, "accessDenied", "Access Denied: Table p:d.t: User does not have permission to query table p:d.t, column ssn", "the identity lacks a role, or a column or row is kept from it",
        "grant roles/bigquery.dataViewer on the dataset and roles/bigquery.jobUser on the project, or use an identity that has them")]
    [InlineData(400, "invalidQuery", "UPDATE or DELETE statement over table p.d.t would affect rows in the streaming buffer, which is not supported", "rows that were streamed in stay in a buffer for up to 90 minutes, and cannot be changed there",
        "wait, or load the rows instead of streaming them")]
    [InlineData(403, "responseTooLarge", "Response too large to return.", "the result is too large for an answer, as that of a large ORDER BY is", "write it to a destination table, or leave the ORDER BY to the reader")]
    [InlineData(501, "notImplemented", "The BigQuery stand-in does not emulate ML.PREDICT.", "BigQuery, or its stand-in, does not do this", "say it in another way")]
    public async Task A_refusal_says_reason_location_request_id_and_what_to_try(int status, string reason, string message, string likely, string advice)
    {
        var exception = await FailAsync(bigQuery => bigQuery.ExecuteQueryAsync("SELECT 1", Cancel), context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "9";
            context.Response.Headers["X-Goog-Request-Id"] = "r-1";
            return context.Response.WriteAsJsonAsync(new { error = new { code = status, message, errors = new[] { new { domain = "global", reason, message, location = "q", locationType = "parameter" } } } });
        });

        exception.Message.Should().Be($"""
            Expected : the result of a query
            Observed : {status} {reason}: {message} (at q)
            Request  : POST http://google/bigquery/v2/projects/p/queries -> {status} (request id r-1)
            Likely   : {likely}
            Try      : {advice}
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_job_that_is_DONE_and_failed_is_a_failure_with_all_its_errors()
    {
        (await FailAsync(bigQuery => bigQuery.ExtractAsync(Table, Acceptance.Platform.Gcp.Storage.ObjectPath.Parse("gs://bucket/x"), new ExtractOptions(), Cancel), context =>
        {
            context.Response.Headers["X-Goog-Request-Id"] = "r-2";
            return context.Response.WriteAsJsonAsync(new
            {
                jobReference = new { projectId = "p", jobId = "j", location = "EU" },
                status = new
                {
                    state = "DONE",
                    errorResult = new { reason = "invalid", message = "Operation cannot be performed on a nested schema.", location = "f" },
                    errors = new[] { new { reason = "invalid", message = "Operation cannot be performed on a nested schema." }, new { reason = "stopped", message = "second" } },
                },
            });
        })).Message.Should().Be("""
            Expected : p:d.t extracted to gs://bucket/x
            Observed : job p:EU.j is DONE and failed: invalid: Operation cannot be performed on a nested schema. (at f); stopped: second
            Request  : POST http://google/bigquery/v2/projects/p/jobs -> 200 (request id r-2)
            Likely   : the request, a file or a schema is not what BigQuery takes
            Try      : look at the place that is named; of a load, every error is in the job's status.errors
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_job_whose_answer_was_lost_is_asked_for_and_not_started_twice()
    {
        var posted = new List<string>();
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            if (context.Request.Method == "POST")
            {
                using var reader = new StreamReader(context.Request.Body);
                posted.Add(System.Text.Json.JsonDocument.Parse(await reader.ReadToEndAsync()).RootElement.GetProperty("jobReference").GetProperty("jobId").GetString()!);
                if (posted.Count == 1)
                {
                    context.Abort();
                    return;
                }

                context.Response.StatusCode = 409;
                await context.Response.WriteAsJsonAsync(new { error = new { code = 409, message = "Already Exists: Job", errors = new[] { new { reason = "duplicate" } } } });
                return;
            }

            await context.Response.WriteAsJsonAsync(new { jobReference = new { projectId = "p", jobId = posted[0], location = "EU" }, status = new { state = "DONE" } });
        });
        using var bigQuery = Client(server);

        var job = await bigQuery.ExtractAsync(Table, Acceptance.Platform.Gcp.Storage.ObjectPath.Parse("gs://bucket/x"), new ExtractOptions(), Cancel);

        posted.Should().HaveCount(2).And.OnlyContain(id => id == job.JobReference.JobId);
    }

    [Fact]
    public async Task A_job_that_fails_in_passing_three_times_is_a_failure()
    {
        var tried = 0;
        var exception = await FailAsync(bigQuery => bigQuery.ExecuteQueryAsync("SELECT 1", Cancel), context =>
        {
            tried++;
            context.Response.StatusCode = 400;
            return context.Response.WriteAsJsonAsync(new { error = new { code = 400, message = "The job encountered an error during execution. Retrying the job may solve the problem.", errors = new[] { new { reason = "jobBackendError" } } } });
        });

        (tried, exception.Reason).Should().Be((3, "jobBackendError"));
        exception.Message.Should().EndWith("Likely   : BigQuery failed in passing\nTry      : try it under a new job id, and look at Google Cloud's status page");
    }

    [Fact]
    public async Task An_upload_whose_job_fails_in_passing_is_uploaded_once_more()
    {
        var begun = 0;
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            if (context.Request.Method == "POST")
            {
                begun++;
                context.Response.Headers.Location = $"http://{context.Request.Host}/session";
                return;
            }

            await context.Request.Body.CopyToAsync(Stream.Null);
            await context.Response.WriteAsJsonAsync(new
            {
                jobReference = new { projectId = "p", jobId = $"j{begun}", location = "EU" },
                status = new { state = "DONE", errorResult = begun == 1 ? new { reason = "jobBackendError", message = "Try again." } : null },
            });
        });
        using var bigQuery = Client(server);
        using var file = new MemoryStream("1\n"u8.ToArray());

        var job = await bigQuery.UploadAsync(file, Table, FileFormat.Csv, null, new LoadOptions(), Cancel);

        job.JobReference.JobId.Should().Be("j2");
    }

    [Theory, InlineData(2, null), InlineData(3, "backendError")]
    public async Task A_job_whose_state_cannot_be_read_is_asked_for_again_and_never_run_twice(int failures, string? reason)
    {
        var (begun, read) = (0, 0);
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            begun += context.Request.Method == "POST" ? 1 : 0;
            var fails = context.Request.Method == "GET" && read++ < failures;
            context.Response.StatusCode = fails ? 500 : 200;
            return fails
                ? context.Response.WriteAsJsonAsync(new { error = new { code = 500, message = "Try again.", errors = new[] { new { reason = "backendError" } } } })
                : context.Response.WriteAsJsonAsync(new { jobReference = new { projectId = "p", jobId = "j", location = "EU" }, status = new { state = read == 0 ? "RUNNING" : "DONE" } });
        });
        using var bigQuery = Client(server);

        var failure = await Record.ExceptionAsync(() => bigQuery.LoadAsync([ObjectPath.Parse("gs://bucket/f.csv")], Table, FileFormat.Csv, null, new LoadOptions(), Cancel));

        (begun, read, (failure as BigQueryException)?.Reason).Should().Be((1, 3, reason), "a load that may have done its work is not done again");
    }

    [Fact]
    public async Task Rows_that_are_refused_are_told_with_the_requests_id()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.Headers["X-Goog-Request-Id"] = "r-3";
            return context.Response.WriteAsJsonAsync(new { insertErrors = new[] { new { index = 0, errors = new[] { new { reason = "invalid", message = "no such field: x." } } } } });
        });
        using var bigQuery = Client(server);

        var inserting = () => bigQuery.InsertRowsAsync(Table, [new BigQueryInsertRow(new Dictionary<string, object?> { ["x"] = 1 })], new InsertOptions(), Cancel);

        (await inserting.Should().ThrowAsync<BigQueryInsertException>()).Which.Message.Should().Contain("-> 200 (request id r-3)");
    }

    [Fact]
    public async Task A_job_that_never_ends_says_every_state_that_was_seen()
    {
        await using var server = await LoopbackServer.StartAsync(context => context.Response.WriteAsJsonAsync(new { jobReference = new { projectId = "p", jobId = "j", location = "EU" }, status = new { state = "RUNNING" } }));
        using var bigQuery = Client(server);

        var waiting = () => bigQuery.ExtractAsync(Table, Acceptance.Platform.Gcp.Storage.ObjectPath.Parse("gs://bucket/x"), new ExtractOptions(), Cancel);

        (await waiting.Should().ThrowAsync<NotReachedException>()).WithMessage("Job p:EU.j to be DONE was not reached within 0.3 s.\n  Expected : DONE\n  Observed : RUNNING (*");
    }

    [Theory]
    [InlineData("""{"jobComplete": true, "schema": {"fields": [{"name": "a", "type": "INTEGER"}]}, "totalRows": "2", "rows": [{"f": [{"v": "1"}]}]}""",
        "Expected : 2 rows, as totalRows says\nObserved : 1 rows, and no further page\nLikely   : pages are lost on the way, or the table was changed while it was read*")]
    [InlineData("""{"jobComplete": true, "schema": {"fields": [{"name": "a", "type": "INTEGER"}]}, "totalRows": "1", "rows": [{"f": [{"v": "1.5"}]}]}""",
        "Expected : a value of column a INTEGER\nObserved : row 1: '1.5'*")]
    [InlineData("""{"jobComplete": true, "schema": {"fields": [{"name": "a", "type": "TIMESTAMP"}]}, "totalRows": "1", "rows": [{"f": [{"v": "1.7E9"}]}]}""",
        "Expected : microseconds since 1970 in column a TIMESTAMP, as formatOptions.useInt64Timestamp asks\nObserved : row 1: '1.7E9', which is seconds as a float*")]
    [InlineData("""{"jobComplete": true, "schema": {"fields": [{"name": "a", "type": "TIMESTAMP"}]}, "totalRows": "1", "rows": [{"f": [{"v": "2026-01-01T00:00:00Z"}]}]}""",
        "*Observed : row 1: '2026-01-01T00:00:00Z', which is ISO 8601*")]
    [InlineData("""{"jobComplete": true, "schema": {"fields": [{"name": "a", "type": "INTEGER"}]}, "totalRows": "1", "rows": [{"f": []}]}""",
        "Expected : a row of 1 cells\nObserved : row 1: {\"f\": []}*")]
    [InlineData("""{"jobComplete": true, "schema": {"fields": [{"name": "a", "type": "NUMERIC"}]}, "totalRows": "1", "rows": [{"f": [{"v": "12345678901234567890123456789.123456789"}]}]}""",
        "Expected : a value of column a NUMERIC that a decimal holds exactly; CAST(… AS STRING) reads any\nObserved : row 1: '12345678901234567890123456789.123456789'*")]
    [InlineData("""{"jobComplete": true, "schema": {"fields": [{"name": "a", "type": "NUMERIC"}]}, "totalRows": "1", "rows": [{"f": [{"v": "99999999999999999999999999999"}]}]}""",
        "Expected : a value of column a NUMERIC that a decimal holds exactly*")]
    [InlineData("""{"jobComplete": true, "schema": {"fields": [{"name": "a", "type": "NUMERIC"}]}, "totalRows": "1", "rows": [{"f": [{"v": "x"}]}]}""",
        "Expected : a value of column a NUMERIC\nObserved : row 1: 'x'*")]
    public async Task Rows_that_are_not_what_was_asked_for_are_named(string answer, string message)
    {
        (await FailAsync(async bigQuery => await (await bigQuery.ExecuteQueryAsync("SELECT a", Cancel)).GetRowsAsync(Cancel).ToListAsync(Cancel), context =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(answer);
        })).Message.Should().Match(message);
    }

    [Theory]
    [InlineData("project.dataset.table", "project:dataset.table")]
    [InlineData("`example.org:project.dataset.table-2`", "example.org:project:dataset.table-2")]
    public void A_table_is_read_as_queries_write_it(string text, string reference) => TableReference.Parse(text).ToString().Should().Be(reference);

    [Theory]
    [InlineData("table")]
    [InlineData("dataset.table")]
    [InlineData("Project.dataset.table")]
    public void A_table_that_is_none_is_refused_with_its_form(string text)
    {
        var parsing = () => TableReference.Parse(text);

        parsing.Should().Throw<FormatException>().WithMessage($"'{text}' is no table: project.dataset.table is expected.");
    }

    [Fact]
    public async Task Parameters_with_and_without_names_are_not_mixed()
    {
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        using var bigQuery = Client(server);

        var asking = () => bigQuery.ExecuteQueryAsync("SELECT @a, ?", [new BigQueryParameter("a", BigQueryDbType.Int64, 1), new BigQueryParameter(null, BigQueryDbType.Int64, 1)], new QueryOptions(), Cancel);

        await asking.Should().ThrowAsync<ArgumentException>().WithMessage("Some parameters have a name and some have none: BigQuery takes either.*");
    }

    private static BigQueryClient Client(LoopbackServer server) => new(
        new HttpPipeline(new Redaction(), new HttpLimits(), null, TimeProvider.System), server.Address, GcpPersona.Anonymous, "p", "EU", new HttpLimits(), new JobTimes { Within = TimeSpan.FromMilliseconds(300), Every = TimeSpan.FromMilliseconds(100) });

    private static async Task<FailedCall> FailAsync(Func<BigQueryClient, Task> act, RequestDelegate answer)
    {
        await using var server = await LoopbackServer.StartAsync(answer);
        using var bigQuery = Client(server);
        var exception = (await bigQuery.Invoking(act).Should().ThrowAsync<BigQueryException>()).Which;
        return new FailedCall(exception.Message.Replace(server.Address.Authority, "google"), exception.Reason);
    }

    private sealed record FailedCall(string Message, string? Reason);
}
