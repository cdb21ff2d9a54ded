using Acceptance.Platform.Evidence;
using Acceptance.Platform.Harbor.Oci;
using Acceptance.Platform.Http;
using Acceptance.Platform.Personas;
using Acceptance.Platform.Profiles;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.RealClients;

namespace Acceptance.Tests.Suite.Harbor;

/// <summary>Our client and the Harbor stand-in share no line: what each says of a fault is the other's proof.</summary>
public sealed class OciTwinTests : IClassFixture<ClientTwin>
{
    private const int Mebibyte = 1024 * 1024;

    private readonly Twin _twin;

    public OciTwinTests(ClientTwin shared)
    {
        _twin = shared.Twin;
        _twin.Reset();
    }

    public static TheoryData<string, string, string> Faults => new()
    {
        { "H1", "413 *: an HTML page titled \"413 Request Entity Too Large\", which is no error of a registry", "a proxy in front of the registry limits the size of request bodies: client_max_body_size of its nginx" },
        { "H3", "a Bearer challenge with the realm http://*/service/token", "the registry's external address, or the X-Forwarded-Proto header of the proxy in front of it, is wrong behind TLS; no credential was sent in plain text" },
        { "H5", "401 Unauthorized", "the account of the persona 'CI' is refused: its secret is wrong, or it is disabled or has expired" },
        { "H9", "412 Precondition Failed: PROJECTPOLICYVIOLATION *", "a policy of the project keeps the image from being pulled: vulnerabilities above its limit, or a missing signature" },
        { "O1", "404 Not Found: BLOB_UPLOAD_UNKNOWN *", "the upload session is gone: it expired, or a load balancer led to another replica that does not share it" },
        { "X16", "9437184 bytes whose digest is sha256:*", "the blob is damaged in the registry's storage or on its way, or a cache between here and it gives another" },
        { "X17", "201 Created for sha256:*", "the registry does not store manifests byte for byte: what is pulled by its digest is not what was pushed" },
        { "X31", "403 Forbidden: DENIED *", "the storage quota of the project is used up" },
        { "X32", "504 *: an HTML page titled \"504 Gateway Time-out\", which is no error of a registry", "a proxy in front of the registry gave up waiting for it: proxy_read_timeout or proxy_send_timeout of its nginx" },
        { "X33", "*connection * bytes*", "a truncated answer: a proxy or the registry stopped in the middle" },
        { "X36", "200 OK with an HTML page titled *: it looks like a portal or login page", "a portal, login or error page of something between here and the registry, answered with success" },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private RepositoryName Repository => RepositoryName.Parse($"{_twin.Variables["ACCEPTANCE_LAB_HARBOR_PROJECT"]}/client");

    private ImageReference Image => new(new Uri(_twin.Variables["ACCEPTANCE_LAB_HARBOR_URL"]).Authority, Repository, Tag.Parse("v1"));

    [Theory, InlineData("streamed", 3), InlineData("monolithic", 2), InlineData("single", 1), InlineData("chunked", 11)]
    public async Task An_image_is_pushed_in_each_way_and_pulled(string mode, int requests)
    {
        var content = await ContentAsync();

        var pushed = await Ci().PushImageAsync(Image, content, Mode(mode), Cancel);
        var pulled = await Ci().PullImageAsync(Image with { Tag = null, Digest = pushed.Manifest.Digest }, Cancel);

        (pushed.Blobs[0].Pushed!.Requests, pushed.Blobs[0].Pushed!.Tokens).Should().Be((requests, 1));
        pulled.Layers.Should().ContainSingle().Which.Descriptor.Should().Be(content.Blobs[0].Descriptor);
    }

    [Theory, MemberData(nameof(Faults))]
    public async Task A_fault_of_the_twin_is_told_in_its_words(string fault, string observed, string likely)
    {
        var content = await ContentAsync();
        _twin.Faults.SwitchOn(fault);

        var passing = async () =>
        {
            await Ci().PushImageAsync(Image, content, UploadMode.Streamed, Cancel);
            await Ci().PullImageAsync(Image, Cancel);
        };

        var exception = (await passing.Should().ThrowAsync<OciException>()).Which;
        exception.Observed.Should().Match(observed);
        exception.Likely.Should().Be(likely);
    }

    [Theory, InlineData("streamed"), InlineData("chunked")]
    public async Task A_token_that_expires_during_an_upload_is_renewed(string mode)
    {
        _twin.Faults.SwitchOn("H8");

        var pushed = await Ci().PushBlobAsync(Repository, (await ContentAsync()).Blobs[0].Source, Mode(mode), Cancel);

        pushed.Tokens.Should().Be(2);
    }

    [Fact]
    public async Task A_registry_that_says_mounted_and_did_not_is_seen_by_asking()
    {
        var blob = (await Ci().PushImageAsync(Image, await ContentAsync(), UploadMode.Monolithic, Cancel)).Blobs[0].Descriptor.Digest;
        var into = RepositoryName.Parse($"{Repository}-2");

        (await Ci().MountBlobAsync(into, blob, Repository, Cancel)).Should().BeTrue();
        (await Ci().BlobExistsAsync(into, blob, Cancel)).Should().BeTrue();
        _twin.Faults.SwitchOn("X35");
        var other = RepositoryName.Parse($"{Repository}-3");

        (await Ci().MountBlobAsync(other, blob, Repository, Cancel)).Should().BeTrue();
        (await Ci().BlobExistsAsync(other, blob, Cancel)).Should().BeFalse();
    }

    [Fact]
    public async Task A_registry_without_referrers_is_told()
    {
        var content = await ContentAsync();
        await Ci().PushImageAsync(Image, content, UploadMode.Monolithic, Cancel);
        var signature = await OciImage.Build().WithSubject(content.Manifest.Descriptor).BuildAsync(Cancel);
        var attached = await Ci().PushImageAsync(Image with { Tag = null, Digest = signature.Manifest.Digest }, signature, UploadMode.Monolithic, Cancel);

        attached.Manifest.Subject.Should().Be(content.Manifest.Digest);
        (await Ci().ListReferrersAsync(Repository, content.Manifest.Digest, null, Cancel)).Manifests.Should().ContainSingle().Which.Digest.Should().Be(signature.Manifest.Digest);
        _twin.Faults.SwitchOn("O3");

        var listing = () => Ci().ListReferrersAsync(Repository, content.Manifest.Digest, null, Cancel);

        (await listing.Should().ThrowAsync<OciException>()).Which.Likely.Should().StartWith("the registry has no referrers API");
    }

    [Theory]
    [InlineData("PULL", "the persona 'PULL' may not do this in this repository, or its project does not exist: Harbor answers both with 401")]
    [InlineData("OTHER", "the persona 'OTHER' may not do this in this repository, or its project does not exist: Harbor answers both with 401")]
    [InlineData("EXPIRED", "the account of the persona 'EXPIRED' is refused: its secret is wrong, or it is disabled or has expired")]
    public async Task Who_may_not_push_is_told_why(string robot, string likely)
    {
        var pushing = async () => await Client(robot).PushImageAsync(Image, await ContentAsync(), UploadMode.Streamed, Cancel);

        var exception = (await pushing.Should().ThrowAsync<OciException>()).Which;

        exception.Status.Should().Be(System.Net.HttpStatusCode.Unauthorized);
        exception.Likely.Should().Be(likely);
    }

    private static UploadMode Mode(string mode) => mode switch
    {
        "monolithic" => UploadMode.Monolithic,
        "single" => UploadMode.SinglePost,
        "streamed" => UploadMode.Streamed,
        _ => UploadMode.Chunked(Mebibyte),
    };

    private static Task<OciImage> ContentAsync() => OciImage.Build().WithRandomLayer(9 * Mebibyte, 1).BuildAsync(Cancel);

    private OciClient Ci() => Client("CI");

    private OciClient Client(string robot)
    {
        var persona = new Persona(robot, _twin.Variables[$"ACCEPTANCE_LAB_HARBOR_{robot}_USER"], new Secret(_twin.Variables[$"ACCEPTANCE_LAB_HARBOR_{robot}_PASSWORD"]));
        var limits = new HttpLimits();
        var pipeline = new HttpPipeline(new Redaction(), limits, _twin.Variables["ACCEPTANCE_CA_CERTIFICATES"], TimeProvider.System);
        return new OciClient(pipeline.Client(new Uri(_twin.Variables["ACCEPTANCE_LAB_HARBOR_URL"]), Persona.Anonymous, 1), persona, limits, TimeProvider.System);
    }
}
