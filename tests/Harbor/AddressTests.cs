namespace Acceptance.Tests.Harbor;

/// <summary>What Harbor says of its own address. The certificate is judged also where no client would trust it, and nothing else can be asked.</summary>
public sealed class AddressTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("HA-09"), Needs(Capability.Registry)]
    public async Task The_certificate_is_trusted_names_the_host_and_does_not_expire_soon(EnvironmentName environment)
    {
        var harbor = platform.HarborUnasked(environment);

        var certificate = await harbor.ReadCertificate(Cancel);

        certificate.Problems.Should().BeEmpty("docker, skopeo and Cloud Run refuse a certificate that they cannot verify");
        (certificate.NotAfter - TimeProvider.System.GetUtcNow()).Should().BeGreaterThan(harbor.Known.CertificateLeft, "{0}'s certificate ends on {1:yyyy-MM-dd}", harbor.Address.Host, certificate.NotAfter);
    }

    [AcceptanceTest, InEachEnvironment, Requirement("HA-09"), Needs(Capability.Harbor)]
    public async Task Clients_are_sent_for_their_token_to_the_public_address(EnvironmentName environment)
    {
        var harbor = await platform.Harbor(environment);

        var challenge = await harbor.Anonymous.ChallengeAsync(Cancel);

        (challenge?.Realm).Should().NotBeNull("Harbor has a token service");
        new Uri(challenge!.Realm!).GetLeftPart(UriPartial.Authority).Should().Be(
            harbor.Address.GetLeftPart(UriPartial.Authority), "a realm of another scheme or host sends credentials elsewhere, or nowhere");
    }
}
