using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class ApiArtifactTests : IAsyncLifetime
{
    private const string Repositories = "projects/mlops-lab/repositories";
    private const string Artifacts = Repositories + "/churn%252Ftrainer/artifacts";

    private HarborApi _api = null!;

    public async ValueTask InitializeAsync() => _api = await HarborApi.StartAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Theory]
    [InlineData("churn%252Ftrainer")]
    [InlineData("churn%2Ftrainer")]
    [InlineData("churn%2ftrainer")]
    public async Task A_name_with_a_slash_is_encoded_once_or_twice(string name)
    {
        Image("one", "1.0");

        ((string?)(await Get($"{Repositories}/{name}")).Json["name"]).Should().Be("mlops-lab/churn/trainer");
        (await Get($"{Repositories}/{name}/artifacts/1.0")).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_name_whose_slash_is_not_encoded_is_no_path_that_Harbor_has()
    {
        Image("one", "1.0");

        (await Get($"{Repositories}/churn/trainer/artifacts/1.0")).Error
            .Should().Be((404, "NOT_FOUND", "path /api/v2.0/projects/mlops-lab/repositories/churn/trainer/artifacts/1.0 was not found"));
    }

    [Fact]
    public async Task Repositories_are_listed_described_and_deleted()
    {
        Image("one", "1.0");
        _api.Clock.Advance(TimeSpan.FromSeconds(1));
        _api.State.Image("mlops-lab/scorer", "two", "1.0");

        var listed = await Get(Repositories);
        var described = await Send(HttpMethod.Put, $"{Repositories}/scorer", """{"description": "scores"}""");
        var shown = (await Get($"{Repositories}/scorer")).Json;
        var deleted = await Send(HttpMethod.Delete, $"{Repositories}/scorer");

        listed.Each("name").Should().Equal("mlops-lab/scorer", "mlops-lab/churn/trainer");
        (described.Status, deleted.Status, (string?)shown["description"], (int)shown["artifact_count"]!).Should().Be((200, 200, "scores", 1));
        (await Get($"{Repositories}/scorer")).Error.Should().Be((404, "NOT_FOUND", "repository mlops-lab/scorer not found"));
    }

    [Fact]
    public async Task An_artifact_is_the_same_by_tag_and_by_digest()
    {
        var image = Image("one", "1.0");

        var byTag = await Get($"{Artifacts}/1.0");
        var byDigest = await Get($"{Artifacts}/{image.Digest}");

        byDigest.Text.Should().Be(byTag.Text);
        var shown = byTag.Json;
        ((string?)shown["type"], (string?)shown["media_type"], (string?)shown["manifest_media_type"], (string?)shown["digest"], (string?)shown["pull_time"])
            .Should().Be(("IMAGE", "application/vnd.oci.image.config.v1+json", StoredImage.ImageManifest, image.Digest.ToString(), "0001-01-01T00:00:00.000Z"));
        shown["extra_attrs"]!["os"]!.ToString().Should().Be("linux");
        shown["tags"]!.AsArray().Select(tag => (string?)tag!["name"]).Should().Equal("1.0");
        (shown["labels"], shown["references"], shown["accessories"], shown["scan_overview"]).Should().Be((null, null, null, null));
        (await Get(((string)shown["addition_links"]!["build_history"]!["href"]!)["/api/v2.0/".Length..])).Text.Should().Be("""[{"created_by":"COPY"}]""");
    }

    [Theory]
    [InlineData("2.0", "artifact mlops-lab/churn/trainer:2.0 not found")]
    [InlineData("sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "artifact mlops-lab/churn/trainer@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef not found")]
    [InlineData("sha256:short", "artifact mlops-lab/churn/trainer:sha256:short not found")]
    public async Task An_absent_artifact_is_named(string reference, string message)
    {
        Image("one", "1.0");

        (await Get($"{Artifacts}/{reference}")).Error.Should().Be((404, "NOT_FOUND", message));
    }

    [Fact]
    public async Task A_list_shows_what_is_asked_for_a_page_at_a_time_newest_first()
    {
        foreach (var number in Enumerable.Range(1, 5))
        {
            Image($"content {number}", $"1.{number}");
            _api.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var first = await Get($"{Artifacts}?page_size=2&with_tag=true");
        var second = await Get($"{Artifacts}?page_size=2&page=2&with_tag=true");
        var last = await Get($"{Artifacts}?page=3&page_size=2");

        Tags(first).Should().Equal("1.5", "1.4");
        first.Headers["X-Total-Count"].Should().Be("5");
        first.Headers["Link"].Should().Be($"</api/v2.0/{Artifacts}?page=2&page_size=2&with_tag=true>; rel=\"next\"");
        second.Headers["Link"].Should().Be(
            $"</api/v2.0/{Artifacts}?page=1&page_size=2&with_tag=true>; rel=\"prev\" , </api/v2.0/{Artifacts}?page=3&page_size=2&with_tag=true>; rel=\"next\"");
        Tags(last).Should().Equal("1.1");
        Tags(await Get($"{Artifacts}?sort=push_time")).Should().Equal("1.1", "1.2", "1.3", "1.4", "1.5");
        Tags(await Get($"{Artifacts}?q=tags%3D~.3")).Should().Equal("1.3");
        Tags(await Get($"{Artifacts}?q=tags=1.2,type=IMAGE")).Should().Equal("1.2");
        Tags(await Get($"{Artifacts}?q=push_time=[2030-01-01T00:00:03~]")).Should().Equal("1.5", "1.4");
        (await Get($"{Artifacts}?q=tags=nil")).Text.Should().Be("[]");
        (await Get($"{Repositories}/absent/artifacts")).Text.Should().Be("[]");
    }

    [Theory]
    [InlineData("page_size=101", 422, "UNPROCESSABLE_ENTITY", "validation failure list:\npage_size in query should be less than or equal to 100")]
    [InlineData("page_size=ten", 422, "UNPROCESSABLE_ENTITY", "validation failure list:\npage_size in query must be of type int64: \"ten\"")]
    [InlineData("page=one", 422, "UNPROCESSABLE_ENTITY", "validation failure list:\npage in query must be of type int64: \"one\"")]
    [InlineData("q=tags", 400, "BAD_REQUEST", "the query string must contain \"=\" and the key/value cannot be empty")]
    [InlineData("q=size=[1", 400, "BAD_REQUEST", "invalid query string value: [1")]
    [InlineData("q=colour=red", 501, "NOT_EMULATED", "The Harbor stand-in does not emulate a filter by 'colour' here.")]
    public async Task A_list_that_cannot_be_is_refused(string query, int status, string code, string message)
    {
        Image("one", "1.0");

        (await Get($"{Artifacts}?{query}")).Error.Should().Be((status, code, message));
    }

    [Fact]
    public async Task X34_leaves_the_tags_out()
    {
        Image("one", "1.0");
        _api.Faults.SwitchOn("X34");

        (await Get($"{Artifacts}?with_tag=true")).Json[0]!["tags"].Should().BeNull();
        _api.Faults.Hits("X34").Should().Be(1);
    }

    [Fact]
    public async Task An_index_shows_its_images_and_a_list_shows_neither_these_nor_signatures()
    {
        var (one, two) = (Image("one", null), Image("two", null));
        var index = _api.State.IndexOf("1.0", one, two);
        var signature = _api.State.Signature(index);

        var listed = await Get($"{Artifacts}?with_accessory=true");

        listed.Each("digest").Should().Equal(index.Digest.ToString());
        listed.Json[0]!["references"]!.AsArray().Select(reference => (string?)reference!["child_digest"]).Should().Equal(one.Digest.ToString(), two.Digest.ToString());
        listed.Json[0]!["accessories"]![0]!["digest"]!.ToString().Should().Be(signature.Digest.ToString());
        (await Get($"{Artifacts}/1.0/accessories")).Each("type").Should().Equal("signature.notation");
        (await Send(HttpMethod.Delete, $"{Artifacts}/{one.Digest}")).Error
            .Should().Be((412, "VIOLATE_FOREIGN_KEY_CONSTRAINT", "the deleting artifact is referenced by others"));
    }

    [Fact]
    public async Task Tags_are_listed_made_and_deleted()
    {
        var image = Image("one", "1.0");

        var created = await Send(HttpMethod.Post, $"{Artifacts}/1.0/tags", """{"name": "latest"}""");
        var listed = await Get($"{Artifacts}/{image.Digest}/tags?sort=name&with_immutable_status=true");
        var deleted = await Send(HttpMethod.Delete, $"{Artifacts}/1.0/tags/latest");
        var again = await Send(HttpMethod.Delete, $"{Artifacts}/1.0/tags/latest");

        (created.Status, deleted.Status).Should().Be((201, 200));
        created.Headers.Should().NotContainKey("Location");
        listed.Each("name").Should().Equal("1.0", "latest");
        again.Error.Should().Be((404, "NOT_FOUND", $"tag latest attached to artifact {image.Id} not found"));
        (await Send(HttpMethod.Post, $"{Artifacts}/1.0/tags", """{"name": "1.0"}""")).Error
            .Should().Be((409, "CONFLICT", $"tag 1.0 already exists under the repository {image.Repository.Id}"));
        (await Send(HttpMethod.Post, $"{Artifacts}/1.0/tags", """{"name": "../up"}""")).Error.Should().Be((400, "BAD_REQUEST", "invalid tag name: ../up"));
    }

    [Theory]
    [InlineData("tag", Artifacts + "/release-1/tags/release-1")]
    [InlineData("artifact", Artifacts + "/release-1")]
    [InlineData("repository", Repositories + "/churn%252Ftrainer")]
    public async Task What_an_immutable_tag_names_is_not_deleted(string what, string path)
    {
        Image("one", "release-1");

        (await Send(HttpMethod.Delete, path)).Error
            .Should().Be((412, "PRECONDITION", "the tag release-1 configured as immutable, cannot be deleted"), "a {0} holds it", what);

        _api.Faults.SwitchOn("X20");
        (await Get($"{Artifacts}/release-1?with_immutable_status=true")).Json["tags"]![0]!["immutable"]!.GetValue<bool>().Should().BeTrue("the rule is still shown");
        (await Send(HttpMethod.Delete, path)).Status.Should().Be(200);
        _api.Faults.Hits("X20").Should().Be(1);
    }

    [Fact]
    public async Task An_artifact_is_deleted_with_its_tags()
    {
        var image = Image("one", "1.0");

        (await Send(HttpMethod.Delete, $"{Artifacts}/1.0")).Status.Should().Be(200);

        (await Get($"{Artifacts}/{image.Digest}")).Status.Should().Be(404);
        (await Get(Artifacts)).Text.Should().Be("[]");
    }

    [Fact]
    public async Task A_copy_brings_everything_with_it_and_takes_the_tag()
    {
        var index = _api.State.IndexOf("1.0", Image("one", null), Image("two", null));
        _api.State.Signature(index);
        const string Target = "projects/mlops-run/repositories/released/artifacts";

        var copied = await Send(HttpMethod.Post, $"{Target}?from=mlops-lab/churn/trainer:1.0");

        (copied.Status, copied.Headers["Location"]).Should().Be((201, $"/api/v2.0/{Target}/1.0"));
        var shown = (await Get($"{Target}/1.0?with_accessory=true")).Json;
        ((string?)shown["digest"], shown["references"]!.AsArray().Count, shown["accessories"]!.AsArray().Count).Should().Be((index.Digest.ToString(), 2, 1));
        _api.State.Blobs.OfProject("mlops-run").Keys.Should().BeEquivalentTo(_api.State.Blobs.OfProject("mlops-lab").Keys);
    }

    [Theory]
    [InlineData("", 422, "UNPROCESSABLE_ENTITY", "validation failure list:\nfrom in query is required")]
    [InlineData("?from=no spaces", 400, "BAD_REQUEST", "invalid input: no spaces")]
    [InlineData("?from=other-team/secret:1", 403, "FORBIDDEN", "forbidden")]
    [InlineData("?from=mlops-lab/churn/trainer:2.0", 404, "NOT_FOUND", "artifact mlops-lab/churn/trainer:2.0 not found")]
    public async Task A_copy_that_cannot_be_is_refused(string query, int status, string code, string message)
    {
        Image("one", "1.0");

        (await Send(HttpMethod.Post, $"projects/mlops-run/repositories/released/artifacts{query}")).Error.Should().Be((status, code, message));
    }

    [Fact]
    public async Task A_copy_does_not_move_an_immutable_tag()
    {
        Image("one", "release-1");
        _api.State.Image("mlops-run/released", "other", "release-1");

        (await Send(HttpMethod.Post, "projects/mlops-run/repositories/released/artifacts?from=mlops-lab/churn/trainer:release-1")).Error
            .Should().Be((412, "PRECONDITION", "the tag release-1 configured as immutable, cannot be updated"));
    }

    private Acceptance.StandIns.Harbor.Repositories.Artifact Image(string content, string? tag) => _api.State.Image("mlops-lab/churn/trainer", content, tag);

    private Task<ApiAnswer> Get(string path) => _api.Get(path, HarborApi.Maintainer);

    private Task<ApiAnswer> Send(HttpMethod method, string path, string? body = null) => _api.Send(method, path, HarborApi.Maintainer, body);

    private static IEnumerable<string?> Tags(ApiAnswer answer) => answer.Json.AsArray().SelectMany(Names);

    private static IEnumerable<string?> Names(JsonNode? artifact) => artifact!["tags"]!.AsArray().Select(tag => (string?)tag!["name"]);
}
