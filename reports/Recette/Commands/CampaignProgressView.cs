using Acceptance.Platform.Results;
using Acceptance.Recette.Campaigns;
using Spectre.Console;

namespace Acceptance.Recette.Commands;

/// <summary>Shows a running campaign: a table that lives on a terminal, one line a category in a log.</summary>
internal static class CampaignProgressView
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);

    /// <summary>Shows <paramref name="progress"/> until <paramref name="campaign"/> ends.</summary>
    public static async Task ShowAsync(IAnsiConsole console, TimeProvider clock, CampaignProgress progress, Task campaign)
    {
        if (console.Profile.Out.IsTerminal && console.Profile.Capabilities.Ansi)
        {
            await console.Live(Table(progress, clock)).StartAsync(live => FollowAsync(clock, progress, campaign, () => live.UpdateTarget(Table(progress, clock))));
        }
        else
        {
            var said = new HashSet<string>(StringComparer.Ordinal);
            await FollowAsync(clock, progress, campaign, () => SayEnded(console, progress, clock, said));
        }

        await campaign;
    }

    private static async Task FollowAsync(TimeProvider clock, CampaignProgress progress, Task campaign, Action show)
    {
        using var timer = new PeriodicTimer(Refresh, clock);
        while (!campaign.IsCompleted)
        {
            await Task.WhenAny(campaign, timer.WaitForNextTickAsync().AsTask());
            progress.Refresh();
            show();
        }
    }

    private static void SayEnded(IAnsiConsole console, CampaignProgress progress, TimeProvider clock, HashSet<string> said)
    {
        foreach (var category in progress.Categories.Where(category => category.End is not null && said.Add(category.Category)))
        {
            var outcomes = string.Join(", ", Enum.GetValues<TestOutcome>().Where(outcome => category.Count(outcome) > 0)
                .Select(outcome => $"{category.Count(outcome)} {Word(outcome)}"));
            console.Profile.Out.Writer.WriteLine($"{category.Category}: {State(category)}, {category.Outcomes.Count} of {category.Planned} tests{(outcomes.Length > 0 ? $" ({outcomes})" : "")} in {Elapsed(category, clock)}");
        }
    }

    private static Table Table(CampaignProgress progress, TimeProvider clock)
    {
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumns("Category", "State");
        foreach (var column in (string[])["Tests", "Passed", "Failed", "Broken", "Blocked", "Skipped", "Elapsed"])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var category in progress.Categories)
        {
            table.AddRow(
                new Markup(Markup.Escape(category.Category)),
                new Markup(category.End is { Died: true } ? $"[red]{State(category)}[/]" : State(category)),
                new Markup($"{category.Outcomes.Count}/{category.Planned}"),
                Cell(category, TestOutcome.Passed, "green"),
                Cell(category, TestOutcome.Failed, "red"),
                Cell(category, TestOutcome.Broken, "red"),
                Cell(category, TestOutcome.Blocked, "yellow"),
                Cell(category, TestOutcome.Skipped, "grey"),
                new Markup(Elapsed(category, clock)));
        }

        return table;
    }

    private static Markup Cell(CategoryProgress category, TestOutcome outcome, string colour) =>
        category.Count(outcome) is > 0 and var count ? new Markup($"[{colour}]{count}[/]") : new Markup("[grey]0[/]");

    private static string State(CategoryProgress category) => category switch
    {
        { End: { Died: true, ExitCode: { } code } } => $"died, exit code {code}",
        { End.Died: true } => "did not start",
        { End.Killed: true } => "interrupted",
        { End: not null } => "done",
        { StartedAt: not null } => "running",
        _ => "waiting",
    };

    private static string Elapsed(CategoryProgress category, TimeProvider clock) =>
        category.StartedAt is { } started ? $"{((category.EndedAt ?? clock.GetUtcNow()) - started).TotalSeconds:0.0} s" : "";

    private static string Word(TestOutcome outcome) => outcome == TestOutcome.NotRun ? "not run" : outcome.ToString().ToLowerInvariant();
}
