using System.Text;
using Acceptance.Platform.Profiles;
using Acceptance.Platform.Requirements;
using Acceptance.Platform.Results;
using Acceptance.Recette.Report;
using Acceptance.Recette.Verdicts;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.Recette;

public sealed class RapportHtmlTests : IDisposable
{
    private const string Hostile = "<script>alert('x')</script></pre><img src=x onerror=alert(1)>";

    private readonly ScratchFolder _scratch = new();

    [Fact]
    public async Task Every_row_of_the_catalogue_has_its_line_and_its_verdict_per_environment()
    {
        var page = await Render(Results(twin: true).Ended());

        foreach (var requirement in RequirementCatalogue.Current.All)
        {
            var line = page.GetElementById(requirement.Id);
            line.Should().NotBeNull("{0} must have its line", requirement.Id);
            line!.QuerySelectorAll(".chip").Should().HaveCount(requirement.Environments.Count);
            requirement.Environments.Should().OnlyContain(environment => page.GetElementById($"{requirement.Id}-{environment.ToString().ToLowerInvariant()}") != null);
        }
    }

    [Fact]
    public async Task A_twin_is_named_on_the_screen_and_on_every_printed_page()
    {
        var page = await Render(Results(twin: true).Ended());

        page.QuerySelector(".twin")!.TextContent.Should().Be("Jumeau\u00A0: sans valeur de recette");
        page.QuerySelector("style")!.TextContent.Should().Contain("@top-center { content: \"JUMEAU\u00A0: SANS VALEUR DE RECETTE\"");
        page.QuerySelector(".watermark").Should().NotBeNull();
    }

    [Fact]
    public async Task A_platform_is_not_called_a_twin()
    {
        var page = await Render(Results(twin: false).Ended());

        page.QuerySelector(".twin").Should().BeNull();
        page.QuerySelector(".watermark").Should().BeNull();
        page.QuerySelector("style")!.TextContent.Should().NotContain("JUMEAU");
    }

    [Fact]
    public async Task What_the_platform_answered_is_text_and_never_markup()
    {
        var page = await Render(Results(twin: true).With("NX-01", EnvironmentName.Run, TestOutcome.Failed, Hostile).Error(Hostile).Ended(), campaign: "</style><script>");

        page.QuerySelectorAll("script, img").Should().BeEmpty();
        page.QuerySelector("#NX-01-run pre")!.TextContent.Should().Be(Hostile);
        page.QuerySelector("#execution pre")!.TextContent.Should().Be(Hostile);
    }

    [Fact]
    public async Task It_is_one_page_that_fetches_nothing()
    {
        var page = await Render(Results(twin: true).Ended());

        page.QuerySelectorAll("link, script, img, iframe, [src]").Should().BeEmpty();
        page.QuerySelector("style")!.TextContent.Should().NotContain("url(").And.NotContain("@import");
        page.QuerySelectorAll("a").Should().OnlyContain(link => link.GetAttribute("href")!.StartsWith('#') || link.GetAttribute("href")!.StartsWith("results/"));
    }

    [Fact]
    public async Task Every_link_inside_the_page_has_its_target()
    {
        var page = await Render(Results(twin: true)
            .With("NX-01", EnvironmentName.Run, TestOutcome.Failed).With("NX-02", EnvironmentName.Lab, TestOutcome.Skipped).Ended());

        page.QuerySelectorAll("a[href^='#']").Select(link => link.GetAttribute("href")![1..]).Where(id => page.GetElementById(id) is null).Should().BeEmpty();
        page.QuerySelectorAll("[id]").Select(element => element.Id).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task Its_words_are_French()
    {
        var page = await Render(Results(twin: true)
            .With("NX-01", EnvironmentName.Run, TestOutcome.Failed).With("NX-02", EnvironmentName.Lab, TestOutcome.Skipped)
            .With("NX-03", EnvironmentName.Lab, TestOutcome.Broken).With("NX-03", EnvironmentName.Run, TestOutcome.Blocked).Planned("NX-04", EnvironmentName.Lab).Ended());

        page.DocumentElement.GetAttribute("lang").Should().Be("fr");
        page.QuerySelectorAll(".chip").Select(chip => chip.TextContent).Distinct().Should().BeEquivalentTo(
            ["démontrée", "non conforme", "bloquée", "non démontrée", "défaut de la suite", "bloqué", "non exécuté", "non demandé"]);
        page.Body!.TextContent.Should().Contain("23\u00A0novembre\u00A02026".Replace('\u00A0', ' ')).And.Contain("Taux de couverture\u00A0= (démontrées");
    }

    [Fact]
    public async Task Headings_do_not_skip_a_level_and_cells_have_their_heads()
    {
        var page = await Render(Results(twin: true).With("NX-01", EnvironmentName.Run, TestOutcome.Failed).Ended());

        var levels = page.QuerySelectorAll("h1, h2, h3, h4").Select(heading => heading.TagName[1] - '0').ToList();
        levels[0].Should().Be(1);
        levels.Zip(levels.Skip(1)).Should().OnlyContain(pair => pair.Second <= pair.First + 1);
        page.QuerySelectorAll("th").Should().OnlyContain(head => head.HasAttribute("scope"));
        page.QuerySelectorAll("table").Should().OnlyContain(table => table.QuerySelector("caption") != null);
    }

    [Fact]
    public async Task What_failed_comes_before_what_was_blocked()
    {
        var page = await Render(Results(twin: false).With("NX-03", EnvironmentName.Run, TestOutcome.Broken).With("NX-06", EnvironmentName.Run, TestOutcome.Failed).Ended());

        page.QuerySelectorAll("#anomalies article").Select(article => article.Id).Should().Equal("NX-06-run", "NX-03-run");
    }

    public void Dispose() => _scratch.Dispose();

    private ResultsOfOneProcess Results(bool twin) =>
        new ResultsOfOneProcess(_scratch.Path) { Twin = twin }.With("NX-01", EnvironmentName.Lab, TestOutcome.Passed);

    private static async Task<IDocument> Render(ResultsOfOneProcess results, string campaign = "R1")
    {
        var verdict = new CampaignJoin(RequirementCatalogue.Current, new FakeTimeProvider()).Join(campaign, [JoinedFolder.Read(results.Path)]);
        return new HtmlParser().ParseDocument(Encoding.UTF8.GetString(await RapportHtml.RenderAsync(verdict)));
    }
}
