using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using CliWrap;

namespace Acceptance.Tests.Suite.RealClients;

/// <summary>
/// A process of Debian's docker-registry (github.com/distribution/distribution 2.8) with an empty store of its own: TLS,
/// one account in htpasswd, deletion allowed. It ends, and its store with it, when it is disposed of.
/// </summary>
public sealed class DockerRegistry : IAsyncDisposable
{
    /// <summary>The program.</summary>
    public const string Program = "docker-registry";

    /// <summary>The one account, and its password.</summary>
    public const string User = "acceptance";

    /// <summary>Its password.</summary>
    public const string Password = "correct horse";

    // bcrypt, as htpasswd -B writes it; of the password above.
    private const string PasswordHash = "$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2";

    private readonly string _folder = Directory.CreateTempSubdirectory("acc-docker-registry-").FullName;
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _said = [];
    private Task _ended = Task.CompletedTask;

    private DockerRegistry(int port) => Address = new Uri($"https://127.0.0.1:{port}/");

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>PEM file of the authority that signed its certificate.</summary>
    public string AuthorityFile => Path.Combine(_folder, "certificate.pem");

    /// <summary>Number of its process.</summary>
    public int ProcessId { get; private set; }

    /// <summary>Starts one.</summary>
    /// <param name="certificate">For 127.0.0.1, with its key; signed by itself.</param>
    public static async Task<DockerRegistry> StartAsync(X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        var registry = new DockerRegistry(FreePort());
        try
        {
            await registry.RunAsync(certificate, cancellationToken);
            return registry;
        }
        catch
        {
            await registry.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task RunAsync(X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        var key = Path.Combine(_folder, "key.pem");
        var accounts = Path.Combine(_folder, "htpasswd");
        var configuration = Path.Combine(_folder, "config.yml");
        await File.WriteAllTextAsync(AuthorityFile, certificate.ExportCertificatePem(), cancellationToken);
        await File.WriteAllTextAsync(key, KeyOf(certificate), cancellationToken);
        await File.WriteAllTextAsync(accounts, $"{User}:{PasswordHash}\n", cancellationToken);
        await File.WriteAllTextAsync(configuration, $$"""
            version: 0.1
            log: {level: info}
            storage:
              filesystem: {rootdirectory: {{Path.Combine(_folder, "store")}}}
              delete: {enabled: true}
            http:
              addr: {{Address.Authority}}
              secret: of-these-tests
              tls: {certificate: {{AuthorityFile}}, key: {{key}}}
            auth:
              htpasswd: {realm: docker-registry, path: {{accounts}}}
            """, cancellationToken);

        var command = Cli.Wrap(Program).WithArguments(["serve", configuration]).WithValidation(CommandResultValidation.None)
            .WithStandardOutputPipe(PipeTarget.ToDelegate(Hear)).WithStandardErrorPipe(PipeTarget.ToDelegate(Hear)).ExecuteAsync(_end.Token);
        (_ended, ProcessId) = (command.Task, command.ProcessId);
        await Task.WhenAny(_listening.Task, _ended).WaitAsync(TimeSpan.FromSeconds(20), cancellationToken);
        if (!_listening.Task.IsCompletedSuccessfully)
        {
            throw new InvalidOperationException($"{Program} ended instead of listening:\n{string.Join('\n', _said)}");
        }
    }

    private void Hear(string line)
    {
        if (line.Contains("listening on", StringComparison.Ordinal))
        {
            _listening.TrySetResult();
        }

        if (!_listening.Task.IsCompleted)
        {
            _said.Add(line);
        }
    }

    private static string KeyOf(X509Certificate2 certificate) =>
        certificate.GetECDsaPrivateKey()?.ExportPkcs8PrivateKeyPem() ?? certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem();

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
