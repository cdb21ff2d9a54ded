namespace Acceptance.Tests.Suite.Gcp;

public sealed class ObjectNameTests : IAsyncLifetime
{
    private StorageWire _gcs = null!;

    public static TheoryData<string> Names =>
    [
        "a+b", "a%2Fb", "a/b", "a%b", "a b", "a?b#c", "é/日本/😀", "a//b", "a/", "/a", "..a", "a/../b", "./a", "a/.", "~x", "x=y&z", "'quoted' \"twice\"", "a\tb",
        new string('n', 1024), $"{new string('d', 300)}/x",
    ];

    public async ValueTask InitializeAsync() => _gcs = await StorageWire.StartAsync();

    public ValueTask DisposeAsync() => _gcs.DisposeAsync();

    [Theory, MemberData(nameof(Names))]
    public async Task A_name_comes_back_as_it_was_sent(string name)
    {
        var put = await _gcs.PutObjectAsync(name, "content");

        put.Status.Should().Be(200, "{0}", put.Text);
        ((string?)put.Json["name"]).Should().Be(name);
        (await _gcs.MediaAsync(name)).Text.Should().Be("content");
        (await _gcs.GetAsync((string)put.Json["mediaLink"]!)).Text.Should().Be("content");
        var listed = (await _gcs.GetAsync($"storage/v1/b/{StorageWire.Bucket}/o")).Json["items"]!.AsArray();
        listed.Select(item => (string?)item!["name"]).Should().Equal(name);
        (await _gcs.SendAsync(HttpMethod.Delete, $"storage/v1/b/{StorageWire.Bucket}/o/{Uri.EscapeDataString(name)}")).Status.Should().Be(204);
        (await _gcs.ResourceAsync(name)).Status.Should().Be(404);
    }

    [Fact]
    public async Task Names_that_differ_by_their_escapes_are_different_objects()
    {
        foreach (var name in new[] { "a/b", "a%2Fb", "a+b", "a b", "a%20b" })
        {
            await _gcs.PutObjectAsync(name, name);
        }

        foreach (var name in new[] { "a/b", "a%2Fb", "a+b", "a b", "a%20b" })
        {
            (await _gcs.MediaAsync(name)).Text.Should().Be(name);
        }
    }

    [Fact]
    public async Task An_object_may_be_called_as_the_beginning_of_another()
    {
        await _gcs.PutObjectAsync("a", "file");
        await _gcs.PutObjectAsync("a/b", "below it");
        await _gcs.PutObjectAsync("c/d", "below");
        await _gcs.PutObjectAsync("c", "above it");

        (await _gcs.MediaAsync("a")).Text.Should().Be("file");
        (await _gcs.MediaAsync("a/b")).Text.Should().Be("below it");
        (await _gcs.MediaAsync("c")).Text.Should().Be("above it");
        (await _gcs.MediaAsync("c/d")).Text.Should().Be("below");
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("line\nbreak")]
    [InlineData(".well-known/acme-challenge/x")]
    public async Task A_name_that_Google_refuses_is_refused(string name) => (await _gcs.PutObjectAsync(name, "x")).Refusal.Should().Be((400, "invalid"));

    [Fact]
    public async Task A_name_of_more_than_1024_bytes_is_refused() =>
        (await _gcs.PutObjectAsync(new string('é', 513), "x")).Refusal.Should().Be((400, "invalid"));

    [Fact]
    public async Task A_path_that_is_no_UTF_8_is_refused() =>
        (await _gcs.GetAsync($"storage/v1/b/{StorageWire.Bucket}/o/%FF%FE")).Refusal.Should().Be((400, "invalid"));
}
