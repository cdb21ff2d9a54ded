using System.Collections.Concurrent;
using Acceptance.Platform.CloudRun;

namespace Acceptance.Tests.CloudRun;

/// <summary>A monitoring service in each environment, which several claims visit.</summary>
public sealed class MonitoringRun(PlatformFixture platform)
{
    private readonly ConcurrentDictionary<EnvironmentName, Lazy<Task<(CloudRunFixture, MonitoringDeployment)>>> _runs = new();

    public static MonitoringData Data { get; } = new(
        [MonitoringData.Row("2026-01", 0.125), MonitoringData.Row("2026-01", 0.375), MonitoringData.Row("2026-02", 0.5), MonitoringData.Row("2026-03", 0.75)],
        """[{"variable":"age","count":4,"nulls":0},{"variable":"income","count":4,"nulls":1}]""");

    /// <summary>The service of an environment. Those of the others begin with it.</summary>
    public Task<(CloudRunFixture CloudRun, MonitoringDeployment Monitoring)> In(EnvironmentName environment)
    {
        platform.Profile.Demonstrates.ToList().ForEach(one => _ = Of(one));
        return Of(environment);
    }

    private Task<(CloudRunFixture, MonitoringDeployment)> Of(EnvironmentName environment) =>
        _runs.GetOrAdd(environment, one => new Lazy<Task<(CloudRunFixture, MonitoringDeployment)>>(() => DeployAsync(one))).Value;

    private async Task<(CloudRunFixture, MonitoringDeployment)> DeployAsync(EnvironmentName environment)
    {
        var cloudRun = await platform.CloudRun(environment);
        return (cloudRun, await cloudRun.DeployMonitoring("monitoring", Data, CancellationToken.None));
    }
}
