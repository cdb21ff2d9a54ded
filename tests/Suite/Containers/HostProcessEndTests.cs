using System.Globalization;
using Acceptance.StandIns.Containers;
using Acceptance.StandIns.Containers.Processes;

namespace Acceptance.Tests.Suite.Containers;

/// <summary>How containers end, and that nothing of them is left.</summary>
public sealed class HostProcessEndTests(ContainerBench bench) : IClassFixture<ContainerBench>
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stopping_tells_it_with_SIGTERM_first()
    {
        var (container, lines) = await bench.StartAsync(TestImage.OfScript("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done"));
        await using var ended = container;
        await Until(() => lines.Any(line => line.Text == "ready"));

        await container.StopAsync(Soon);

        (await container.Exit).Should().Be(new ContainerExit(3, null, null));
        lines.Should().Contain(new ContainerLine(false, "bye"));
    }

    [Fact]
    public async Task What_does_not_listen_to_SIGTERM_is_killed_with_all_that_it_started()
    {
        var (container, lines) = await bench.StartAsync(TestImage.OfScript("trap '' TERM; setsid sleep 600 & echo $!; wait; while :; do sleep 600; done"));
        await using var ended = container;
        await Until(() => !lines.IsEmpty);

        await container.StopAsync(TimeSpan.FromMilliseconds(50));

        (await container.Exit).Should().Be(new ContainerExit(137, 9, null));
        Process(lines.First()).Should().BeNull();
    }

    [Fact]
    public async Task What_it_leaves_running_ends_with_it()
    {
        var ran = await bench.RunAsync("sleep 600 & echo $!");

        ran.Exit.Code.Should().Be(0);
        Process(ran.Lines[0]).Should().BeNull();
    }

    [Fact]
    public async Task A_process_that_escapes_and_keeps_the_output_open_does_not_hold_up_its_end()
    {
        var ran = await bench.RunAsync("sh -c 'setsid sleep 4 &'; echo out");

        ran.Output.Should().Equal("out");
    }

    [Fact]
    public async Task Disposing_it_ends_it_and_removes_its_files()
    {
        var (container, lines) = await bench.StartAsync(TestImage.OfScript("echo $$; echo $HOME; while :; do sleep 600; done"));
        await Until(() => lines.Count == 2);

        await container.DisposeAsync();

        Process(lines.First()).Should().BeNull();
        Directory.Exists(lines.Last().Text).Should().BeFalse();
        (await container.Exit).Signal.Should().Be(9);
    }

    [Fact]
    public async Task A_runtime_that_ends_leaves_no_container()
    {
        var lines = new List<ContainerLine>();
        await using (var runtime = bench.NewRuntime(new()))
        {
            var image = await runtime.PullAsync(await bench.PushAsync(TestImage.OfScript("echo $$; while :; do sleep 600; done")), bench.Pull, Cancel);
            await runtime.StartAsync(new ContainerSpec { Name = "left", Image = image, Memory = ContainerBench.Mebibyte * 64, Output = lines.Add }, Cancel);
            await Until(() => lines.Count == 1);
        }

        Process(lines[0]).Should().BeNull();
    }

    [Fact]
    public async Task The_processes_of_a_twin_that_was_killed_are_ended_by_the_next()
    {
        var (container, lines) = await bench.StartAsync(TestImage.OfScript("sleep 600 & echo $!; echo $$; wait; sleep 600"));
        await using var ended = container;
        await Until(() => lines.Count == 2);
        using var forsaken = new ForsakenTwin(lines.Last().Text);

        await using var next = bench.NewRuntime(new());

        (await container.Exit.WaitAsync(Soon, Cancel)).Signal.Should().Be(9);
        Process(lines.First()).Should().BeNull();
        Directory.Exists(forsaken.Path).Should().BeFalse();
    }

    private static ProcessStat? Process(ContainerLine line) =>
        ProcessStat.Of(int.Parse(line.Text, CultureInfo.InvariantCulture)) is { IsGone: false } process ? process : null;

    private static Task Until(Func<bool> condition) => Task.Run(() => SpinWait.SpinUntil(condition, Soon).Should().BeTrue(), Cancel);
}
