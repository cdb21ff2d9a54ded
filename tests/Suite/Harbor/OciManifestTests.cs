using System.Text;
using System.Text.Json;
using Acceptance.Platform.Harbor.Oci;
using Microsoft.AspNetCore.Http;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class OciManifestTests : IAsyncLifetime
{
    private const string Manifests = "/v2/tests/image/manifests/";

    private static readonly Tag Latest = Tag.Parse("latest");

    private OciServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await OciServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_manifest_is_stored_and_read_byte_for_byte()
    {
        // As another tool might write it: with blanks, and members that we do not know.
        var manifest = Manifest.Of(Encoding.UTF8.GetBytes(Json("""  "x-unknown": [1, 2],""")), OciMediaTypes.DockerManifest);

        var pushed = await _server.Client().PutManifestAsync(OciServer.Repository, Latest, manifest, Cancel);
        var byTag = await _server.Client().GetManifestAsync(OciServer.Repository, Latest, Cancel);
        var byDigest = await _server.Client().GetManifestAsync(OciServer.Repository, pushed.Digest, Cancel);
        var head = await _server.Client().HeadManifestAsync(OciServer.Repository, Latest, Cancel);

        byTag.Bytes.ToArray().Should().Equal(manifest.Bytes.ToArray());
        (byDigest.Digest, byDigest.MediaType).Should().Be((pushed.Digest, OciMediaTypes.DockerManifest));
        head.Should().Be(manifest.Descriptor);
        byTag.Image!.Layers.Should().ContainSingle().Which.Size.Should().Be(7);
    }

    [Fact]
    public async Task Every_kind_of_manifest_is_asked_for()
    {
        var accepted = "";
        _server.Instead($"GET {Manifests}", context =>
        {
            accepted = context.Request.Headers.Accept.ToString();
            return OciServer.WriteAsync(context, 404);
        });

        await Getting(Latest).Should().ThrowAsync<OciException>();

        accepted.Should().Be("application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "
            + "application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json");
    }

    [Fact]
    public async Task A_manifest_that_the_registry_writes_anew_is_told_when_it_is_pushed()
    {
        var manifest = await ManifestAsync();
        var other = Digest.Of("other"u8);
        _server.Instead($"PUT {Manifests}", 201, headers: [("Docker-Content-Digest", other.ToString())]);

        var exception = (await Putting(manifest).Should().ThrowAsync<OciException>()).Which;

        exception.Message.Should().Be($"""
            Expected : 201 for the manifest {manifest.Digest} as tests/image:latest
            Observed : 201 Created for {other}
            Request  : PUT {_server.Address}v2/tests/image/manifests/latest -> 201
            Likely   : the registry does not store manifests byte for byte: what is pulled by its digest is not what was pushed
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_registry_that_names_no_digest_is_told()
    {
        _server.Instead($"PUT {Manifests}", 201);
        _server.Instead($"HEAD {Manifests}", 200, "x", OciMediaTypes.ImageManifest);

        var pushed = (await Putting(await ManifestAsync()).Should().ThrowAsync<OciException>()).Which;
        var asked = (await FluentActions.Invoking(() => _server.Client().HeadManifestAsync(OciServer.Repository, Latest, Cancel)).Should().ThrowAsync<OciException>()).Which;

        (pushed.Observed, pushed.Likely).Should().Be(
            ("201 Created without a Docker-Content-Digest header", "a proxy in front of the registry drops headers that it does not know"));
        asked.Observed.Should().Be("200 OK without a Docker-Content-Digest header");
    }

    [Fact]
    public async Task A_subject_that_the_registry_took_is_read()
    {
        var subject = Digest.Of("subject"u8);
        var manifest = await ManifestAsync();
        _server.Instead($"PUT {Manifests}", 201, headers: [("Docker-Content-Digest", manifest.Digest.ToString()), ("OCI-Subject", subject.ToString())]);

        (await _server.Client().PutManifestAsync(OciServer.Repository, manifest.Digest, manifest, Cancel)).Subject.Should().Be(subject);
    }

    [Fact]
    public async Task A_manifest_that_is_not_what_its_digest_says_is_told()
    {
        var asked = Digest.Of("asked"u8);
        var body = Json("");
        _server.Instead($"GET {Manifests}{asked}", 200, body, OciMediaTypes.ImageManifest);
        _server.Instead($"GET {Manifests}latest", 200, body, OciMediaTypes.ImageManifest, ("Docker-Content-Digest", asked.ToString()));

        var byDigest = (await Getting(asked).Should().ThrowAsync<OciException>()).Which;
        var byTag = (await Getting(Latest).Should().ThrowAsync<OciException>()).Which;

        byDigest.Observed.Should().Be($"{body.Length} bytes whose digest is {Digest.Of(Encoding.UTF8.GetBytes(body))}");
        byTag.Observed.Should().Be($"{body.Length} bytes whose digest is {Digest.Of(Encoding.UTF8.GetBytes(body))}, with a Docker-Content-Digest of {asked}");
    }

    [Theory]
    [InlineData("{", "*with what is no such document: *")]
    [InlineData("{}", "*with what is no such document: *missing required*")]
    [InlineData("""{"schemaVersion":1,"config":{"mediaType":"a","digest":"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","size":1},"layers":[]}""", "200 OK with what is no such document: schemaVersion 1 instead of 2")]
    [InlineData("""{"schemaVersion":2,"config":{"mediaType":"a","digest":"sha256:9f86","size":1},"layers":[]}""", "200 OK with what is no such document: a digest that is none: 'sha256:9f86'")]
    [InlineData("""{"schemaVersion":2,"config":{"mediaType":"a","digest":"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","size":-1},"layers":[]}""", "200 OK with what is no such document: a size of -1 bytes for sha256:9f86*")]
    public async Task A_malformed_manifest_is_told(string body, string observed)
    {
        _server.Instead($"GET {Manifests}", 200, body, OciMediaTypes.ImageManifest);

        (await Getting(Latest).Should().ThrowAsync<OciException>()).Which.Observed.Should().Match(observed);
    }

    [Fact]
    public async Task A_manifest_without_end_is_told()
    {
        _server.Instead($"GET {Manifests}", 200, new string(' ', 5 * 1024 * 1024), OciMediaTypes.ImageManifest);

        (await Getting(Latest).Should().ThrowAsync<OciException>()).Which.Observed.Should().StartWith("a body that goes on after 4194304 bytes");
    }

    [Fact]
    public async Task What_is_not_there_is_no_finding_where_one_asks_whether_it_is()
    {
        var client = _server.Client();

        (await client.HeadManifestAsync(OciServer.Repository, Latest, Cancel)).Should().BeNull();
        (await client.DeleteManifestAsync(OciServer.Repository, Latest, Cancel)).Should().BeFalse();
        (await client.DeleteBlobAsync(OciServer.Repository, Digest.Of("x"u8), Cancel)).Should().BeFalse();
        (await client.BlobExistsAsync(OciServer.Repository, Digest.Of("x"u8), Cancel)).Should().BeFalse();
    }

    [Fact]
    public async Task A_registry_that_does_not_delete_is_told()
    {
        _server.Instead($"DELETE {Manifests}", 405, OciServer.Error("UNSUPPORTED", "The operation is unsupported."));

        var exception = (await FluentActions.Invoking(() => _server.Client().DeleteManifestAsync(OciServer.Repository, Latest, Cancel)).Should().ThrowAsync<OciException>()).Which;

        exception.Message.Should().Be($"""
            Expected : 202, or 404 where tests/image:latest is not there
            Observed : 405 Method Not Allowed: UNSUPPORTED "The operation is unsupported."
            Request  : DELETE {_server.Address}v2/tests/image/manifests/latest -> 405
            Likely   : the registry does not allow it: deletion is off where it is not configured
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Tags_are_listed_page_after_page()
    {
        _server.Instead("GET /v2/tests/image/tags/list?n=2&last=a", 200, """{"name":"tests/image","tags":["b","c"]}""", headers: ("Link", "</v2/tests/image/tags/list?last=c&n=2>; rel=\"next\""));
        _server.Instead("GET /v2/tests/image/tags/list?last=c&n=2", 200, """{"name":"tests/image","tags":null}""");

        var tags = await _server.Client().ListTagsAsync(OciServer.Repository, 2, Tag.Parse("a"), Cancel).ToListAsync(Cancel);

        tags.Select(tag => tag.ToString()).Should().Equal("b", "c");
    }

    [Theory]
    [InlineData("</v2/tests/image/tags/list>; rel=\"next\"", "pages that lead back to an earlier one: {registry}v2/tests/image/tags/list")]
    [InlineData("<https://elsewhere.example/x>; rel=\"next\"", "a link to the next page at https://elsewhere.example/x, though the registry is http://*")]
    public async Task Pages_without_end_or_elsewhere_are_told(string link, string observed)
    {
        _server.Instead("GET /v2/tests/image/tags/list", 200, """{"name":"tests/image","tags":["a"]}""", headers: ("Link", link));

        var listing = async () => await _server.Client().ListTagsAsync(OciServer.Repository, null, null, Cancel).ToListAsync(Cancel);

        (await listing.Should().ThrowAsync<OciException>()).Which.Observed.Should().Match(observed.Replace("{registry}", _server.Address.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Referrers_are_listed_and_filtered()
    {
        var subject = Digest.Of("x"u8);
        var signature = new Descriptor(OciMediaTypes.ImageManifest, Digest.Of("s"u8), 1) { ArtifactType = "application/vnd.example.signature" };
        var bill = signature with { ArtifactType = "application/vnd.example.sbom", Digest = Digest.Of("b"u8) };
        _server.Instead($"GET /v2/tests/image/referrers/{subject}", 200, JsonSerializer.Serialize(
            new ImageIndex(2, [signature, bill]), JsonSerializerOptions.Web), OciMediaTypes.ImageIndex);

        var found = await _server.Client().ListReferrersAsync(OciServer.Repository, subject, "application/vnd.example.sbom", Cancel);

        found.Manifests.Select(one => one.Digest).Should().Equal(bill.Digest);
        found.FilteredBy.Should().BeNull();
        _server.Requests.Last().Should().EndWith("?artifactType=application%2Fvnd.example.sbom");
    }

    [Fact]
    public async Task A_registry_without_a_referrers_API_is_told()
    {
        var listing = () => _server.Client().ListReferrersAsync(OciServer.Repository, Digest.Of("x"u8), null, Cancel);

        (await listing.Should().ThrowAsync<OciException>()).Which.Message.Should().Be($"""
            Expected : 200 and an index of what refers to {Digest.Of("x"u8)}, be it empty
            Observed : 404 Not Found: NOT_FOUND "no such thing"
            Request  : GET {_server.Address}v2/tests/image/referrers/{Digest.Of("x"u8)} -> 404
            Likely   : the registry has no referrers API: what refers to an image, such as its signature, is not found by it
            """.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData(412, "PROJECTPOLICYVIOLATION", "current image with 1 vulnerabilities cannot be pulled", "a policy of the project keeps the image from being pulled: vulnerabilities above its limit, or a missing signature")]
    [InlineData(412, "PRECONDITION", "Failed to process request due to 'image:release-1' configured as immutable.", "a rule of the project makes this tag immutable")]
    [InlineData(404, "NAME_UNKNOWN", "repository name not known to registry", "the repository or its project does not exist")]
    [InlineData(404, "MANIFEST_UNKNOWN", "manifest unknown", "the repository has no such manifest, or its project does not exist")]
    [InlineData(403, "DENIED", "adding 2.0 MiB of storage resource, which when updated to current usage of 9.0 MiB will exceed the configured upper limit of 10.0 MiB quota.", "the storage quota of the project is used up")]
    [InlineData(403, "DENIED", "denied", "the identity may not do this here, or the registry is read-only")]
    [InlineData(416, "RANGE_INVALID", "invalid content range", "the registry has another number of bytes than was sent, as after a lost or repeated chunk")]
    public async Task What_a_registry_refuses_is_told_with_its_usual_cause(int status, string code, string message, string likely)
    {
        _server.Instead($"GET {Manifests}", status, OciServer.Error(code, message));

        var exception = (await Getting(Latest).Should().ThrowAsync<OciException>()).Which;

        exception.Observed.Should().EndWith($": {code} \"{message}\"");
        exception.Likely.Should().Be(likely);
        exception.Errors.Should().Equal(new OciError(code, message, null));
    }

    [Fact]
    public async Task The_rate_limit_is_told_with_its_pause()
    {
        _server.Instead($"PUT {Manifests}", 429, """{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down","detail":{"limit":10}}]}""", headers: ("Retry-After", "30"));

        var exception = (await Putting(await ManifestAsync()).Should().ThrowAsync<OciException>()).Which;

        (exception.Observed, exception.Likely).Should().Be(
            ("""429 Too Many Requests, Retry-After 30: TOOMANYREQUESTS "slow down" ({"limit":10})""", "the registry limits the rate of requests"));
    }

    [Theory]
    [InlineData(504, "504 Gateway Time-out", "504 Gateway Timeout: an HTML page titled \"504 Gateway Time-out\", which is no error of a registry", "a proxy in front of the registry gave up waiting for it: proxy_read_timeout or proxy_send_timeout of its nginx")]
    [InlineData(413, "413 Request Entity Too Large", "413 Payload Too Large: an HTML page titled \"413 Request Entity Too Large\", which is no error of a registry", "a proxy in front of the registry limits the size of request bodies: client_max_body_size of its nginx")]
    [InlineData(200, "Sign in", "200 OK with an HTML page titled \"Sign in\": it looks like a portal or login page", "a portal, login or error page of something between here and the registry, answered with success")]
    [InlineData(201, "Sign in", "201 Created with an HTML page titled \"Sign in\": it looks like a portal or login page", "a portal, login or error page of something between here and the registry, answered with success")]
    public async Task A_page_in_the_place_of_the_registry_is_told(int status, string title, string observed, string likely)
    {
        _server.Instead($"PUT {Manifests}", status, OciServer.Nginx(title), "text/html");

        var exception = (await Putting(await ManifestAsync()).Should().ThrowAsync<OciException>()).Which;

        (exception.Observed, exception.Likely).Should().Be((observed, likely));
        exception.Errors.Should().BeEmpty();
    }

    [Fact]
    public async Task An_image_is_pushed_and_pulled_whole()
    {
        var client = _server.Client();
        var content = await OciImage.Build().WithLayer(new LayerFile("etc/motd", "hello"u8.ToArray())).WithRandomLayer(1024 * 1024, seed: 7).WithEntrypoint("/bin/true").BuildAsync(Cancel);
        var image = new ImageReference(_server.Address.Authority, OciServer.Repository, Latest);

        var pushed = await client.PushImageAsync(image, content, UploadMode.Streamed, Cancel);
        var again = await client.PushImageAsync(image, content, UploadMode.Streamed, Cancel);
        var pulled = await client.PullImageAsync(image with { Digest = pushed.Manifest.Digest }, Cancel);

        pushed.Blobs.Select(blob => blob.Way).Should().Equal(BlobWay.Pushed, BlobWay.Pushed, BlobWay.Pushed);
        again.Blobs.Select(blob => blob.Way).Should().Equal(BlobWay.Existed, BlobWay.Existed, BlobWay.Existed);
        pulled.Manifest.Digest.Should().Be(content.Manifest.Digest);
        pulled.Layers.Select(layer => layer.Descriptor.Size).Should().Equal(content.Blobs[0].Descriptor.Size, 1024 * 1024);
        pulled.ReadConfig().Config!.Entrypoint.Should().Equal("/bin/true");
    }

    [Fact]
    public async Task Of_an_index_the_image_for_linux_is_pulled()
    {
        var client = _server.Client();
        var content = await OciImage.Build().WithLayer(new LayerFile("a", "b"u8.ToArray())).BuildAsync(Cancel);
        var image = new ImageReference(_server.Address.Authority, OciServer.Repository, Latest);
        await client.PushImageAsync(image with { Tag = null, Digest = content.Manifest.Digest }, content, UploadMode.Monolithic, Cancel);
        var other = new Descriptor(OciMediaTypes.ImageManifest, Digest.Of("arm"u8), 3) { Platform = new("arm64", "linux") };
        var index = Manifest.Of(new ImageIndex(2, [other, content.Manifest.Descriptor with { Platform = new("amd64", "linux") }]) { MediaType = OciMediaTypes.ImageIndex });
        await client.PutManifestAsync(OciServer.Repository, Latest, index, Cancel);

        (await client.PullImageAsync(image, Cancel)).Manifest.Digest.Should().Be(content.Manifest.Digest);
    }

    [Fact]
    public async Task An_image_of_another_registry_is_a_mistake_of_the_caller()
    {
        var pulling = () => _server.Client().PullImageAsync(ImageReference.Parse("harbor.example.com/a:b"), Cancel);

        await pulling.Should().ThrowAsync<ArgumentException>().WithMessage($"Image 'harbor.example.com/a:b' is of another registry than {_server.Address.Authority}, which this client speaks to.*");
    }

    private static async Task<Manifest> ManifestAsync() => (await OciImage.Build().BuildAsync(Cancel)).Manifest;

    private static string Json(string more) => $$"""
        {{{more}}
          "schemaVersion": 2,
          "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "digest": "{{Digest.Of("c"u8)}}", "size": 1},
          "layers": [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "digest": "{{Digest.Of("l"u8)}}", "size": 7}]
        }
        """;

    private Func<Task> Getting(ManifestReference reference) => () => _server.Client().GetManifestAsync(OciServer.Repository, reference, Cancel);

    private Func<Task> Putting(Manifest manifest) => () => _server.Client().PutManifestAsync(OciServer.Repository, Latest, manifest, Cancel);
}
