using System.Net;
using Acceptance.StandIns.Faults;
using Acceptance.StandIns.Gcp.Auth;

namespace Acceptance.Tests.Suite.Gcp.Auth;

/// <summary>Each container of Cloud Run asks a metadata server of its own who it is.</summary>
public sealed class MetadataServersTests : IAsyncDisposable
{
    private const string Agent = "run-agent@acc-lab.iam.gserviceaccount.com";
    private const string Airflow = "airflow-run@acc-run.iam.gserviceaccount.com";
    private const string Default = "computeMetadata/v1/instance/service-accounts/default";

    private readonly GcpAuthStandIn _auth = new(new FaultSwitches(GcpAuthFaults.All), TimeProvider.System);
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10), DefaultRequestHeaders = { { "Metadata-Flavor", "Google" } } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Accounts_side_by_side_each_learn_their_own_name_and_project()
    {
        var lab = await _auth.Metadata.AddressOfAsync("acc-lab", Agent, Cancel);
        var run = await _auth.Metadata.AddressOfAsync("acc-run", Airflow, Cancel);

        (await GetAsync(lab, $"{Default}/email"), await GetAsync(lab, "computeMetadata/v1/project/project-id")).Should().Be((Agent, "acc-lab"));
        (await GetAsync(run, $"{Default}/email"), await GetAsync(run, "computeMetadata/v1/project/project-id")).Should().Be((Airflow, "acc-run"));
    }

    [Fact]
    public async Task An_account_has_one_address_whoever_asks()
    {
        var asked = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _auth.Metadata.AddressOfAsync("acc-lab", Agent, Cancel)));

        asked.Distinct().Should().ContainSingle();
    }

    [Fact]
    public async Task It_gives_tokens_after_a_reset_too()
    {
        var address = await _auth.Metadata.AddressOfAsync("acc-lab", Agent, Cancel);
        _auth.Reset();

        (await GetAsync(address, $"{Default}/token")).Should().Contain("ya29.");
    }

    [Fact]
    public async Task Disposed_twice_it_answers_no_more()
    {
        var address = await _auth.Metadata.AddressOfAsync("acc-lab", Agent, Cancel);

        await _auth.DisposeAsync();
        await _auth.DisposeAsync();

        await FluentActions.Awaiting(() => GetAsync(address, "")).Should().ThrowAsync<HttpRequestException>();
        await FluentActions.Awaiting(() => _auth.Metadata.AddressOfAsync("acc-lab", Agent, Cancel)).Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task Who_does_not_name_the_flavour_is_refused()
    {
        using var bare = new HttpClient();
        using var answer = await bare.GetAsync(new Uri(await _auth.Metadata.AddressOfAsync("acc-lab", Agent, Cancel), $"{Default}/token"), Cancel);

        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _auth.DisposeAsync();
    }

    private Task<string> GetAsync(Uri server, string path) => _http.GetStringAsync(new Uri(server, path), Cancel);
}
