using System.Text.Json.Nodes;
using Acceptance.StandIns.Harbor;
using Acceptance.StandIns.Harbor.Projects;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class ApiProjectTests : IAsyncLifetime
{
    private HarborApi _api = null!;

    public async ValueTask InitializeAsync() => _api = await HarborApi.StartAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Everybody_sees_the_projects_that_concern_them()
    {
        (await _api.Get("projects")).Each("name").Should().Equal("library");
        (await _api.Get("projects", HarborApi.Maintainer)).Each("name").Should().Equal("library", "mlops-lab", "mlops-run");
        (await _api.Get("projects", HarborApi.Admin)).Each("name").Should().Equal("library", "mlops-lab", "mlops-run", "other-team");
        (await _api.Get("projects?public=false", HarborApi.Maintainer)).Each("name").Should().Equal("mlops-lab", "mlops-run");
        (await _api.Get("projects?name=RUN", HarborApi.Maintainer)).Each("name").Should().Equal("mlops-run");
    }

    [Fact]
    public async Task A_project_is_shown_by_name_and_by_id_with_the_callers_role()
    {
        var byName = await _api.Get("projects/mlops-lab", HarborApi.Maintainer);
        var byId = await _api.Get($"projects/{_api.LabProject.Id}", HarborApi.Maintainer);
        var asName = await _api.Send(HttpMethod.Get, $"projects/{_api.LabProject.Id}", HarborApi.Admin, headers: ("X-Is-Resource-Name", "true"));

        byId.Text.Should().Be(byName.Text);
        asName.Error.Should().Be((404, "NOT_FOUND", $"project {_api.LabProject.Id} not found"));
        byName.Json["current_user_role_ids"]!.AsArray().Select(id => (int)id!).Should().Equal(4);
        ((string?)byName.Json["metadata"]!["public"]).Should().Be("false");
        ((string?)byName.Json["creation_time"]).Should().Be("2030-01-01T00:00:00.000Z");
    }

    [Fact]
    public async Task The_summary_tells_quota_and_members()
    {
        _api.State.Image("mlops-lab/churn", "some content", "1.0");

        var summary = (await _api.Get("projects/mlops-lab/summary", HarborApi.Maintainer)).Json;

        ((int)summary["repo_count"]!, (long)summary["quota"]!["hard"]!["storage"]!).Should().Be((1, 20L << 30));
        ((long)summary["quota"]!["used"]!["storage"]!).Should().BePositive();
        ((int)summary["project_admin_count"]!, (int)summary["maintainer_count"]!).Should().Be((1, 1));
    }

    [Fact]
    public async Task X30_leaves_ten_mebibytes_of_the_quota()
    {
        _api.State.Image("mlops-lab/churn", "some content", "1.0");
        _api.Faults.SwitchOn("X30");

        var quota = (await _api.Get("projects/mlops-lab/summary", HarborApi.Maintainer)).Json["quota"]!;

        ((long)quota["hard"]!["storage"]! - (long)quota["used"]!["storage"]!).Should().Be(10L << 20);
        _api.Faults.Hits("X30").Should().BePositive();
    }

    [Fact]
    public async Task A_head_says_whether_a_project_is_there()
    {
        (await _api.Send(HttpMethod.Head, "projects?project_name=mlops-lab", HarborApi.Maintainer)).Status.Should().Be(200);
        (await _api.Send(HttpMethod.Head, "projects?project_name=nothing", HarborApi.Admin)).Status.Should().Be(404);
        (await _api.Send(HttpMethod.Head, "projects", HarborApi.Admin)).Status.Should().Be(422);
    }

    [Fact]
    public async Task An_administrator_makes_changes_and_deletes_a_project()
    {
        var created = await Create("""{"project_name": "fresh", "metadata": {"auto_scan": "true"}, "storage_limit": 1048576}""");
        var updated = await _api.Send(HttpMethod.Put, "projects/fresh", HarborApi.Admin, """{"metadata": {"public": "true", "prevent_vul": "true", "severity": "high"}}""");
        var shown = (await _api.Get("projects/fresh", HarborApi.Admin)).Json;
        var deletable = (await _api.Get("projects/fresh/_deletable", HarborApi.Admin)).Json;
        var deleted = await _api.Send(HttpMethod.Delete, "projects/fresh", HarborApi.Admin);

        (created.Status, created.Headers["Location"]).Should().Be((201, $"/api/v2.0/projects/{shown["project_id"]}"));
        (updated.Status, deleted.Status).Should().Be((200, 200));
        shown["metadata"]!.ToJsonString().Should().Be("""{"auto_scan":"true","prevent_vul":"true","public":"true","severity":"high"}""");
        ((int)shown["current_user_role_id"]!, (bool)deletable["deletable"]!).Should().Be((1, true));
        (await _api.Get("projects/fresh", HarborApi.Admin)).Status.Should().Be(404);
    }

    [Fact]
    public async Task The_location_of_a_new_project_is_its_name_where_that_is_asked_for()
    {
        var created = await _api.Send(
            HttpMethod.Post, "projects", HarborApi.Admin, """{"project_name": "fresh"}""", headers: ("X-Resource-Name-In-Location", "true"));

        created.Headers["Location"].Should().Be("/api/v2.0/projects/fresh");
    }

    [Theory]
    [InlineData("""{"project_name": "Upper"}""", 400, "BAD_REQUEST", "project name is not in lower case or contains illegal characters")]
    [InlineData("""{"project_name": "../up"}""", 400, "BAD_REQUEST", "project name is not in lower case or contains illegal characters")]
    [InlineData("""{"project_name": ""}""", 400, "BAD_REQUEST", "Project name  is illegal in length. (greater than 255 or less than 1)")]
    [InlineData("""{"project_name": "library"}""", 409, "CONFLICT", "The project named library already exists")]
    [InlineData("""{"project_name": "fresh", "metadata": {"public": "maybe"}}""", 400, "BAD_REQUEST", "metadata.public should only be 'true' or 'false', but got: 'maybe'")]
    [InlineData("""{"project_name": "fresh", "storage_limit": -2}""", 400, "BAD_REQUEST", "bad request: invalid value for resource storage")]
    [InlineData("""{"project_name": "fresh", "registry_id": 1}""", 501, "NOT_EMULATED", "The Harbor stand-in does not emulate proxy caches.")]
    [InlineData("""{"project_name": "fresh", "cve_allowlist": {"items": [{"cve_id": "CVE-2030-1"}]}}""", 501, "NOT_EMULATED", "The Harbor stand-in does not emulate allowlists of vulnerabilities.")]
    public async Task A_project_that_cannot_be_is_refused(string body, int status, string code, string message) =>
        (await Create(body)).Error.Should().Be((status, code, message));

    [Fact]
    public async Task Only_administrators_make_projects() =>
        (await _api.Send(HttpMethod.Post, "projects", HarborApi.Maintainer, """{"project_name": "fresh"}""")).Error
            .Should().Be((403, "FORBIDDEN", "Only system admin can create project"));

    [Fact]
    public async Task A_project_with_repositories_is_not_deleted()
    {
        _api.State.Image("mlops-lab/churn", "one", "1.0");

        (await _api.Get("projects/mlops-lab/_deletable", HarborApi.Admin)).Json.ToJsonString()
            .Should().Be("""{"message":"the project contains repositories, can not be deleted"}""");
        (await _api.Send(HttpMethod.Delete, "projects/mlops-lab", HarborApi.Admin)).Error
            .Should().Be((412, "PRECONDITION", "precondition failed: the project contains repositories, can not be deleted"));
    }

    [Theory]
    [InlineData("POST", "", """{"severity": "High"}""", 200, null)]
    [InlineData("POST", "", """{"auto_scan": "true"}""", 409, "metadata auto_scan already exists")]
    [InlineData("POST", "", """{"severity": "high", "public": "true"}""", 400, "only allow one key/value pair")]
    [InlineData("POST", "", """{"colour": "red"}""", 400, "invalid key: colour")]
    [InlineData("PUT", "auto_scan", """{"auto_scan": "0"}""", 200, null)]
    [InlineData("PUT", "auto_scan", """{"auto_scan": "maybe"}""", 400, "invalid value: maybe")]
    [InlineData("PUT", "auto_scan", """{"other": "true"}""", 400, "invalid value: ")]
    [InlineData("DELETE", "auto_scan", null, 200, null)]
    public async Task A_setting_is_changed_alone_and_with_sense(string method, string name, string? body, int status, string? message)
    {
        var answer = await _api.Send(new HttpMethod(method), $"projects/mlops-lab/metadatas/{name}", HarborApi.Admin, body);

        answer.Status.Should().Be(status, "{0}", answer.Text);
        (status == 200 ? null : answer.Error.Message).Should().Be(message);
    }

    [Fact]
    public async Task Members_are_listed_added_changed_and_removed()
    {
        var stranger = _api.User(role: null);
        var added = await _api.Send(HttpMethod.Post, "projects/mlops-lab/members", HarborApi.Admin, Member(stranger, 3));
        var member = added.Headers["Location"].Replace("/api/v2.0/", "", StringComparison.Ordinal);
        var before = (await _api.Get(member, HarborApi.Admin)).Json;
        var changed = await _api.Send(HttpMethod.Put, member, HarborApi.Admin, """{"role_id": 2}""");
        var named = await _api.Get("projects/mlops-lab/members?entityname=stranger", HarborApi.Maintainer);
        var removed = await _api.Send(HttpMethod.Delete, member, HarborApi.Admin);
        var after = await _api.Get(member, HarborApi.Admin);

        (added.Status, changed.Status, removed.Status).Should().Be((201, 200, 200));
        ((string?)before["entity_name"], (string?)before["entity_type"], (string?)before["role_name"], (int)before["role_id"]!)
            .Should().Be(("stranger", "u", "guest", 3));
        named.Each("role_name").Should().Equal("developer");
        named.Headers["X-Total-Count"].Should().Be("3", "Harbor counts all members");
        after.Error.Should().Be((404, "NOT_FOUND", $"the project member is not found, project id {_api.LabProject.Id}, member id {member.Split('/')[^1]}"));
    }

    [Theory]
    [InlineData(HarborNames.Recette, 2, 409, "CONFLICT", "The project member specified already exist")]
    [InlineData("stranger", 6, 400, "BAD_REQUEST", "invalid role: must be a built-in project role (1-5) or an existing custom role")]
    [InlineData("stranger", 0, 400, "BAD_REQUEST", "invalid role: must be a built-in project role (1-5) or an existing custom role")]
    [InlineData("nobody", 2, 404, "NOT_FOUND", "User nobody not found")]
    [InlineData("", 2, 400, "BAD_REQUEST", "at least one of member_user or member_group must be provided")]
    public async Task A_member_that_cannot_be_is_refused(string user, int role, int status, string code, string message)
    {
        _api.User(role: null);

        (await _api.Send(HttpMethod.Post, "projects/mlops-lab/members", HarborApi.Admin, Member(user, role))).Error.Should().Be((status, code, message));
    }

    [Fact]
    public async Task Quotas_are_listed_shown_and_changed()
    {
        var listed = await _api.Get($"quotas?reference=project&reference_id={_api.LabProject.Id}", HarborApi.Admin);
        var path = $"quotas/{_api.LabProject.Quota.Id}";
        var changed = await _api.Send(HttpMethod.Put, path, HarborApi.Admin, """{"hard": {"storage": 1024}}""");
        var shown = (await _api.Get(path, HarborApi.Admin)).Json;

        listed.Json.AsArray().Should().ContainSingle().Which!["ref"]!.ToJsonString()
            .Should().Be($$"""{"id":{{_api.LabProject.Id}},"name":"mlops-lab","owner_name":"admin"}""");
        (changed.Status, (long)shown["hard"]!["storage"]!, (long)shown["used"]!["storage"]!).Should().Be((200, 1024, 0));
    }

    [Theory]
    [InlineData("""{}""", "hard required in body")]
    [InlineData("""{"hard": {"storage": 0}}""", "invalid value for resource storage")]
    [InlineData("""{"hard": {"count": 3}}""", "resource count not support")]
    public async Task A_quota_that_cannot_be_is_refused(string body, string message) =>
        (await _api.Send(HttpMethod.Put, $"quotas/{_api.LabProject.Quota.Id}", HarborApi.Admin, body)).Error.Should().Be((400, "BAD_REQUEST", message));

    [Fact]
    public async Task Rules_on_immutable_tags_are_listed_made_changed_and_deleted()
    {
        const string Rules = "projects/mlops-lab/immutabletagrules";
        var given = (await _api.Get(Rules, HarborApi.Maintainer)).Json.AsArray().Should().ContainSingle().Which!;
        var created = await _api.Send(HttpMethod.Post, Rules, HarborApi.Maintainer, Rule(0, "v*"));
        var id = created.Headers["Location"].Split('/')[^1];
        var disabled = await _api.Send(HttpMethod.Put, $"{Rules}/{id}", HarborApi.Maintainer, Rule(long.Parse(id), "ignored", disabled: true));
        var listed = (await _api.Get(Rules, HarborApi.Maintainer)).Json.AsArray();
        var deleted = await _api.Send(HttpMethod.Delete, $"{Rules}/{id}", HarborApi.Maintainer);

        given["tag_selectors"]!.ToJsonString().Should().Be("""[{"kind":"doublestar","decoration":"matches","pattern":"release-*"}]""");
        (created.Status, disabled.Status, deleted.Status).Should().Be((201, 200, 200));
        ((bool)listed[1]!["disabled"]!, (string?)listed[1]!["tag_selectors"]![0]!["pattern"]).Should().Be((true, "v*"), "a rule is enabled or changed, not both");
        _api.LabProject.ImmutableTagRules.Should().ContainSingle();
    }

    [Fact]
    public async Task A_rule_on_immutable_tags_that_cannot_be_is_refused()
    {
        const string Rules = "projects/mlops-lab/immutabletagrules";
        var other = _api.State.Projects.Find(HarborNames.Run)!.ImmutableTagRules[0].Id;

        (await _api.Send(HttpMethod.Post, Rules, HarborApi.Maintainer, Rule(0, "release-*"))).Error.Should().Be((409, "CONFLICT", "immutable rule already exists"));
        (await _api.Send(HttpMethod.Post, Rules, HarborApi.Maintainer, Rule(0, "[z-a]"))).Error.Status.Should().Be(400);
        (await _api.Send(HttpMethod.Put, $"{Rules}/7", HarborApi.Maintainer, Rule(8, "v*"))).Error
            .Should().Be((400, "BAD_REQUEST", "bad request: the immutable_rule_id doesn't match the id in the payload body of ImmutableRule"));
        (await _api.Send(HttpMethod.Delete, $"{Rules}/7", HarborApi.Maintainer)).Error.Should().Be((404, "NOT_FOUND", "immutable rule 7 not found"));
        (await _api.Send(HttpMethod.Delete, $"{Rules}/{other}", HarborApi.Maintainer)).Error
            .Should().Be((404, "NOT_FOUND", $"resource not found: project id {_api.LabProject.Id} does not match"));
    }

    private Task<ApiAnswer> Create(string body) => _api.Send(HttpMethod.Post, "projects", HarborApi.Admin, body);

    private static string Member(string user, int role) =>
        new JsonObject { ["role_id"] = role, ["member_user"] = new JsonObject { ["username"] = user } }.ToJsonString();

    private static string Rule(long id, string tags, bool disabled = false) => new JsonObject
    {
        ["id"] = id,
        ["disabled"] = disabled,
        ["tag_selectors"] = new JsonArray(Selector("matches", tags)),
        ["scope_selectors"] = new JsonObject { ["repository"] = new JsonArray(Selector("repoMatches", "**")) },
    }.ToJsonString();

    private static JsonObject Selector(string decoration, string pattern) =>
        new() { ["kind"] = "doublestar", ["decoration"] = decoration, ["pattern"] = pattern };
}
