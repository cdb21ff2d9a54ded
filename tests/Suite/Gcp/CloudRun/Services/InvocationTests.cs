using Acceptance.StandIns.Gcp.Auth;
using Microsoft.AspNetCore.Http;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Services;

/// <summary>Who is let in to a service that is not open to all.</summary>
public sealed class InvocationTests : IAsyncLifetime
{
    private ServingFloor _floor = null!;

    public async ValueTask InitializeAsync()
    {
        _floor = await ServingFloor.OpenAsync(open: false);
        await _floor.ServeAsync(new FakeProgram { Answer = (context, _) => context.Response.WriteAsync($"hello {context.Request.Headers.Authorization}") });
    }

    public ValueTask DisposeAsync() => _floor.DisposeAsync();

    [Fact]
    public async Task Nobody_without_credentials_is_let_in()
    {
        var answer = await _floor.GetAsync("page");

        answer.Status.Should().Be(403);
        answer.Text.Should().Contain("<h1>Error: Forbidden</h1>").And.Contain("Your client does not have permission to get URL <code>/page</code> from this server.");
        await ServingFloor.UntilAsync(() => _floor.Entries("requests").Count == 1);
        ((string?)_floor.Entries("requests").Single()["textPayload"]).Should().StartWith("The request was not authenticated.");
    }

    [Fact]
    public async Task Who_has_the_role_on_the_service_is_let_in_by_an_id_token()
    {
        Grant(ServingFloor.Agent);

        (await _floor.GetAsync(bearer: await _floor.IdTokenAsync(ServingFloor.Agent))).Status.Should().Be(200);
        (await _floor.GetAsync(bearer: await _floor.IdTokenAsync(ServingFloor.Agent), header: "X-Serverless-Authorization")).Status.Should().Be(200);
    }

    [Fact]
    public async Task Who_has_the_role_on_the_project_is_let_in_by_an_access_token() =>
        (await _floor.GetAsync(bearer: await _floor.AccessTokenAsync("data-scientist@example.test"))).Status.Should().Be(200, "data scientists may invoke in lab");

    [Fact]
    public async Task Who_has_no_role_is_refused()
    {
        Grant(ServingFloor.Agent);

        var answer = await _floor.GetAsync(bearer: await _floor.IdTokenAsync("airflow-run@acc-run.iam.gserviceaccount.com"));

        (answer.Status, answer.Text.Contains("Error: Forbidden")).Should().Be((403, true));
    }

    [Fact]
    public async Task A_token_for_another_service_is_refused_as_invalid()
    {
        Grant(ServingFloor.Agent);

        var answer = await _floor.GetAsync(bearer: await _floor.IdTokenAsync(ServingFloor.Agent, "https://other.example.test"));

        answer.Status.Should().Be(401);
        answer.Headers.WwwAuthenticate.ToString().Should().Be("Bearer error=\"invalid_token\" error_description=\"The access token could not be verified\"");
    }

    [Fact]
    public async Task A_token_that_nobody_issued_is_refused_as_invalid() => (await _floor.GetAsync(bearer: "nonsense")).Status.Should().Be(401);

    [Fact]
    public async Task A_custom_audience_is_as_good_as_the_address()
    {
        Grant(ServingFloor.Agent);
        _floor.Front.CustomAudiences = ["https://monitoring.example.test"];

        (await _floor.GetAsync(bearer: await _floor.IdTokenAsync(ServingFloor.Agent, "https://monitoring.example.test"))).Status.Should().Be(200);
    }

    [Fact]
    public async Task The_container_gets_no_token_that_it_could_use_again()
    {
        Grant(ServingFloor.Agent);

        (await _floor.GetAsync(bearer: await _floor.IdTokenAsync(ServingFloor.Agent))).Text.Should().EndWith(".SIGNATURE_REMOVED_BY_GOOGLE");
    }

    private void Grant(string email) => _floor.Front.Policy = _floor.Front.Policy.With("roles/run.invoker", GcpPrincipal.MemberOf(email));
}
