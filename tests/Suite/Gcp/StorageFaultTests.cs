using System.Text.Json.Nodes;
using Acceptance.StandIns.Gcp.Storage;

namespace Acceptance.Tests.Suite.Gcp;

/// <summary>Each fault as a client meets it, and counted.</summary>
public sealed class StorageFaultTests : IAsyncLifetime
{
    private StorageWire _gcs = null!;

    public async ValueTask InitializeAsync() => _gcs = await StorageWire.StartAsync();

    public ValueTask DisposeAsync() => _gcs.DisposeAsync();

    [Fact]
    public async Task G1_makes_a_short_object_of_an_interrupted_upload()
    {
        Show("G1");
        var session = await _gcs.BeginAsync("x");
        await _gcs.PartAsync(session, new byte[262_144], "bytes 0-262143/*");

        var probe = await _gcs.PartAsync(session, [], "bytes */600000");

        (probe.Status, (string?)(await _gcs.ResourceAsync("x")).Json["size"]).Should().Be((200, "262144"));
        Met("G1");
    }

    [Fact]
    public async Task G3_interrupts_each_session_once_and_it_can_be_resumed()
    {
        Show("G3");
        var session = await _gcs.BeginAsync("x");
        var bytes = new byte[2_000_000];

        var broken = () => _gcs.PartAsync(session, bytes, "bytes 0-1999999/2000000");
        await broken.Should().ThrowAsync<HttpRequestException>();
        var probe = await _gcs.PartAsync(session, [], "bytes */2000000");
        var rest = await _gcs.PartAsync(session, bytes[1_048_576..], "bytes 1048576-1999999/2000000");

        (probe["Range"], rest.Status).Should().Be(("bytes=0-1048575", 200));
        Met("G3");
    }

    [Fact]
    public async Task G3_answers_503_once_to_an_upload_and_cuts_a_download_once()
    {
        Show("G3");

        var first = await _gcs.PutObjectAsync("x", "0123456789");
        var second = await _gcs.PutObjectAsync("x", "0123456789");
        var cut = () => _gcs.MediaAsync("x");
        await cut.Should().ThrowAsync<HttpRequestException>();

        (first.Refusal, first["Retry-After"], second.Status).Should().Be(((503, "backendError"), "1", 200));
        (await _gcs.MediaAsync("x")).Text.Should().Be("0123456789");
    }

    [Fact]
    public async Task G4_lets_two_writers_who_say_only_if_absent_both_succeed()
    {
        Show("G4");

        (await _gcs.PutObjectAsync("x", "one", "&ifGenerationMatch=0")).Status.Should().Be(200);
        (await _gcs.PutObjectAsync("x", "two", "&ifGenerationMatch=0")).Status.Should().Be(200);
        Met("G4");
    }

    [Fact]
    public async Task G5_links_to_another_host()
    {
        Show("G5");

        new Uri((string)(await _gcs.PutObjectAsync("x", "x")).Json["mediaLink"]!).Host.Should().Be("storage.elsewhere.invalid");
        Met("G5");
    }

    [Fact]
    public async Task G6_answers_uploads_with_a_proxys_page()
    {
        Show("G6");

        var put = await _gcs.PutObjectAsync("x", "x");

        (put.Status, put["Content-Type"]).Should().Be((404, "text/html"));
        (await _gcs.GetAsync("storage/v1/b/acc-lab-data")).Status.Should().Be(200);
        Met("G6");
    }

    [Fact]
    public async Task G8_refuses_an_ACL_in_a_bucket_that_says_it_has_some()
    {
        await _gcs.PostAsync("storage/v1/b?project=acc-lab", new JsonObject { ["name"] = "acc-fine-grained" });
        const string Upload = "upload/storage/v1/b/acc-fine-grained/o?uploadType=media&name=x&predefinedAcl=private";
        (await _gcs.SendAsync(HttpMethod.Post, Upload, new StringContent("x"))).Status.Should().Be(200);

        Show("G8");

        (await _gcs.SendAsync(HttpMethod.Post, Upload, new StringContent("x"))).Refusal.Should().Be((400, "invalid"));
        (await _gcs.SendAsync(HttpMethod.Post, Upload.Replace("&predefinedAcl=private", ""), new StringContent("x"))).Status.Should().Be(200);
        Met("G8");
    }

    [Theory]
    [InlineData("a+b")]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    public async Task G9_does_not_find_what_it_lists(string name)
    {
        await _gcs.PutObjectAsync(name, "x");
        Show("G9");

        (await _gcs.GetAsync("storage/v1/b/acc-lab-data/o")).Json["items"]!.AsArray().Should().ContainSingle();
        (await _gcs.ResourceAsync(name)).Refusal.Should().Be((404, "notFound"));
        Met("G9");
    }

    [Fact]
    public async Task Y1_asks_for_patience_once()
    {
        Show("Y1");

        var first = await _gcs.PutObjectAsync("x", "x");

        (first.Refusal, first["Retry-After"]).Should().Be(((429, "rateLimitExceeded"), "1"));
        first.Message.Should().StartWith("The object acc-lab-data/x exceeded the rate limit for object mutation operations");
        (await _gcs.PutObjectAsync("x", "x")).Status.Should().Be(200);
        Met("Y1");
    }

