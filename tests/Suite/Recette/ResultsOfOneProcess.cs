using System.Text;
using Acceptance.Platform.Profiles;
using Acceptance.Platform.Results;

namespace Acceptance.Tests.Suite.Recette;

/// <summary>A folder of results as one test process leaves it.</summary>
internal sealed class ResultsOfOneProcess
{
    public static readonly DateTimeOffset Start = new(2026, 11, 23, 21, 14, 0, TimeSpan.Zero);

    private readonly ResultsFolder _folder;
    private readonly string _category;
    private readonly string _process;
    private readonly List<PlannedTest> _planned = [];
    private int _results;

    public ResultsOfOneProcess(string path, string category = "Nexus", string process = "p1")
    {
        _folder = new ResultsFolder(path);
        _category = category;
        _process = process;
    }

    public IReadOnlyList<EnvironmentName> Environments { get; init; } = [EnvironmentName.Lab, EnvironmentName.Run];

    public bool Twin { get; init; }

    public string Path => _folder.Path;

    /// <summary>A test that is planned and has no result.</summary>
    public ResultsOfOneProcess Planned(string requirement, EnvironmentName? environment)
    {
        _planned.Add(new PlannedTest("c", Id(requirement, environment), $"{requirement} holds ({environment})", [requirement], environment));
        return this;
    }

    /// <summary>A test that is planned and has this outcome.</summary>
    public ResultsOfOneProcess With(string requirement, EnvironmentName? environment, TestOutcome outcome, string? message = null) =>
        Planned(requirement, environment).Unplanned(requirement, environment, outcome, message);

    /// <summary>A result whose test is not in the plan, or one more of a test that is.</summary>
    public ResultsOfOneProcess Unplanned(string requirement, EnvironmentName? environment, TestOutcome outcome, string? message = null, AllureAttachment? attachment = null)
    {
        var at = Start.AddSeconds(++_results).ToUnixTimeMilliseconds();
        List<AllureLabel> labels = [new(AllureLabel.Exigence, requirement), new(AllureLabel.Outcome, outcome.ToString().ToLowerInvariant()), new("thread", _process)];
        if (environment is { } name)
        {
            labels.Add(new AllureLabel(AllureLabel.Environment, name.ToString().ToLowerInvariant()));
        }

        _folder.Write(new AllureResult
        {
            Uuid = $"{_process}-{_results:000}",
            HistoryId = Id(requirement, environment),
            TestCaseId = "c",
            FullName = "A:" + requirement,
            Name = $"{requirement} holds ({environment})",
            Status = "passed",
            StatusDetails = message is null ? null : new AllureStatusDetails(message, null),
            Start = at,
            Stop = at + 250,
            Labels = labels,
            Attachments = attachment is null ? [] : [attachment],
        });
        return this;
    }

    public AllureAttachment Attach(string name) => _folder.Attach(name, ".txt", "text/plain", Encoding.UTF8.GetBytes(name));

    public ResultsOfOneProcess Error(string message)
    {
        _folder.Write(new AllureGlobals([new AllureGlobalError(message, null)], []));
        return this;
    }

    /// <summary>The process was killed: a plan, and no word of its end.</summary>
    public ResultsOfOneProcess Killed()
    {
        _folder.Write(new CampaignPlan(_process, _category, "live", Environments, Start, _planned));
        return this;
    }

    /// <summary>The process came to its end.</summary>
    public ResultsOfOneProcess Ended()
    {
        Killed();
        _folder.Write(new PlatformFacts(_process, Twin, Start.AddMinutes(1), [], [], []));
        return this;
    }

    private static string Id(string requirement, EnvironmentName? environment) => $"{requirement}/{environment}";
}
