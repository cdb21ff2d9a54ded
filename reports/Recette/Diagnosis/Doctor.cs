using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Acceptance.Platform.Evidence;
using Acceptance.Platform.Http;
using Acceptance.Platform.Nexus;
using Acceptance.Platform.Nexus.Api;
using Acceptance.Platform.Profiles;

namespace Acceptance.Recette.Diagnosis;

/// <summary>Looks at what a profile points at, and changes nothing: names, certificates, credentials, versions.</summary>
internal sealed class Doctor(Profile profile, TimeProvider clock)
{
    // Time to have a certificate renewed before a campaign.
    private static readonly TimeSpan CertificateLeft = TimeSpan.FromDays(14);

    /// <summary>Every finding, in the order of the environments and of the checks. A check that needs one before it that failed is left out.</summary>
    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var environments = await Task.WhenAll(profile.NexusEndpoints.Select(one => NexusAsync(one.Key, one.Value, cancellationToken)));
        return [.. environments.SelectMany(findings => findings)];
    }

    private async Task<List<Finding>> NexusAsync(EnvironmentName environment, NexusEndpoint endpoint, CancellationToken cancellationToken)
    {
        var system = $"Nexus of {environment.ToString().ToLowerInvariant()}";
        var findings = new List<Finding> { await NameAsync(system, endpoint.Url, cancellationToken) };
        if (findings[0].Fine && endpoint.Url.Scheme == Uri.UriSchemeHttps)
        {
            findings.Add(await CertificateAsync(system, endpoint.Url, cancellationToken));
        }

        if (!findings.TrueForAll(finding => finding.Fine))
        {
            return findings;
        }

        var redaction = new Redaction();
        profile.Secrets.ToList().ForEach(redaction.Register);
        using var http = new HttpPipeline(redaction, profile.Limits, profile.CaCertificates, clock).Client(endpoint.Url, endpoint.Reader, 2);
        using var api = new NexusClient(http, profile.Limits);
        var answer = await NexusProbe.Of(environment, endpoint.Url, api).AskAsync(profile.ReachWithin, cancellationToken);
        findings.Add(new Finding(system, "answers", answer.Error is null, answer.Error is { } error ? Line(error) : $"version {answer.Version} at {endpoint.Url}"));
        if (answer.Error is null)
        {
            findings.Add(await CheckAsync(system, $"account {endpoint.Reader.User}", () => BlobStoresAsync(api, cancellationToken)));
            findings.Add(await CheckAsync(system, "proxy settings", () => ProxyAsync(api, cancellationToken)));
            findings.Add(await CheckAsync(system, "repositories", async () => Repositories(await api.ListRepositoriesAsync(cancellationToken))));
        }

        return findings;
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
            return new Finding(system, "certificate", false, Line(exception.Message));
        }
    }

    private static async Task<string> BlobStoresAsync(NexusClient api, CancellationToken cancellationToken)
    {
        var stores = await api.ListBlobStoresAsync(cancellationToken);
        if (stores.Count == 0)
        {
            return "may read blob stores, of which there are none";
        }

        var quota = await api.GetQuotaStatusAsync(stores[0].Name, cancellationToken);
        return $"may read {stores.Count} blob stores, and quotas ({quota.BlobStoreName}: {quota.Message})";
    }

    private async Task<string> ProxyAsync(NexusClient api, CancellationToken cancellationToken)
    {
        var ours = NexusFixture.RepositoriesOf(profile).Select(one => one.Repository).ToHashSet(StringComparer.Ordinal);
        var repositories = await api.ListRepositoriesAsync(cancellationToken);
        if (repositories.FirstOrDefault(repository => repository.Type == "proxy" && ours.Contains(repository.Name)) is not { } first)
        {
            return "no repository of the recette is a proxy";
        }

        var proxy = await api.GetProxyRepositoryAsync(first.Format, first.Name, cancellationToken);
        return $"may be read: {proxy.Name} asks {PublicAddressOf(proxy.Proxy.RemoteUrl)}";
    }

    private static string PublicAddressOf(Uri address) => Redaction.Address(address.GetLeftPart(UriPartial.Path));

    private string Repositories(IReadOnlyList<Repository> repositories)
    {
        var there = repositories.Select(repository => repository.Name).ToHashSet(StringComparer.Ordinal);
        var missing = NexusFixture.RepositoriesOf(profile).Select(one => one.Repository).Where(name => !there.Contains(name)).ToList();
        return missing.Count == 0
            ? $"{there.Count}, those of the recette among them"
            : throw new RecetteException($"{string.Join(", ", missing)} not among {string.Join(", ", there.Order(StringComparer.Ordinal))}");
    }

    private static async Task<Finding> CheckAsync(string system, string check, Func<Task<string>> look)
    {
        try
        {
            return new Finding(system, check, true, await look());
        }
        catch (Exception exception) when (exception is NexusApiException or ConnectionFailedException or RecetteException)
        {
            return new Finding(system, check, false, Line(exception.Message));
        }
    }

    private static string Line(string message) => string.Join(' ', message.Split('\n', StringSplitOptions.TrimEntries));
}
