using Acceptance.Platform.Evidence;
using Acceptance.Platform.Gcp.Auth;
using Acceptance.Platform.Gcp.Storage;
using Acceptance.Platform.Http;
using Acceptance.Tests.Suite.Http;
using Microsoft.AspNetCore.Http;

namespace Acceptance.Tests.Suite.Gcp.Storage;

/// <summary>What is said of servers that answer as no stand-in does, word for word.</summary>
public sealed class GcsExceptionTests
{
    private static readonly ObjectPath Path = ObjectPath.Parse("gs://bucket/name");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upload_that_was_finished_before_its_end_is_found()
    {
        var message = await FailAsync(
            gcs => gcs.UploadAsync(Path, new MemoryStream(new byte[10]), new UploadOptions(), Cancel),
            context => context.Request.Method == "POST" ? Session(context) : context.Response.WriteAsJsonAsync(new { bucket = "bucket", name = "name", size = "4", generation = "7", crc32c = "AAAAAA==" }));

        message.Should().Be("""
            Expected : gs://bucket/name with 10 bytes and crc32c=o6AAyg==, as they were sent
            Observed : 4 bytes and crc32c=AAAAAA==, said to be written with success
            Request  : PUT http://google/session -> 200
            Likely   : the upload was finished before its end: a gateway takes the question for its state as the last byte
            Try      : delete generation 7, and look at what is between here and Google
            """.ReplaceLineEndings("\n").Replace("o6AAyg==", Crc(new byte[10])));
    }

    [Fact]
    public async Task An_upload_that_was_finished_with_its_first_piece_is_found_though_that_piece_is_right()
    {
        var message = await FailAsync(
            gcs => gcs.UploadAsync(Path, new MemoryStream(new byte[2 * 262_144]), new UploadOptions { PieceSize = 262_144 }, Cancel),
            context => context.Request.Method == "POST" ? Session(context) : context.Response.WriteAsJsonAsync(Object(new byte[262_144])));

        message.Should().StartWith($"Expected : gs://bucket/name with 524288 bytes and crc32c={Crc(new byte[2 * 262_144])}, as they were sent\nObserved : 262144 bytes");
    }

