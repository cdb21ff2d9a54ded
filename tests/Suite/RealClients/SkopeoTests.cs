using System.Text;
using System.Text.Json.Nodes;
using Acceptance.Platform.Harbor.Oci;

namespace Acceptance.Tests.Suite.RealClients;

public sealed class SkopeoTests(ClientHarbor harbor) : IClassFixture<ClientHarbor>, IDisposable
{
    private const int Mebibyte = 1024 * 1024;

    private readonly Skopeo _skopeo = new(harbor);
    private readonly string _repository = ClientHarbor.NewRepository();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Image => _skopeo.Image(_repository);

    [ClientFact(OfficialClient.Skopeo)]
    public async Task An_image_copied_to_the_registry_and_back_is_the_same_byte_for_byte()
    {
        var layout = await PushedAsync();

        (await _skopeo.PullAsync(Image, OciLayout.SourceAt(_skopeo.File("back")), harbor.Pull)).Succeeded();

        OciLayout.BlobsAt(_skopeo.File("back")).Should().Equal(OciLayout.BlobsAt(layout.Folder));
        (await DigestAsync(_repository)).Should().Be(layout.Top.Digest.ToString());
    }

    [ClientFact(OfficialClient.Skopeo)]
    public async Task An_image_copied_from_a_directory_keeps_its_digest()
    {
        var layout = await PushedAsync();
        var second = ClientHarbor.NewRepository();
        var folder = $"dir:{_skopeo.File("directory")}";

        (await _skopeo.PullAsync(Image, folder, harbor.Pull)).Succeeded();
        (await _skopeo.PushAsync(folder, _skopeo.Image(second), harbor.Ci)).Succeeded();

        (await File.ReadAllBytesAsync(_skopeo.File("directory/manifest.json"), Cancel)).Should().Equal(layout.Top.Bytes.ToArray());
        (await DigestAsync(second)).Should().Be(layout.Top.Digest.ToString());
    }

    [ClientFact(OfficialClient.Skopeo)]
    public async Task An_index_is_copied_with_all_its_images_and_back()
    {
        var layout = await OciLayout.OfIndexAsync(_skopeo.File("index"), Cancel);

        (await _skopeo.PushAsync(layout.Source, Image, harbor.Ci)).Succeeded();
        (await _skopeo.PullAsync(Image, OciLayout.SourceAt(_skopeo.File("back")), harbor.Pull)).Succeeded();

        OciLayout.BlobsAt(_skopeo.File("back")).Should().Equal(OciLayout.BlobsAt(layout.Folder));
        var artifact = await harbor.ArtifactAsync(_repository, "v1");
        artifact["digest"]!.ToString().Should().Be(layout.Top.Digest.ToString());
        artifact["references"]!.AsArray().Select(image => image!["child_digest"]!.ToString())
            .Should().BeEquivalentTo(layout.Top.Index!.Manifests.Select(image => image.Digest.ToString()));
    }

    [ClientFact(OfficialClient.Skopeo)]
    public async Task It_inspects_an_image()
    {
        var layout = await PushedAsync();

        var inspected = (await _skopeo.AskAsync("inspect", Image, harbor.Pull)).Succeeded();

        var image = JsonNode.Parse(inspected.Printed)!;
        (image["Digest"]!.ToString(), image["Architecture"]!.ToString(), image["Labels"]!["made-by"]!.ToString())
            .Should().Be((layout.Top.Digest.ToString(), "amd64", "acceptance"));
        image["Layers"]!.AsArray().Select(layer => layer!.ToString()).Should().Equal(layout.Top.Image!.Layers.Select(layer => layer.Digest.ToString()));
        image["RepoTags"]!.AsArray().Select(tag => tag!.ToString()).Should().Equal("v1");
    }

    [ClientFact(OfficialClient.Skopeo)]
    public async Task It_inspects_a_raw_manifest_whose_digest_is_the_images()
    {
        var layout = await PushedAsync();

        var inspected = (await _skopeo.AskAsync("inspect", Image, harbor.Pull, "--raw")).Succeeded();

        Digest.Of(Encoding.UTF8.GetBytes(inspected.Printed)).Should().Be(layout.Top.Digest);
    }

    [ClientFact(OfficialClient.Skopeo)]
    public async Task It_lists_the_tags_of_a_repository()
    {
        var layout = await PushedAsync();
        (await _skopeo.PushAsync(layout.Source, _skopeo.Image(_repository, "a-first"), harbor.Ci)).Succeeded();

        var listed = (await _skopeo.AskAsync("list-tags", Image[..Image.LastIndexOf(':')], harbor.Pull)).Succeeded();

        JsonNode.Parse(listed.Printed)!["Tags"]!.AsArray().Select(tag => tag!.ToString()).Should().Equal("a-first", "v1");
    }

    [ClientFact(OfficialClient.Skopeo)]
    public async Task A_maintainer_deletes_an_image()
    {
        await PushedAsync();

        (await _skopeo.AskAsync("delete", Image, harbor.Recette)).Succeeded();

        (await harbor.ArtifactStatusAsync(_repository, "v1")).Should().Be(404);
    }

    [ClientFact(OfficialClient.Skopeo)]
    public async Task A_robot_that_pushes_may_not_delete()
    {
        await PushedAsync();

        var refused = await _skopeo.AskAsync("delete", Image, harbor.Ci);

        refused.FailedWith($"unauthorized to access repository: {_repository}, action: delete");
        (await harbor.ArtifactStatusAsync(_repository, "v1")).Should().Be(200);
    }

