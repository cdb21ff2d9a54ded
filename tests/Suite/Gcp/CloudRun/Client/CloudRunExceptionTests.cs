using System.Text.Json.Nodes;
using Acceptance.Platform.Evidence;
using Acceptance.Platform.Gcp.Auth;
using Acceptance.Platform.Gcp.CloudRun;
using Acceptance.Platform.Http;
using Acceptance.Platform.Personas;
using Acceptance.Platform.Waiting;
using Acceptance.Tests.Suite.Http;
using Microsoft.AspNetCore.Http;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Client;

/// <summary>What is said of what Cloud Run answers, word for word, and which refusals are about access.</summary>
public sealed class CloudRunExceptionTests
{
    private static readonly LocationName Here = new("p", "europe-west1");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refusal_says_the_permission_the_request_and_what_to_do()
    {
        var exception = await FailAsync(Answer(403, """
            {"error":{"code":403,"message":"Permission 'run.jobs.create' denied on resource 'projects/p/locations/europe-west1' (or resource may not exist).","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"IAM_PERMISSION_DENIED","domain":"run.googleapis.com"}]}}
            """));

        Text(exception).Should().Be("""
            Expected : job acc-x made
            Observed : 403 PERMISSION_DENIED: Permission 'run.jobs.create' denied on resource 'projects/p/locations/europe-west1' (or resource may not exist).
            Request  : POST http://google/v2/projects/p/locations/europe-west1/jobs?jobId=acc-x -> 403 (request id 7f3a)
            Likely   : the identity lacks run.jobs.create
            Try      : grant roles/run.developer to deploy, roles/run.invoker to call, or use an identity that has it
            """.ReplaceLineEndings("\n"));
        (exception.Method, exception.Reason, exception.RequestId, exception.Refusal).Should().Be((HttpMethod.Post, "PERMISSION_DENIED", "7f3a", AccessReason.Permission));
    }

    [Fact]
    public async Task An_image_of_a_registry_that_Cloud_Run_does_not_take_names_the_setting()
    {
        const string Description = "Expected an image path like [host/]repo-path[:tag and/or @digest], where host is one of [region.]gcr.io, [region-]docker.pkg.dev or docker.io but obtained harbor.example.org/mlops/probe:v1.";
        var exception = await FailAsync(Answer(400, $$$"""
            {"error":{"code":400,"message":"template.template.containers[0].image: {{{Description}}}","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"template.template.containers[0].image","description":"{{{Description}}}"}]}]}}
            """));

        Text(exception).Should().Be($"""
            Expected : job acc-x made
            Observed : 400 INVALID_ARGUMENT: template.template.containers[0].image: {Description} (at template.template.containers[0].image)
            Request  : POST http://google/v2/projects/p/locations/europe-west1/jobs?jobId=acc-x -> 400 (request id 7f3a)
            Likely   : Cloud Run takes no image of this registry, whatever its service agent may read there
            Try      : set up a remote repository of Artifact Registry before Harbor, and name it in ACCEPTANCE_LAB_CLOUD_RUN_IMAGES or ACCEPTANCE_RUN_CLOUD_RUN_IMAGES
            """.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData(401, """{"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED"}}""", AccessReason.Authentication)]
    [InlineData(403, """{"error":{"code":403,"message":"Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: x","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.PreconditionFailure","violations":[{"type":"VPC_SERVICE_CONTROLS"}]}]}}""", AccessReason.Network)]
    [InlineData(403, """{"error":{"code":403,"message":"Cloud Run Admin API has not been used in project p before or it is disabled.","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"SERVICE_DISABLED","domain":"googleapis.com"}]}}""", null)]
    [InlineData(403, """{"error":{"code":403,"message":"Permission 'iam.serviceaccounts.actAs' denied on service account x (or it may not exist).","status":"PERMISSION_DENIED"}}""", null)]
    [InlineData(403, "<html><title>Blocked</title></html>", null)]
    [InlineData(404, """{"error":{"code":404,"message":"Resource 'x' of kind 'JOB' in region 'europe-west1' in project 'p' does not exist.","status":"NOT_FOUND"}}""", AccessReason.Hidden)]
    [InlineData(500, """{"error":{"code":500,"message":"internal","status":"INTERNAL"}}""", null)]
    public async Task Only_a_reason_of_access_counts_as_a_refusal(int status, string body, AccessReason? refusal) =>
        (await FailAsync(Answer(status, body))).Refusal.Should().Be(refusal);

    [Fact]
    public async Task An_operation_that_failed_says_why_though_its_answer_was_200()
    {
        var asked = 0;
        var exception = await FailAsync(context => asked++ == 0
            ? JsonAsync(context, """{"name":"projects/p/locations/europe-west1/operations/o1","done":false}""")
            : JsonAsync(context, """{"name":"projects/p/locations/europe-west1/operations/o1","done":true,"error":{"code":9,"message":"Image 'harbor/x' not found."}}"""));

        Text(exception).Should().Be("""
            Expected : job acc-x made
            Observed : operation projects/p/locations/europe-west1/operations/o1 failed: FAILED_PRECONDITION: Image 'harbor/x' not found.
            Request  : GET http://google/v2/projects/p/locations/europe-west1/operations/o1 -> 200 (request id 7f3a)
            Likely   : the image's tag or path is misspelt, the image was deleted, or what stands before Harbor does not hand it through
            Try      : look for it in Harbor, then pull it through the remote repository; deploy by digest
            """.ReplaceLineEndings("\n"));
        exception.Reason.Should().Be("FAILED_PRECONDITION");
    }

    [Fact]
    public async Task An_operation_that_never_ends_is_given_up_and_says_every_state()
    {
        await using var server = await LoopbackServer.StartAsync(context => JsonAsync(context, """{"name":"projects/p/locations/europe-west1/operations/o1"}"""));
        using var client = Client(server, TimeSpan.FromSeconds(0.3));

        var waiting = async () => await MakeAsync(client);

        (await waiting.Should().ThrowAsync<NotReachedException>()).WithMessage(
            "job acc-x made (operation projects/p/locations/europe-west1/operations/o1) was not reached within 0.3 s.\n  Expected : done\n  Observed : running (*), unchanged for *\n  Look at  : operations of projects/p/locations/europe-west1 in Cloud Run's console");
    }

    [Fact]
    public async Task What_is_sent_has_the_forms_of_the_API()
    {
        var sent = "";
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            sent = await new StreamReader(context.Request.Body).ReadToEndAsync(Cancel);
            await JsonAsync(context, """{"name":"o","done":true,"response":{"name":"x","template":{"template":{"containers":[{"image":"i"}],"timeout":"90.5s"}},"generation":"12"}}""");
        });
        using var client = Client(server, TimeSpan.FromSeconds(5));

