namespace Acceptance.Tests.Suite.Gcp;

public sealed class StorageListTests : IAsyncLifetime
{
    private static readonly string[] Names = ["a", "a/1", "a/2", "a/b/3", "b--x--1", "b--x--2", "c/", "c/4", "d", "é", "\U0001F600", "\uFB01"];

    private StorageWire _gcs = null!;

    public async ValueTask InitializeAsync()
    {
        _gcs = await StorageWire.StartAsync();
        foreach (var name in Names)
        {
            (await _gcs.PutObjectAsync(name, name)).Status.Should().Be(200);
        }
    }

    public ValueTask DisposeAsync() => _gcs.DisposeAsync();

    [Fact]
    public async Task Names_are_listed_by_their_bytes() =>
        // Not by UTF-16: U+1F600 comes after U+FB01.
        (await ListAsync("")).Should().Equal("a", "a/1", "a/2", "a/b/3", "b--x--1", "b--x--2", "c/", "c/4", "d", "é", "\uFB01", "\U0001F600");

    [Theory]
    [InlineData("delimiter=/", "a|a/+|b--x--1|b--x--2|c/+|d|é|\uFB01|\U0001F600")]
    [InlineData("prefix=a/&delimiter=/", "a/1|a/2|a/b/+")]
    [InlineData("prefix=b&delimiter=--", "b--+")]
    [InlineData("prefix=b--&delimiter=--", "b--x--+")]
    [InlineData("prefix=c/&delimiter=/&includeTrailingDelimiter=true", "c/|c/4")]
    [InlineData("prefix=c&delimiter=/&includeTrailingDelimiter=true", "c/+|c/")]
    [InlineData("startOffset=b&endOffset=d", "b--x--1|b--x--2|c/|c/4")]
    [InlineData("startOffset=a/2&endOffset=c&delimiter=/", "a/+|b--x--1|b--x--2")]
    [InlineData("matchGlob=a/*", "a/1|a/2")]
    [InlineData("matchGlob=a/**", "a/1|a/2|a/b/3")]
    [InlineData("matchGlob=**/[34]", "a/b/3|c/4")]
    [InlineData("matchGlob={a,d}", "a|d")]
    [InlineData("prefix=nothing", "")]
    public async Task A_query_is_what_it_says_however_small_its_pages(string query, string expected)
    {
        var names = expected.Split('|', StringSplitOptions.RemoveEmptyEntries);

        (await ListAsync(query)).Should().BeEquivalentTo(names);
        (await ListAsync(query + "&maxResults=1")).Should().BeEquivalentTo(names);
        (await ListAsync(query + "&maxResults=2")).Should().BeEquivalentTo(names);
    }

    [Fact]
    public async Task A_page_counts_objects_and_prefixes_together()
    {
        var page = (await _gcs.GetAsync("storage/v1/b/acc-lab-data/o?delimiter=/&maxResults=3")).Json;

        ((page["items"]!.AsArray().Count, page["prefixes"]!.AsArray().Count), page["nextPageToken"] is not null).Should().Be(((2, 1), true));
    }

    [Theory]
    [InlineData("pageToken=@")]
    [InlineData("pageToken=bm9uZQ==")]
    [InlineData("maxResults=0")]
    [InlineData("maxResults=many")]
    [InlineData("versions=perhaps")]
    [InlineData("matchGlob=%5Ba")]
    public async Task A_query_that_says_the_wrong_thing_is_refused_with_the_parameter(string query)
    {
        var page = await _gcs.GetAsync($"storage/v1/b/acc-lab-data/o?{query}");

        page.Refusal.Should().Be((400, "invalid"));
        ((string?)page.Json["error"]!["errors"]![0]!["location"]).Should().Be(query.Split('=')[0]);
    }

    [Fact]
    public async Task Versions_are_listed_where_the_bucket_keeps_them()
    {
        await _gcs.SendAsync(HttpMethod.Patch, "storage/v1/b/acc-lab-data", new StringContent("""{"versioning": {"enabled": true}}"""));
        var first = (string?)(await _gcs.ResourceAsync("a")).Json["generation"];
        await _gcs.PutObjectAsync("a", "second");
        await _gcs.SendAsync(HttpMethod.Delete, "storage/v1/b/acc-lab-data/o/a");

        (await ListAsync("prefix=a&delimiter=/")).Should().Equal("a/+");
        (await ListAsync("prefix=a&delimiter=/&versions=true&maxResults=1")).Should().BeEquivalentTo("a", "a", "a/+");
        (await _gcs.GetAsync($"storage/v1/b/acc-lab-data/o/a?alt=media&generation={first}")).Text.Should().Be("a");
    }

    [Fact]
    public async Task Fields_that_were_not_asked_for_are_left_out()
    {
        var page = await _gcs.GetAsync("storage/v1/b/acc-lab-data/o?prefix=a&fields=items(name,size),prefixes&prettyPrint=false&delimiter=/");

        page.Text.Trim().Should().Be("""{"prefixes":["a/"],"items":[{"name":"a","size":"1"}]}""");
        (await _gcs.GetAsync("storage/v1/b/acc-lab-data/o?fields=items(name")).Refusal.Should().Be((400, "invalid"));
    }

    /// <summary>Everything that the pages of a listing give, prefixes with a plus sign.</summary>
    private async Task<List<string>> ListAsync(string query)
    {
        var (found, token) = (new List<string>(), (string?)null);
        do
        {
            var page = await _gcs.GetAsync($"storage/v1/b/acc-lab-data/o?{query}{(token is null ? "" : $"&pageToken={Uri.EscapeDataString(token)}")}");
            page.Status.Should().Be(200, "{0}", page.Text);
            found.AddRange((page.Json["prefixes"]?.AsArray() ?? []).Select(prefix => $"{prefix}+"));
            found.AddRange((page.Json["items"]?.AsArray() ?? []).Select(item => (string)item!["name"]!));
            token = (string?)page.Json["nextPageToken"];
        }
        while (token is not null);
        return found;
    }
}
