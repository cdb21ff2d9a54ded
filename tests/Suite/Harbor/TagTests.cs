namespace Acceptance.Tests.Suite.Harbor;

public sealed class TagTests : IAsyncLifetime
{
    private const string Manifests = $"v2/{HarborWire.Repository}/manifests";

    private HarborWire _harbor = null!;

    public async ValueTask InitializeAsync() => _harbor = await HarborWire.StartAsync();

    public ValueTask DisposeAsync() => _harbor.DisposeAsync();

    [Fact]
    public async Task A_tag_that_moves_leaves_its_image_under_its_digest()
    {
        var before = await _harbor.PushAsync("one", "latest");
        var after = await _harbor.PushAsync("two", "latest");

        (await GetAsync("latest")).Text.Should().Be(after.Manifest);
        (await GetAsync(before.Digest)).Text.Should().Be(before.Manifest);
    }

    [Fact]
    public async Task X21_deletes_the_image_that_a_tag_moved_away_from()
    {
        var before = await _harbor.PushAsync("one", "latest");
        _harbor.Faults.SwitchOn("X21");
        await _harbor.PushAsync("two", "latest");

        (await GetAsync(before.Digest)).Status.Should().Be(404);
        _harbor.Faults.Hits("X21").Should().Be(1);
    }

    [Fact]
    public async Task An_immutable_tag_is_neither_moved_nor_deleted()
    {
        var image = await _harbor.PushAsync("one", "release-1");
        await _harbor.PushBlobAsync(Image.Of("two").Config);
        await _harbor.PushBlobAsync(Image.Of("two").Layer);

        var moved = await _harbor.PutAsync(Image.Of("two").Manifest, "release-1");
        var deleted = await _harbor.SendAsync(HttpMethod.Delete, $"{Manifests}/{image.Digest}", _harbor.Recette);

        moved.Error.Should().Be((412, "PRECONDITION", "Failed to process request due to 'churn/trainer:release-1' configured as immutable."));
        deleted.Error.Should().Be((412, "PRECONDITION", "the tag release-1 configured as immutable, cannot be deleted"));
        (await GetAsync("release-1")).Text.Should().Be(image.Manifest);
    }

    [Fact]
    public async Task X20_moves_an_immutable_tag()
    {
        await _harbor.PushAsync("one", "release-1");
        _harbor.Faults.SwitchOn("X20");

        var after = await _harbor.PushAsync("two", "release-1");

        (await GetAsync("release-1")).Text.Should().Be(after.Manifest);
        _harbor.Faults.Hits("X20").Should().BePositive();
    }

    [Fact]
    public async Task Tags_are_listed_in_order_a_page_at_a_time()
    {
        var image = await _harbor.PushAsync("one", "b");
        foreach (var tag in new[] { "c", "a", "B" })
        {
            await _harbor.PutAsync(image.Manifest, tag);
        }

        var all = await TagsAsync("");
        var first = await TagsAsync("?n=2");
        var second = await TagsAsync("?n=2&last=a");
        var none = await TagsAsync("?n=0");

        all.Text.Should().Be($$"""{"name":"{{HarborWire.Repository}}","tags":["B","a","b","c"]}""");
        (first.Text, first.Headers["Link"]).Should().Be(
            ($$"""{"name":"{{HarborWire.Repository}}","tags":["B","a"]}""", $"</v2/{HarborWire.Repository}/tags/list?last=a&n=2>; rel=\"next\""));
        (second.Text, second.Headers.ContainsKey("Link")).Should().Be(($$"""{"name":"{{HarborWire.Repository}}","tags":["b","c"]}""", false));
        (none.Text, none.Headers.ContainsKey("Link")).Should().Be(($$"""{"name":"{{HarborWire.Repository}}","tags":[]}""", false));
        (await TagsAsync("?n=-1")).Error.Should().Be((400, "BAD_REQUEST", "the N must be a positive int type"));
        (await _harbor.GetAsync("v2/mlops-lab/none/tags/list", _harbor.Pull)).Error.Should().Be((404, "NOT_FOUND", "repository mlops-lab/none not found"));
    }

    private Task<WireAnswer> GetAsync(string reference) => _harbor.GetAsync($"{Manifests}/{reference}", _harbor.Pull, ("Accept", Image.OciManifest));

    private Task<WireAnswer> TagsAsync(string query) => _harbor.GetAsync($"v2/{HarborWire.Repository}/tags/list{query}", _harbor.Pull);
}
