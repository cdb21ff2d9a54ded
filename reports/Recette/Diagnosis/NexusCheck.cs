using Acceptance.Platform.Evidence;
using Acceptance.Platform.Http;
using Acceptance.Platform.Nexus;
using Acceptance.Platform.Nexus.Api;
using Acceptance.Platform.Profiles;

namespace Acceptance.Recette.Diagnosis;

/// <summary>Whether a Nexus answers, and the profile's account reads there what the tests read.</summary>
internal sealed class NexusCheck(Profile profile, HttpPipeline pipeline)
{
    public async Task<IReadOnlyList<Finding>> ExamineAsync(string system, EnvironmentName environment, NexusEndpoint endpoint, CancellationToken cancellationToken)
    {
        using var http = pipeline.Client(endpoint.Url, endpoint.Reader, 2);
        using var api = new NexusClient(http, profile.Limits);
        var answer = await NexusProbe.Of(environment, endpoint.Url, api).AskAsync(profile.ReachWithin, cancellationToken);
        var answers = Finding.OfAnswer(system, answer);
        return !answers.Fine ? [answers] :
        [
            answers,
            await Finding.OfAsync(system, $"account {endpoint.Reader.User}", () => BlobStoresAsync(api, cancellationToken)),
            await Finding.OfAsync(system, "proxy settings", () => ProxyAsync(api, cancellationToken)),
            await Finding.OfAsync(system, "repositories", async () => Repositories(await api.ListRepositoriesAsync(cancellationToken))),
        ];
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
}
