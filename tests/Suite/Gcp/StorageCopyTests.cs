using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.Gcp;

public sealed class StorageCopyTests : IAsyncLifetime
{
    private const string Objects = $"storage/v1/b/{StorageWire.Bucket}/o";

    private StorageWire _gcs = null!;

    public async ValueTask InitializeAsync() => _gcs = await StorageWire.StartAsync();

    public ValueTask DisposeAsync() => _gcs.DisposeAsync();

    [Fact]
    public async Task A_rewrite_within_a_location_is_done_at_once_and_keeps_what_is_said_of_the_object()
    {
        await _gcs.PutRelatedAsync("""{"name": "x", "metadata": {"k": "v"}, "contentType": "text/x"}""", "text");

        var rewritten = await _gcs.SendAsync(HttpMethod.Post, $"{Objects}/x/rewriteTo/b/{StorageWire.Bucket}/o/a%2Fy", new StringContent("null"));

        ((bool?)rewritten.Json["done"], (string?)rewritten.Json["objectSize"], (string?)rewritten.Json["totalBytesRewritten"]).Should().Be((true, "4", "4"));
        var copy = rewritten.Json["resource"]!;
        ((string?)copy["name"], (string?)copy["contentType"], (string?)copy["metadata"]!["k"], (string?)copy["metageneration"]).Should().Be(("a/y", "text/x", "v", "1"));
    }

    [Fact]
    public async Task A_large_rewrite_goes_on_by_its_token()
    {
        var bytes = new byte[5 * 1024 * 1024 / 2];
        new Random(1).NextBytes(bytes);
        await _gcs.PutObjectAsync("x", bytes);
        var call = $"{Objects}/x/rewriteTo/b/acc-lab-elsewhere/o/y?maxBytesRewrittenPerCall={1024 * 1024}";

        var first = (await _gcs.PostAsync(call, new JsonObject())).Json;
        var second = (await _gcs.PostAsync($"{call}&rewriteToken={Uri.EscapeDataString((string)first["rewriteToken"]!)}", new JsonObject())).Json;
        var between = await _gcs.GetAsync("storage/v1/b/acc-lab-elsewhere/o/y");
        var third = (await _gcs.PostAsync($"{call}&rewriteToken={Uri.EscapeDataString((string)second["rewriteToken"]!)}", new JsonObject())).Json;

        ((bool?)first["done"], (string?)first["totalBytesRewritten"]).Should().Be((false, "1048576"));
        ((string?)second["totalBytesRewritten"], between.Status).Should().Be(("2097152", 404));
        ((bool?)third["done"], (string?)third["resource"]!["crc32c"]).Should().Be((true, (string?)(await _gcs.ResourceAsync("x")).Json["crc32c"]));
        (await _gcs.GetAsync("storage/v1/b/acc-lab-elsewhere/o/y?alt=media")).Content.Should().Equal(bytes);
    }

