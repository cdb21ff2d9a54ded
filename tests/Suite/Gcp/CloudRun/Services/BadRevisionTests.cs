using System.Text.Json.Nodes;
using Acceptance.StandIns.Containers;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Services;

/// <summary>A revision that does not become ready never has traffic, and the previous one goes on.</summary>
public sealed class BadRevisionTests(ServicesTwin twin) : IClassFixture<ServicesTwin>
{
    [Fact]
    public async Task A_revision_that_is_not_there_gets_no_traffic()
    {
        var (id, service) = await twin.CreateAsync(FakeProgram.Saying("one"));
        var traffic = new JsonObject { ["traffic"] = new JsonArray(new JsonObject { ["revision"] = $"{id}-none", ["percent"] = 100 }) };

        var done = await twin.DoneAsync(HttpMethod.Patch, $"services/{id}?updateMask=traffic", traffic);

        ((int?)done["error"]!["code"], (string?)done["error"]!["message"]).Should().Be((9, $"Revision '{id}-none' is not found or not ready, and cannot serve traffic."));
        (await twin.AskAsync((string)service["uri"]!)).Text.Should().Be("one");
        ((string?)Condition(await twin.GetAsync($"services/{id}"), "RoutesReady")["state"]).Should().Be("CONDITION_FAILED");
    }

    [Fact]
    public async Task An_image_that_is_not_there_leaves_the_previous_revision_serving()
    {
        var (id, service) = await twin.CreateAsync(FakeProgram.Saying("one"));

        var done = await twin.DoneAsync(HttpMethod.Patch, $"services/{id}", ServicesTwin.Body("docker.io/test/none:1"));

        (await twin.AskAsync((string)service["uri"]!)).Should().Be((200, "one"));
        ((int?)done["error"]!["code"]).Should().Be(5);
        ((string)done["error"]!["message"]!).Should().Match($"Revision '{id}-00002-???' is not ready and cannot serve traffic. Image 'docker.io/test/none:1' not found.");
        var after = await twin.GetAsync($"services/{id}");
        ((string?)after["terminalCondition"]!["state"], (string?)after["terminalCondition"]!["reason"]).Should().Be(("CONDITION_FAILED", "REVISION_FAILED"));
        ((string?)after["latestReadyRevision"]).Should().Be((string?)service["latestReadyRevision"]).And.NotBe((string?)after["latestCreatedRevision"]);
        var revision = await twin.GetAsync($"services/{id}/revisions/{((string)after["latestCreatedRevision"]!).Split('/')[^1]}");
        ((string?)Condition(revision, "Ready")["reason"], (string?)Condition(revision, "ContainerReady")["reason"]).Should().Be(("CONTAINER_MISSING", "CONTAINER_MISSING"));
    }

    [Fact]
    public async Task A_container_that_ends_at_its_start_leaves_the_previous_revision_serving()
    {
        var (id, service) = await twin.CreateAsync(FakeProgram.Saying("one"));

        var done = await twin.DoneAsync(HttpMethod.Patch, $"services/{id}", twin.Body($"{id}-bad", new FakeProgram { Exit = new ContainerExit(1, null, null) }));

        ((int?)done["error"]!["code"]).Should().Be(9);
        ((string)done["error"]!["message"]!).Should().Match($"Revision '{id}-00002-???' is not ready and cannot serve traffic. Container called exit(1). The user-provided container failed to start and listen on the port*");
        (await twin.AskAsync((string)service["uri"]!)).Should().Be((200, "one"));
        var bad = ((string)(await twin.GetAsync($"services/{id}"))["latestCreatedRevision"]!).Split('/')[^1];
        ((string?)Condition(await twin.GetAsync($"services/{id}/revisions/{bad}"), "Ready")["revisionReason"]).Should().Be("HEALTH_CHECK_CONTAINER_ERROR");
    }

