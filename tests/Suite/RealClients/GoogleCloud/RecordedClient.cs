using Acceptance.Platform.Profiles;
using Acceptance.Tests.Suite.Contracts;

namespace Acceptance.Tests.Suite.RealClients.GoogleCloud;

/// <summary>Holds what a client was answered against Google's own description of the API.</summary>
internal static class RecordedClient
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Does a client's work on a twin of its own, and checks what went over the wire.</summary>
    public static async Task MustKeepTheContractAsync(GcpTwin files, int atLeast, Func<GcpTwin, Task> work)
    {
        var checker = Variables.Find(Settings.SuiteContracts);
        Assert.SkipWhen(ContractChecker.NotDeclared(checker) is not null, ContractChecker.NotDeclared(checker) ?? "");
        var traffic = files.NewPath("traffic.jsonl");
        await using (var twin = new GcpTwin(traffic))
        {
            await twin.InitializeAsync();
            await work(twin);
        }

        var check = await ContractChecker.CheckAsync(checker, traffic, Cancel);

        check.ExitCode.Should().Be(0, "{0}", check.Output);
        check.Printed.Should().EndWith(" exchanges, 0 violations");
        RecordedExchange.Read(traffic).Count(exchange => exchange.System == "bigquery").Should().BeGreaterThanOrEqualTo(atLeast);
    }
}
