using Acceptance.Tests.Suite.Recette;
using CliWrap;

namespace Acceptance.Tests.Suite.RealClients;

/// <summary>skopeo with nothing of this machine's configuration, and files of its own. It trusts the twin's authority and always verifies.</summary>
internal sealed class Skopeo : IDisposable
{
    public const string Program = "skopeo";

    private readonly ClientHarbor _harbor;
    private readonly ScratchFolder _scratch = new();
    private readonly string _certificates;

    public Skopeo(ClientHarbor harbor)
    {
        _harbor = harbor;
        _certificates = Directory.CreateDirectory(File("certificates")).FullName;
        Directory.CreateDirectory(File("registries.d"));
        System.IO.File.Copy(harbor.AuthorityFile, Path.Combine(_certificates, "ca.crt"));
        System.IO.File.WriteAllText(File("registries.conf"), "");
        // Of signatures: there are none here, and none is asked for.
        System.IO.File.WriteAllText(File("policy.json"), """{"default": [{"type": "insecureAcceptAnything"}]}""");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A file or folder of this test.</summary>
    public string File(string name) => _scratch.File(name);

    /// <summary>An image of the twin, as skopeo names it.</summary>
    public string Image(string repository, string tag = "v1") => $"docker://{_harbor.Host}/{repository}:{tag}";

    /// <summary>Copies files into the registry: all images of an index, and each byte as it is.</summary>
    public Task<ClientRun> PushAsync(string source, string image, RegistryAccount account) => RunAsync(
        ["copy", "--all", "--preserve-digests", "--dest-cert-dir", _certificates, "--dest-creds", Credentials(account), source, image]);

    /// <summary>Copies from the registry into files.</summary>
    public Task<ClientRun> PullAsync(string image, string destination, RegistryAccount account) => RunAsync(
        ["copy", "--all", "--preserve-digests", "--src-cert-dir", _certificates, "--src-creds", Credentials(account), image, destination]);

    /// <summary>Copies from one repository to another, and says what it asks of the registry.</summary>
    public Task<ClientRun> CopyAsync(string from, string to, RegistryAccount account) => RunAsync(
        ["--debug", "copy", "--src-cert-dir", _certificates, "--src-creds", Credentials(account), "--dest-cert-dir", _certificates, "--dest-creds", Credentials(account), from, to]);

    /// <summary>Another verb on one image or repository.</summary>
    public Task<ClientRun> AskAsync(string verb, string image, RegistryAccount account, params string[] options) =>
        RunAsync([verb, .. options, "--cert-dir", _certificates, "--creds", Credentials(account), image]);

    /// <summary>Asks as nobody.</summary>
    public Task<ClientRun> AskAnonymouslyAsync(string verb, string image) => RunAsync([verb, "--cert-dir", _certificates, "--no-creds", image]);

    /// <summary>Asks with the authorities of this machine only.</summary>
    public Task<ClientRun> AskWithoutTheAuthorityAsync(string verb, string image, RegistryAccount account) =>
        RunAsync([verb, "--creds", Credentials(account), image]);

    /// <summary>Signs in, and keeps the credential in a file of this test.</summary>
    public Task<ClientRun> LoginAsync(RegistryAccount account) => RunAsync(
        ["login", "--cert-dir", _certificates, "--authfile", File("auth.json"), "--username", account.User, "--password-stdin", _harbor.Host],
        account.Password);

    /// <summary>Asks with the credential that a login kept.</summary>
    public Task<ClientRun> AskSignedInAsync(string verb, string image) =>
        RunAsync([verb, "--cert-dir", _certificates, "--authfile", File("auth.json"), image]);

    public void Dispose() => _scratch.Dispose();

    private async Task<ClientRun> RunAsync(string[] arguments, string input = "")
    {
        await RequiredClient.Of(OfficialClient.Skopeo).MustBeThereAsync(Cancel);
        return await ClientRun.OfAsync(
            Cli.Wrap(Program).WithArguments(
                [
                    "--policy", File("policy.json"), "--registries-conf", File("registries.conf"), "--registries.d", File("registries.d"),
                    "--tmpdir", _scratch.Path, .. arguments,
                ])
                .WithStandardInputPipe(PipeSource.FromString(input))
                .WithEnvironmentVariables(variables => variables
                    .Set("HOME", _scratch.Path).Set("XDG_RUNTIME_DIR", _scratch.Path).Set("XDG_DATA_HOME", _scratch.Path).Set("REGISTRY_AUTH_FILE", null)
                    // Or root's skopeo remembers in /var/lib/containers which registry has which blob (containers/image, pkg/blobinfocache/default.go).
                    .Set("_CONTAINERS_ROOTLESS_UID", "1000")),
            Cancel);
    }

    private static string Credentials(RegistryAccount account) => $"{account.User}:{account.Password}";
}