        var made = await MakeAsync(client);

        JsonNode.DeepEquals(JsonNode.Parse(sent), JsonNode.Parse("""{"labels":{"a":"b"},"template":{"taskCount":2,"template":{"containers":[{"image":"i","env":[{"name":"N","value":"v"}]}],"maxRetries":0,"timeout":"90.5s"}}}""")).Should().BeTrue("it was {0}", sent);
        (made.Template.Template.Timeout, made.Generation).Should().Be((TimeSpan.FromSeconds(90.5), 12));
    }

    private static string Text(CloudRunException exception) => exception.Message.Replace(exception.Uri!.Authority, "google", StringComparison.Ordinal);

    private static async Task<Job> MakeAsync(CloudRunClient client)
    {
        var body = new Job
        {
            Labels = new Dictionary<string, string> { ["a"] = "b" },
            Template = new ExecutionTemplate
            {
                TaskCount = 2,
                Template = new TaskTemplate { Containers = [new Container { Image = "i", Env = [new EnvVar("N", "v")] }], MaxRetries = 0, Timeout = TimeSpan.FromSeconds(90.5) },
            },
        };
        return await client.PollUntilCompletedAsync("job acc-x made", await client.CreateJobAsync(Here.Job("acc-x"), body, validateOnly: false, Cancel), Cancel);
    }

    private static async Task<CloudRunException> FailAsync(RequestDelegate answer)
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.Headers["X-Request-Id"] = "7f3a";
            return answer(context);
        });
        using var client = Client(server, TimeSpan.FromSeconds(10));
        var making = async () => await MakeAsync(client);
        var exception = (await making.Should().ThrowAsync<CloudRunException>()).Which;
        return exception;
    }

    private static CloudRunClient Client(LoopbackServer server, TimeSpan within) =>
        new(new HttpPipeline(new Redaction(), new HttpLimits(), null, TimeProvider.System), server.Address, GcpPersona.Anonymous, Here, within);

    private static RequestDelegate Answer(int status, string body) => context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = body.StartsWith('<') ? "text/html" : "application/json";
        return context.Response.WriteAsync(body, Cancel);
    };

    private static Task JsonAsync(HttpContext context, string body)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body, Cancel);
    }
}
