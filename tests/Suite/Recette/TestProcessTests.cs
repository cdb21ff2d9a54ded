using Acceptance.Recette.Campaigns;

namespace Acceptance.Tests.Suite.Recette;

public sealed class TestProcessTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(3, true)]
    [InlineData(134, true)]
    public async Task Only_an_exit_code_that_no_test_program_chooses_is_a_death(int code, bool died)
    {
        var end = await Run($"exit {code}", Cancel);

        end.ExitCode.Should().Be(code);
        end.Died.Should().Be(died);
    }

    [Fact]
    public async Task Its_output_is_kept_whole_and_its_last_lines_are_remembered()
    {
        var end = await Run("i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo line $i; done; echo cause >&2; exit 134", Cancel);

        end.LastLines.Should().Equal([.. Enumerable.Range(51, 10).Select(line => $"line {line}"), "cause"]);
        File.ReadAllLines(_scratch.File("log")).Should().HaveCount(61);
    }

    [Fact]
    public async Task It_sees_the_variables_of_the_settings_instead_of_its_parents()
    {
        var end = await Run("echo $PATH_OF_TEST $HOME", Cancel, new() { ["PATH_OF_TEST"] = "a b", ["HOME"] = "/elsewhere" });

        end.LastLines.Should().Equal("a b /elsewhere");
    }

    [Fact]
    public async Task Cancelled_it_ends_with_everything_that_it_started()
    {
        using var interruption = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var running = Run("sleep 600 & echo $!; wait", interruption.Token);
        while (new FileInfo(_scratch.File("log")) is not { Exists: true, Length: > 0 })
        {
            await Task.Yield();
        }

        await interruption.CancelAsync();
        var end = await running;

        end.Killed.Should().BeTrue();
        end.Died.Should().BeFalse();
        Directory.Exists($"/proc/{end.LastLines[0]}/fd/0").Should().BeFalse();
    }

    [Fact]
    public async Task A_program_that_cannot_be_started_is_a_death_with_its_cause()
    {
        var end = await new TestProcess(new TestProgram("Nexus", "/no/such/program", []), new Dictionary<string, string>(), _scratch.File("log")).RunAsync(Cancel);

        end.ExitCode.Should().BeNull();
        end.Died.Should().BeTrue();
        end.LastLines.Single().Should().StartWith("/no/such/program: ");
    }

    public void Dispose() => _scratch.Dispose();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Task<TestProcessEnd> Run(string script, CancellationToken cancel, Dictionary<string, string>? variables = null) =>
        new TestProcess(new TestProgram("Nexus", "/bin/sh", ["-c", script]), variables ?? [], _scratch.File("log")).RunAsync(cancel);
}
