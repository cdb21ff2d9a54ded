using System.Net.Http.Headers;
using System.Text;
using Acceptance.StandIns.Containers;
using Acceptance.StandIns.Containers.Processes;
using Acceptance.StandIns.Containers.Pulling;
using Acceptance.Tests.Suite.Harbor;

namespace Acceptance.Tests.Suite.Containers;

/// <summary>What a registry may answer beside what Harbor does.</summary>
public sealed class RegistryPullTests : IAsyncLifetime
{
    private OciServer _server = null!;
    private HostProcesses _runtime = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await OciServer.StartAsync();
        _runtime = new HostProcesses(new RegistryTrust(_server.Address, null));
    }

    public async ValueTask DisposeAsync()
    {
        await _runtime.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task What_several_pull_at_once_is_fetched_once()
    {
        await PushAsync(Image("a"));

        var pulled = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => PullAsync()));
        await PullAsync();

        pulled.Select(image => image.Location).Distinct().Should().ContainSingle();
        _server.Requests.Count(request => request.Contains("/blobs/sha256:")).Should().Be(2);
        _server.Requests.Count(request => request.Contains("GET /v2/tests/image/manifests/")).Should().Be(11);
    }

    [Fact]
    public async Task Who_gives_up_does_not_take_the_image_from_others()
    {
        var image = Image("a");
        await PushAsync(image);
        using var impatient = new CancellationTokenSource();
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        var layer = image.Build().Blobs[0];
        _server.Instead($"GET /v2/tests/image/blobs/{HarborWire.Digest(layer)}", async context =>
        {
            asked.TrySetResult();
            await answer.Task;
            await OciServer.SendAsync(context, layer);
        });

        var first = _runtime.PullAsync(Reference, null, impatient.Token);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        var second = PullAsync();
        await impatient.CancelAsync();
        await first.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        answer.SetResult();

        (await second).Digest.Should().StartWith("sha256:");
    }

    [Fact]
    public async Task A_token_is_fetched_with_the_credential_and_used_for_all()
    {
        _server.WithTokens();
        await PushAsync(Image("a"), "Bearer token-0");

        await _runtime.PullAsync(Reference, new RegistryCredential("robot$tests", "correct horse"), Cancel);

        _server.Requests.Count(request => request == "GET /service/token?service=harbor-registry&scope=repository%3Atests%2Fimage%3Apull").Should().Be(1);
        _server.Authorisations.Should().Contain($"Basic {Convert.ToBase64String("robot$tests:correct horse"u8)}");
    }

    [Fact]
    public async Task Of_an_index_the_image_for_this_machine_is_taken()
    {
        var digest = await PushAsync(Image("mine"), tag: "mine");
        await PushAsync(Image("other") with { Architecture = "s390x" }, tag: "other");
        var other = HarborWire.Digest(Encoding.UTF8.GetBytes((Image("other") with { Architecture = "s390x" }).Build().Manifest));
        await PutAsync(Index(Platform(other, "s390x"), Platform(digest, ImagePuller.Architecture)), Harbor.Image.OciIndex, "v1", null);

        (await PullAsync()).Digest.Should().Be(digest);
    }

    [Fact]
    public async Task An_index_without_an_image_for_this_machine_is_refused()
    {
        await PutAsync(Index(Platform($"sha256:{new string('0', 64)}", "s390x")), Harbor.Image.OciIndex, "v1", null);

        await FailsAsync(ImagePullFailure.Invalid, $"its index of images cannot be used: it has none for linux/{ImagePuller.Architecture}, which this machine is.");
    }

    [Theory]
    [InlineData("{", "the manifest 'v1' is none: *")]
    [InlineData("[]", "the manifest 'v1' is none: it is no JSON object")]
    [InlineData("{}", "its manifest is no image's: a descriptor is missing.")]
    [InlineData("""{"config":{"mediaType":"text/plain","digest":"../../etc/passwd","size":1},"layers":[]}""", "its manifest is no image's: a descriptor has no mediaType, sha256 digest or size: *")]
    [InlineData("""{"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"sha256:{0}","size":1},"layers":[]}""", "its manifest is no image's: its configuration is a 'application/vnd.cncf.helm.config.v1+json' of 1 bytes, which is no image's.")]
    [InlineData("""{"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:{0}","size":1},"layers":[{"mediaType":"application/x-rar","digest":"sha256:{0}","size":1}]}""", "its manifest is no image's: its layer sha256:{0} is a 'application/x-rar', which cannot be unpacked.")]
    public async Task A_manifest_that_is_no_images_is_refused(string manifest, string reason)
    {
        await PutAsync(manifest.Replace("{0}", new string('0', 64)), Harbor.Image.OciManifest, "v1", null);

        await FailsAsync(ImagePullFailure.Invalid, reason.Replace("{0}", new string('0', 64)));
    }

    [Theory]
    [InlineData(403, nameof(ImagePullFailure.Permission))]
    [InlineData(429, nameof(ImagePullFailure.Unavailable))]
    [InlineData(302, nameof(ImagePullFailure.Unavailable))]
    [InlineData(503, nameof(ImagePullFailure.Unavailable))]
    public async Task A_refusal_is_told_by_its_status(int status, string failure)
    {
        _server.Instead("GET /v2/tests/image/manifests/v1", status, OciServer.Error("CODE", "words"));

        await FailsAsync(Enum.Parse<ImagePullFailure>(failure), $"GET {_server.Address}v2/tests/image/manifests/v1 answers {status} *: CODE: words.");
    }

    [Fact]
    public async Task A_blob_with_more_bytes_than_its_manifest_says_is_not_read_to_its_end()
    {
        var image = Image("a");
        await PushAsync(image);
        _server.Instead($"GET /v2/tests/image/blobs/{HarborWire.Digest(image.Build().Blobs[0])}", context => OciServer.SendAsync(context, new byte[10_000_000]));

        await FailsAsync(ImagePullFailure.Invalid, "blob sha256:* has more than the * bytes that the manifest says.");
    }

    [Fact]
    public async Task Who_does_not_answer_is_unavailable()
    {
        await _server.DisposeAsync();

        await FailsAsync(ImagePullFailure.Unavailable, $"GET {_server.Address}v2/tests/image/manifests/v1 has no answer: Connection refused");
    }

    private string Reference => $"{_server.Address.Authority}/tests/image:v1";

    private Task<ContainerImage> PullAsync() => _runtime.PullAsync(Reference, null, Cancel);

    private static TestImage Image(string content) => new() { Layers = [new Layer().File("file", content)], Entrypoint = ["true"] };

    private static string Index(params string[] manifests) =>
        $$"""{"schemaVersion":2,"mediaType":"{{Harbor.Image.OciIndex}}","manifests":[{{string.Join(',', manifests)}}]}""";

    private static string Platform(string digest, string architecture) =>
        $$$"""{"mediaType":"{{{Harbor.Image.OciManifest}}}","digest":"{{{digest}}}","size":1,"platform":{"os":"linux","architecture":"{{{architecture}}}"}}""";

    private async Task<string> PushAsync(TestImage image, string? authorization = null, string tag = "v1")
    {
        var (manifest, blobs) = image.Build();
        foreach (var blob in blobs)
        {
            _server.Blobs[HarborWire.Digest(blob)] = blob;
        }

        await PutAsync(manifest, Harbor.Image.OciManifest, tag, authorization);
        return HarborWire.Digest(Encoding.UTF8.GetBytes(manifest));
    }

    private async Task PutAsync(string manifest, string type, string tag, string? authorization)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        using var put = await http.PutAsync(new Uri(_server.Address, $"v2/tests/image/manifests/{tag}"), new StringContent(manifest, Encoding.UTF8, MediaTypeHeaderValue.Parse(type)), Cancel);
        put.EnsureSuccessStatusCode();
    }

    private async Task FailsAsync(ImagePullFailure failure, string reason)
    {
        var pulling = PullAsync;

        var exception = (await pulling.Should().ThrowAsync<ImagePullException>()).Which;
        exception.Failure.Should().Be(failure);
        exception.Reason.Should().Match(reason);
    }
}
