using System.Text;
using Acceptance.Platform.Profiles;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Faults;
using Acceptance.Tests.Suite.RealClients;
using Acceptance.Tests.Suite.Recette;
using Acceptance.Tests.Suite.StandIns;

namespace Acceptance.Tests.Suite.Contracts;

/// <summary>
/// What a twin recorded while the acceptance tests used it, then a reader of the calls that they do not make, a walk through
/// its Harbor, and pip where it is declared. Made when a test first asks.
/// </summary>
public sealed class RecordedTraffic(PythonEnvironment python) : IDisposable
{
    private static readonly string[] OtherCalls =
    [
        "status/writable", "status/check", "repositorySettings", "repositories/pypi/group/pypi-group", "repositories/cran-proxy",
        "assets?repository=cran-proxy", "components?repository=conda-forge", "search?repository=pypi-proxy&name=acc-pure",
        "search/assets?repository=huggingface-proxy", "repositories/no-such-repository", "assets/bm8tc3VjaA",
    ];

    private readonly ScratchFolder _scratch = new();
    private Task<string>? _recording;

    /// <summary>The file that holds it.</summary>
    public Task<string> RecordedAsync(CancellationToken cancellationToken) => _recording ??= RecordAsync(cancellationToken);

    /// <inheritdoc />
    public void Dispose() => _scratch.Dispose();

    private async Task<string> RecordAsync(CancellationToken cancellationToken)
    {
        var traffic = _scratch.File("traffic.jsonl");
        await using var twin = await Twin.StartAsync(new TwinOptions { TrafficFile = traffic }, cancellationToken);
        var variables = new Dictionary<string, string>(twin.Variables) { [Settings.TwinMode.Name] = "none" };
        var run = await AcceptanceProcess.RunAsync("Nexus", variables, cancellationToken: cancellationToken);
        Directory.Delete(run.Folder.Path, recursive: true);
        run.ExitCode.Should().Be(0, "{0}", run.Output);
        await ReadAsync(twin, cancellationToken);
        using (var harbor = new HarborCalls(twin))
        {
            await harbor.WalkAsync();
        }

        if (RequiredClient.Of(OfficialClient.Pip).NotDeclared(RequiredClient.Declared) is null)
        {
            await DownloadAsync(twin, "acc-pure", cancellationToken);
            await DownloadAsync(twin, "acc-yanked", cancellationToken);
        }

        return traffic;
    }

    private static async Task ReadAsync(Twin twin, CancellationToken cancellationToken)
    {
        var account = $"{twin.Variables["ACCEPTANCE_LAB_NEXUS_USER"]}:{twin.Variables["ACCEPTANCE_LAB_NEXUS_PASSWORD"]}";
        using var http = new HttpClient { BaseAddress = new Uri(twin.Nexus(), "service/rest/v1/") };
        http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(account)));
        foreach (var call in OtherCalls)
        {
            using var answer = await http.GetAsync(call, cancellationToken);
        }
    }

    private async Task DownloadAsync(Twin twin, string package, CancellationToken cancellationToken)
    {
        var pip = await python.PipAsync(
            ["download", "--dest", _scratch.Path, "--index-url", new Uri(twin.Repository("pypi-group"), "simple/").AbsoluteUri, package], cancellationToken);
        pip.ExitCode.Should().Be(0, "{0}", pip.Output);
    }
}
