using System.Text.RegularExpressions;

namespace Acceptance.Tests.Suite.RealClients;

public sealed partial class DockerTests(ClientHarbor harbor) : IClassFixture<ClientHarbor>, IAsyncDisposable
{
    private const int Mebibyte = 1024 * 1024;

    private readonly Docker _docker = new(harbor);
    private readonly string _repository = ClientHarbor.NewRepository();

    private string Image => _docker.Image(_repository);

    [ClientFact(OfficialClient.Docker)]
    public async Task A_robot_signs_in() => (await _docker.LoginAsync(harbor.Ci)).Succeeded().Output.Should().Contain("Login Succeeded");

    [ClientFact(OfficialClient.Docker)]
    public async Task A_wrong_password_is_refused() =>
        (await _docker.LoginAsync(harbor.Ci with { Password = "wrong" })).FailedWith("unauthorized: authentication required");

    [ClientFact(OfficialClient.Docker)]
    public async Task An_expired_robot_is_refused_alike() => (await _docker.LoginAsync(harbor.Expired)).FailedWith("unauthorized: authentication required");

    [ClientFact(OfficialClient.Docker)]
    public async Task What_is_pushed_is_what_the_API_says_and_what_is_pulled()
    {
        var (id, digest) = await PushedAsync(Mebibyte);

        (await harbor.ArtifactAsync(_repository, "v1"))["digest"]!.ToString().Should().Be(digest);
        (await _docker.RunAsync("image", "rm", Image)).Succeeded();
        (await _docker.LoginAsync(harbor.Pull)).Succeeded();
        var pulled = (await _docker.RunAsync("pull", Image)).Succeeded();

        pulled.Output.Should().Contain($"Digest: {digest}").And.Contain("Downloaded newer image");
        (await _docker.RunAsync("image", "inspect", "--format", "{{.Id}} {{index .RepoDigests 0}}", Image)).Succeeded()
            .Printed.Should().Be($"{id} {harbor.Host}/{_repository}@{digest}");
    }

    // Ten seconds on an idle machine; the engine compresses it first, and a busy machine is no fault of the registry.
    [ClientFact(OfficialClient.Docker, Within = 300)]
    public async Task A_layer_of_200_MB_is_pushed_and_pulled()
    {
        var (_, digest) = await PushedAsync(200 * Mebibyte);

        (await _docker.RunAsync("image", "rm", Image)).Succeeded();
        (await _docker.RunAsync("pull", Image)).Succeeded().Output.Should().Contain($"Digest: {digest}");

        ((long)(await harbor.ArtifactAsync(_repository, "v1"))["size"]!).Should().BeGreaterThan(200 * Mebibyte);
    }

    [ClientFact(OfficialClient.Docker)]
    public async Task A_robot_that_pulls_may_not_push()
    {
        await _docker.ImportAsync(Image, Mebibyte);
        (await _docker.LoginAsync(harbor.Pull)).Succeeded();

        var refused = await _docker.RunAsync("push", Image);

        refused.FailedWith($"unauthorized: unauthorized to access repository: {_repository}, action: push");
    }

    [ClientFact(OfficialClient.Docker)]
    public async Task Nobody_may_not_pull()
    {
        await PushedAsync(Mebibyte);
        (await _docker.RunAsync("logout", harbor.Host)).Succeeded();

        (await _docker.RunAsync("pull", Image)).FailedWith($"unauthorized to access repository: {_repository}, action: pull");
    }

    [ClientFact(OfficialClient.Docker)]
    public async Task A_layer_that_another_repository_has_is_mounted()
    {
        var (_, digest) = await PushedAsync(Mebibyte);
        var second = ClientHarbor.NewRepository();
        (await _docker.RunAsync("tag", Image, _docker.Image(second))).Succeeded();

        var pushed = (await _docker.RunAsync("push", _docker.Image(second))).Succeeded();

        pushed.Output.Should().Contain($"Mounted from {_repository}");
        (await harbor.ArtifactAsync(second, "v1"))["digest"]!.ToString().Should().Be(digest);
    }

    [ClientTheory(OfficialClient.Docker)]
    [InlineData("H1", "error parsing HTTP 413 response body: invalid character '<' looking for beginning of value: \"<html>")]
    [InlineData("H5", "unauthorized to access repository: {repository}, action: push")]
    [InlineData("H7", "unauthorized to access repository: {repository}, action: push")]
    [InlineData("H8", "unauthorized to access repository: {repository}, action: push")]
    [InlineData("X31", "denied: adding ")]
    public async Task A_push_that_meets_a_fault_says_so_and_passes_without_it(string id, string words)
    {
        await _docker.ImportAsync(Image, 6 * Mebibyte);
        (await _docker.LoginAsync(harbor.Ci)).Succeeded();

        using (var fault = new ShownFault(harbor.Twin, id))
        {
            (await _docker.RunAsync("push", Image)).FailedWith(words.Replace("{repository}", _repository));
            fault.Hits.Should().BePositive();
        }

        (await _docker.RunAsync("push", Image)).Succeeded();
    }

    [ClientTheory(OfficialClient.Docker)]
    [InlineData("H9", "cannot be pulled due to configured policy in 'Prevent images with vulnerability severity of \"High\" or higher from running.'")]
    [InlineData("X16", "filesystem layer verification failed for digest sha256:")]
    public async Task A_pull_that_meets_a_fault_says_so_and_passes_without_it(string id, string words)
    {
        await PushedAsync(Mebibyte);
        (await _docker.RunAsync("image", "rm", Image)).Succeeded();

        using (var fault = new ShownFault(harbor.Twin, id))
        {
            (await _docker.RunAsync("pull", Image)).FailedWith(words);
            fault.Hits.Should().BePositive();
        }

        (await _docker.RunAsync("pull", Image)).Succeeded();
    }

    [ClientFact(OfficialClient.Docker)]
    public async Task It_meets_H3_as_a_token_service_that_hangs_up()
    {
        using (var fault = new ShownFault(harbor.Twin, "H3"))
        {
            (await _docker.LoginAsync(harbor.Ci)).FailedWith($"Get \"http://{harbor.Host}/service/token?");
            fault.Hits.Should().BePositive();
        }

        (await _docker.LoginAsync(harbor.Ci)).Succeeded();
    }

    // What docker's registry of a real platform says in H4 is what skopeo says here: SkopeoTests.
    [ClientTheory(OfficialClient.Docker), InlineData("H4"), InlineData("X23"), InlineData("X24")]
    public async Task It_takes_any_certificate_of_a_loopback_address(string id)
    {
        using var fault = new ShownFault(harbor.Twin, id);

        (await _docker.LoginAsync(harbor.Ci)).Succeeded();

        fault.Hits.Should().BePositive();
    }

    public ValueTask DisposeAsync() => _docker.DisposeAsync();

    /// <summary>Pushes a new image as GitLab CI; its id, and the digest that docker prints.</summary>
    private async Task<(string Id, string Digest)> PushedAsync(long size)
    {
        var id = await _docker.ImportAsync(Image, size);
        (await _docker.LoginAsync(harbor.Ci)).Succeeded();
        var pushed = (await _docker.RunAsync("push", Image)).Succeeded();
        return (id, PushedDigest().Match(pushed.Output).Groups[1].Value);
    }

    [GeneratedRegex("v1: digest: (sha256:[0-9a-f]{64}) ")]
    private static partial Regex PushedDigest();
}
