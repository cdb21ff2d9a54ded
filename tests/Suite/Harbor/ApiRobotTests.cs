using System.Text.Json.Nodes;
using Acceptance.StandIns.Harbor;
using Acceptance.StandIns.Harbor.Accounts;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class ApiRobotTests : IAsyncLifetime
{
    private HarborApi _api = null!;

    public async ValueTask InitializeAsync() => _api = await HarborApi.StartAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_robot_is_made_and_its_secret_shown_once()
    {
        var created = await Create(Robot("builder", duration: 30));
        var shown = await _api.Get($"robots/{created.Json["id"]}", HarborApi.Maintainer);

        created.Status.Should().Be(201);
        created.Headers["Location"].Should().Be($"/api/v2.0/robots/{created.Json["id"]}");
        ((string?)created.Json["name"], (long)created.Json["expires_at"]!).Should().Be(("robot$mlops-lab+builder", new DateTimeOffset(2030, 1, 31, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds()));
        _api.State.Accounts.Authenticate("robot$mlops-lab+builder", (string)created.Json["secret"]!).Should().NotBeNull();
        shown.Text.Should().NotContain("secret");
        shown.Json["permissions"]!.ToJsonString().Should().Be(
            """[{"kind":"project","namespace":"mlops-lab","access":[{"resource":"repository","action":"pull","effect":"allow"}]}]""");
        ((string?)shown.Json["level"], (bool)shown.Json["editable"]!, (bool)shown.Json["disable"]!, (int)shown.Json["duration"]!).Should().Be(("project", true, false, 30));
    }

    [Fact]
    public async Task A_robot_of_the_system_has_no_project_in_its_name()
    {
        var created = await Create(Robot("operator", level: "system", space: "*"));

        ((string?)created.Json["name"], (long)created.Json["expires_at"]!).Should().Be(("robot$operator", -1));
        (await _api.Get("robots", HarborApi.Admin)).Each("name").Should().Equal("robot$operator");
    }

    [Theory]
    [InlineData("Builder", "project", -1, "mlops-lab", "robot name is not in lower case or contains illegal characters")]
    [InlineData("a+b", "project", -1, "mlops-lab", "robot name is not in lower case or contains illegal characters")]
    [InlineData("builder", "project", 0, "mlops-lab", "bad request error duration input: 0, duration must be either -1(Never) or a positive integer")]
    [InlineData("builder", "galaxy", -1, "mlops-lab", "bad request error level input: galaxy")]
    public async Task A_robot_that_cannot_be_is_refused_before_anything_else(string name, string level, int duration, string space, string message) =>
        (await _api.Send(HttpMethod.Post, "robots", body: Robot(name, level, duration, space).ToJsonString())).Error.Should().Be((400, "BAD_REQUEST", message));

    [Theory]
    [InlineData("[]", "bad request empty permission")]
    [InlineData("""[{"kind":"project","namespace":"mlops-lab","access":[]}]""", "bad request empty access")]
    [InlineData("""[{"kind":"project","namespace":"mlops-lab","access":[{"resource":"repository","action":"fly"}]}]""", "bad request permission: repository:fly")]
    [InlineData("""[{"kind":"planet","namespace":"mlops-lab","access":[{"resource":"repository","action":"pull"}]}]""", "bad request permission level: planet")]
    [InlineData("""[{"kind":"project","namespace":"mlops-lab","access":[{"resource":"repository","action":"pull"}]},{"kind":"project","namespace":"mlops-run","access":[{"resource":"repository","action":"pull"}]}]""", "bad request permission")]
    public async Task Permissions_that_cannot_be_are_refused(string permissions, string message)
    {
        var robot = Robot("builder");
        robot["permissions"] = JsonNode.Parse(permissions);

        (await Create(robot)).Error.Should().Be((400, "BAD_REQUEST", message));
    }

    [Fact]
    public async Task A_robot_is_made_by_who_may_and_where_there_is_a_project_and_once()
    {
        (await _api.Send(HttpMethod.Post, "robots", body: Robot("builder").ToJsonString())).Error.Should().Be((401, "UNAUTHORIZED", "unauthorized"));
        (await _api.Send(HttpMethod.Post, "robots", HarborApi.Maintainer, Robot("builder").ToJsonString())).Error.Should().Be((403, "FORBIDDEN", "forbidden"));
        (await Create(Robot("builder", space: "nowhere"))).Error.Should().Be((404, "NOT_FOUND", "project nowhere not found"));
        (await Create(Robot("gitlab-ci"))).Error.Should().Be((409, "CONFLICT", $"robot account {_api.LabProject.Id}:mlops-lab+gitlab-ci already exists"));
    }

    [Fact]
    public async Task A_robot_makes_no_robot_that_may_do_more_than_itself()
    {
        var maker = _api.Robot(new("robot", "create"), new("repository", "pull"));
        var wider = Robot("wider");
        wider["permissions"]![0]!["access"]!.AsArray().Add(new JsonObject { ["resource"] = "repository", ["action"] = "push" });

        (await _api.Send(HttpMethod.Post, "robots", maker, Robot("narrower").ToJsonString())).Status.Should().Be(201);
        (await _api.Send(HttpMethod.Post, "robots", maker, wider.ToJsonString())).Error.Should().Be((
            403, "DENIED", $"permission scope is invalid. It must be equal to or more restrictive than the creator robot's permissions: {maker}"));
    }

    [Fact]
    public async Task The_robots_of_a_project_are_listed_by_its_id()
    {
        var listed = await _api.Get($"robots?q=Level%3Dproject,ProjectID%3D{_api.LabProject.Id}&sort=name", HarborApi.Maintainer);

        listed.Each("name").Should().Equal("robot$mlops-lab+expired", "robot$mlops-lab+gitlab-ci", "robot$mlops-lab+pull");
        listed.Headers["X-Total-Count"].Should().Be("3");
        (await _api.Get("robots?q=Level=project", HarborApi.Maintainer)).Error.Should().Be((400, "BAD_REQUEST", "must with project ID when to query project robots"));
        (await _api.Get("robots?q=Level=project,ProjectID=x", HarborApi.Maintainer)).Error.Should().Be((400, "BAD_REQUEST", "Project ID must be int type."));
        (await _api.Get("robots?q=Level=galaxy", HarborApi.Maintainer)).Error.Should().Be((400, "BAD_REQUEST", "bad request error level input"));
    }

    [Fact]
    public async Task A_robot_is_disabled_and_given_another_duration()
    {
        var robot = Seeded(HarborNames.CiRobot);
        var request = Robot(robot.FullName, duration: 7);
        (request["disable"], request["description"]) = (true, "stopped");

        (await Update(robot, request)).Status.Should().Be(200);

        var shown = (await _api.Get($"robots/{robot.Id}", HarborApi.Admin)).Json;
        ((bool)shown["disable"]!, (string?)shown["description"], (long)shown["expires_at"]!).Should().Be((true, "stopped", robot.CreatedAt.AddDays(7).ToUnixTimeSeconds()));
        (await _api.Get("systeminfo", robot.FullName)).Json["harbor_version"].Should().BeNull("it is nobody now");
    }

    [Fact]
    public async Task A_robot_keeps_its_name_its_level_and_its_project()
    {
        var robot = Seeded(HarborNames.CiRobot);

        (await Update(robot, Robot("other"))).Error.Should().Be((400, "BAD_REQUEST", "cannot update the level or name of robot"));
        (await Update(robot, Robot(robot.FullName, space: "mlops-run"))).Error.Should().Be((400, "BAD_REQUEST", "cannot update the project id of robot"));
        (await _api.Send(HttpMethod.Put, "robots/1", HarborApi.Admin, Robot("x").ToJsonString())).Error.Should().Be((404, "NOT_FOUND", "robot 1 not found"));
        (await _api.Get("robots/one", HarborApi.Admin)).Error
            .Should().Be((422, "UNPROCESSABLE_ENTITY", "validation failure list:\nrobot_id in path must be of type int64: \"one\""));
    }

    [Fact]
    public async Task A_new_secret_is_made_up_or_given()
    {
        var robot = Seeded(HarborNames.CiRobot);

        var made = await Refresh(robot, """{"secret": ""}""");
        var given = await Refresh(robot, """{"secret": "Sufficient1"}""");
        var weak = await Refresh(robot, """{"secret": "weak"}""");

        made.Json["secret"]!.ToString().Should().HaveLength(32);
        given.Text.Should().Be("{}");
        weak.Error.Should().Be((
            400, "BAD_REQUEST", "the secret must be 8-128, inclusively, characters long with at least 1 uppercase letter, 1 lowercase letter and 1 number"));
        _api.State.Accounts.Authenticate(robot.FullName, "Sufficient1").Should().NotBeNull();
    }

    [Fact]
    public async Task A_deleted_robot_is_gone()
    {
        var robot = Seeded(HarborNames.PullRobot);

        (await _api.Send(HttpMethod.Delete, $"robots/{robot.Id}", HarborApi.Maintainer)).Error.Should().Be((403, "FORBIDDEN", "forbidden"));
        (await _api.Send(HttpMethod.Delete, $"robots/{robot.Id}", HarborApi.Admin)).Status.Should().Be(200);

        (await _api.Get($"robots/{robot.Id}", HarborApi.Admin)).Error.Should().Be((404, "NOT_FOUND", $"robot {robot.Id} not found"));
    }

    [Fact]
    public async Task H5_shows_the_robots_of_GitLab_CI_disabled()
    {
        _api.Faults.SwitchOn("H5");

        var shown = (await _api.Get($"robots/{Seeded(HarborNames.CiRobot).Id}", HarborApi.Maintainer)).Json;

        ((bool)shown["disable"]!).Should().BeTrue();
    }

    private HarborRobot Seeded(string name) => _api.State.Accounts.Robots.Single(robot => robot.Project == HarborApi.Lab && robot.Name == name);

    private Task<ApiAnswer> Create(JsonObject robot) => _api.Send(HttpMethod.Post, "robots", HarborApi.Admin, robot.ToJsonString());

    private Task<ApiAnswer> Update(HarborRobot robot, JsonObject request) => _api.Send(HttpMethod.Put, $"robots/{robot.Id}", HarborApi.Admin, request.ToJsonString());

    private Task<ApiAnswer> Refresh(HarborRobot robot, string body) => _api.Send(HttpMethod.Patch, $"robots/{robot.Id}", HarborApi.Admin, body);

    private static JsonObject Robot(string name, string level = "project", int duration = -1, string space = "mlops-lab") => new()
    {
        ["name"] = name,
        ["level"] = level,
        ["duration"] = duration,
        ["permissions"] = new JsonArray(new JsonObject
        {
            ["kind"] = "project",
            ["namespace"] = space,
            ["access"] = new JsonArray(new JsonObject { ["resource"] = "repository", ["action"] = "pull" }),
        }),
    };
}
