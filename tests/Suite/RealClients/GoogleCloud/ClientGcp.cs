using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Recette;

namespace Acceptance.Tests.Suite.RealClients.GoogleCloud;

/// <summary>The twin that a class of tests drives Google's clients against, and files for them: credentials, and bytes to upload.</summary>
public sealed class ClientGcp : IAsyncLifetime
{
    /// <summary>The recette's account in lab, which may make buckets.</summary>
    public const string Recette = "recette@acc-lab.iam.gserviceaccount.com";

    /// <summary>The account of run's CI, which may do nothing in lab.</summary>
    public const string CiOfRun = "ci-run@acc-run.iam.gserviceaccount.com";

    private readonly ScratchFolder _scratch = new();
    private readonly HttpClient _http = new();
    private readonly ConcurrentDictionary<OfficialClient, Task> _there = [];
    private int _made;

    /// <summary>Known once the class starts.</summary>
    public Twin Twin { get; private set; } = null!;

    /// <summary>Base address of Cloud Storage.</summary>
    public Uri Storage => new(Twin.Variables["ACCEPTANCE_GCS_URL"]);

    /// <summary>Base address of Cloud Logging.</summary>
    public Uri Logging => new(Twin.Variables["ACCEPTANCE_LOGGING_URL"]);

    /// <summary>Base address of the identity services.</summary>
    public Uri Identities => new(Twin.Variables["ACCEPTANCE_GCP_AUTH_URL"]);

    /// <summary>Larger than what clients send in one request.</summary>
    public string LargeFile { get; private set; } = "";

    /// <summary>MD5 of the large file, as Cloud Storage writes it.</summary>
    public string LargeMd5 { get; private set; } = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Asks once for each class whether a client is there: some take a second to say so.</summary>
    /// <exception cref="ClientMissingException">It was declared, and is not there.</exception>
    public Task MustHaveAsync(OfficialClient client) => _there.GetOrAdd(client, _ => RequiredClient.Of(client).MustBeThereAsync(Cancel));

    /// <summary>A path of this class's own.</summary>
    public string NewPath(string name) => _scratch.File($"{Interlocked.Increment(ref _made)}-{name}");

    /// <summary>A bucket's name that no other test has.</summary>
    public string NewBucket() => $"acc-client-{Interlocked.Increment(ref _made)}";

    /// <summary>A file that holds a text.</summary>
    public async Task<string> FileAsync(string name, string text)
    {
        var path = NewPath(name);
        await File.WriteAllTextAsync(path, text, Cancel);
        return path;
    }

    /// <summary>A credential file of an account.</summary>
    /// <param name="type">As Google names it; absent for the one that is usual for the account.</param>
    public async Task<string> CredentialsAsync(string email, string? type = null)
    {
        var tokenFile = type == "external_account" ? await FileAsync("id-token", await IdTokenAsync(email.Split('@')[1].Split('.')[0])) : "";
        var answer = await _http.GetStringAsync(new Uri(Identities, $"_standin/gcp-auth/credentials/{email}?type={type}&token_file={Uri.EscapeDataString(tokenFile)}"), Cancel);
        return await FileAsync("credentials.json", answer);
    }

    /// <summary>What Cloud Storage says of an object.</summary>
    public async Task<JsonNode> ResourceAsync(string bucket, string name)
    {
        var token = JsonNode.Parse(await _http.GetStringAsync(new Uri(Identities, "_standin/gcp-auth/token/platform-team@example.test"), Cancel))!["access_token"];
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Storage, $"storage/v1/b/{bucket}/o/{Uri.EscapeDataString(name)}"));
        request.Headers.Authorization = new("Bearer", (string?)token);
        using var answer = await _http.SendAsync(request, Cancel);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!;
    }

    /// <inheritdoc />
    public async ValueTask InitializeAsync()
    {
        Twin = await Twin.StartAsync(new TwinOptions());
        var bytes = new byte[20 * 1024 * 1024];
        new Random(41).NextBytes(bytes);
        LargeFile = NewPath("large.bin");
        LargeMd5 = Convert.ToBase64String(MD5.HashData(bytes));
        await File.WriteAllBytesAsync(LargeFile, bytes);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Twin.DisposeAsync();
        _scratch.Dispose();
    }

    private async Task<string> IdTokenAsync(string project) =>
        (string)JsonNode.Parse(await _http.GetStringAsync(new Uri(Identities, $"_standin/gcp-auth/id-token?project={project}&protected=true"), Cancel))!["id_token"]!;
}
