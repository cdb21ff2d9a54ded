namespace Acceptance.Tests.CloudRun;

[Needs(Capability.CloudRun), Collection(MonitoringCategory.Name)]
public sealed class MonitoringTests(MonitoringRun run)
{
    // Of two instances, who is sent to any is sent to one and the same so many times once in a hundred.
    private const int Comings = 6;

    [AcceptanceTest, InEachEnvironment, Requirement("CR-07")]
    public async Task The_page_is_served_at_the_address_of_the_service(EnvironmentName environment)
    {
        var (cloudRun, monitoring) = await run.In(environment);

        var page = await (await cloudRun.VisitAsRecette(monitoring.Service)).Get("", Cancel);

        page.Status.Should().Be(200, "{0} is the address that Cloud Run gives; it answered {1}", page.Address, page);
        page.MediaType.Should().Be("text/html");
        page.Text.Should().Contain("<h2>Score moyen par période</h2>");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-07")]
    public async Task The_page_is_filled_through_its_websocket(EnvironmentName environment)
    {
        var (cloudRun, monitoring) = await run.In(environment);
        var visitor = await cloudRun.VisitAsRecette(monitoring.Service);

        await using var session = await visitor.Join(null, Cancel);
        await session.Choose("2026-01", Cancel);

        session.Period.Should().Be("2026-01", "what is chosen is answered");
        session.Values.GetProperty("scores").GetArrayLength().Should().Be(1, "one period is chosen");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("CR-07")]
    public async Task Who_comes_again_finds_the_session_as_it_was_left(EnvironmentName environment)
    {
        var (cloudRun, monitoring) = await run.In(environment);
        var visitor = await cloudRun.VisitAsRecette(monitoring.Service);

        var pages = await visitor.GetTimes(Comings, "", Cancel);
        await using var left = await visitor.Join(null, Cancel);
        await left.Choose("2026-02", Cancel);
        await using var again = await visitor.Join(left.Id, Cancel);

        pages.Count(page => page.Text.Contains($">{left.Instance}<")).Should().Be(Comings, "the service has session affinity: the page's cookie leads its websocket to the same instance");
        again.Instance.Should().Be(left.Instance, "the service has session affinity: the cookie leads to the instance that knows the session");
        again.Resumed.Should().BeTrue("the instance knows the session");
        again.Period.Should().Be("2026-02", "a choice is kept");
    }
}
