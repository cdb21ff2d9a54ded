using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Acceptance.Platform.Waiting;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Harbor;
using Acceptance.Tests.Suite.StandIns;

namespace Acceptance.Tests.Suite.Contracts;

/// <summary>A walk through every operation of a twin's Harbor, its registry and its API, as an administrator and GitLab CI's robot take it.</summary>
internal sealed class HarborCalls : IDisposable
{
    private const string Project = "api/v2.0/projects/mlops-lab";
    private const string Repository = Project + "/repositories/walk%252Fimage";
    private const string Artifact = Repository + "/artifacts/1.0";
    private const string Name = "mlops-lab/walk/image";

    private readonly HttpClient _http;
    private readonly Twin _twin;
    private readonly string _ci;
    private string? _admin;

    public HarborCalls(Twin twin)
    {
        (_twin, _ci) = (twin, $"{twin.Variables["ACCEPTANCE_LAB_HARBOR_CI_USER"]}:{twin.Variables["ACCEPTANCE_LAB_HARBOR_CI_PASSWORD"]}");
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(twin.Variables["ACCEPTANCE_CA_CERTIFICATES"]);
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false, SslOptions = { CertificateChainPolicy = trust } })
        {
            BaseAddress = twin.Harbor(),
            Timeout = TimeSpan.FromMinutes(1),
        };
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task WalkAsync()
    {
        var admin = JsonNode.Parse((await SendAsync(HttpMethod.Get, "_standin/harbor/admin", null)).Text)!;
        _admin = $"{admin["user"]}:{admin["password"]}";
        await PushAsync();
        await ArtifactsAsync();
        await ProjectsAsync();
        await RobotsAsync();
        await SystemAsync();
        await RemoveAsync();
    }

    public void Dispose() => _http.Dispose();

    /// <summary>What a client of the registry does: uploads in one and in several requests, a mount, a manifest, an index, a signature, reads.</summary>
    private async Task PushAsync()
    {
        var image = Image.Of("layer of the walk", "CVE-2030-1 High openssl 3.0.1 3.0.2");
        await RegistryAsync("GET", "", 200);
        await RegistryAsync("POST", $"{Name}/blobs/uploads/?digest={HarborWire.Digest(image.Config)}", 201, image.Config);
        var session = await RegistryAsync("POST", $"{Name}/blobs/uploads/", 202);
        session = await RegistryAsync("PATCH", Below(session.Location), 202, image.Layer);
        await RegistryAsync("GET", Below(session.Location), 204);
        await RegistryAsync("PUT", $"{Below(session.Location)}&digest={HarborWire.Digest(image.Layer)}", 201);
        await RegistryAsync("POST", $"mlops-lab/walk/mounted/blobs/uploads/?mount={HarborWire.Digest(image.Layer)}&from={Name}", 201);
        await RegistryAsync("GET", $"{Name}/blobs/{HarborWire.Digest(image.Layer)}", 200);
        await RegistryAsync("GET", $"{Name}/blobs/{HarborWire.Digest([])}", 404);

        await ManifestAsync("1.0", image.Manifest, Image.OciManifest);
        await RegistryAsync("POST", $"{Name}/blobs/uploads/?digest={HarborWire.Digest("{}"u8.ToArray())}", 201, "{}"u8.ToArray());
        await ManifestAsync("index", Index(image), Image.OciIndex);
        await ManifestAsync(HarborWire.Digest(Encoding.UTF8.GetBytes(Signature(image))), Signature(image), Image.OciManifest);
        await RegistryAsync("GET", $"{Name}/manifests/1.0", 200);
        await RegistryAsync("GET", $"{Name}/tags/list", 200);
        await RegistryAsync("GET", $"{Name}/referrers/{image.Digest}", 200);
    }

    private async Task ArtifactsAsync()
    {
        const string Everything = "?with_tag=true&with_scan_overview=true&with_accessory=true&with_immutable_status=true&with_label=true";
        var report = await ScannedAsync(Artifact + Everything);
        await ApiAsync("POST", Artifact + "/scan", 202);
        await ApiAsync("POST", Artifact + "/scan/stop", 202, """{"scan_type": "vulnerability"}""");
        await ApiAsync("GET", $"{Artifact}/scan/{report}/log", 404);
        await ApiAsync("GET", Artifact + "/accessories", 200);
        await ApiAsync("POST", Artifact + "/tags", 201, """{"name": "latest"}""");
        await ApiAsync("GET", Artifact + "/tags?with_immutable_status=true", 200);
        await ApiAsync("DELETE", Artifact + "/tags/latest", 200);
        await ApiAsync("GET", $"{Repository}/artifacts{Everything}&page_size=2&q=type%3DIMAGE&sort=-push_time", 200);
        await ApiAsync("GET", Repository + "/artifacts/absent", 404);
        await ApiAsync("POST", $"{Project}/repositories/walk%252Fcopy/artifacts?from={Name}:index", 201);
        await ApiAsync("GET", Project + "/repositories?page_size=1", 200);
        await ApiAsync("PUT", Repository, 200, """{"description": "pushed by a walk"}""");
        await ApiAsync("GET", Repository, 200);
    }

    private async Task ProjectsAsync()
    {
        await ApiAsync("GET", "api/v2.0/projects?with_detail=true", 200);
        await ApiAsync("GET", Project, 200);
        await ApiAsync("GET", "api/v2.0/projects/absent", 404);
        await ApiAsync("GET", Project + "/summary", 200);
        await ApiAsync("GET", Project + "/scanner", 200);
        await ApiAsync("POST", "api/v2.0/projects", 201, """{"project_name": "walked", "metadata": {"public": "false"}, "storage_limit": 1048576}""");
        await ApiAsync("POST", "api/v2.0/projects", 409, """{"project_name": "walked"}""");
        await ApiAsync("PUT", "api/v2.0/projects/walked", 200, """{"metadata": {"auto_scan": "true"}}""");
        await ApiAsync("POST", "api/v2.0/projects/walked/metadatas/", 200, """{"prevent_vul": "true"}""");
        await ApiAsync("GET", "api/v2.0/projects/walked/metadatas/", 200);
        await ApiAsync("GET", "api/v2.0/projects/walked/metadatas/prevent_vul", 200);
        await ApiAsync("PUT", "api/v2.0/projects/walked/metadatas/prevent_vul", 200, """{"prevent_vul": "false"}""");
        await ApiAsync("DELETE", "api/v2.0/projects/walked/metadatas/prevent_vul", 200);

        var member = await ApiAsync("POST", "api/v2.0/projects/walked/members", 201, """{"role_id": 3, "member_user": {"username": "acceptance"}}""");
        await ApiAsync("GET", "api/v2.0/projects/walked/members", 200);
        await ApiAsync("GET", member.Location, 200);
        await ApiAsync("PUT", member.Location, 200, """{"role_id": 4}""");
        await ApiAsync("DELETE", member.Location, 200);

        var rule = await ApiAsync("POST", "api/v2.0/projects/walked/immutabletagrules", 201, Rule(0));
        await ApiAsync("GET", "api/v2.0/projects/walked/immutabletagrules", 200);
        await ApiAsync("PUT", rule.Location, 200, Rule(long.Parse(rule.Location.Split('/')[^1])));
        await ApiAsync("DELETE", rule.Location, 200);

        var quotas = await ApiAsync("GET", "api/v2.0/quotas?reference=project&sort=-used.storage", 200);
        var quota = $"api/v2.0/quotas/{JsonNode.Parse(quotas.Text)!.AsArray().Single(one => (string?)one!["ref"]!["name"] == "walked")!["id"]}";
        await ApiAsync("PUT", quota, 200, """{"hard": {"storage": 2097152}}""");
        await ApiAsync("GET", quota, 200);
        await ApiAsync("GET", "api/v2.0/projects/walked/_deletable", 200);
        await ApiAsync("DELETE", "api/v2.0/projects/walked", 200);
        await ApiAsync("DELETE", Project, 412);
    }

    private async Task RobotsAsync()
    {
        var robot = await ApiAsync("POST", "api/v2.0/robots", 201, Robot("walker"));
        var project = JsonNode.Parse((await ApiAsync("GET", Project, 200)).Text)!["project_id"];
        await ApiAsync("GET", $"api/v2.0/robots?q=Level%3Dproject,ProjectID%3D{project}", 200);
        await ApiAsync("GET", robot.Location, 200);
        await ApiAsync("PUT", robot.Location, 200, Robot("robot$mlops-lab+walker"));
        await ApiAsync("PATCH", robot.Location, 200, """{"secret": ""}""");
        await ApiAsync("DELETE", robot.Location, 200);
        await ApiAsync("GET", robot.Location, 404);
        await ApiAsync("POST", "api/v2.0/robots", 400, Robot("Not+a name"));
    }

    private async Task SystemAsync()
    {
        foreach (var path in new[] { "health", "ping", "systeminfo", "scanners" })
        {
            await ApiAsync("GET", $"api/v2.0/{path}", 200);
        }

        (await SendAsync(HttpMethod.Get, "api/v2.0/systeminfo", null)).Status.Should().Be(200);
        (await SendAsync(HttpMethod.Get, Project, null)).Status.Should().Be(401);
        (await SendAsync(HttpMethod.Get, Project, _ci)).Status.Should().Be(403);
    }

    private async Task RemoveAsync()
    {
        await RegistryAsync("DELETE", $"{Name}/manifests/{HarborWire.Digest("nothing"u8.ToArray())}", 401);
        await ApiAsync("DELETE", $"{Project}/repositories/walk%252Fcopy/artifacts/index", 200);
        await ApiAsync("DELETE", Repository, 200);
        await ApiAsync("GET", Repository, 404);
    }

    /// <summary>Waits for the scan that the push began; the id of its report.</summary>
    private async Task<string> ScannedAsync(string artifact)
    {
        var overview = await Eventually.Default.ReachAsync(
            "The scan of the image that was pushed",
            async _ => JsonNode.Parse((await ApiAsync("GET", artifact, 200)).Text)!["scan_overview"]!.AsObject().Single().Value!,
            scan => (string)scan["scan_status"]!,
            scan => (string)scan["scan_status"]! == "Success",
            new Wait("Success", TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(50)) { Terminal = ["Error", "Stopped"] },
            Cancel);
        await ApiAsync("GET", $"{Artifact}/scan/{overview["report_id"]}/log", 200);
        await ApiAsync("GET", Artifact + "/additions/vulnerabilities", 200);
        await ApiAsync("GET", Artifact + "/additions/build_history", 200);
        return (string)overview["report_id"]!;
    }

    private Task<Answer> ApiAsync(string method, string path, int status, string? body = null) => SendAsync(
        new HttpMethod(method), path, _admin, status,
        body is null ? null : new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")));

    private Task<Answer> RegistryAsync(string method, string path, int status, byte[]? content = null) =>
        SendAsync(new HttpMethod(method), $"v2/{path}", _ci, status, content is null ? null : HarborWire.Bytes(content));

    private Task<Answer> ManifestAsync(string reference, string manifest, string type) => SendAsync(
        HttpMethod.Put, $"v2/{Name}/manifests/{reference}", _ci, 201,
        new StringContent(manifest, Encoding.UTF8, MediaTypeHeaderValue.Parse(type)));

    private async Task<Answer> SendAsync(HttpMethod method, string path, string? account, int status, HttpContent? content)
    {
        var answer = await SendAsync(method, path, account, content);
        answer.Status.Should().Be(status, "{0} {1}: {2}", method, path, answer.Text);
        return answer;
    }

    private async Task<Answer> SendAsync(HttpMethod method, string path, string? account, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", HarborWire.Authorization(account));
        request.Headers.TryAddWithoutValidation("Accept", $"application/json, {Image.OciManifest}, {Image.OciIndex}");
        using var answer = await _http.SendAsync(request, Cancel);
        return new Answer((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel), answer.Headers.Location?.OriginalString ?? "");
    }

    /// <summary>What follows <c>v2/</c> in the address of an upload, absolute or not.</summary>
    private string Below(string location) => new Uri(_twin.Harbor(), location).PathAndQuery["/v2/".Length..];

    private static string Index(Image image) => $$"""
        {
          "schemaVersion": 2, "mediaType": "{{Image.OciIndex}}",
          "manifests": [{
            "mediaType": "{{Image.OciManifest}}", "digest": "{{image.Digest}}", "size": {{Encoding.UTF8.GetByteCount(image.Manifest)}},
            "platform": {"architecture": "amd64", "os": "linux"}
          }]
        }
        """;

    private static string Signature(Image image) => $$"""
        {
          "schemaVersion": 2, "mediaType": "{{Image.OciManifest}}", "artifactType": "application/vnd.cncf.notary.signature",
          "config": {{Image.Descriptor("application/vnd.oci.empty.v1+json", "{}"u8.ToArray())}},
          "layers": [{{Image.Descriptor("application/vnd.oci.empty.v1+json", "{}"u8.ToArray())}}],
          "subject": {{Image.Descriptor(Image.OciManifest, Encoding.UTF8.GetBytes(image.Manifest))}}
        }
        """;

    private static string Rule(long id) => $$"""
        {
          "id": {{id}}, "action": "immutable", "template": "immutable_template",
          "tag_selectors": [{"kind": "doublestar", "decoration": "matches", "pattern": "v*"}],
          "scope_selectors": {"repository": [{"kind": "doublestar", "decoration": "repoMatches", "pattern": "**"}]}
        }
        """;

    private static string Robot(string name) => $$"""
        {
          "name": "{{name}}", "level": "project", "duration": 30, "description": "walks",
          "permissions": [{"kind": "project", "namespace": "mlops-lab", "access": [{"resource": "repository", "action": "pull"}]}]
        }
        """;

    private sealed record Answer(int Status, string Text, string Location);
}
