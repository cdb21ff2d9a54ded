using System.Net;
using System.Net.Sockets;
using Acceptance.StandIns.Hosting;
using Acceptance.StandIns.Nexus;

namespace Acceptance.Tests.Suite.StandIns;

public sealed class RefusalTests : IAsyncLifetime
{
    private TwinOnFakeClock _twin = null!;

    public async ValueTask InitializeAsync() => _twin = await TwinOnFakeClock.StartAsync();

    public ValueTask DisposeAsync() => _twin.DisposeAsync();

    [Fact]
    public async Task A_repository_that_is_offline_refuses_its_content_until_it_is_online_again()
    {
        await _twin.Configure("r/proxy/cran-proxy", settings => settings["online"] = false);
        var offline = await _twin.Get("cran-proxy", "src/contrib/PACKAGES");

        await _twin.Configure("r/proxy/cran-proxy", settings => settings["online"] = true);
        var online = await _twin.Get("cran-proxy", "src/contrib/PACKAGES");

        (offline.Status, offline.Text).Should().Be((503, "Repository offline"));
        online.Status.Should().Be(200);
    }

    [Theory]
    [InlineData("service/rest/v1/repositories")]
    [InlineData("service/rest/v1/status")]
    [InlineData("repository/cran-proxy/src/contrib/PACKAGES")]
    public async Task A_wrong_password_is_refused_everywhere(string path)
    {
        var answer = await _twin.Call(HttpMethod.Get, path, $"{_twin.Twin.Variables["ACCEPTANCE_LAB_NEXUS_USER"]}:wrong");

        (answer.Status, answer.Challenge).Should().Be((401, "BASIC realm=\"Sonatype Nexus Repository Manager\""));
    }

    [Fact]
    public async Task The_password_of_lab_is_wrong_in_run()
    {
        var variables = _twin.Twin.Variables;

        var answer = await _twin.Call(HttpMethod.Get, "service/rest/v1/status", $"{variables["ACCEPTANCE_RUN_NEXUS_USER"]}:{variables["ACCEPTANCE_RUN_NEXUS_PASSWORD"]}");

        answer.Status.Should().Be(401);
    }

    [Fact]
    public async Task The_reader_may_not_change_what_it_reads()
    {
        var variables = _twin.Twin.Variables;
        var reader = $"{variables["ACCEPTANCE_LAB_NEXUS_USER"]}:{variables["ACCEPTANCE_LAB_NEXUS_PASSWORD"]}";

        var read = await _twin.Call(HttpMethod.Get, "service/rest/v1/blobstores", reader);
        var changed = await _twin.Call(HttpMethod.Post, "service/rest/v1/repositories/cran-proxy/invalidate-cache", reader);

        (read.Status, changed.Status).Should().Be((200, 403));
    }

    [Fact]
    public async Task A_call_that_is_not_emulated_is_named()
    {
        var answer = await _twin.Call(HttpMethod.Post, "service/rest/v1/security/users");

        (answer.Status, answer.Text).Should().Be((501, "The Nexus stand-in does not emulate POST /service/rest/v1/security/users."));
    }

    [Fact]
    public async Task An_unknown_fault_is_refused_with_those_known()
    {
        var answer = await _twin.Control(HttpMethod.Put, "faults/N99");

        answer.Status.Should().Be(404);
        answer.Text.Should().Contain("No stand-in shows a fault 'N99'. Known: ").And.ContainAll(NexusFaults.All.Select(fault => fault.Id));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_with_what_to_do()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var starting = () => Twin.StartAsync(new TwinOptions { FirstPort = port }, TestContext.Current.CancellationToken);

        await starting.Should().ThrowAsync<TwinException>()
            .WithMessage($"Stand-in upstream cannot listen on 127.0.0.1:{port}: *address already in use* Give another --port, or none for free ports.");
    }
}
