using Acceptance.Platform.Results;
using Acceptance.Recette.Campaigns;
using Acceptance.Recette.Verdicts;
using Spectre.Console;

namespace Acceptance.Recette.Commands;

/// <summary>Tells a verdict on the terminal: counts, what is wrong, where the report is, the proposal.</summary>
internal static class VerdictConsole
{
    private const int MessageLines = 6;

    /// <returns>The exit code that the verdict asks for.</returns>
    public static ExitCode Tell(IAnsiConsole console, Verdict verdict, CampaignFolder folder)
    {
        console.WriteLine();
        console.Write(Counts(verdict.Coverage));
        var said = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in verdict.Requirements.Where(row => row.Verdict is RequirementOutcome.Failed or RequirementOutcome.Blocked).OrderBy(row => row.Verdict))
        {
            Tell(console, row, said);
        }

        foreach (var error in verdict.Errors)
        {
            console.Markup("[yellow]error[/] ");
            Verbatim(console, error);
        }

        foreach (var resource in verdict.LeftBehind)
        {
            console.Markup("[yellow]left behind[/] ");
            Verbatim(console, resource);
        }

        var code = ExitCodes.Of(verdict);
        console.WriteLine();
        if (!DecisionRules.RanAnything(verdict.Requirements))
        {
            console.MarkupLine("[red]No test ran[/], so nothing is demonstrated: look at the logs, and at the filter or profile of the run.");
        }

        console.MarkupLineInterpolated($"Proposed decision: [bold]{Word(verdict.Decision.Proposed)}[/] (exit code {(int)code})");
        foreach (var sentence in verdict.Decision.Because)
        {
            Verbatim(console, $"  {sentence}");
        }

        Verbatim(console, $"Report: {folder.Report}");

        return code;
    }

    private static Table Counts(Coverage coverage)
    {
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumn("Category");
        foreach (var column in (string[])["Rows", "Demonstrated", "Failed", "Blocked", "Waived", "Not demonstrated", "Not applicable"])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var category in coverage.Categories)
        {
            table.AddRow(Cells(category));
        }

        table.AddEmptyRow();
        table.AddRow(Cells(coverage.Total));
        return table;
    }

    private static Markup[] Cells(CategoryCoverage category) =>
    [
        new(Markup.Escape(category.Title)),
        new($"{category.Requirements}"),
        Cell(category.Demonstrated, "green"),
        Cell(category.Failed, "red"),
        Cell(category.Blocked, "yellow"),
        Cell(category.Waived, "blue"),
        Cell(category.NotDemonstrated, "default"),
        Cell(category.NotApplicable, "default"),
    ];

    private static Markup Cell(int count, string colour) => new(count == 0 ? "[grey]0[/]" : $"[{colour}]{count}[/]");

    /// <param name="said">Messages told so far: one cause that blocks many rows is told once.</param>
    private static void Tell(IAnsiConsole console, RequirementVerdict row, HashSet<string> said)
    {
        var colour = row.Verdict == RequirementOutcome.Failed ? "red" : "yellow";
        console.MarkupLine($"[{colour}]{(row.Verdict == RequirementOutcome.Failed ? "failed" : "blocked")}[/] [bold]{Markup.Escape(row.Id)}[/] "
            + $"{French.Word(row.Environment)} {Markup.Escape(row.Title)} [grey]({Markup.Escape(row.Reason ?? "")})[/]");
        var telling = row.Tests.FirstOrDefault(test => test.Outcome == TestOutcome.Failed)
            ?? row.Tests.First(test => test.Outcome is not (TestOutcome.Passed or TestOutcome.Skipped));
        if (telling is { Outcome: not TestOutcome.NotRun, Message: { } message } && said.Add(message))
        {
            foreach (var line in message.ReplaceLineEndings("\n").Split('\n').Take(MessageLines))
            {
                Verbatim(console, $"    {line}".TrimEnd());
            }
        }
    }

    /// <summary>Messages and paths stay as they are, without the console's own line breaks: they are copied and searched for.</summary>
    private static void Verbatim(IAnsiConsole console, string text) => console.Profile.Out.Writer.WriteLine(text);

    private static string Word(ProposedDecision decision) => decision switch
    {
        ProposedDecision.Accepted => "accepted",
        ProposedDecision.AcceptedWithReserves => "accepted with reserves",
        ProposedDecision.Refused => "refused",
        ProposedDecision.Adjourned => "adjourned",
        _ => "rehearsal",
    };
}
