namespace Acceptance.Tests.Suite.Harbor;

public sealed class RegistryAddressTests : IAsyncLifetime
{
    private HarborWire _harbor = null!;

    public async ValueTask InitializeAsync() => _harbor = await HarborWire.StartAsync();

    public ValueTask DisposeAsync() => _harbor.DisposeAsync();

    [Theory]
    [InlineData("v2/mlops-lab/UPPER/tags/list", 400, "NAME_INVALID")]
    [InlineData("v2/mlops-lab/a_-b/tags/list", 400, "NAME_INVALID")]
    [InlineData("v2/mlops-lab/tags/list", 400, "NAME_INVALID")]
    [InlineData("v2/mlops-lab%2fa/tags/list", 400, "NAME_INVALID")]
    [InlineData("v2/mlops-lab/..%2f..%2fother-team/a/tags/list", 400, "NAME_INVALID")]
    [InlineData("v2/mlops-lab/..%252f..%252fa/tags/list", 400, "NAME_INVALID")]
    [InlineData("v2/mlops-lab/a//b/tags/list", 400, "NAME_INVALID")]
    [InlineData("v2/mlops-lab/a/blobs/sha256:..%2f..%2f..%2fetc%2fpasswd", 400, "DIGEST_INVALID")]
    [InlineData("v2/mlops-lab/a/blobs/..%2f..%2flock", 400, "DIGEST_INVALID")]
    [InlineData("v2/mlops-lab/a/manifests/sha256:short", 400, "DIGEST_INVALID")]
    [InlineData("v2/mlops-lab/a/referrers/latest", 400, "DIGEST_INVALID")]
    public async Task A_name_or_digest_that_is_none_leads_nowhere(string path, int status, string code) =>
        (await _harbor.GetAsync(path, _harbor.Ci)).Refusal.Should().Be((status, code));

    [Theory]
    [InlineData("v2/mlops-lab/a/nothing/x")]
    [InlineData("v2/mlops-lab")]
    public async Task An_address_that_no_registry_has_is_no_page(string path)
    {
        var answer = await _harbor.GetAsync(path, _harbor.Ci);

        (answer.Status, answer.Text).Should().Be((404, "404 page not found\n"));
    }

    [Theory]
    [InlineData("OPTIONS", "v2/mlops-lab/a/tags/list")]
    [InlineData("POST", "v2/mlops-lab/a/tags/list")]
    [InlineData("PUT", "v2/mlops-lab/a/blobs/uploads/")]
    [InlineData("PATCH", "v2/mlops-lab/a/manifests/1.0")]
    public async Task A_method_that_a_resource_does_not_have_is_unsupported(string method, string path) =>
        (await _harbor.SendAsync(new HttpMethod(method), path, _harbor.Ci)).Refusal.Should().Be((405, "UNSUPPORTED"));
}
