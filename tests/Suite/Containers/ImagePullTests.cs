using Acceptance.StandIns.Containers;
using Acceptance.Tests.Suite.Harbor;
using Acceptance.Tests.Suite.RealClients;

namespace Acceptance.Tests.Suite.Containers;

/// <summary>Pulls from the twin's Harbor over TLS, and how their failures are told apart.</summary>
public sealed class ImagePullTests(ContainerBench bench) : IClassFixture<ContainerBench>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_is_pulled_by_its_tag_and_by_its_digest()
    {
        var repository = ContainerBench.NewRepository();
        var digest = await New().PushAsync(bench.Harbor, repository, "v1");

        var byTag = await bench.Runtime.PullAsync($"{bench.Host}/{repository}:v1", bench.Pull, Cancel);
        var byDigest = await bench.Runtime.PullAsync($"{bench.Host}/{repository}@{digest}", bench.Pull, Cancel);

        byTag.Digest.Should().Be(digest);
        byDigest.Should().BeEquivalentTo(byTag, image => image.Excluding(of => of.Reference));
    }

    [Fact]
    public async Task A_tag_that_moved_is_pulled_anew()
    {
        var repository = ContainerBench.NewRepository();
        await New().PushAsync(bench.Harbor, repository, "dev");
        await bench.Runtime.PullAsync($"{bench.Host}/{repository}:dev", bench.Pull, Cancel);
        var digest = await New().PushAsync(bench.Harbor, repository, "dev");

        (await bench.Runtime.PullAsync($"{bench.Host}/{repository}:dev", bench.Pull, Cancel)).Digest.Should().Be(digest);
    }

    [Theory]
    [InlineData("not a reference", "it is not of the form 'host[:port]/repository[:tag][@sha256:digest]'.")]
    [InlineData("no-host/image:v1", "it is not of the form 'host[:port]/repository[:tag][@sha256:digest]'.")]
    [InlineData("localhost/Image:v1", "it is not of the form 'host[:port]/repository[:tag][@sha256:digest]'.")]
    [InlineData("registry.example.test/library/image:v1", "of all registries the twin reaches only its own Harbor, {host}.")]
    [InlineData("{host}/mlops-lab/missing:v1", "GET https://{host}/v2/mlops-lab/missing/manifests/v1 answers 404 Not Found: NOT_FOUND: artifact mlops-lab/missing:v1 not found.")]
    public async Task What_is_not_there_is_missing(string reference, string reason) =>
        await FailsAsync(reference.Replace("{host}", bench.Host), bench.Pull, ImagePullFailure.Missing, reason.Replace("{host}", bench.Host));

    [Fact]
    public async Task Who_may_not_pull_is_told_so()
    {
        var reference = await bench.PushAsync(New());

        await FailsAsync(reference, null, ImagePullFailure.Permission, "* answers 401 Unauthorized to an anonymous pull: UNAUTHORIZED: *");
        await FailsAsync(reference, bench.Pull with { Password = "wrong" }, ImagePullFailure.Permission, "* answers 401 Unauthorized to robot$*: UNAUTHORIZED: *");
        await FailsAsync(reference, ContainerBench.Credential(bench.Harbor.Expired), ImagePullFailure.Permission, "* answers 401 Unauthorized to robot$*");
        await FailsAsync(reference, ContainerBench.Credential(bench.Harbor.Other), ImagePullFailure.Permission, "* answers 401 Unauthorized to robot$*");
    }

    [Theory]
    [InlineData("H9", nameof(ImagePullFailure.Unauthorized), "* answers 412 Precondition Failed: PROJECTPOLICYVIOLATION: *")]
    [InlineData("X16", nameof(ImagePullFailure.Invalid), "blob sha256:* is not what the manifest says: * bytes, whose digest is sha256:*.")]
    [InlineData("X33", nameof(ImagePullFailure.Unavailable), "*sha256:*")]
    [InlineData("X36", nameof(ImagePullFailure.Invalid), "what the registry gives for 'v1' is a 'text/html' and no manifest of an image.")]
    [InlineData("H3", nameof(ImagePullFailure.Unavailable), "the registry sends its clients to http://*, which is not its own address https://*: no credential was sent there.")]
    [InlineData("H4", nameof(ImagePullFailure.Unavailable), "GET https://* has no answer: *")]
    [InlineData("X23", nameof(ImagePullFailure.Unavailable), "GET https://* has no answer: *")]
    [InlineData("X24", nameof(ImagePullFailure.Unavailable), "GET https://* has no answer: *")]
    public async Task A_fault_of_the_registry_is_told(string id, string failure, string reason)
    {
        var image = new TestImage { Layers = [new Layer { Type = Layer.Plain }.Zeros(Guid.NewGuid().ToString(), 100_000)] };
        var reference = await bench.PushAsync(image);
        using var fault = new ShownFault(bench.Twin, id);
        await using var runtime = bench.NewRuntime(new());

        var pulling = () => runtime.PullAsync(reference, bench.Pull, Cancel);

        Told((await pulling.Should().ThrowAsync<ImagePullException>()).Which, Enum.Parse<ImagePullFailure>(failure), reason);
        fault.Hits.Should().BePositive();
    }

    [Fact]
    public async Task A_manifest_that_is_not_what_its_digest_says_is_refused()
    {
        var repository = ContainerBench.NewRepository();
        var digest = await New().PushAsync(bench.Harbor, repository, "v1");
        using var fault = new ShownFault(bench.Twin, "X17");

        await FailsAsync($"{bench.Host}/{repository}@{digest}", bench.Pull, ImagePullFailure.Invalid, $"the manifest '{digest}' is not what its digest says: {digest} was promised, sha256:* came.");
        fault.Hits.Should().BePositive();
    }

    [Fact]
    public async Task A_pull_that_failed_passes_once_the_registry_is_well()
    {
        var image = new TestImage { Layers = [new Layer { Type = Layer.Plain }.Zeros(Guid.NewGuid().ToString(), 100_000)] };
        var reference = await bench.PushAsync(image);
        using (new ShownFault(bench.Twin, "X16"))
        {
            await FailsAsync(reference, bench.Pull, ImagePullFailure.Invalid, "blob *");
        }

        (await bench.Runtime.PullAsync(reference, bench.Pull, Cancel)).Location.Should().NotBeEmpty();
    }

    [Fact]
    public async Task An_image_for_another_machine_is_refused() =>
        await FailsAsync(await bench.PushAsync(New() with { Architecture = "s390x" }), bench.Pull, ImagePullFailure.Invalid, "it is for linux/s390x, and this machine is linux/*.");

    private static TestImage New() => new() { Layers = [new Layer().File("id", Guid.NewGuid().ToString())], Entrypoint = ["true"] };

    private async Task FailsAsync(string reference, RegistryCredential? credential, ImagePullFailure failure, string reason)
    {
        var pulling = () => bench.Runtime.PullAsync(reference, credential, Cancel);

        Told((await pulling.Should().ThrowAsync<ImagePullException>()).Which, failure, reason);
    }

    private static void Told(ImagePullException exception, ImagePullFailure failure, string reason)
    {
        exception.Failure.Should().Be(failure);
        exception.Reason.Should().Match(reason);
        exception.Message.Should().Be($"Image '{exception.Reference}' cannot be pulled: {exception.Reason}");
    }
}