    [Fact]
    public async Task Calls_with_one_token_follow_each_other()
    {
        await _gcs.PutObjectAsync("x", new byte[14 * 1024 * 1024]);
        var call = $"{Objects}/x/rewriteTo/b/acc-lab-elsewhere/o/y?maxBytesRewrittenPerCall={1024 * 1024}";
        var token = Uri.EscapeDataString((string)(await _gcs.PostAsync(call, new JsonObject())).Json["rewriteToken"]!);

        var calls = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => _gcs.PostAsync($"{call}&rewriteToken={token}", new JsonObject())));

        calls.Should().OnlyContain(one => one.Status == 200);
        calls.Select(one => (string?)one.Json["totalBytesRewritten"]).Should().BeEquivalentTo(Enumerable.Range(2, 12).Select(part => $"{part * 1024 * 1024}"));
    }

    [Fact]
    public async Task A_copy_that_is_refused_leaves_nothing()
    {
        await _gcs.PutObjectAsync("x", "text");

        (await _gcs.PostAsync($"{Objects}/x/rewriteTo/b/{StorageWire.Bucket}/o/x?ifGenerationMatch=0", new JsonObject())).Refusal.Should().Be((412, "conditionNotMet"));
        (await _gcs.PostAsync($"{Objects}/x/copyTo/b/{StorageWire.Bucket}/o/x?ifGenerationMatch=0", new JsonObject())).Refusal.Should().Be((412, "conditionNotMet"));
        (await _gcs.StagedAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_rewrite_token_of_something_else_is_refused()
    {
        await _gcs.PutObjectAsync("x", "text");

        (await _gcs.PostAsync($"{Objects}/x/rewriteTo/b/{StorageWire.Bucket}/o/y?rewriteToken=none", new JsonObject())).Refusal.Should().Be((400, "invalid"));
    }

    [Fact]
    public async Task Objects_are_composed_into_one_with_the_checksum_of_all_and_no_MD5()
    {
        await _gcs.PutObjectAsync("one", "hello ");
        await _gcs.PutObjectAsync("two", "world");

        var composed = (await ComposeAsync("whole", "one", "two")).Json;
        var more = (await ComposeAsync("whole", "whole", "two")).Json;

        ((string?)composed["crc32c"], composed["md5Hash"], (int?)composed["componentCount"]).Should().Be(("yZRlqg==", null, 2));
        ((string?)more["size"], (int?)more["componentCount"]).Should().Be(("16", 3));
        var media = await _gcs.MediaAsync("whole");
        (media.Text, media["X-Goog-Component-Count"], media["X-Goog-Hash"]).Should().Be(("hello worldworld", "3", $"crc32c={more["crc32c"]}"));
    }

    [Theory]
    [InlineData(0, 400)]
    [InlineData(32, 200)]
    [InlineData(33, 400)]
    public async Task At_most_32_objects_are_composed(int count, int status)
    {
        await _gcs.PutObjectAsync("one", "1");

        (await ComposeAsync("whole", [.. Enumerable.Repeat("one", count)])).Status.Should().Be(status);
    }

    [Fact]
    public async Task What_is_to_be_composed_must_be_there() => (await ComposeAsync("whole", "nothing")).Refusal.Should().Be((404, "notFound"));

    [Fact]
    public async Task A_move_is_a_copy_that_leaves_nothing()
    {
        await _gcs.PutObjectAsync("x", "text");

        var moved = await _gcs.SendAsync(HttpMethod.Post, $"{Objects}/x/moveTo/o/a%2Fy");

        (moved.Status, (string?)moved.Json["name"]).Should().Be((200, "a/y"));
        (await _gcs.ResourceAsync("x")).Status.Should().Be(404);
        (await _gcs.MediaAsync("a/y")).Text.Should().Be("text");
    }

    [Fact]
    public async Task Metadata_is_laid_over_by_PATCH_and_replaced_by_PUT()
    {
        await _gcs.PutRelatedAsync("""{"name": "x", "metadata": {"a": "1", "b": "2"}, "cacheControl": "no-store"}""", "text");

        var patched = (await _gcs.SendAsync(HttpMethod.Patch, $"{Objects}/x", new StringContent("""{"metadata": {"a": null, "c": "3"}}"""))).Json;
        var overridden = (await _gcs.SendAsync(HttpMethod.Post, $"{Objects}/x", new StringContent("""{"contentLanguage": "fr"}"""), null, ("X-HTTP-Method-Override", "PATCH"))).Json;
        var replaced = (await _gcs.SendAsync(HttpMethod.Put, $"{Objects}/x", new StringContent("""{"metadata": {"d": "4"}}"""))).Json;

        patched["metadata"]!.ToJsonString().Should().Be("""{"b":"2","c":"3"}""");
        ((string?)overridden["contentLanguage"], (string?)overridden["cacheControl"], (string?)overridden["metageneration"]).Should().Be(("fr", "no-store", "3"));
        (replaced["metadata"]!.ToJsonString(), replaced["cacheControl"]).Should().Be(("""{"d":"4"}""", null));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("""{"metadata": {"a": "1"}, "metadata": {}}""")]
    [InlineData("""{"temporaryHold": "perhaps"}""")]
    [InlineData("""{"storageClass": "VELVET"}""")]
    [InlineData("""{"customTime": "noon"}""")]
    public async Task A_body_that_cannot_be_read_is_refused_and_changes_nothing(string body)
    {
        await _gcs.PutObjectAsync("x", "text");

        (await _gcs.SendAsync(HttpMethod.Patch, $"{Objects}/x", new StringContent(body))).Status.Should().Be(400);
        ((string?)(await _gcs.ResourceAsync("x")).Json["metageneration"]).Should().Be("1");
    }

    [Fact]
    public async Task A_batch_answers_each_of_its_calls()
    {
        await _gcs.PutObjectAsync("a+b", "text");
        const string Batch = """
            --edge
            Content-Type: application/http
            Content-ID: <one>

            GET /storage/v1/b/acc-lab-data/o/a%2Bb?fields=name HTTP/1.1

            --edge
            Content-Type: application/http
            Content-ID: <two>

            PATCH /storage/v1/b/acc-lab-data/o/a%2Bb?fields=metadata HTTP/1.1
            Content-Type: application/json

            {"metadata": {"k": "v"}}
            --edge
            Content-Type: application/http
            Content-ID: <three>

            DELETE /storage/v1/b/acc-lab-data/o/nothing HTTP/1.1

            --edge--
            """;

        var answer = await _gcs.SendAsync(HttpMethod.Post, "batch/storage/v1", new StringContent(Batch.ReplaceLineEndings("\r\n")), null, ("Content-Type", "multipart/mixed; boundary=edge"));

        answer["Content-Type"].Should().StartWith("multipart/mixed; boundary=");
        answer.Text.Should().ContainAll(
            "Content-ID: <response-one>", "\"name\": \"a+b\"", "Content-ID: <response-two>", "\"k\": \"v\"", "Content-ID: <response-three>", "HTTP/1.1 404 Not Found");
    }

    [Fact]
    public async Task A_batch_that_cannot_be_read_is_refused() => (await _gcs.SendAsync(
        HttpMethod.Post, "batch/storage/v1", new StringContent("--edge--"), null, ("Content-Type", "multipart/mixed; boundary=edge"))).Refusal.Should().Be((400, "badRequest"));

    private Task<StorageAnswer> ComposeAsync(string name, params string[] parts) => _gcs.PostAsync($"{Objects}/{name}/compose", new JsonObject
    {
        ["sourceObjects"] = new JsonArray([.. parts.Select(part => new JsonObject { ["name"] = part })]),
        ["destination"] = new JsonObject { ["contentType"] = "text/plain" },
    });
}
