using Acceptance.Platform.CloudRun;
using Acceptance.Platform.Harbor.Oci;
using Acceptance.Tests.Suite.RealClients;

namespace Acceptance.Tests.Suite.Programs;

public sealed class RuntimeBaseTests(ClientHarbor harbor) : IClassFixture<ClientHarbor>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [ClientFact(OfficialClient.Docker)]
    public async Task Upon_it_a_program_runs_in_Docker()
    {
        await using var docker = new Docker(harbor);
        var registry = ProgramRegistry.Of(harbor);
        var below = ImageReference.Parse($"{harbor.Host}/{ClientHarbor.NewRepository()}:v1");
        await registry.PushImageAsync(below, await RuntimeBase.BuildAsync(Cancel), UploadMode.Monolithic, Cancel);
        var image = await ProgramImage.BuildAsync(HostedProgram.Probe, await BaseImage.ReadAsync(registry, below, Cancel), Cancel);
        var repository = ClientHarbor.NewRepository();
        await image.PushAsync(registry, ImageReference.Parse(docker.Image(repository)), Cancel);

        (await docker.LoginAsync(harbor.Pull)).Succeeded();
        (await docker.RunAsync("pull", docker.Image(repository))).Succeeded();
        var run = (await docker.RunAsync("run", "--rm", "--network", "none", "--memory", "256m", docker.Image(repository), "machine", "then", "write", "/mnt/a/b", "text")).Succeeded();

        run.Printed.Should().Contain("\"memoryLimit\":268435456").And.Contain("\"path\":\"/mnt/a/b\"");
    }
}