    [Fact]
    public async Task After_a_bad_revision_a_good_one_is_served()
    {
        var id = $"s{Guid.NewGuid():n}"[..20];
        var first = await twin.DoneAsync(HttpMethod.Post, $"services?serviceId={id}", ServicesTwin.Body("docker.io/test/none:1"));
        await twin.GrantAsync(id, "allUsers");

        var second = await twin.DoneAsync(HttpMethod.Patch, $"services/{id}", twin.Body(id, FakeProgram.Saying("good")));

        ((int?)first["error"]!["code"], (await twin.AskAsync((string)second["response"]!["uri"]!)).Text).Should().Be((5, "good"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?updateMask=labels")]
    public async Task Whatever_leaves_the_template_alone_says_again_why_its_revision_is_not_ready(string mask)
    {
        var (id, service) = await twin.CreateAsync(FakeProgram.Saying("one"));
        var body = ServicesTwin.Body("docker.io/test/none:1");
        body["labels"] = new JsonObject { ["team"] = "risk" };
        var first = await twin.DoneAsync(HttpMethod.Patch, $"services/{id}", body);

        var again = await twin.DoneAsync(HttpMethod.Patch, $"services/{id}{mask}", body);

        (again["error"]?.ToJsonString()).Should().Be(first["error"]!.ToJsonString());
        var after = await twin.GetAsync($"services/{id}");
        ((string?)after["generation"], (string?)after["terminalCondition"]!["state"], (string?)after["terminalCondition"]!["message"])
            .Should().Be(("3", "CONDITION_FAILED", (string?)first["error"]!["message"]));
        ((string?)Condition(after, "ConfigurationsReady")["state"], (string?)Condition(after, "RoutesReady")["state"]).Should().Be(("CONDITION_FAILED", "CONDITION_SUCCEEDED"));
        (await twin.AskAsync((string)service["uri"]!)).Should().Be((200, "one"));
    }

    [Fact]
    public async Task Traffic_is_moved_though_the_last_revision_is_not_ready()
    {
        var (id, service) = await twin.CreateAsync(FakeProgram.Saying("one"), (name, body) => body["template"]!["revision"] = $"{name}-first");
        await twin.DoneAsync(HttpMethod.Patch, $"services/{id}", twin.Body($"{id}-two", FakeProgram.Saying("two")));
        await twin.DoneAsync(HttpMethod.Patch, $"services/{id}", ServicesTwin.Body("docker.io/test/none:1"));
        var back = new JsonObject { ["traffic"] = new JsonArray(new JsonObject { ["revision"] = $"{id}-first", ["percent"] = 100 }) };

        var done = await twin.DoneAsync(HttpMethod.Patch, $"services/{id}?updateMask=traffic", back);

        ((int?)done["error"]!["code"], (await twin.AskAsync((string)service["uri"]!)).Text).Should().Be((5, "one"));
    }

    [Fact]
    public async Task A_service_that_never_was_ready_says_why_at_each_change()
    {
        var id = $"s{Guid.NewGuid():n}"[..20];
        var body = ServicesTwin.Body("docker.io/test/none:1");
        body["template"]!["revision"] = $"{id}-first";
        body["traffic"] = new JsonArray(new JsonObject { ["revision"] = $"{id}-first", ["percent"] = 100 });
        var first = await twin.DoneAsync(HttpMethod.Post, $"services?serviceId={id}", body);

        var named = await twin.DoneAsync(HttpMethod.Patch, $"services/{id}", body);
        var latest = await twin.DoneAsync(HttpMethod.Patch, $"services/{id}?updateMask=traffic", new JsonObject());

        new[] { named, latest }.Select(done => done["error"]?.ToJsonString()).Should().OnlyContain(error => error == first["error"]!.ToJsonString());
    }

    private static JsonNode Condition(JsonNode resource, string type) => resource["conditions"]!.AsArray().Single(condition => (string?)condition!["type"] == type)!;
}
