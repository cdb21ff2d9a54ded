using System.Net;
using Acceptance.Platform.Evidence;
using Acceptance.Platform.Harbor.Oci;
using Acceptance.Platform.Http;
using Acceptance.Platform.Personas;
using Acceptance.Platform.Profiles;
using Acceptance.Tests.Suite.Http;

namespace Acceptance.Tests.Suite.RealClients;

/// <summary>Our client against a registry that somebody else wrote.</summary>
public sealed class DockerRegistryTests(SharedDockerRegistry registry)
{
    private const int Mebibyte = 1024 * 1024;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [ClientFact(OfficialClient.DockerRegistry)]
    public async Task Nobody_is_asked_for_an_account()
    {
        var client = await ClientAsync(Persona.Anonymous);

        (await client.ChallengeAsync(Cancel)).Should().Be(new RegistryChallenge("Basic", "docker-registry", null, null));
        var exception = (await FluentActions.Invoking(() => client.LoginAsync(Cancel)).Should().ThrowAsync<OciException>()).Which;
        exception.Observed.Should().StartWith("401 Unauthorized: UNAUTHORIZED \"authentication required\"");
        exception.Likely.Should().Be("the registry wants a credential, and the persona 'anonymous' has none");
    }

    [ClientFact(OfficialClient.DockerRegistry)]
    public async Task A_wrong_password_is_told()
    {
        var client = await ClientAsync(new Persona("guest", DockerRegistry.User, new Secret("wrong")));

        var exception = (await FluentActions.Invoking(() => client.LoginAsync(Cancel)).Should().ThrowAsync<OciException>()).Which;

        exception.Likely.Should().Be("the account of the persona 'guest' is refused: its secret is wrong, or it is disabled or has expired");
    }

    [ClientTheory(OfficialClient.DockerRegistry), InlineData("streamed"), InlineData("monolithic"), InlineData("chunked")]
    public async Task An_image_is_pushed_in_each_way_and_pulled(string mode)
    {
        var client = await ClientAsync();
        var image = await ImageAsync($"real/{mode}:1.0");
        var content = await OciImage.Build().WithLayer(new LayerFile("etc/motd", "hello"u8.ToArray())).WithRandomLayer(8 * Mebibyte, 5).WithEntrypoint("/bin/true").BuildAsync(Cancel);

        var pushed = await client.PushImageAsync(image, content, Mode(mode), Cancel);
        var pulled = await client.PullImageAsync(image with { Tag = null, Digest = pushed.Manifest.Digest }, Cancel);

        pushed.Blobs.Select(blob => blob.Way).Should().AllBeEquivalentTo(BlobWay.Pushed);
        pushed.Blobs[1].Pushed!.Requests.Should().Be(mode switch { "streamed" => 3, "monolithic" => 2, _ => 10 });
        pulled.Manifest.Bytes.ToArray().Should().Equal(content.Manifest.Bytes.ToArray());
        pulled.Layers[1].Descriptor.Size.Should().Be(8 * Mebibyte);
        (await client.HeadManifestAsync(image.Repository, image.Tag!, Cancel)).Should().Be(content.Manifest.Descriptor);
    }

    // distribution 2.8 has no single request: it takes the POST, and none of its body is lost.
    [ClientFact(OfficialClient.DockerRegistry)]
    public async Task A_blob_in_one_request_is_taken()
    {
        var client = await ClientAsync();
        var repository = RepositoryName.Parse("real/single");
        var blob = BlobSource.Of(new byte[Mebibyte]);

        await client.PushBlobAsync(repository, blob, UploadMode.SinglePost, Cancel);

        (await client.BlobExistsAsync(repository, blob.Digest!, Cancel)).Should().BeTrue();
    }

    [ClientFact(OfficialClient.DockerRegistry)]
    public async Task A_blob_whose_digest_is_known_only_at_its_end_is_taken()
    {
        var client = await ClientAsync();
        var path = Path.GetTempFileName();
        await File.WriteAllBytesAsync(path, new byte[3 * Mebibyte], Cancel);

        var pushed = await client.PushBlobAsync(RepositoryName.Parse("real/file"), BlobSource.OfFile(path), UploadMode.Streamed, Cancel);

        pushed.Digest.Should().Be(Digest.Of(new byte[3 * Mebibyte]));
        File.Delete(path);
    }

    [ClientFact(OfficialClient.DockerRegistry)]
    public async Task A_blob_of_another_repository_is_mounted_and_deleted()
    {
        var client = await ClientAsync();
        var (from, into) = (RepositoryName.Parse("real/from"), RepositoryName.Parse("real/into"));
        var blob = BlobSource.Of("mounted"u8.ToArray());
        await client.PushBlobAsync(from, blob, UploadMode.Monolithic, Cancel);

        (await client.MountBlobAsync(into, blob.Digest!, from, Cancel)).Should().BeTrue();
        (await client.BlobExistsAsync(into, blob.Digest!, Cancel)).Should().BeTrue();
        (await client.DeleteBlobAsync(into, blob.Digest!, Cancel)).Should().BeTrue();
        (await client.BlobExistsAsync(into, blob.Digest!, Cancel)).Should().BeFalse();
        (await client.MountBlobAsync(into, Digest.Of("absent"u8), from, Cancel)).Should().BeFalse();
    }

    [ClientFact(OfficialClient.DockerRegistry)]
    public async Task A_blob_that_is_not_what_its_digest_says_is_refused()
    {
        var client = await ClientAsync();
        var source = new BlobSource(10, Digest.Of("other"u8), _ => new MemoryStream(new byte[10]));

        var pushing = () => client.PushBlobAsync(RepositoryName.Parse("real/wrong"), source, UploadMode.Streamed, Cancel);

        (await pushing.Should().ThrowAsync<OciException>()).Which.Says("DIGEST_INVALID").Should().BeTrue();
    }