    [Theory]
    [InlineData("PATCH", "o/x", "{}")]
    [InlineData("DELETE", "o/x", null)]
    [InlineData("POST", "o/y/compose", """{"sourceObjects": [{"name": "x"}]}""")]
    [InlineData("POST", "o/x/copyTo/b/acc-lab-data/o/y", "{}")]
    [InlineData("POST", "o/x/rewriteTo/b/acc-lab-data/o/y", "{}")]
    [InlineData("POST", "o/x/moveTo/o/y", null)]
    public async Task Y1_asks_for_patience_once_whatever_changes_an_object(string method, string path, string? body)
    {
        await _gcs.PutObjectAsync("x", "x");
        Show("Y1");

        var first = await SendAsync();
        var second = await SendAsync();

        first.Refusal.Should().Be((429, "rateLimitExceeded"));
        second.Status.Should().BeInRange(200, 204);

        Task<StorageAnswer> SendAsync() => _gcs.SendAsync(new HttpMethod(method), $"storage/v1/b/acc-lab-data/{path}", body is null ? null : new StringContent(body));
    }

    [Fact]
    public async Task Y2_sends_other_bytes_than_the_checksum_says()
    {
        await _gcs.PutObjectAsync("x", "0123456789");
        Show("Y2");

        var media = await _gcs.MediaAsync("x");

        (media.Content.Length, media.Text == "0123456789", media["X-Goog-Hash"] is not null).Should().Be((10, false, true));
        Met("Y2");
    }

    [Fact]
    public async Task Y3_cuts_every_download()
    {
        await _gcs.PutObjectAsync("x", "0123456789");
        Show("Y3");

        var media = () => _gcs.MediaAsync("x");

        await media.Should().ThrowAsync<HttpRequestException>();
        await media.Should().ThrowAsync<HttpRequestException>();
        Met("Y3");
    }

    [Fact]
    public async Task Y4_cuts_every_upload()
    {
        Show("Y4");

        var put = () => _gcs.PutObjectAsync("x", new byte[1_000_000]);

        await put.Should().ThrowAsync<HttpRequestException>();
        (await _gcs.ResourceAsync("x")).Status.Should().Be(404);
        Met("Y4");
    }

    [Fact]
    public async Task Y5_ends_a_listing_after_its_first_page()
    {
        await _gcs.PutObjectAsync("x", "x");
        await _gcs.PutObjectAsync("y", "y");
        Show("Y5");

        var page = (await _gcs.GetAsync("storage/v1/b/acc-lab-data/o?maxResults=1")).Json;

        (page["items"]!.AsArray().Count, page["nextPageToken"]).Should().Be((1, null));
        Met("Y5");
    }

    [Fact]
    public async Task Y6_loses_sessions_after_their_first_part()
    {
        Show("Y6");
        var session = await _gcs.BeginAsync("x");

        var first = await _gcs.PartAsync(session, new byte[262_144], "bytes 0-262143/*");
        var second = await _gcs.PartAsync(session, new byte[10], "bytes 262144-262153/262154");

        (first.Status, second.Status).Should().Be((308, 410));
        Met("Y6");
    }

    [Fact]
    public async Task Y7_shows_a_portal_in_the_place_of_everything()
    {
        Show("Y7");

        var list = await _gcs.GetAsync("storage/v1/b?project=acc-lab");

        (list.Status, list["Content-Type"]).Should().Be((200, "text/html"));
        Met("Y7");
    }

    [Fact]
    public async Task Y8_stores_other_bytes_unless_a_checksum_was_declared()
    {
        Show("Y8");

        (await _gcs.PutObjectAsync("x", "hello world")).Status.Should().Be(200);
        (await _gcs.PutRelatedAsync("""{"name": "y", "crc32c": "yZRlqg=="}""", "hello world")).Refusal.Should().Be((400, "invalid"));
        (await _gcs.MediaAsync("x")).Text.Should().NotBe("hello world");
        Met("Y8");
    }

    [Fact]
    public async Task Y9_lets_everybody_do_everything()
    {
        Show("Y9");

        (await _gcs.PutObjectAsync("x", "x", token: "")).Status.Should().Be(200);
        (await _gcs.SendAsync(HttpMethod.Get, "storage/v1/b/acc-run-data/o", token: await _gcs.TokenAsync("viewer@example.test"))).Status.Should().Be(200);
        Met("Y9");
    }

    [Theory]
    [InlineData("Y10", 403, "accessNotConfigured", null)]
    [InlineData("Y11", 503, "backendError", "1")]
    public async Task The_service_as_a_whole_may_refuse(string fault, int status, string reason, string? retryAfter)
    {
        Show(fault);

        var list = await _gcs.GetAsync("storage/v1/b?project=acc-lab");

        (list.Refusal, list["Retry-After"]).Should().Be(((status, reason), retryAfter));
        Met(fault);
    }

    [Fact]
    public async Task Y12_refuses_uploads_for_quota()
    {
        Show("Y12");

        (await _gcs.PutObjectAsync("x", "x")).Refusal.Should().Be((403, "quotaExceeded"));
        Met("Y12");
    }

    [Fact]
    public void Every_fault_is_met_here()
    {
        var tested = typeof(StorageFaultTests).GetMethods().SelectMany(method => method.GetCustomAttributesData().SelectMany(data => data.ConstructorArguments)
            .SelectMany(argument => argument.Value as IReadOnlyCollection<System.Reflection.CustomAttributeTypedArgument> ?? []).Select(argument => argument.Value as string)
            .Append(method.Name.Split('_')[0]));

        GcsFaults.All.Select(fault => fault.Id).Should().BeSubsetOf(tested);
    }

    private void Show(string fault) => _gcs.Faults.SwitchOn(fault);

    private void Met(string fault) => _gcs.Faults.Hits(fault).Should().BePositive();
}
