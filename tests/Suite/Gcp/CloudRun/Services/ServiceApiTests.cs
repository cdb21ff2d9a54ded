using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.Gcp.CloudRun.Services;

/// <summary>Services and revisions, as their API has them.</summary>
public sealed class ServiceApiTests(ServicesTwin twin) : IClassFixture<ServicesTwin>
{
    [Fact]
    public async Task A_service_that_is_ready_is_served_at_its_address()
    {
        var (id, service) = await twin.CreateAsync(FakeProgram.Saying("bonjour"));

        (await twin.AskAsync((string)service["uri"]!)).Should().Be((200, "bonjour"));
        ((string)service["latestReadyRevision"]!).Should().MatchRegex($"^projects/acc-lab/locations/europe-west1/services/{id}/revisions/{id}-00001-[a-z]{{3}}$");
        ((string?)service["terminalCondition"]!["type"], (string?)service["terminalCondition"]!["state"]).Should().Be(("Ready", "CONDITION_SUCCEEDED"));
        service["conditions"]!.AsArray().Select(one => $"{one!["type"]} {one["state"]}").Should().BeEquivalentTo("RoutesReady CONDITION_SUCCEEDED", "ConfigurationsReady CONDITION_SUCCEEDED");
        service["trafficStatuses"]!.ToJsonString().Should().Be("""[{"type":"TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST","percent":100}]""");
        (service["reconciling"], (string?)service["observedGeneration"], (string?)service["creator"]).Should().Be((null, "1", GcpTwin.Owner));
    }

    [Fact]
    public async Task What_is_not_said_is_filled_in_as_Cloud_Run_does()
    {
        var (_, service) = await twin.CreateAsync(FakeProgram.Saying("x"));

        var template = service["template"]!;
        ((string?)template["timeout"], (int?)template["maxInstanceRequestConcurrency"], (int?)template["scaling"]!["maxInstanceCount"]).Should().Be(("300s", 80, 100));
        template["containers"]![0]!["ports"]!.ToJsonString().Should().Be("""[{"name":"http1","containerPort":8080}]""");
        template["containers"]![0]!["resources"]!.ToJsonString().Should().Be("""{"limits":{"cpu":"1000m","memory":"512Mi"}}""");
        template["containers"]![0]!["startupProbe"]!.ToJsonString().Should().Be("""{"timeoutSeconds":240,"periodSeconds":240,"failureThreshold":1,"tcpSocket":{"port":8080}}""");
        ((string?)service["ingress"]).Should().Be("INGRESS_TRAFFIC_ALL");
    }

    [Theory]
    [InlineData("""{"limits": {"memory": "128Mi"}}""", null, 80, 1.0, 128)]
    [InlineData("""{"limits": {"memory": "256Mi"}}""", "EXECUTION_ENVIRONMENT_GEN1", 80, 1.0, 256)]
    [InlineData("""{"limits": {"cpu": "80m"}, "cpuIdle": true}""", null, 1, 0.08, 512)]
    [InlineData("""{"limits": {"cpu": "0.5", "memory": "1Gi"}, "cpuIdle": true}""", "EXECUTION_ENVIRONMENT_GEN1", 1, 0.5, 1024)]
    public async Task A_service_may_have_little(string resources, string? environment, int concurrency, double cpu, int mebibytes)
    {
        var (id, service) = await twin.CreateAsync(FakeProgram.Saying("x"), (_, body) =>
        {
            body["template"]!["executionEnvironment"] = environment;
            body["template"]!["containers"]![0]!["resources"] = JsonNode.Parse(resources);
        });
        await twin.AskAsync((string)service["uri"]!);

        ((int?)service["template"]!["maxInstanceRequestConcurrency"]).Should().Be(concurrency);
        var spec = twin.Runtime.Started.Last(container => container.Spec.Image.Reference.Contains(id)).Spec;
        (spec.Cpu, spec.Memory).Should().Be((cpu, mebibytes * 1024L * 1024));
    }

