using System.Text.Json.Nodes;
using Acceptance.Platform.Cleanup;
using Acceptance.Platform.Profiles;
using Acceptance.Recette.Commands;
using Acceptance.Tests.Suite.Gcp.CloudRun.Jobs;
using Acceptance.Tests.Suite.RealClients;
using Acceptance.Tests.Suite.Recette;
using CliWrap;

namespace Acceptance.Tests.Suite.BadDays;

/// <summary><c>recette janitor</c> as it is typed, with jobs that a run left three days ago.</summary>
public sealed class JanitorTests(JobBench bench) : IClassFixture<JobBench>, IDisposable
{
    private readonly ScratchFolder _scratch = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task What_has_expired_is_shown_and_when_told_to_stopped_and_deleted()
    {
        var name = await LeftAsync();
        await bench.StartAsync($"{JobBench.Lab}/jobs/{name}");

        var shown = await JanitorAsync();
        var still = (await bench.SendAsync(HttpMethod.Get, $"{JobBench.Lab}/jobs/{name}")).Status;
        var deleted = await JanitorAsync("--delete");
        var gone = (await bench.SendAsync(HttpMethod.Get, $"{JobBench.Lab}/jobs/{name}")).Status;

        (shown.ExitCode, still, deleted.ExitCode, gone).Should().Be((0, 200, 0, 404), "{0}{1}", shown.Output, deleted.Output);
        shown.Output.Should().Contain("1 expired, 0 deleted. Nothing was changed: --delete deletes what has expired.");
        deleted.Output.Should().Contain("1 expired, 1 deleted.");
    }

    [Fact]
    public async Task What_cannot_be_deleted_is_said_and_is_no_success()
    {
        await LeftAsync();
        bench.Twin.Faults.SwitchOn("Z15");
        try
        {
            var run = await JanitorAsync("--delete");

            run.ExitCode.Should().NotBe(0, "{0}", run.Output);
            run.Output.Should().Contain("is left behind").And.Contain("1 expired, 0 deleted.");
        }
        finally
        {
            bench.Twin.Faults.Reset();
        }
    }

    private Task<ClientRun> JanitorAsync(params string[] more) => ClientRun.OfAsync(
        Cli.Wrap("dotnet")
            .WithArguments(["exec", Path.Combine(AppContext.BaseDirectory, "Acceptance.Recette.dll"), "janitor", "--profile", "offline", .. more])
            .WithEnvironmentVariables(variables => variables
                .Set(Settings.EnvironmentFile.Name, TwinExport.Write(_scratch.File("twin.env"), new Dictionary<string, string>(bench.Twin.Variables) { [Settings.TwinMode.Name] = "none", [Settings.CloudRunWithin.Name] = "1s" }))),
        Cancel);

    private async Task<string> LeftAsync()
    {
        var job = JobBench.Job(await bench.PushAsync("#!/bin/sh\nsleep 600\n"));
        job["labels"] = new JsonObject([.. ResourceLabels.Of("r41b00", TimeProvider.System.GetUtcNow().AddDays(-3)).Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value))]);
        var name = $"acc-{JobBench.NewName()}";
        await bench.EndAsync(await bench.WellAsync(HttpMethod.Post, $"{JobBench.Lab}/jobs?jobId={name}", job));
        return name;
    }
}
