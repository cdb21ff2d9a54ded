using Acceptance.Platform.Profiles;
using Acceptance.Platform.Results;
using Acceptance.Tests.Suite.Faults;

namespace Acceptance.Tests.Suite.BadDays;

/// <summary>What a whole process of acceptance tests says when it cannot do what it was asked.</summary>
public sealed class ProcessTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_profile_with_mistakes_fails_once_with_all_of_them_and_blocks_the_rest()
    {
        var run = await AcceptanceProcess.RunAsync("Nexus", new Dictionary<string, string>(), "lab", cancellationToken: Cancel);

        FailsOnce(run, "Profile 'lab' cannot be used: 7 settings to mend.");
        run.Output.Should().Contain("ACCEPTANCE_LAB_NEXUS_URL: is missing, and the profile declares the capability nexus.").And.Contain("ACCEPTANCE_RUN_NEXUS_PASSWORD: is missing,");
    }

    [Fact]
    public async Task A_platform_that_does_not_answer_fails_once_for_each_environment_and_blocks_the_rest()
    {
        var run = await AcceptanceProcess.RunAsync("Nexus", NothingListens, "lab", cancellationToken: Cancel);

        FailsOnce(run, "Nexus of lab at http://127.0.0.1:1/ cannot be reached: everything that needs it is blocked.");
        run.Red.Should().Contain("NX-01").And.Contain("NX-06");
        run.Folder.Results().Single(result => result.Outcome == TestOutcome.Failed).LabelValues(AllureLabel.Exigence).Should().Equal("NX-01");
    }

    [Fact]
    public async Task Without_its_reachability_test_a_run_against_nothing_is_red_all_the_same()
    {
        var run = await AcceptanceProcess.RunAsync("Nexus", NothingListens, "lab", ["-noLogo", "-trait", "Requirement=NX-06"], Cancel);

        run.ExitCode.Should().NotBe(0);
        run.Folder.Results().Should().OnlyContain(result => result.Outcome == TestOutcome.Blocked);
    }

    [Fact]
    public async Task A_row_that_also_needs_another_system_is_skipped_where_that_systems_settings_are_not_given()
    {
        var run = await AcceptanceProcess.RunAsync("Nexus", NothingListens, "lab", ["-noLogo", "-trait", "Requirement=NX-07"], Cancel);

        run.ExitCode.Should().Be(0, "{0}", run.Output);
        run.Folder.Results().Should().ContainSingle().Which.StatusDetails!.Message.Should().Be(
            "Not asked of this run of profile 'lab': the settings of CloudRun are not all given. That system's own category names them.");
    }

    [Fact]
    public async Task A_failure_that_quotes_a_secret_is_masked_wherever_it_is_written()
    {
        var variables = new Dictionary<string, string>(NothingListens)
        {
            [Settings.NexusUrl(EnvironmentName.Lab).Name] = "http://127.0.0.1:1/battery-staple/",
            [Settings.NexusPassword(EnvironmentName.Lab).Name] = "battery-staple",
        };

        var run = await AcceptanceProcess.RunAsync("Nexus", variables, "lab", cancellationToken: Cancel);

        FailsOnce(run, "Nexus of lab at http://127.0.0.1:1/***/ cannot be reached");
        run.Output.Should().NotContain("battery-staple");
        Directory.GetFiles(run.Folder.Path).Where(file => File.ReadAllText(file).Contains("battery-staple")).Should().BeEmpty();
        run.Messages.Should().Contain(message => message.Contains("http://127.0.0.1:1/***/"));
    }

    [Fact]
    public async Task An_environment_file_that_is_not_there_fails_once()
    {
        var variables = new Dictionary<string, string> { [Settings.EnvironmentFile.Name] = "/no/such/twin.env" };

        var run = await AcceptanceProcess.RunAsync("Nexus", variables, "lab", cancellationToken: Cancel);

        FailsOnce(run, "ACCEPTANCE_ENVIRONMENT_FILE: '/no/such/twin.env' cannot be read");
    }

    [Theory]
    [InlineData("ACCEPTANCE_TWIN_FAULTS", "N999", "ACCEPTANCE_TWIN_FAULTS: No stand-in shows a fault 'N999'.")]
    [InlineData("ACCEPTANCE_TWIN", "embeded", "ACCEPTANCE_TWIN: 'embeded' is not known; did you mean 'embedded'?")]
    public async Task A_twin_that_cannot_start_as_asked_fails_once(string variable, string value, string message)
    {
        var run = await AcceptanceProcess.RunAsync("Nexus", new Dictionary<string, string> { [variable] = value }, cancellationToken: Cancel);

        FailsOnce(run, message);
    }

    [Fact]
    public async Task Results_that_cannot_be_kept_fail_once()
    {
        var file = Path.GetTempFileName();
        var variables = new Dictionary<string, string> { [Settings.Results.Name] = Path.Combine(file, "results") };

        var running = async () => await AcceptanceProcess.OutputAsync("Nexus", variables, "offline", Cancel);

        (await running()).Should().Contain($"Results cannot be kept or read at '{file}/results'").And.Contain("Give a folder that this user may write to in ACCEPTANCE_RESULTS");
        File.Delete(file);
    }

    [Fact]
    public void A_results_folder_below_a_file_says_what_to_do()
    {
        var opening = () => new ResultsFolder("/dev/null/results");

        opening.Should().Throw<ResultsFolderException>().WithMessage("Results cannot be kept or read at '/dev/null/results': * Give a folder that this user may write to in ACCEPTANCE_RESULTS, or remove the file named here.");
    }

    private static Dictionary<string, string> NothingListens => Enum.GetValues<EnvironmentName>()
        .SelectMany(environment => new[]
        {
            (Settings.NexusUrl(environment), $"http://127.0.0.1:{(int)environment + 1}/"),
            (Settings.NexusUser(environment), "reader"),
            (Settings.NexusPassword(environment), "correct horse"),
        })
        .Append((Settings.Locks, "fixtures/usecases/churn"))
        .ToDictionary(pair => pair.Item1.Name, pair => pair.Item2);

    private static void FailsOnce(AcceptanceRun run, string message)
    {
        run.ExitCode.Should().NotBe(0);
        run.Output.Should().Contain(message);
        run.Output.Should().MatchRegex(@"Failed: +1,", "one cause is told once: {0}", run.Output);
        run.Folder.Results().Should().NotContain(result => result.Outcome == TestOutcome.Passed);
    }
}