    [Fact]
    public async Task Until_it_is_ready_it_says_so()
    {
        var image = twin.Image("pending", FakeProgram.Saying("x"));
        twin.Gcp.Twin.Settings.Provisioning = TimeSpan.FromMilliseconds(400);
        var begun = await twin.CallAsync(HttpMethod.Post, "services?serviceId=pending", ServicesTwin.Body(image));
        twin.Gcp.Twin.Settings.Provisioning = TimeSpan.Zero;

        var metadata = begun.Json["metadata"]!;
        ((string?)metadata["@type"], (bool?)metadata["reconciling"], (string?)metadata["terminalCondition"]!["state"], begun.Json["done"])
            .Should().Be(("type.googleapis.com/google.cloud.run.v2.Service", true, "CONDITION_RECONCILING", null));
        (metadata["uri"], metadata["latestReadyRevision"]).Should().Be((null, null));
        ((bool)(await twin.EndAsync((string)begun.Json["name"]!))["done"]!).Should().BeTrue();
    }

    [Fact]
    public async Task A_changed_template_is_a_new_revision_and_has_the_traffic()
    {
        var (id, before) = await twin.CreateAsync(FakeProgram.Saying("one"));

        var done = await twin.DoneAsync(HttpMethod.Patch, $"services/{id}", twin.Body($"{id}-two", FakeProgram.Saying("two")));

        (await twin.AskAsync((string)before["uri"]!)).Text.Should().Be("two");
        ((string)done["response"]!["latestReadyRevision"]!).Should().Contain($"/{id}-00002-");
        var revisions = (await twin.GetAsync($"services/{id}/revisions"))["revisions"]!.AsArray();
        revisions.Select(revision => (string?)Condition(revision!, "Active")["revisionReason"]).Should().Equal([null, "RETIRED"], "the newest comes first");
    }

    [Fact]
    public async Task A_change_waits_for_the_end_of_the_one_before_it()
    {
        var (id, before) = await twin.CreateAsync(FakeProgram.Saying("one"));
        var pulls = 0;
        var together = false;
        twin.Runtime.Pulling = () =>
        {
            if (Interlocked.Increment(ref pulls) == 1)
            {
                together = SpinWait.SpinUntil(() => Volatile.Read(ref pulls) > 1, TimeSpan.FromMilliseconds(500));
            }
        };

        var second = await twin.CallAsync(HttpMethod.Patch, $"services/{id}", twin.Body($"{id}-two", FakeProgram.Saying("two")));
        var third = await twin.CallAsync(HttpMethod.Patch, $"services/{id}", twin.Body($"{id}-three", FakeProgram.Saying("three")));
        await twin.EndAsync((string)second.Json["name"]!);
        await twin.EndAsync((string)third.Json["name"]!);
        twin.Runtime.Pulling = () => { };

        (together, pulls).Should().Be((false, 2));
        (await twin.AskAsync((string)before["uri"]!)).Text.Should().Be("three");
    }

    [Fact]
    public async Task A_label_changes_the_service_and_makes_no_revision()
    {
        var (id, before) = await twin.CreateAsync(FakeProgram.Saying("one"));

        var done = await twin.DoneAsync(HttpMethod.Patch, $"services/{id}?updateMask=labels", new JsonObject { ["labels"] = new JsonObject { ["team"] = "risk" } });

        var after = done["response"]!;
        ((string?)after["labels"]!["team"], (string?)after["generation"], (string?)after["latestCreatedRevision"]).Should().Be(("risk", "2", (string?)before["latestCreatedRevision"]));
    }

    [Theory]
    [InlineData("template.maxInstanceRequestConcurrency,template.scaling.minInstanceCount")]
    [InlineData("template.max_instance_request_concurrency,template.scaling.min_instance_count")]
    public async Task A_mask_leads_into_the_template_in_either_spelling(string mask)
    {
        var (id, _) = await twin.CreateAsync(FakeProgram.Saying("one"));
        var body = JsonNode.Parse("""{"template": {"maxInstanceRequestConcurrency": 7, "timeout": "5s", "scaling": {"minInstanceCount": 1, "maxInstanceCount": 2}}}""")!.AsObject();

        var done = await twin.DoneAsync(HttpMethod.Patch, $"services/{id}?updateMask={mask}", body);

        var template = done["response"]!["template"]!;
        ((int?)template["maxInstanceRequestConcurrency"], (string?)template["timeout"], template["scaling"]!.ToJsonString())
            .Should().Be((7, "300s", """{"maxInstanceCount":100,"minInstanceCount":1}"""));
    }

