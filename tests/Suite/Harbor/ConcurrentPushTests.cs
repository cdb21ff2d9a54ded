namespace Acceptance.Tests.Suite.Harbor;

public sealed class ConcurrentPushTests
{
    [Fact]
    public async Task Images_that_share_layers_are_pushed_pulled_and_deleted_side_by_side()
    {
        await using var harbor = await HarborWire.StartAsync();

        var pushed = await Task.WhenAll(Enumerable.Range(0, 40).Select(number => harbor.PushAsync($"layer {number % 4}", $"1.{number}", $"mlops-lab/r{number % 5}")));
        var pulled = await Task.WhenAll(Enumerable.Range(0, 40).Select(number =>
            harbor.GetAsync($"v2/mlops-lab/r{number % 5}/manifests/1.{number}", harbor.Pull, ("Accept", Image.OciManifest))));
        var deleted = await Task.WhenAll(Enumerable.Range(0, 20).Select(number =>
            harbor.SendAsync(HttpMethod.Delete, $"v2/mlops-lab/r{number % 5}/manifests/{pushed[number].Digest}", harbor.Recette)));

        pulled.Select(answer => answer.Text).Should().Equal(pushed.Select(image => image.Manifest));
        deleted.Should().OnlyContain(answer => answer.Status == 202, "twenty repositories and digests, each deleted once");
    }
}