    [ClientFact(OfficialClient.Skopeo)]
    public async Task An_image_copied_between_repositories_is_mounted_and_not_sent()
    {
        var layout = await PushedAsync();
        var second = ClientHarbor.NewRepository();

        var copied = (await _skopeo.CopyAsync(Image, _skopeo.Image(second), harbor.Ci)).Succeeded();

        (await DigestAsync(second)).Should().Be(layout.Top.Digest.ToString());
        var layer = layout.Top.Image!.Layers.Single().Digest;
        copied.Output.Should().Contain($"&mount=sha256%3A{layer.Hex}").And.Contain("... mount OK").And.NotContain($"Downloading /v2/{_repository}/blobs/{layer}");
    }

    [ClientFact(OfficialClient.Skopeo)]
    public async Task It_signs_in_with_a_robot_and_uses_what_it_kept()
    {
        await PushedAsync();

        (await _skopeo.LoginAsync(harbor.Pull)).Succeeded().Output.Should().Contain("Login Succeeded!");

        (await _skopeo.AskSignedInAsync("inspect", Image)).Succeeded();
    }

    [ClientFact(OfficialClient.Skopeo)]
    public async Task An_expired_robot_may_not_sign_in() => (await _skopeo.LoginAsync(harbor.Expired)).FailedWith("invalid username/password");

    [ClientFact(OfficialClient.Skopeo)]
    public async Task A_wrong_password_is_refused_alike() =>
        (await _skopeo.LoginAsync(harbor.Ci with { Password = "wrong" })).FailedWith("invalid username/password");

    [ClientFact(OfficialClient.Skopeo)]
    public async Task A_robot_that_pulls_may_not_push()
    {
        var layout = await OciLayout.OfImageAsync(_skopeo.File("image"), 1000, Cancel);

        var refused = await _skopeo.PushAsync(layout.Source, Image, harbor.Pull);

        refused.FailedWith($"unauthorized to access repository: {_repository}, action: push");
    }

    [ClientFact(OfficialClient.Skopeo)]
    public async Task Nobody_may_not_pull()
    {
        await PushedAsync();

        (await _skopeo.AskAnonymouslyAsync("inspect", Image)).FailedWith($"unauthorized to access repository: {_repository}, action: pull");
    }

    [ClientFact(OfficialClient.Skopeo)]
    public async Task An_authority_that_is_not_known_is_not_trusted()
    {
        await PushedAsync();

        (await _skopeo.AskWithoutTheAuthorityAsync("inspect", Image, harbor.Pull)).FailedWith("x509: certificate signed by unknown authority");
    }

    [ClientTheory(OfficialClient.Skopeo)]
    [InlineData("H1", "uploading layer chunked: StatusCode: 413, ")]
    [InlineData("H3", "Get \"http://{host}/service/token?")]
    [InlineData("H4", "x509: certificate signed by unknown authority")]
    [InlineData("H7", "unauthorized: authentication required")]
    [InlineData("O1", "blob upload unknown")]
    [InlineData("X31", "will exceed the configured upper limit")]
    public async Task A_push_that_meets_a_fault_says_so_and_passes_without_it(string id, string words)
    {
        var layout = await OciLayout.OfImageAsync(_skopeo.File("image"), 2 * Mebibyte, Cancel);

        using (var fault = new ShownFault(harbor.Twin, id))
        {
            (await _skopeo.PushAsync(layout.Source, Image, harbor.Ci)).FailedWith(words.Replace("{host}", harbor.Host));
            fault.Hits.Should().BePositive();
        }

        (await _skopeo.PushAsync(layout.Source, Image, harbor.Ci)).Succeeded();
    }

    [ClientTheory(OfficialClient.Skopeo)]
    [InlineData("H3", "Get \"http://{host}/service/token?")]
    [InlineData("H4", "x509: certificate signed by unknown authority")]
    [InlineData("H9", "cannot be pulled due to configured policy")]
    [InlineData("X16", "Digest did not match, expected {layer}, got sha256:")]
    [InlineData("X23", "x509: cannot validate certificate for 127.0.0.1")]
    [InlineData("X24", "x509: certificate has expired")]
    [InlineData("X36", "invalid character '<' looking for beginning of value")]
    public async Task A_pull_that_meets_a_fault_says_so_and_passes_without_it(string id, string words)
    {
        var layout = await PushedAsync();
        var layer = layout.Top.Image!.Layers.Single().Digest.ToString();
        var destination = OciLayout.SourceAt(_skopeo.File("back"));

        using (var fault = new ShownFault(harbor.Twin, id))
        {
            (await _skopeo.PullAsync(Image, destination, harbor.Pull)).FailedWith(words.Replace("{host}", harbor.Host).Replace("{layer}", layer));
            fault.Hits.Should().BePositive();
        }

        (await _skopeo.PullAsync(Image, destination, harbor.Pull)).Succeeded();
    }

    public void Dispose() => _skopeo.Dispose();

    private async Task<OciLayout> PushedAsync()
    {
        var layout = await OciLayout.OfImageAsync(_skopeo.File("image"), 2 * Mebibyte, Cancel);
        (await _skopeo.PushAsync(layout.Source, Image, harbor.Ci)).Succeeded();
        return layout;
    }

    private async Task<string> DigestAsync(string repository) => (await harbor.ArtifactAsync(repository, "v1"))["digest"]!.ToString();
}
