using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Acceptance.Platform.Evidence;
using Acceptance.Platform.Harbor.Oci;
using Acceptance.Platform.Http;
using Acceptance.Platform.Personas;
using Acceptance.Platform.Profiles;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.RealClients;

namespace Acceptance.Bench;

/// <summary>How fast a layer passes through the twin's registry, beside Debian's docker-registry: the same client, TLS and machine.</summary>
internal static class RegistryFigure
{
    private const double Mebibyte = 1024 * 1024;

    /// <summary>Pushes and pulls a layer through both, several times, each time another layer.</summary>
    public static async Task MeasureAsync(long size, int rounds, TextWriter output)
    {
        await using var twin = await Twin.StartAsync(new TwinOptions());
        using var certificate = Certificate();
        await using var docker = await DockerRegistry.StartAsync(certificate, CancellationToken.None);
        var variables = twin.Variables;
        var robot = new Persona("CI robot", variables["ACCEPTANCE_LAB_HARBOR_CI_USER"], new Secret(variables["ACCEPTANCE_LAB_HARBOR_CI_PASSWORD"]));
        var owner = new Persona("owner", DockerRegistry.User, new Secret(DockerRegistry.Password));
        (string Name, OciClient Client, RepositoryName Repository)[] registries =
        [
            ("docker-registry", Client(docker.Address, docker.AuthorityFile, owner), RepositoryName.Parse("figures/layer")),
            ("twin", Client(new Uri(variables["ACCEPTANCE_LAB_HARBOR_URL"]), variables["ACCEPTANCE_CA_CERTIFICATES"], robot), RepositoryName.Parse($"{variables["ACCEPTANCE_LAB_HARBOR_PROJECT"]}/figures")),
        ];

        // Once without being counted: a figure of the code, not of its compilation.
        foreach (var (_, client, repository) in registries)
        {
            await PassAsync(client, repository, (long)(32 * Mebibyte), 0);
        }

        var pushes = registries.ToDictionary(registry => registry.Name, _ => new List<double>());
        var pulls = registries.ToDictionary(registry => registry.Name, _ => new List<double>());
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var (name, client, repository) in registries)
            {
                var (push, pull) = await PassAsync(client, repository, size, (ulong)round);
                pushes[name].Add(push);
                pulls[name].Add(pull);
                await output.WriteLineAsync($"layer of {size / Mebibyte:0} MiB, {name}, round {round}: push {push:0} MB/s, pull {pull:0} MB/s");
            }
        }

        await output.WriteLineAsync(
            $"twin to docker-registry, by their medians: push {Median(pushes["twin"]) / Median(pushes["docker-registry"]):0%}, pull {Median(pulls["twin"]) / Median(pulls["docker-registry"]):0%} (at least 60 %)");
        await output.WriteLineAsync($"peak memory of this process, twin and client: {PeakMegabytes()} MB (at most 400)");
    }

    private static async Task<(double Push, double Pull)> PassAsync(OciClient client, RepositoryName repository, long size, ulong seed)
    {
        var image = await OciImage.Build().WithRandomLayer(size, seed).BuildAsync(CancellationToken.None);
        var layer = image.Blobs[0];
        var pushed = await client.PushBlobAsync(repository, layer.Source, UploadMode.Streamed, CancellationToken.None);
        var pulled = await client.PullBlobAsync(repository, layer.Descriptor, Stream.Null, CancellationToken.None);
        return (size / 1e6 / pushed.Elapsed.TotalSeconds, size / 1e6 / pulled.Elapsed.TotalSeconds);
    }

    private static OciClient Client(Uri registry, string authority, Persona persona)
    {
        var limits = new HttpLimits();
        return new OciClient(new HttpPipeline(new Redaction(), limits, authority, TimeProvider.System).Client(registry, Persona.Anonymous, 4), persona, limits, TimeProvider.System);
    }

    // Of the same kind as the twin's: ECDSA P-256.
    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=docker-registry", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    // VmHWM of proc(5): the most that was ever resident.
    private static long PeakMegabytes() =>
        long.Parse(File.ReadLines("/proc/self/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) / 1024;
}