    [Theory]
    [InlineData("template.timout")]
    [InlineData("template.")]
    [InlineData("template.timeout.seconds")]
    [InlineData("template.containers.image")]
    [InlineData("labels.team")]
    [InlineData("colour")]
    public async Task A_mask_of_what_is_no_field_changes_nothing(string mask)
    {
        var (id, _) = await twin.CreateAsync(FakeProgram.Saying("one"));

        var refused = await twin.CallAsync(HttpMethod.Patch, $"services/{id}?updateMask=labels,{mask}", new JsonObject { ["labels"] = new JsonObject { ["team"] = "risk" } });

        (refused.Status, refused.Message).Should().Be((400, $"The update_mask contains an unknown path: '{mask}'"));
        ((string?)(await twin.GetAsync($"services/{id}"))["generation"]).Should().Be("1");
    }

    [Fact]
    public async Task A_mask_takes_away_what_is_not_given_and_passes_over_what_only_the_server_says()
    {
        var (id, before) = await twin.CreateAsync(FakeProgram.Saying("one"), (_, body) => body["labels"] = new JsonObject { ["team"] = "risk" });

        var done = await twin.DoneAsync(HttpMethod.Patch, $"services/{id}?updateMask=labels,template.vpcAccess.connector,terminalCondition.state", new JsonObject());

        var after = done["response"]!;
        (after["labels"], (string?)after["latestCreatedRevision"]).Should().Be((null, (string?)before["latestCreatedRevision"]), "there was no connector to take away");
    }

    [Fact]
    public async Task What_was_read_is_written_back_and_makes_no_revision()
    {
        var (id, before) = await twin.CreateAsync(FakeProgram.Saying("one"), (_, body) => body["template"]!["scaling"] = new JsonObject { ["minInstanceCount"] = 1 });

        var done = await twin.DoneAsync(HttpMethod.Patch, $"services/{id}", await twin.GetAsync($"services/{id}"));

        ((string?)done["response"]!["latestCreatedRevision"], (string?)done["response"]!["generation"]).Should().Be(((string?)before["latestCreatedRevision"], "2"));
        (await twin.GetAsync($"services/{id}/revisions"))["revisions"]!.AsArray().Should().ContainSingle();
    }

