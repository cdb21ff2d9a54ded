using Acceptance.Platform.Http;
using Acceptance.Platform.Nexus.Api;
using Microsoft.AspNetCore.Http;

namespace Acceptance.Tests.Suite.Nexus;

public sealed class NexusClientTests : IAsyncLifetime
{
    private ContentServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private NexusClient Nexus => new(_server.Client);

    public async ValueTask InitializeAsync() => _server = await ContentServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Status_and_version_are_read()
    {
        _server.On("/service/rest/v1/status", context =>
        {
            context.Response.Headers.Server = "Nexus/3.93.2-01 (COMMUNITY)";
            return Task.CompletedTask;
        });
        Api("v1/status/writable", "", 503);

        (await Nexus.GetStatusAsync(Cancel)).Should().Be(new NexusStatus(true, new NexusVersion("3.93.2-01", "COMMUNITY")));
        (await Nexus.GetVersionAsync(Cancel))!.ToString().Should().Be("3.93.2-01 (COMMUNITY)");
        (await Nexus.GetWritableStatusAsync(Cancel)).Available.Should().BeFalse();
    }

    [Fact]
    public async Task Repositories_are_listed()
    {
        Api("v1/repositories", """
            [{"name": "pypi", "format": "pypi", "type": "proxy", "url": "http://nexus/repository/pypi", "size": 1, "attributes": {"proxy": {"remoteUrl": "https://up.example.org/"}}},
             {"name": "all", "format": "pypi", "type": "group", "url": "http://nexus/repository/all", "attributes": {}}]
            """);

        var repositories = await Nexus.ListRepositoriesAsync(Cancel);

        repositories.Select(repository => (repository.Name, repository.Type, repository.Attributes?.Proxy?.RemoteUrl?.Host)).Should()
            .Equal(("pypi", "proxy", "up.example.org"), ("all", "group", null));
    }

    [Fact]
    public async Task A_proxy_is_read_with_its_ages()
    {
        Proxy("v1/repositories/pypi/proxy/pypi");

        var proxy = await Nexus.GetProxyRepositoryAsync("pypi", "pypi", Cancel);

        proxy.Should().BeEquivalentTo(new
        {
            Online = true,
            Proxy = new { RemoteUrl = new Uri("https://up.example.org/"), ContentMaxAge = TimeSpan.MaxValue, MetadataMaxAge = TimeSpan.FromDays(1) },
            HttpClient = new { Blocked = false, AutoBlock = true },
            NegativeCache = new { Enabled = true, TimeToLive = TimeSpan.FromHours(1) },
        });
    }

    [Fact]
    public async Task An_answer_that_lacks_what_is_documented_is_refused()
    {
        Api("v1/repositories/pypi/proxy/pypi", """{"name": "pypi", "online": true}""");

        var read = () => Nexus.GetProxyRepositoryAsync("pypi", "pypi", Cancel);

        _server.Text((await read.Should().ThrowAsync<NexusApiException>()).Which).Should()
            .StartWith("GET http://nexus/service/rest/v1/repositories/pypi/proxy/pypi -> 200 OK: not the documented answer: ").And.Contain("'storage'")
            .And.EndWith("\n  Body : {\"name\": \"pypi\", \"online\": true}");
    }

    [Fact]
    public async Task Groups_blob_stores_and_quotas_are_read()
    {
        Api("v1/repositories/pypi/group/all", """{"name": "all", "online": true, "storage": {}, "group": {"memberNames": ["a", "b"]}}""");
        Api("v1/blobstores", """[{"name": "default", "type": "File", "unavailable": false, "blobCount": 3, "totalSizeInBytes": 4, "availableSpaceInBytes": 5000000000, "softQuota": null}]""");
        Api("v1/blobstores/default/quota-status", """{"isViolation": true, "message": "over", "blobStoreName": "default"}""");

        (await Nexus.GetGroupRepositoryAsync("pypi", "all", Cancel)).Group.MemberNames.Should().Equal("a", "b");
        (await Nexus.ListBlobStoresAsync(Cancel)).Should().ContainSingle().Which.AvailableSpaceInBytes.Should().Be(5_000_000_000);
        (await Nexus.GetQuotaStatusAsync("default", Cancel)).Should().Be(new QuotaStatus { BlobStoreName = "default", IsViolation = true, Message = "over" });
    }

    [Fact]
    public async Task Assets_are_listed_over_all_their_pages()
    {
        Api("v1/assets?repository=pypi", """{"items": [{"id": "1", "repository": "pypi", "format": "pypi", "path": "a", "downloadUrl": "http://nexus/a", "checksum": {"sha1": "x"}, "fileSize": 3}], "continuationToken": "t+/="}""");
        Api("v1/assets?repository=pypi&continuationToken=t%2b%2f%3d", """{"items": [{"id": "2", "repository": "pypi", "format": "pypi", "path": "b", "downloadUrl": "http://nexus/b"}], "continuationToken": null}""");
        Api("v1/search/assets?repository=pypi&name=mini", """{"items": [], "continuationToken": null}""");
        Api("v1/assets/1", """{"id": "1", "repository": "pypi", "format": "pypi", "path": "a", "downloadUrl": "http://nexus/a", "lastModified": "2026-01-02T03:04:05.678+00:00"}""");

        var assets = await Nexus.ListAssetsAsync("pypi", Cancel).ToListAsync(Cancel);

        assets.Select(asset => asset.Path).Should().Equal("a", "b");
        (await Nexus.SearchAssetsAsync(new AssetQuery("pypi") { Name = "mini" }, Cancel).ToListAsync(Cancel)).Should().BeEmpty();
        (await Nexus.GetAssetAsync("1", Cancel)).LastModified!.Value.Millisecond.Should().Be(678);
    }

