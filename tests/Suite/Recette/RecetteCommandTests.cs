using Acceptance.Platform.Profiles;
using Acceptance.Platform.Results;
using Acceptance.Recette.Commands;
using Acceptance.Recette.Verdicts;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;

namespace Acceptance.Tests.Suite.Recette;

public sealed class RecetteCommandTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    [Fact]
    public async Task A_report_holds_its_verdict_its_page_and_a_copy_of_its_evidence()
    {
        Results("a").With("NX-01", EnvironmentName.Lab, TestOutcome.Passed).Ended();
        Results("b").With("NX-02", EnvironmentName.Lab, TestOutcome.Passed).Ended();

        var code = await Recette("report", "--results", _scratch.File("a"), _scratch.File("b"), "--output", _scratch.File("out"), "--campaign", "R1");

        code.Should().Be((int)ExitCode.Adjourned);
        Directory.GetFileSystemEntries(_scratch.File("out/R1")).Select(Path.GetFileName).Should().BeEquivalentTo("rapport.html", "verdict.json", "results");
        Directory.GetFiles(_scratch.File("out/R1/results")).Should().HaveCount(6);
        _output.ToString().Should().Contain($"Report: {_scratch.File("out/R1/rapport.html")}").And.Contain("Proposed decision: adjourned (exit code 3)");
    }

    [Fact]
    public async Task A_campaign_is_named_by_what_its_results_tell()
    {
        Results("a").With("NX-01", EnvironmentName.Lab, TestOutcome.Passed).Ended();

        await Recette("report", "--results", _scratch.File("a"), "--output", _scratch.File("out"));

        Directory.Exists(_scratch.File("out/20261123-211400-live")).Should().BeTrue();
    }

    [Fact]
    public async Task Results_in_a_campaigns_own_folder_are_reported_there_again_to_the_same_bytes()
    {
        Results("a").With("NX-01", EnvironmentName.Lab, TestOutcome.Passed).Ended();
        await Recette("report", "--results", _scratch.File("a"), "--output", _scratch.File("out"), "--campaign", "R1");
        var first = File.ReadAllBytes(_scratch.File("out/R1/verdict.json"));

        await Recette("report", "--results", _scratch.File("out/R1/results"), "--output", _scratch.File("out"));

        File.ReadAllBytes(_scratch.File("out/R1/verdict.json")).Should().Equal(first);
        Directory.GetDirectories(_scratch.File("out")).Should().ContainSingle();
    }

    [Fact]
    public async Task Folders_joined_once_give_the_same_verdict_when_their_copy_is_reported()
    {
        Results("a").With("NX-04", null, TestOutcome.Failed).Ended();
        Results("b").With("NX-04", null, TestOutcome.Passed).Ended();
        await Recette("report", "--results", _scratch.File("a"), _scratch.File("b"), "--output", _scratch.File("out"), "--campaign", "R1");
        var first = File.ReadAllText(_scratch.File("out/R1/verdict.json"));

        await Recette("report", "--results", _scratch.File("out/R1/results"), "--output", _scratch.File("out"));

        File.ReadAllText(_scratch.File("out/R1/verdict.json")).Should().Be(first);
    }

    [Fact]
    public async Task A_campaign_is_never_overwritten()
    {
        Results("a").With("NX-01", EnvironmentName.Lab, TestOutcome.Passed).Ended();
        Directory.CreateDirectory(_scratch.File("out/R1/results"));

        var code = await Recette("report", "--results", _scratch.File("a"), "--output", _scratch.File("out"), "--campaign", "R1");

        code.Should().Be((int)ExitCode.Unusable);
        _error.ToString().Should().Be($"recette: '{_scratch.File("out/R1")}' holds a campaign already, and a campaign is never overwritten. Give another --campaign or --output.\n");
    }

    [Theory]
    [InlineData("x-result.json", "{ \"uuid\": ")]
    [InlineData("x-plan.json", "[]")]
    [InlineData("x-globals.json", "null")]
    public async Task A_broken_file_among_the_results_is_named(string file, string content)
    {
        Results("a").With("NX-01", EnvironmentName.Lab, TestOutcome.Passed).Ended();
        File.WriteAllText(_scratch.File($"a/{file}"), content);

        var code = await Recette("report", "--results", _scratch.File("a"), "--output", _scratch.File("out"));

        code.Should().Be((int)ExitCode.Unusable);
        _error.ToString().Should().Contain(_scratch.File($"a/{file}")).And.NotContain("   at ");
        FluentActions.Invoking(() => JoinedFolder.Read(_scratch.File("a"))).Should().Throw<ResultsFolderException>();
    }

    [Fact]
    public async Task A_plan_without_its_tests_is_a_broken_file_too()
    {
        Results("a").Ended();
        File.WriteAllText(_scratch.File("a/x-plan.json"), "{}");

        (await Recette("report", "--results", _scratch.File("a"), "--output", _scratch.File("out"))).Should().Be((int)ExitCode.Unusable);
    }

    [Theory]
    [InlineData("Unrecognized command or argument 'rapport'.", "rapport")]
    [InlineData("Unrecognized command or argument '--profil=lab'.", "run", "--profil=lab")]
    [InlineData("Option '--results' is required.", "report")]
    [InlineData("recette: There is no results folder '/no/such/folder'.", "report", "--results", "/no/such/folder")]
    [InlineData("recette: --profile goes after the verb, or belongs to 'run'.", "--profile", "lab", "report", "--results", "x")]
    [InlineData("recette: No category 'Nexsu' in the catalogue: Workstation, Gitlab, Harbor, Nexus, Airflow, CloudRun, Migration. Nearest: Nexus.", "run", "--profile", "offline", "--category", "Nexsu")]
    [InlineData("recette: No stand-in shows a fault 'N999'.", "twin", "--fault", "N999")]
    [InlineData("--port 70000 is not between 1 and 65000.", "twin", "--port", "70000")]
    [InlineData("recette: --traffic '/no/such/file' cannot be written:", "twin", "--traffic", "/no/such/file")]
    public async Task What_cannot_be_done_is_said_on_one_line(string message, params string[] arguments)
    {
        var code = await Recette(arguments);

        code.Should().Be((int)ExitCode.Unusable);
        _error.ToString().Should().Contain(message).And.NotContain("   at ");
        _error.ToString().Trim().Should().NotContain("\n");
    }

    [Fact]
    public async Task A_profile_that_is_not_there_is_answered_with_those_that_are()
    {
        await Recette("run", "--profile", "offlin");

        _error.ToString().Should().MatchRegex("recette: No profile 'offlin' in .*runsettings: it holds .*offline.*Nearest: offline");
    }

    [Fact]
    public async Task The_janitor_changes_nothing_unless_it_is_told_to()
    {
        var code = await Recette("janitor", "--profile", "offline");

        code.Should().Be((int)ExitCode.Accepted, _error.ToString());
        _output.ToString().Should().Contain(" found in acc-lab and acc-run, 0 expired, 0 deleted.").And.Contain("left: it has not the labels of a run");
    }

    [Fact]
    public async Task The_doctor_proves_that_the_account_reads_what_the_tests_read()
    {
        var code = await Recette("doctor", "--profile", "offline");

        code.Should().Be((int)ExitCode.Accepted, _error.ToString());
        _output.ToString().Should().Contain("proxy settings").And.Contain(" asks http").And.Contain("and quotas (");
        _output.ToString().Should().Contain("Google Cloud of run").And.Contain("gets a token: ").And.Contain("buckets of acc-run").And.Contain("datasets of acc-run").And.Contain("logs of acc-run");
        _output.ToString().Should().Contain("Cloud Run of run").And.Contain("lists 0 jobs and 0 services of acc-run").And.Contain("credential of Workstation");
    }

    [Fact]
    public async Task A_taken_port_is_said_on_one_line()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;

        var code = await Recette("twin", "--port", $"{port}");

        code.Should().Be((int)ExitCode.Unusable);
        _error.ToString().Should().StartWith("recette: ").And.Contain($"cannot listen on 127.0.0.1:{port}");
        _error.ToString().Trim().Should().NotContain("\n");
    }

    public void Dispose()
    {
        _scratch.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    private ResultsOfOneProcess Results(string name) => new(_scratch.File(name), process: name);

    private Task<int> Recette(params string[] arguments)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(_output), Ansi = AnsiSupport.No });
        console.Profile.Width = 200;
        return RecetteCommand.RunAsync(arguments, new CommandSurroundings(console, _error, new FakeTimeProvider(ResultsOfOneProcess.Start), _scratch.Path));
    }
}
