using Acceptance.Platform.CloudRun;
using Acceptance.Platform.Nexus;
using Acceptance.Platform.Nexus.Content;

namespace Acceptance.Tests.Nexus;

[Needs(Capability.Nexus), AlsoNeeds(Capability.CloudRun)]
public sealed class CloudRunTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("NX-07")]
    public async Task A_job_fetches_an_index_and_a_package_of_each_format_as_the_recette_does(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);
        var cloudRun = await platform.CloudRun(environment);
        var here = await nexus.FetchForJobs(Cancel);

        var there = await cloudRun.Fetch([.. here.Select(artefact => artefact.Uri)], nexus.Reader, Cancel);

        here.Should().NotBeEmpty("the profile declares a format at least");
        var known = new List<Artefact>();
        foreach (var (before, line) in here.Zip(there))
        {
            // An index may be a newer one by the time the job asks for it.
            known.Add(line["sha256"] is { } seen && seen != before.Sha256 ? await nexus.FetchAgainForJobs(before, Cancel) : before);
        }

        there.Select(line => $"{line["url"]} sha256:{line["sha256"] ?? line["error"]}").Should().Equal(known.Select(artefact => $"{artefact.Uri.AbsoluteUri} sha256:{artefact.Sha256}"), "jobs install what workstations installed");
    }
}