    [Fact]
    public async Task Pages_that_never_end_are_refused()
    {
        Api("v1/assets?repository=pypi", """{"items": [], "continuationToken": "t"}""");
        Api("v1/assets?repository=pypi&continuationToken=t", """{"items": [], "continuationToken": "t"}""");

        var list = async () => await Nexus.ListAssetsAsync("pypi", Cancel).ToListAsync(Cancel);

        _server.Text((await list.Should().ThrowAsync<NexusApiException>()).Which).Should().Be(
            "GET http://nexus/service/rest/v1/assets?repository=pypi&continuationToken=t -> 200 OK: page 2 has the continuationToken of an earlier one: the pages never end");
    }

    [Theory]
    [InlineData(401, "Unauthorized", "set the credential of this environment's Nexus in the profile; it is missing, expired or wrong.")]
    [InlineData(403, "Forbidden", "grant the identity nx-repository-view-*-*-read and -browse, nx-repository-admin-*-*-read and nx-blobstores-read, or use one that has them.")]
    [InlineData(404, "NotFound", "check the Nexus address (its context path belongs to it) and the repository's name and format in the profile.")]
    public async Task A_refusal_says_what_to_try(int status, string name, string advice)
    {
        Api("v1/blobstores", "<html><title>x</title><body>No <b>way</b></body></html>", status, "text/html");

        var list = () => Nexus.ListBlobStoresAsync(Cancel);

        var exception = (await list.Should().ThrowAsync<NexusApiException>()).Which;
        _server.Text(exception).Should().Be($"""
            GET http://nexus/service/rest/v1/blobstores -> {status} {name}
              Body : No way
              Try  : {advice}
            """.ReplaceLineEndings("\n"));
        ((int?)exception.Status, exception.Body).Should().Be((status, "No way"));
    }

    [Fact]
    public async Task A_portal_instead_of_the_API_is_named()
    {
        Api("v1/status", "<html><head><title>Sign in</title></head></html>", 200, "text/html");
        Api("v1/blobstores", "<html><head><title>Sign in</title></head></html>", 200, "text/html");

        (await Nexus.Invoking(nexus => nexus.GetStatusAsync(Cancel)).Should().ThrowAsync<NexusApiException>()).WithMessage("*an HTML page titled \"Sign in\": it looks like a portal or login page*");
        (await Nexus.Invoking(nexus => nexus.ListBlobStoresAsync(Cancel)).Should().ThrowAsync<NexusApiException>()).WithMessage("*an HTML page titled \"Sign in\": it looks like a portal or login page*");
    }

    [Fact]
    public async Task An_API_that_does_not_answer_is_not_waited_for()
    {
        _server.On("/service/rest/v1/status", ContentServer.HangAsync);
        using var nexus = new NexusClient(_server.Client, new HttpLimits { Answer = TimeSpan.FromMilliseconds(200) });

        var read = () => nexus.GetStatusAsync(Cancel);

        _server.Text((await read.Should().ThrowAsync<NexusApiException>()).Which).Should().Be("GET http://nexus/service/rest/v1/status -> no answer: nothing whole within 200 ms");
    }

    [Fact]
    public async Task A_refused_connection_stays_the_pipelines_exception()
    {
        using var http = new HttpClient { BaseAddress = new Uri("http://127.0.0.1:1/") };
        using var nexus = new NexusClient(http);

        var read = () => nexus.GetStatusAsync(Cancel);

        (await read.Should().ThrowAsync<HttpRequestException>()).Which.HttpRequestError.Should().Be(HttpRequestError.ConnectionError);
    }

    private void Api(string path, string body, int status = 200, string type = "application/json")
    {
        _server.On($"/service/rest/{path}", async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            await context.Response.WriteAsync(body, Cancel);
        });
    }

    private void Proxy(string path) => Api(path, """
        {"name": "pypi", "format": "pypi", "type": "proxy", "url": "http://nexus/repository/pypi", "online": true,
         "storage": {"blobStoreName": "default", "strictContentTypeValidation": true},
         "proxy": {"remoteUrl": "https://up.example.org/", "contentMaxAge": -1, "metadataMaxAge": 1440},
         "negativeCache": {"enabled": true, "timeToLive": 60},
         "httpClient": {"blocked": false, "autoBlock": true, "connection": null},
         "routingRuleName": null}
        """);
}
