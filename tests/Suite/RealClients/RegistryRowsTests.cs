using Acceptance.Platform.Profiles;
using Acceptance.Platform.Results;
using Acceptance.Tests.Suite.Faults;

namespace Acceptance.Tests.Suite.RealClients;

/// <summary>The acceptance tests of Harbor that ask for a registry only, against a registry that we did not write.</summary>
public sealed class RegistryRowsTests(SharedDockerRegistry registry)
{
    // Every row of the capability registry; what they ask of Harbor itself is skipped, by configuration.
    private static readonly string[] Rows = ["HA-01", "HA-02", "HA-03", "HA-05", "HA-07", "HA-09"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [ClientFact(OfficialClient.DockerRegistry)]
    public async Task The_rows_that_need_no_Harbor_are_green_on_another_registry()
    {
        var run = await AcceptanceProcess.RunAsync("Harbor", await VariablesAsync(), cancellationToken: Cancel);

        run.Messages.Should().BeEmpty();
        run.ExitCode.Should().Be(0, "{0}", run.Output);
        var passed = run.Folder.Results().Where(result => result.Outcome == TestOutcome.Passed).ToList();
        passed.SelectMany(result => result.LabelValues(AllureLabel.Exigence)).Distinct().Order(StringComparer.Ordinal).Should().Equal(Rows);
        passed.Should().HaveCountGreaterThan(12, "each row is demonstrated in lab and in run, but HA-03");
    }

    [ClientFact(OfficialClient.DockerRegistry)]
    public async Task A_wrong_password_turns_them_red_and_says_so()
    {
        var variables = await VariablesAsync();
        variables["ACCEPTANCE_LAB_HARBOR_CI_PASSWORD"] = "not this one";
        variables[Settings.Demonstrates.Name] = "lab";

        var run = await AcceptanceProcess.RunAsync("Harbor", variables, cancellationToken: Cancel);

        run.Red.Should().Equal("HA-02", "HA-03", "HA-05", "HA-07");
        run.Messages.Should().Contain(message => message.Contains("is refused: its secret is wrong"));
    }

    private async Task<Dictionary<string, string>> VariablesAsync()
    {
        var running = await registry.RunningAsync();
        var variables = new Dictionary<string, string>
        {
            [Settings.TwinMode.Name] = "none",
            [Settings.Capabilities.Name] = ProfileReader.WordOf(Capability.Registry),
            [Settings.CaCertificates.Name] = running.AuthorityFile,
            [Settings.HarborLayerSize.Name] = "64MiB",
            [Settings.HarborCertificateLeft.Name] = "1h", // The certificate is made for the day.
        };
        foreach (var environment in Enum.GetValues<EnvironmentName>())
        {
            variables[Settings.HarborUrl(environment).Name] = running.Address.AbsoluteUri;
            variables[Settings.HarborProject(environment).Name] = $"mlops-{environment.ToString().ToLowerInvariant()}";
            (Setting User, Setting Password)[] accounts =
            [
                (Settings.HarborUser(environment), Settings.HarborPassword(environment)),
                (Settings.HarborRobotUser(environment, HarborRobot.Ci), Settings.HarborRobotPassword(environment, HarborRobot.Ci)),
                (Settings.HarborRobotUser(environment, HarborRobot.Pull), Settings.HarborRobotPassword(environment, HarborRobot.Pull)),
            ];
            foreach (var (user, password) in accounts)
            {
                (variables[user.Name], variables[password.Name]) = (DockerRegistry.User, DockerRegistry.Password);
            }
        }

        return variables;
    }
}
