using Acceptance.Platform.Evidence;
using Acceptance.Platform.Harbor.Oci;
using Acceptance.Platform.Http;
using Acceptance.Platform.Personas;
using Acceptance.Platform.Profiles;
using Acceptance.Tests.Suite.RealClients;

namespace Acceptance.Tests.Suite.Programs;

/// <summary>The registry that programs are pushed to, as GitLab CI's robot sees it.</summary>
internal static class ProgramRegistry
{
    public static OciClient Of(ClientHarbor harbor)
    {
        var limits = new HttpLimits { Answer = TimeSpan.FromSeconds(20), Stall = TimeSpan.FromSeconds(20) };
        var pipeline = new HttpPipeline(new Redaction(), limits, harbor.AuthorityFile, TimeProvider.System);
        var http = pipeline.Client(new Uri($"https://{harbor.Host}/"), Persona.Anonymous, 4);
        return new OciClient(http, new Persona("CI", harbor.Ci.User, new Secret(harbor.Ci.Password)), limits, TimeProvider.System);
    }
}