    [ClientFact(OfficialClient.DockerRegistry)]
    public async Task An_upload_that_was_cut_cannot_go_on_here_and_that_is_told()
    {
        await using var relay = new CuttingRelay((await registry.RunningAsync()).Address, 4 * Mebibyte);
        var client = await ClientAsync(at: relay.Address);
        var layer = (await OciImage.Build().WithRandomLayer(16 * Mebibyte, 9).BuildAsync(Cancel)).Blobs[0].Source;

        var pushing = () => client.PushBlobAsync(RepositoryName.Parse("real/cut"), layer, UploadMode.Streamed, Cancel);

        var exception = (await pushing.Should().ThrowAsync<OciException>()).Which;
        exception.Message.Should().Match($"""
            Expected : 204 and how much the registry has of a blob of 16777216 bytes in real/cut, which was cut after * bytes
            Observed : 404 Not Found: BLOB_UPLOAD_INVALID "blob upload invalid"
            Request  : GET {relay.Address}v2/real/cut/blobs/uploads/* -> 404
            Likely   : the registry cannot go on with an upload that was cut, or the session is of another repository
            """.ReplaceLineEndings("\n"));
    }

    [ClientFact(OfficialClient.DockerRegistry)]
    public async Task A_manifest_is_moved_from_tag_to_tag_and_deleted()
    {
        var client = await ClientAsync();
        var image = await ImageAsync("real/moved:release-1");
        var (first, second) = (await OciImage.Build().WithLabel("n", "1").BuildAsync(Cancel), await OciImage.Build().WithLabel("n", "2").BuildAsync(Cancel));

        await client.PushImageAsync(image, first, UploadMode.Monolithic, Cancel);
        await client.PushImageAsync(image, second, UploadMode.Monolithic, Cancel);

        (await client.HeadManifestAsync(image.Repository, image.Tag!, Cancel))!.Digest.Should().Be(second.Manifest.Digest);
        (await client.GetManifestAsync(image.Repository, first.Manifest.Digest, Cancel)).Digest.Should().Be(first.Manifest.Digest);
        (await client.DeleteManifestAsync(image.Repository, second.Manifest.Digest, Cancel)).Should().BeTrue();
        (await client.HeadManifestAsync(image.Repository, image.Tag!, Cancel)).Should().BeNull();
        (await client.DeleteManifestAsync(image.Repository, second.Manifest.Digest, Cancel)).Should().BeFalse();
    }

    // distribution 2.8 lists all tags at once and in no order, whatever n says.
    [ClientFact(OfficialClient.DockerRegistry)]
    public async Task Tags_are_listed()
    {
        var client = await ClientAsync();
        var image = await ImageAsync("real/tags:a");
        var content = await OciImage.Build().BuildAsync(Cancel);
        foreach (var tag in new[] { "a", "b", "c" })
        {
            await client.PushImageAsync(image with { Tag = Tag.Parse(tag) }, content, UploadMode.Monolithic, Cancel);
        }

        (await client.ListTagsAsync(image.Repository, 2, null, Cancel).ToListAsync(Cancel)).Select(tag => tag.ToString()).Should().BeEquivalentTo("a", "b", "c");
    }

    [ClientFact(OfficialClient.DockerRegistry)]
    public async Task It_has_no_referrers_API_and_that_is_told()
    {
        var client = await ClientAsync();

        var listing = () => client.ListReferrersAsync(RepositoryName.Parse("real/referrers"), Digest.Of("x"u8), null, Cancel);

        var exception = (await listing.Should().ThrowAsync<OciException>()).Which;
        (exception.Status, exception.Likely).Should().Be(
            (HttpStatusCode.NotFound, "the registry has no referrers API: what refers to an image, such as its signature, is not found by it"));
    }

    [ClientFact(OfficialClient.DockerRegistry)]
    public async Task A_repository_that_is_not_there_is_told()
    {
        var client = await ClientAsync();

        var listing = async () => await client.ListTagsAsync(RepositoryName.Parse("real/absent"), null, null, Cancel).ToListAsync(Cancel);

        (await listing.Should().ThrowAsync<OciException>()).Which.Message.Should().Be($$"""
            Expected : 200 and the tags of real/absent
            Observed : 404 Not Found: NAME_UNKNOWN "repository name not known to registry" ({"name":"real/absent"})
            Request  : GET {{(await registry.RunningAsync()).Address}}v2/real/absent/tags/list -> 404
            Likely   : the repository or its project does not exist
            """.ReplaceLineEndings("\n"));
    }

    private static UploadMode Mode(string mode) => mode switch
    {
        "streamed" => UploadMode.Streamed,
        "monolithic" => UploadMode.Monolithic,
        _ => UploadMode.Chunked(Mebibyte),
    };

    private async Task<ImageReference> ImageAsync(string name) => ImageReference.Parse($"{(await registry.RunningAsync()).Address.Authority}/{name}");

    private async Task<OciClient> ClientAsync(Persona? persona = null, Uri? at = null)
    {
        var running = await registry.RunningAsync();
        var limits = new HttpLimits();
        var http = new HttpPipeline(new Redaction(), limits, running.AuthorityFile, TimeProvider.System).Client(at ?? running.Address, Persona.Anonymous, 4);
        return new OciClient(http, persona ?? new Persona("owner", DockerRegistry.User, new Secret(DockerRegistry.Password)), limits, TimeProvider.System);
    }
}
