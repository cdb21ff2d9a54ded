using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class TlsTests : IAsyncLifetime
{
    private HarborWire _harbor = null!;

    public async ValueTask InitializeAsync() => _harbor = await HarborWire.StartAsync();

    public ValueTask DisposeAsync() => _harbor.DisposeAsync();

    [Fact]
    public async Task The_certificate_comes_with_its_intermediate_and_leads_to_the_twins_root()
    {
        var (errors, certificate, sent) = await ShakeHandsAsync();

        errors.Should().Be(SslPolicyErrors.None);
        sent.Should().Equal("CN=Acceptance Twin", "CN=Acceptance Twin Issuing CA");
        certificate.MatchesHostname("127.0.0.1").Should().BeTrue();
        certificate.MatchesHostname("localhost").Should().BeTrue();
    }

    [Fact]
    public async Task H4_leaves_the_intermediate_out()
    {
        _harbor.Faults.SwitchOn("H4");

        var (errors, _, sent) = await ShakeHandsAsync();

        (errors, sent.Count).Should().Be((SslPolicyErrors.RemoteCertificateChainErrors, 1));
        _harbor.Faults.Hits("H4").Should().Be(1);
    }

    [Theory]
    [InlineData("X22", 3, SslPolicyErrors.None)]
    [InlineData("X24", -1, SslPolicyErrors.RemoteCertificateChainErrors)]
    public async Task A_certificate_that_nobody_renews_ends(string fault, int days, SslPolicyErrors expected)
    {
        _harbor.Faults.SwitchOn(fault);

        var (errors, certificate, _) = await ShakeHandsAsync();

        errors.Should().Be(expected);
        (certificate.NotAfter.ToUniversalTime() - TimeProvider.System.GetUtcNow().UtcDateTime).TotalDays.Should().BeApproximately(days, 0.01);
    }

    [Fact]
    public async Task X23_names_another_host()
    {
        _harbor.Faults.SwitchOn("X23");

        (await ShakeHandsAsync()).Errors.Should().Be(SslPolicyErrors.RemoteCertificateNameMismatch);
    }

    [Fact]
    public async Task A_fault_shows_on_the_next_connection_and_is_gone_with_the_one_after()
    {
        _harbor.Faults.SwitchOn("X23");
        var during = await ShakeHandsAsync();
        _harbor.Faults.SwitchOff("X23");
        var after = await ShakeHandsAsync();

        (during.Errors, after.Errors).Should().Be((SslPolicyErrors.RemoteCertificateNameMismatch, SslPolicyErrors.None));
    }

    [Fact]
    public async Task The_roots_file_goes_with_the_twin()
    {
        var file = _harbor.Twin.Variables["ACCEPTANCE_CA_CERTIFICATES"];
        var before = File.Exists(file);

        await _harbor.Twin.DisposeAsync();

        (before, File.Exists(file)).Should().Be((true, false));
    }

    private async Task<(SslPolicyErrors Errors, X509Certificate2 Certificate, IReadOnlyList<string> Sent)> ShakeHandsAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        var errors = SslPolicyErrors.None;
        var sent = new List<string>();
        X509Certificate2? leaf = null;
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(_harbor.Address.Host, _harbor.Address.Port, cancel);
        await using var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = _harbor.Address.Host,
            EnabledSslProtocols = SslProtocols.None,
            CertificateChainPolicy = _harbor.Trust(),
            RemoteCertificateValidationCallback = (_, certificate, chain, found) =>
            {
                errors = found;
                leaf = X509CertificateLoader.LoadCertificate(certificate!.GetRawCertData());
                sent.Add(leaf.Subject);
                sent.AddRange(chain!.ChainPolicy.ExtraStore.Select(one => one.Subject).Where(subject => subject != leaf.Subject));
                return true;
            },
        }, cancel);
        return (errors, leaf!, sent);
    }
}