    [Fact]
    public async Task A_last_answer_that_is_cut_is_asked_for_again()
    {
        var content = new byte[] { 1, 2, 3 };
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await (context.Request.Method == "POST" ? Session(context)
                : context.Request.Headers.ContentRange == "bytes */3" ? context.Response.WriteAsJsonAsync(Object(content))
                : BeginAsync(context));
        });
        using var gcs = Client(server);
        var session = await gcs.BeginUploadAsync(Path, 3, new UploadOptions(), Cancel);

        var done = await gcs.ContinueUploadAsync(session, Path, new MemoryStream(content), new UploadOptions(), resumed: false, Cancel);

        (done.Stored.Size, done.Cuts).Should().Be((3, 1));
    }

    [Fact]
    public async Task An_answer_to_an_upload_in_one_request_that_is_cut_or_hangs_is_named()
    {
        var uploading = (GcsClient gcs) => gcs.UploadMediaAsync(Path, new MemoryStream(new byte[3]), new UploadOptions(), Cancel);

        (await FailAsync(uploading, context => BeginAsync(context))).Should().StartWith("Expected : gs://bucket/name written\nObserved : 200, and then the connection ended after 9 of 1000 bytes\n")
            .And.EndWith("Try      : read the object and compare its crc32c; a resumable upload asks by itself");
        (await FailAsync(uploading, HangingAsync, new HttpLimits { Stall = TimeSpan.FromMilliseconds(200) })).Should().Contain("Observed : 200, and then no byte for 200 ms after 9 of 1000 bytes");

        static async Task HangingAsync(HttpContext context)
        {
            await BeginAsync(context);
            await Nexus.ContentServer.HangAsync(context);
        }
    }

    [Fact]
    public async Task A_refusal_that_does_not_end_is_a_refusal()
    {
        var message = await FailAsync(
            gcs => gcs.DownloadAsync(Path, Stream.Null, new ReadOptions(), Cancel),
            async context =>
            {
                await BeginAsync(context, 403);
                await Nexus.ContentServer.HangAsync(context);
            },
            new HttpLimits { Answer = TimeSpan.FromMilliseconds(300) });

        message.Should().StartWith("Expected : the content of gs://bucket/name\nObserved : 403 Forbidden with \"{\"kind\":\"");
    }

    [Fact]
    public async Task A_session_that_says_when_to_come_again_is_not_asked_before()
    {
        var (refused, asked) = (0L, 0L);
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            if (context.Request.Method == "POST")
            {
                await Session(context);
            }
            else if (refused == 0)
            {
                refused = TimeProvider.System.GetTimestamp();
                (context.Response.StatusCode, context.Response.Headers.RetryAfter) = (503, "1");
            }
            else
            {
                asked = TimeProvider.System.GetTimestamp();
                await context.Response.WriteAsJsonAsync(Object(new byte[3]));
            }
        });
        using var gcs = Client(server);

        await gcs.UploadAsync(Path, new MemoryStream(new byte[3]), new UploadOptions(), Cancel);

        TimeProvider.System.GetElapsedTime(refused, asked).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(0.99));
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(10, null, null)]
    [InlineData(10, 69, null)]
    [InlineData(null, null, 60)]
    [InlineData(null, null, 1000)]
    public async Task A_content_of_which_every_answer_is_cut_half_way_comes_by_halves(int? first, int? last, int? suffix)
    {
        var content = Enumerable.Range(0, 100).Select(n => (byte)n).ToArray();
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            var asked = context.Request.GetTypedHeaders().Range?.Ranges.Single();
            var from = asked is null ? 0 : (int)(asked.From ?? Math.Max(0, 100 - asked.To!.Value));
            var to = asked is { From: not null, To: { } end } ? (int)end : 99;
            return PartAsync(context, content, from, to, (to - from + 2) / 2);
        });
        using var gcs = Client(server);
        using var back = new MemoryStream();
        var range = suffix is { } count ? ByteRange.LastBytes(count) : last is { } end ? ByteRange.Between(first!.Value, end) : first is { } begin ? ByteRange.From(begin) : null;

        var read = await gcs.DownloadAsync(Path, back, new ReadOptions { Range = range }, Cancel);

        var skipped = suffix is null ? first ?? 0 : Math.Max(0, 100 - suffix.Value);
        back.ToArray().Should().Equal(content[skipped..((last ?? 99) + 1)]);
        (read.Cuts, read.Verified).Should().Be((back.Length == 60 ? 5 : 6, range is null));
    }

    [Fact]
    public async Task A_content_of_which_no_byte_comes_is_given_up()
    {
        var asked = 0;
        (await FailAsync(gcs => gcs.DownloadAsync(Path, Stream.Null, new ReadOptions(), Cancel), context =>
        {
            asked++;
            return PartAsync(context, new byte[100], 0, 99, 0);
        })).Should().Contain("Observed : the connection ended after 0 of 100 bytes");
        asked.Should().Be(3);
    }

    [Theory]
    [InlineData(4, 9)]
    [InlineData(5, 8)]
    public async Task Other_bytes_than_were_asked_for_are_not_taken_for_them(int first, int last)
    {
        (await FailAsync(gcs => gcs.DownloadAsync(Path, Stream.Null, new ReadOptions { Range = ByteRange.From(5) }, Cancel), context => PartAsync(context, new byte[10], first, last, last + 1 - first)))
            .Should().StartWith($"Expected : bytes=5- of gs://bucket/name\nObserved : 206 with Content-Range: bytes {first}-{last}/10, asked for bytes=5-\n");
    }

    [Fact]
    public async Task A_content_without_its_hash_is_refused()
    {
        (await FailAsync(gcs => gcs.DownloadAsync(Path, Stream.Null, new ReadOptions(), Cancel), context =>
        {
            context.Response.Headers["x-goog-generation"] = "7";
            return context.Response.WriteAsync("plain");
        })).Should().Contain("Observed : a content without x-goog-hash: crc32c=…\n");
    }

    [Fact]
    public async Task An_answer_that_is_no_resource_is_named()
    {
        RequestDelegate nothing = context => context.Response.WriteAsJsonAsync(new { });
        foreach (var act in new Func<GcsClient, Task>[]
        {
            gcs => gcs.GetObjectAsync(Path, Cancel),
            gcs => gcs.PatchObjectAsync(Path, new ObjectPatch(), Cancel),
            gcs => gcs.ComposeAsync(Path, [Path], new UploadOptions(), Cancel),
            gcs => gcs.UploadMediaAsync(Path, new MemoryStream(), new UploadOptions(), Cancel),
        })
        {
            (await FailAsync(act, nothing)).Should().ContainAny("Observed : not the documented answer: an object without a name", "Observed : an answer that is no object: {}");
        }

        (await FailAsync(gcs => gcs.GetBucketAsync(Path.Bucket, Cancel), nothing)).Should().Contain("Observed : not the documented answer: a resource without the name of a bucket");
    }

    [Fact]
    public async Task Names_from_before_todays_rules_are_listed()
    {
        await using var server = await LoopbackServer.StartAsync(context => context.Response.WriteAsJsonAsync<object>(
            context.Request.Path == "/storage/v1/b" ? new { items = new[] { new { name = "Old_Bucket" } } } : new { items = new[] { new { bucket = "bucket", name = ".." } } }));
        using var gcs = Client(server);

        (await gcs.ListBucketsAsync("p", null, Cancel).SingleAsync(Cancel)).Name.Name.Should().Be("Old_Bucket");
        (await gcs.ListObjectsAsync(Path.Bucket, new ObjectQuery(), Cancel).SingleAsync(Cancel)).Path.ToString().Should().Be("gs://bucket/..");
    }

    [Fact]
    public async Task A_composition_refuses_conditions_that_it_cannot_send()
    {
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        using var gcs = Client(server);

        var composing = () => gcs.ComposeAsync(Path, [Path], new UploadOptions { Preconditions = new Preconditions { GenerationNotMatch = 1 } }, Cancel);

        await composing.Should().ThrowAsync<ArgumentException>().WithMessage("A composition knows no ifGenerationNotMatch*");
    }

    [Fact]
    public async Task A_session_without_an_address_is_named()
    {
        (await FailAsync(gcs => gcs.UploadAsync(Path, new MemoryStream(), new UploadOptions(), Cancel), _ => Task.CompletedTask)).Should().Be("""
            Expected : gs://bucket/name written
            Observed : an upload session without an address: the answer has no Location header
            Request  : POST http://google/upload/storage/v1/b/bucket/o?uploadType=resumable -> 200
            Likely   : a gateway in front of Google drops the header, or answers in its place
            Try      : send the same request past the gateway
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_session_that_has_everything_and_asks_for_more_is_not_served_for_ever()
    {
        (await FailAsync(gcs => gcs.UploadAsync(Path, new MemoryStream(new byte[10]), new UploadOptions(), Cancel), context =>
        {
            (context.Response.StatusCode, context.Response.Headers["Range"]) = (308, "bytes=0-9");
            return context.Request.Method == "POST" ? Session(context) : Task.CompletedTask;
        })).Should().Be("""
            Expected : gs://bucket/name written
            Observed : 308, as if more were to come, with 10 of 10 bytes kept
            Request  : PUT http://google/session -> 308
            Likely   : the upload is not finished with its last byte: a gateway changes the Content-Range header
            Try      : compare the request's Content-Range with what the server logs
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_session_that_forgets_is_named()
    {
        var asked = 0;
        var message = await FailAsync(gcs => gcs.UploadAsync(Path, new MemoryStream(new byte[3 * 262_144]), new UploadOptions { PieceSize = 262_144 }, Cancel), async context =>
        {
            if (context.Request.Method == "POST")
            {
                await Session(context);
                return;
            }

            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.StatusCode = 308;
            if (asked++ == 0)
            {
                context.Response.Headers["Range"] = "bytes=0-262143";
            }
        });

        message.Should().StartWith("Expected : gs://bucket/name written\nObserved : the session keeps 0 bytes, though it kept 262144 before\n")
            .And.Contain("requests of one session reach servers that do not share it");
    }

    [Theory]
    [InlineData(429, """{"error": {"code": 429, "message": "The object exceeded the rate limit for object mutation operations.", "errors": [{"reason": "rateLimitExceeded"}]}}""",
        "429 rateLimitExceeded: The object exceeded the rate limit for object mutation operations.", "too many changes of one object (one a second) or requests to one bucket", "spread them out and try again, no sooner than in 7 s")]
    [InlineData(400, """{"error": {"code": 400, "message": "Invalid value for: generation", "errors": [{"reason": "invalid", "location": "generation"}]}}""",
        "400 invalid: Invalid value for: generation (at generation)", "Cloud Storage does not take a name, parameter or field of the request", "change what the message names; the reference of the JSON API says what it may be")]
    [InlineData(400, """{"error": {"code": 400, "message": "Bucket is a requester pays bucket but no user project provided.", "errors": [{"reason": "required"}]}}""",
        "400 required: Bucket is a requester pays bucket but no user project provided.", "whoever reads this bucket pays for it, and the request names no project that does",
        "name a quota project in the credential file, or ask the bucket's owner to pay")]
    [InlineData(409, """{"error": {"code": 409, "message": "Your previous request to create the named bucket succeeded and you already own it.", "errors": [{"reason": "conflict"}]}}""",
        "409 conflict: Your previous request to create the named bucket succeeded and you already own it.", "there is a bucket of that name already, maybe somebody else's, or it is not empty", "take another name: bucket names are one in all of Google Cloud")]
    [InlineData(403, """{"error": {"code": 403, "message": "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: x", "errors": [{"reason": "vpcServiceControls"}]}}""",
        "403 vpcServiceControls: Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: x", "the identity lacks a role on the bucket, or a perimeter keeps it out",
        "grant roles/storage.objectViewer to read, roles/storage.objectAdmin to write, or use an identity that has it")]
    [InlineData(500, """{"error": {"code": 500, "message": "We encountered an internal error.", "errors": [{"reason": "internalError"}]}}""",
        "500 internalError: We encountered an internal error.", "Cloud Storage is disturbed", "try again, no sooner than in 7 s, and look at Google Cloud's status page")]
    public async Task A_refusal_says_reason_request_id_and_what_to_try(int status, string body, string observed, string likely, string advice)
    {
        (await FailAsync(gcs => gcs.DeleteObjectAsync(Path, Cancel), context =>
        {
            (context.Response.StatusCode, context.Response.ContentType) = (status, "application/json");
            context.Response.Headers.RetryAfter = "7";
            context.Response.Headers["X-GUploader-UploadID"] = "u-1";
            return context.Response.WriteAsync(body);
        })).Should().Be($"""
            Expected : gs://bucket/name deleted
            Observed : {observed}
            Request  : DELETE http://google/storage/v1/b/bucket/o/name -> {status} (request id u-1)
            Likely   : {likely}
            Try      : {advice}
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_portal_in_the_place_of_an_answer_is_named()
    {
        (await FailAsync(gcs => gcs.GetObjectAsync(Path, Cancel), context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<html><title>Sign in</title></html>");
        })).Should().Contain("Likely   : a portal, login or error page of something between here and Google, answered with success");
    }

    [Fact]
    public async Task Pages_that_never_end_are_refused()
    {
        (await FailAsync(gcs => gcs.ListObjectsAsync(Path.Bucket, new ObjectQuery(), Cancel).ToListAsync(Cancel).AsTask(), context => context.Response.WriteAsJsonAsync(new { nextPageToken = "t" })))
            .Should().Be("Expected : the objects of gs://bucket/\nObserved : page 2 has the nextPageToken of an earlier one: the pages never end");
    }

    [Fact]
    public async Task A_range_that_is_ignored_is_not_taken_for_the_part()
    {
        (await FailAsync(gcs => gcs.DownloadAsync(Path, Stream.Null, new ReadOptions { Range = ByteRange.From(5) }, Cancel), context => context.Response.WriteAsync("0123456789")))
            .Should().Be("""
                Expected : bytes=5- of gs://bucket/name
                Observed : 200 with the whole object
                Request  : GET http://google/storage/v1/b/bucket/o/name?alt=media -> 200
                Likely   : a proxy on the way drops the Range header
                Try      : fetch it again; if it stays, fetch it past the proxies on the way
                """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_content_that_a_proxy_decompressed_cannot_be_verified_and_is_said_so()
    {
        (await FailAsync(gcs => gcs.DownloadAsync(Path, Stream.Null, new ReadOptions(), Cancel), context =>
        {
            context.Response.Headers["x-goog-generation"] = "1";
            context.Response.Headers["x-goog-stored-content-encoding"] = "gzip";
            return context.Response.WriteAsync("plain");
        })).Should().Contain("Observed : the content decompressed, though it was asked for as it is stored");
    }

    private static Task Session(HttpContext context)
    {
        context.Response.StatusCode = 200;
        context.Response.Headers.Location = "/session";
        return Task.CompletedTask;
    }

    private static string Crc(byte[] content)
    {
        var crc = new Acceptance.Platform.Gcp.Crc32C();
        crc.Append(content);
        return crc.Base64;
    }

    private static async Task<string> FailAsync(Func<GcsClient, Task> act, RequestDelegate answer, HttpLimits? limits = null)
    {
        await using var server = await LoopbackServer.StartAsync(answer);
        using var gcs = Client(server, limits);
        return (await gcs.Invoking(act).Should().ThrowAsync<GcsException>()).Which.Message.Replace(server.Address.Authority, "google");
    }

    private static GcsClient Client(LoopbackServer server, HttpLimits? limits = null) =>
        new(new HttpPipeline(new Redaction(), limits ?? new HttpLimits(), null, TimeProvider.System), server.Address, GcpPersona.Anonymous, limits);

    private static object Object(byte[] content) => new { bucket = "bucket", name = "name", size = $"{content.Length}", generation = "7", crc32c = Crc(content) };

    /// <summary>Answers with some bytes of a content, or with fewer than it says.</summary>
    private static async Task PartAsync(HttpContext context, byte[] content, int first, int last, int sent)
    {
        context.Response.Headers["x-goog-generation"] = "7";
        context.Response.Headers["x-goog-hash"] = $"crc32c={Crc(content)}";
        context.Response.ContentLength = last + 1 - first;
        if (context.Request.Headers.ContainsKey("Range"))
        {
            (context.Response.StatusCode, context.Response.Headers.ContentRange) = (206, $"bytes {first}-{last}/{content.Length}");
        }

        await context.Response.Body.WriteAsync(content.AsMemory(first, sent));
    }

    /// <summary>Begins an answer with less than it says.</summary>
    private static async Task BeginAsync(HttpContext context, int status = 200)
    {
        (context.Response.StatusCode, context.Response.ContentType, context.Response.ContentLength) = (status, "application/json", 1000);
        await context.Response.WriteAsync("{\"kind\": ");
        await context.Response.Body.FlushAsync();
    }
}
