using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Harbor;

namespace Acceptance.Tests.Suite.RealClients;

/// <summary>The twin's Harbor that a class of tests drives a client against.</summary>
public sealed class ClientHarbor : IAsyncLifetime
{
    private HarborWire _wire = null!;

    /// <summary>Known once the class starts.</summary>
    public Twin Twin => _wire.Twin;

    /// <summary>Host and port, as image names begin.</summary>
    public string Host => _wire.Address.Authority;

    /// <summary>PEM file of the authority that clients are to trust.</summary>
    public string AuthorityFile => Twin.Variables["ACCEPTANCE_CA_CERTIFICATES"];

    /// <summary>The recette's own account, a maintainer.</summary>
    internal RegistryAccount Recette => Account("");

    /// <summary>GitLab CI's robot: pulls and pushes.</summary>
    internal RegistryAccount Ci => Account("CI_");

    /// <summary>The workstations' robot: pulls.</summary>
    internal RegistryAccount Pull => Account("PULL_");

    internal RegistryAccount Expired => Account("EXPIRED_");

    /// <summary>A repository of lab that nobody has pushed to.</summary>
    public static string NewRepository() => $"{HarborWire.Lab}/client-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    /// <summary>What the API says of an artifact.</summary>
    /// <param name="reference">A tag or a digest.</param>
    public async Task<JsonNode> ArtifactAsync(string repository, string reference)
    {
        var answer = await AskAsync(repository, reference);
        answer.Status.Should().Be(200, answer.Text);
        return answer.Json;
    }

    /// <summary>The status with which the API answers for an artifact.</summary>
    public async Task<int> ArtifactStatusAsync(string repository, string reference) => (await AskAsync(repository, reference)).Status;

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => _wire = await HarborWire.StartOnMachineClockAsync();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _wire.DisposeAsync();

    private Task<WireAnswer> AskAsync(string repository, string reference) => _wire.GetAsync(
        $"api/v2.0/projects/{HarborWire.Lab}/repositories/{repository[(HarborWire.Lab.Length + 1)..]}/artifacts/{reference}", _wire.Recette);

    private RegistryAccount Account(string persona) =>
        new(Twin.Variables[$"ACCEPTANCE_LAB_HARBOR_{persona}USER"], Twin.Variables[$"ACCEPTANCE_LAB_HARBOR_{persona}PASSWORD"]);
}