    [Fact]
    public async Task Traffic_goes_where_it_is_sent_and_a_tag_has_an_address()
    {
        var (id, service) = await twin.CreateAsync(FakeProgram.Saying("one"), (name, body) => body["template"]!["revision"] = $"{name}-first");
        var body = twin.Body($"{id}-two", FakeProgram.Saying("two"));
        body["traffic"] = new JsonArray(
            new JsonObject { ["type"] = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", ["revision"] = $"{id}-first", ["percent"] = 100 },
            new JsonObject { ["type"] = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", ["tag"] = "next" });

        var after = (await twin.DoneAsync(HttpMethod.Patch, $"services/{id}", body))["response"]!;

        (await twin.AskAsync((string)service["uri"]!)).Text.Should().Be("one");
        (await twin.AskAsync((string)after["trafficStatuses"]![1]!["uri"]!)).Text.Should().Be("two");
        after["trafficStatuses"]![0]!.ToJsonString().Should().Be($$"""{"type":"TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION","revision":"{{id}}-first","percent":100}""");
    }

    [Fact]
    public async Task Changes_one_upon_the_other_end_with_the_last()
    {
        var (id, service) = await twin.CreateAsync(FakeProgram.Saying("zero"));
        var operations = new[]
        {
            await twin.CallAsync(HttpMethod.Patch, $"services/{id}", twin.Body($"{id}-1", FakeProgram.Saying("one"))),
            await twin.CallAsync(HttpMethod.Patch, $"services/{id}", twin.Body($"{id}-2", FakeProgram.Saying("two"))),
        };

        await Task.WhenAll(operations.Select(operation => twin.EndAsync((string)operation.Json["name"]!)));

        (await twin.AskAsync((string)service["uri"]!)).Text.Should().Be("two");
        ((string?)(await twin.GetAsync($"services/{id}"))["observedGeneration"]).Should().Be("3");
    }

    [Fact]
    public async Task A_change_of_another_version_is_refused()
    {
        var (id, service) = await twin.CreateAsync(FakeProgram.Saying("one"));
        var body = twin.Body(id, FakeProgram.Saying("one"));
        body["etag"] = "\"other\"";

        var refused = await twin.CallAsync(HttpMethod.Patch, $"services/{id}", body);
        var deleted = await twin.CallAsync(HttpMethod.Delete, $"services/{id}?etag=%22other%22");
        body["etag"] = (string)service["etag"]!;
        var taken = await twin.CallAsync(HttpMethod.Patch, $"services/{id}", body);

        (refused.Status, (string?)refused.Json["error"]!["status"], deleted.Status, taken.Status).Should().Be((409, "ABORTED", 409, 200));
    }

    [Fact]
    public async Task A_call_that_only_validates_changes_nothing()
    {
        var body = twin.Body("validated", FakeProgram.Saying("one"));

        var create = await twin.CallAsync(HttpMethod.Post, "services?serviceId=validated&validateOnly=true", body);

        (create.Status, (bool?)create.Json["done"], (string?)create.Json["response"]!["name"]).Should().Be((200, true, "projects/acc-lab/locations/europe-west1/services/validated"));
        (await twin.CallAsync(HttpMethod.Get, "services/validated")).Message.Should().Be("Resource 'validated' of kind 'SERVICE' in region 'europe-west1' in project 'acc-lab' does not exist.");
    }

    [Fact]
    public async Task A_patch_creates_what_is_missing_where_it_is_allowed_to()
    {
        var refused = await twin.CallAsync(HttpMethod.Patch, "services/late", twin.Body("late", FakeProgram.Saying("late")));
        var done = await twin.DoneAsync(HttpMethod.Patch, "services/late?allowMissing=true", twin.Body("late", FakeProgram.Saying("late")));

        refused.Status.Should().Be(404);
        ((string?)done["response"]!["latestReadyRevision"]).Should().Contain("/late-00001-");
    }

    [Fact]
    public async Task A_policy_decides_who_may_invoke()
    {
        var (id, service) = await twin.CreateAsync(FakeProgram.Saying("one"));
        var open = await twin.AskAsync((string)service["uri"]!);

        var set = await twin.GrantAsync(id, "serviceAccount:ci-lab@acc-lab.iam.gserviceaccount.com");
        var closed = await twin.AskAsync((string)service["uri"]!);
        var read = await twin.GetAsync($"services/{id}:getIamPolicy");
        var stale = await twin.CallAsync(HttpMethod.Post, $"services/{id}:setIamPolicy", new JsonObject { ["policy"] = new JsonObject { ["etag"] = "AAAAAAAAAAA=" } });

        (open.Status, closed.Status, set.Status, stale.Status).Should().Be((200, 403, 200, 409));
        read["bindings"]!.ToJsonString().Should().Be("""[{"role":"roles/run.invoker","members":["serviceAccount:ci-lab@acc-lab.iam.gserviceaccount.com"]}]""");
    }

    [Fact]
    public async Task A_service_without_the_check_is_open()
    {
        var id = $"s{Guid.NewGuid():n}"[..20];
        var body = twin.Body(id, FakeProgram.Saying("open"));
        body["invokerIamDisabled"] = true;

        var denied = await twin.CallAsync(HttpMethod.Post, $"services?serviceId={id}", body, GcpTwin.Ci);
        var done = await twin.DoneAsync(HttpMethod.Post, $"services?serviceId={id}", body);

        (denied.Status, await twin.AskAsync((string)done["response"]!["uri"]!)).Should().Be((403, (200, "open")));
    }

    [Fact]
    public async Task Permissions_are_those_of_the_caller()
    {
        var (id, _) = await twin.CreateAsync(FakeProgram.Saying("one"));
        var asked = new JsonObject { ["permissions"] = new JsonArray("run.services.get", "run.services.delete", "run.routes.invoke") };

        var owner = await twin.CallAsync(HttpMethod.Post, $"services/{id}:testIamPermissions", asked);
        var viewer = await twin.CallAsync(HttpMethod.Post, $"services/{id}:testIamPermissions", asked, GcpTwin.Viewer);

        (owner.Json["permissions"]!.AsArray().Count, viewer.Json["permissions"]!.ToJsonString()).Should().Be((3, """["run.services.get","run.routes.invoke"]"""));
    }

    [Fact]
    public async Task Who_may_not_is_told_what_and_on_which_service()
    {
        var body = twin.Body("denied", FakeProgram.Saying("one"));
        var other = twin.Body("denied", FakeProgram.Saying("one"));
        other["template"]!["serviceAccount"] = "recette@acc-lab.iam.gserviceaccount.com";

        var create = await twin.CallAsync(HttpMethod.Post, "services?serviceId=denied", body, GcpTwin.DataScientist);
        var actAs = await twin.CallAsync(HttpMethod.Post, "services?serviceId=denied", other, GcpTwin.Ci);

        create.Message.Should().Be("Permission 'run.services.create' denied on resource 'projects/acc-lab/locations/europe-west1/services/denied' (or resource may not exist).");
        (create.Status, actAs.Status, actAs.Message).Should().Be((403, 403, "Permission 'iam.serviceaccounts.actAs' denied on service account recette@acc-lab.iam.gserviceaccount.com (or it may not exist)."));
    }

    [Fact]
    public async Task A_deleted_service_is_gone_with_its_address()
    {
        var (id, service) = await twin.CreateAsync(FakeProgram.Saying("one"));

        var done = await twin.DoneAsync(HttpMethod.Delete, $"services/{id}");

        (done["response"]!["deleteTime"] is not null, (await twin.CallAsync(HttpMethod.Get, $"services/{id}")).Status).Should().Be((true, 404));
        twin.Runtime.Running.Should().NotContain(container => container.Spec.Image.Reference.Contains(id));
        await FluentActions.Awaiting(() => twin.AskAsync((string)service["uri"]!)).Should().ThrowAsync<HttpRequestException>();
    }

    [Fact]
    public async Task A_revision_is_deleted_unless_it_serves()
    {
        var (id, service) = await twin.CreateAsync(FakeProgram.Saying("one"));
        var first = ((string)service["latestReadyRevision"]!).Split('/')[^1];
        var refused = await twin.CallAsync(HttpMethod.Delete, $"services/{id}/revisions/{first}");
        await twin.DoneAsync(HttpMethod.Patch, $"services/{id}", twin.Body($"{id}-two", FakeProgram.Saying("two")));

        var done = await twin.DoneAsync(HttpMethod.Delete, $"services/{id}/revisions/{first}");

        (refused.Status, (string?)refused.Json["error"]!["status"]).Should().Be((400, "FAILED_PRECONDITION"));
        ((string?)done["response"]!["@type"], (await twin.CallAsync(HttpMethod.Get, $"services/{id}/revisions/{first}")).Status)
            .Should().Be(("type.googleapis.com/google.cloud.run.v2.Revision", 404));
    }

    [Fact]
    public async Task Lists_come_in_pages_and_revisions_of_all_services_too()
    {
        await twin.CreateAsync(FakeProgram.Saying("one"));
        await twin.CreateAsync(FakeProgram.Saying("two"));

        var first = await twin.GetAsync("services?pageSize=1");
        var second = await twin.GetAsync($"services?pageSize=1&pageToken={first["nextPageToken"]}");
        var revisions = await twin.GetAsync("services/-/revisions");

        (first["services"]!.AsArray().Count, second["services"]![0]!["name"]!.ToString()).Should().Match<(int, string)>(seen => seen.Item1 == 1 && seen.Item2 != first["services"]![0]!["name"]!.ToString());
        revisions["revisions"]!.AsArray().Count.Should().BeGreaterThanOrEqualTo(2);
    }

    private static JsonNode Condition(JsonNode resource, string type) => resource["conditions"]!.AsArray().Single(condition => (string?)condition!["type"] == type)!;
}
