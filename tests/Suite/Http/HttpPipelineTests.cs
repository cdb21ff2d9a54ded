using System.Net;
using System.Net.Sockets;
using System.Text;
using Acceptance.Platform.Evidence;
using Acceptance.Platform.Http;
using Acceptance.Platform.Personas;
using Acceptance.Platform.Profiles;
using Acceptance.Platform.Results;
using Microsoft.AspNetCore.Http;

namespace Acceptance.Tests.Suite.Http;

public sealed class HttpPipelineTests
{
    private static readonly Persona Reader = new("reader", "me", new Secret("correct horse"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_account_goes_to_its_system_and_to_no_other_host()
    {
        var seen = new List<string>();
        await using var home = await LoopbackServer.StartAsync(context => Note(context, seen));
        await using var other = await LoopbackServer.StartAsync(context => Note(context, seen));
        using var http = Client(home.Address);

        using var first = await http.GetAsync("/a", Cancel);
        using var second = await http.GetAsync(other.Address, Cancel);

        seen.Should().Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("me:correct horse")), "");
    }

    [Fact]
    public async Task A_safe_request_is_asked_again_when_the_system_says_later()
    {
        var asked = 0;
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = ++asked < 3 ? 503 : 200;
            context.Response.Headers.RetryAfter = "0";
            return Task.CompletedTask;
        });
        using var http = Client(server.Address);

        using var answer = await http.GetAsync("/", Cancel);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        asked.Should().Be(3);
    }

    [Fact]
    public async Task A_request_that_changes_something_is_not_asked_again()
    {
        var asked = 0;
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            asked++;
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        using var http = Client(server.Address);

        using var answer = await http.PostAsync("/", null, Cancel);

        answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        asked.Should().Be(1);
    }

    [Fact]
    public async Task A_refused_connection_says_what_to_look_at()
    {
        var port = FreePort();
        using var http = Client(new Uri($"http://127.0.0.1:{port}/"));

        var asking = () => http.GetAsync("service/rest/v1/status", Cancel);

        (await asking.Should().ThrowAsync<ConnectionFailedException>()).Which.Message.Should().Be(
            $"""
            http://127.0.0.1:{port} could not be spoken to.
              Expected : an answer to /service/rest/v1/status
              Observed : connection refused (Connection refused)
              Look at  : whether the system is up, the port in the profile, and the firewall between here and it
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_name_without_an_address_is_told_apart() =>
        (await FaultOf(new Uri("http://nexus.invalid/"))).Should().Be(ConnectionFault.NameNotResolved);

    [Fact]
    public async Task A_certificate_that_nobody_signed_is_told_apart()
    {
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask, LoopbackServer.SelfSigned());

        (await FaultOf(server.Address)).Should().Be(ConnectionFault.CertificateNotTrusted);
    }

    [Fact]
    public async Task A_certificate_of_the_companys_own_authority_is_trusted_where_it_is_declared()
    {
        using var certificate = LoopbackServer.SelfSigned();
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask, certificate);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, certificate.ExportCertificatePem(), Cancel);
        using var http = Client(server.Address, caCertificates: file);

        using var answer = await http.GetAsync("/", Cancel);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        File.Delete(file);
    }

    [Fact]
    public async Task TLS_on_a_plain_text_port_is_told_apart()
    {
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);

        (await FaultOf(new UriBuilder(server.Address) { Scheme = "https" }.Uri)).Should().Be(ConnectionFault.TlsFailed);
    }

    [Fact]
    public async Task A_connection_that_stands_and_says_nothing_ends_in_time()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        var fault = await FaultOf(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/"));

        fault.Should().Be(ConnectionFault.NoAnswer);
    }

    [Fact]
    public async Task A_connection_is_free_again_when_its_answer_fails_or_is_given_up_unread()
    {
        var asked = 0;
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            if (++asked == 1)
            {
                context.Abort();
                return;
            }

            await context.Response.WriteAsync(new string('x', 100_000));
        });
        using var http = new HttpPipeline(new Redaction(), new HttpLimits(), null, TimeProvider.System).Client(server.Address, Reader, 1);

        await FluentActions.Invoking(() => http.PostAsync("/", null, Cancel)).Should().ThrowAsync<ConnectionFailedException>();
        (await http.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Cancel)).Dispose();
        await (await http.GetStreamAsync("/", Cancel)).DisposeAsync();
        using var whole = await http.GetAsync("/", Cancel);

        whole.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Every_try_is_in_the_evidence_and_no_secret_is()
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.Headers.SetCookie = "session=abcdefgh";
            await context.Response.WriteAsync("""{"token":"abcdefgh","echo":"correct horse","name":"numpy"}""");
        });
        using var http = Client(server.Address);
        var folder = new ResultsFolder(Directory.CreateTempSubdirectory("evidence-").FullName);

        await http.GetStringAsync("/index?token=abcdefgh", Cancel);
        await http.PostAsync("/login", new StringContent("""{"password":"correct horse"}""", Encoding.UTF8, "application/json"), Cancel);
        var written = TestJournal.Current.WriteEvidence(folder, new Redaction());

        var har = await File.ReadAllTextAsync(Path.Combine(folder.Path, written.Single().Source), Cancel);
        har.Should().NotContain("correct horse").And.NotContain("abcdefgh").And.Contain("numpy");
        System.Text.Json.JsonDocument.Parse(har).RootElement.GetProperty("log").GetProperty("entries").GetArrayLength().Should().Be(2);
    }

    private static HttpClient Client(Uri system, string? caCertificates = null)
    {
        var redaction = new Redaction();
        redaction.Register(Reader.Password!);
        var limits = new HttpLimits { Answer = TimeSpan.FromSeconds(1) };
        return new HttpPipeline(redaction, limits, caCertificates, TimeProvider.System).Client(system, Reader, 4);
    }

    private static async Task<ConnectionFault> FaultOf(Uri address)
    {
        using var http = Client(address);
        var asking = () => http.GetAsync(address, Cancel);
        return (await asking.Should().ThrowAsync<ConnectionFailedException>()).Which.Fault;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Task Note(HttpContext context, List<string> seen)
    {
        seen.Add(context.Request.Headers.Authorization.ToString());
        return Task.CompletedTask;
    }
}
