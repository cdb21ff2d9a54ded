using System.Net;

namespace Acceptance.Tests.Nexus;

[Needs(Capability.Nexus)]
public sealed class ServiceTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("NX-01"), ReachabilityOf("Nexus")]
    public async Task Nexus_answers_and_accepts_writes(EnvironmentName environment)
    {
        var nexus = await platform.NexusThatAnswers(environment);

        var writable = await nexus.Api.GetWritableStatusAsync(Cancel);

        writable.Available.Should().BeTrue("a Nexus that takes no writes cannot fill its caches");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-01")]
    public async Task The_repositories_of_the_recette_are_online_and_nobody_blocked_them(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);

        var repositories = await nexus.Repositories(Cancel);

        repositories.Missing.Should().BeEmpty("this Nexus must have the recette's repositories");
        repositories.Offline.Should().BeEmpty("a repository that is not online answers 503 to every client");
        repositories.Proxies.Where(proxy => proxy.HttpClient.Blocked).Select(proxy => proxy.Name).Should().BeEmpty("a blocked proxy never asks its upstream");
        repositories.Proxies.Should().NotBeEmpty("packages come from upstreams");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-01")]
    public async Task No_proxy_has_blocked_itself_from_its_upstream(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);
        var repositories = await nexus.Repositories(Cancel);

        var answers = await Task.WhenAll(repositories.Proxies.Select(proxy => nexus.AskUpstream(proxy, Cancel)));

        answers.Should().NotBeEmpty();
        answers.Where(answer => answer.Blocked is not null).Select(answer => $"{answer.Repository}: {answer.Blocked}")
            .Should().BeEmpty("a proxy that cannot reach its upstream serves its cache only, and blocks itself for longer each time");
        answers.Where(answer => answer.Status != HttpStatusCode.NotFound).Select(answer => (answer.Repository, answer.Status))
            .Should().BeEmpty("only a proxy that reached its upstream knows that something is absent there");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-01")]
    public async Task Every_blob_store_is_there_with_space_left(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);

        var stores = await nexus.Api.ListBlobStoresAsync(Cancel);
        var quotas = await Task.WhenAll(stores.Select(store => nexus.Api.GetQuotaStatusAsync(store.Name, Cancel)));

        stores.Should().NotBeEmpty();
        stores.Where(store => store.Unavailable).Select(store => store.Name).Should().BeEmpty("what it holds cannot be served");
        stores.Should().OnlyContain(store => store.AvailableSpaceInBytes >= nexus.Known.BlobStoreFree, "caches need room to grow");
        quotas.Where(quota => quota.IsViolation).Select(quota => $"{quota.BlobStoreName}: {quota.Message}").Should().BeEmpty("a quota is over");
    }
}
