using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Acceptance.Platform.Http;
using Acceptance.Platform.Profiles;

namespace Acceptance.Recette.Diagnosis;

/// <summary>Whether an address has a name that resolves and, behind https, a certificate that clients trust.</summary>
internal sealed class AddressCheck(Profile profile, TimeProvider clock)
{
    // Time to have a certificate renewed before a campaign.
    private static readonly TimeSpan CertificateLeft = TimeSpan.FromDays(14);

    public async Task<IReadOnlyList<Finding>> ExamineAsync(string system, Uri address, CancellationToken cancellationToken)
    {
        var name = await NameAsync(system, address, cancellationToken);
        return name.Fine && address.Scheme == Uri.UriSchemeHttps ? [name, await CertificateAsync(system, address, cancellationToken)] : [name];
    }

    private static async Task<Finding> NameAsync(string system, Uri address, CancellationToken cancellationToken)
    {
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(address.DnsSafeHost, cancellationToken);
            return new Finding(system, "name", addresses.Length > 0, $"{address.DnsSafeHost} is {string.Join(", ", addresses.Select(one => one.ToString()))}");
        }
        catch (SocketException exception)
        {
            return new Finding(system, "name", false, $"{address.DnsSafeHost} has no address: {exception.Message}");
        }
    }

    private async Task<Finding> CertificateAsync(string system, Uri address, CancellationToken cancellationToken)
    {
        try
        {
            var seen = await ServerCertificate.ReadAsync(address, profile.CaCertificates, cancellationToken);
            var left = seen.NotAfter - clock.GetUtcNow();
            return seen.Problems.Count == 0
                ? new Finding(system, "certificate", left > CertificateLeft, string.Create(
                    CultureInfo.InvariantCulture, $"{seen.Subject}, of {seen.Issuer}, until {seen.NotAfter:yyyy-MM-dd} ({left.TotalDays:0} days left)"))
                : new Finding(system, "certificate", false, $"{string.Join("; ", seen.Problems)}. A company authority goes into {Settings.CaCertificates.Name}.");
        }
        catch (ConnectionFailedException exception)
        {
            return new Finding(system, "certificate", false, Finding.Line(exception.Message));
        }
    }
}
