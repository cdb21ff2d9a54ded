using System.Net;
using Acceptance.Platform.Nexus;

namespace Acceptance.Tests.Nexus;

[Needs(Capability.Nexus)]
public sealed class AbsentPackageTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("NX-02")]
    public async Task A_package_that_no_index_has_is_refused_clearly_and_soon(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);

        var answers = await Task.WhenAll(nexus.RepositoriesByFormat.Select(one => nexus.AskAbsent(one.Format, one.Repository, Cancel)));

        answers.Select(answer => (answer.Repository, answer.Status))
            .Should().NotBeEmpty().And.Equal(nexus.RepositoriesByFormat.Select(one => (one.Repository, HttpStatusCode.NotFound)), "clients take 404 for absent, a page with 200 for content and 5xx for a breakdown");
        answers.Where(answer => answer.Elapsed > nexus.Known.AbsentWithin).Select(answer => (answer.Repository, answer.Elapsed))
            .Should().BeEmpty("a misspelt name must be told within {0}", nexus.Known.AbsentWithin);
        answers.Where(answer => answer.Blocked is not null).Select(answer => $"{answer.Repository}: {answer.Blocked}")
            .Should().BeEmpty("a proxy that is cut off does not know what is absent");
    }
}
