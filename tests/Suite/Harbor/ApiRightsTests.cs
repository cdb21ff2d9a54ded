using Acceptance.StandIns.Harbor;
using Acceptance.StandIns.Harbor.Accounts;
using Acceptance.StandIns.Harbor.Projects;

namespace Acceptance.Tests.Suite.Harbor;

public sealed class ApiRightsTests : IAsyncLifetime
{
    private const string Project = "projects/mlops-lab";
    private const string Image = Project + "/repositories/churn/artifacts/1.0";

    private HarborApi _api = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await HarborApi.StartAsync();
        _api.State.Image("mlops-lab/churn", "one", "1.0");
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Theory]
    [InlineData("GET", Project, "limitedguest guest developer maintainer projectadmin")]
    [InlineData("GET", Project + "/summary", "limitedguest guest developer maintainer projectadmin")]
    [InlineData("GET", Project + "/members", "guest developer maintainer projectadmin")]
    [InlineData("GET", Project + "/metadatas/public", "maintainer projectadmin")]
    [InlineData("GET", Project + "/metadatas/", "projectadmin")]
    [InlineData("GET", Project + "/immutabletagrules", "maintainer projectadmin")]
    [InlineData("GET", Project + "/repositories", "limitedguest guest developer maintainer projectadmin")]
    [InlineData("GET", Image, "limitedguest guest developer maintainer projectadmin")]
    [InlineData("POST", Image + "/scan", "maintainer projectadmin")]
    [InlineData("DELETE", Image, "maintainer projectadmin")]
    [InlineData("GET", Project + "/_deletable", "projectadmin")]
    [InlineData("GET", "robots?q=Level=project,ProjectID={id}", "guest developer maintainer projectadmin")]
    public async Task Each_role_may_do_what_Harbor_lets_it(string method, string path, string allowed)
    {
        var answers = new List<string>();
        foreach (var role in new[] { ProjectRole.LimitedGuest, ProjectRole.Guest, ProjectRole.Developer, ProjectRole.Maintainer, ProjectRole.ProjectAdmin })
        {
            _api.State.Image("mlops-lab/churn", "one", "1.0");
            _api.Clock.Advance(TimeSpan.FromSeconds(1));
            var user = _api.User(role);
            var answer = await _api.Send(new HttpMethod(method), path.Replace("{id}", $"{_api.LabProject.Id}", StringComparison.Ordinal), user);
            if (answer.Status == 403)
            {
                answer.Error.Should().Be((403, "FORBIDDEN", "forbidden"));
            }
            else
            {
                answer.Status.Should().BeLessThan(300, "{0}", answer.Text);
                answers.Add(user);
            }
        }

        answers.Should().Equal(allowed.Split(' '));
    }

    [Theory]
    [InlineData(Project)]
    [InlineData("projects/no-such-project")]
    [InlineData(Image)]
    [InlineData("robots")]
    [InlineData("quotas")]
    public async Task Nobody_is_told_to_say_who_they_are_whether_or_not_it_is_there(string path) =>
        (await _api.Get(path)).Error.Should().Be((401, "UNAUTHORIZED", "unauthorized"));

    [Fact]
    public async Task Only_an_administrator_learns_that_a_project_is_not_there()
    {
        (await _api.Get("projects/no-such-project", HarborApi.Admin)).Error.Should().Be((404, "NOT_FOUND", "project no-such-project not found"));
        (await _api.Get("projects/999", HarborApi.Admin)).Error.Should().Be((404, "NOT_FOUND", "project 999 not found"));
        (await _api.Get("projects/no-such-project", HarborApi.Maintainer)).Error.Should().Be((403, "FORBIDDEN", "forbidden"));
        (await _api.Get("projects/other-team", HarborApi.Maintainer)).Error.Should().Be((403, "FORBIDDEN", "forbidden"));
    }

    [Fact]
    public async Task Wrong_credentials_are_those_of_nobody()
    {
        var expired = HarborSecrets.RobotName(HarborNames.Lab, HarborNames.ExpiredRobot);

        (await _api.Get("projects/library", expired)).Status.Should().Be(200, "the project is public");
        (await _api.Get(Project, expired)).Error.Should().Be((401, "UNAUTHORIZED", "unauthorized"));
        (await _api.Get("systeminfo", expired)).Json["harbor_version"].Should().BeNull();
    }

    [Fact]
    public async Task A_robot_reads_what_its_permissions_name_and_no_more()
    {
        var ci = HarborSecrets.RobotName(HarborNames.Lab, HarborNames.CiRobot);
        var reader = _api.Robot(new("artifact", "read"), new("project", "read"));

        (await _api.Get(Image, ci)).Error.Should().Be((403, "FORBIDDEN", "forbidden"));
        (await _api.Get(Image, reader)).Status.Should().Be(200);
        (await _api.Get(Project, reader)).Status.Should().Be(200);
        (await _api.Get(Project + "/repositories/churn/artifacts", reader)).Status.Should().Be(403);
        (await _api.Get("projects/mlops-run", reader)).Status.Should().Be(403);
    }

    [Theory]
    [InlineData("quotas")]
    [InlineData("scanners")]
    [InlineData("robots")]
    public async Task What_is_the_systems_is_refused_by_the_name_of_who_asked(string path)
    {
        (await _api.Get(path, HarborApi.Maintainer)).Error.Should().Be((403, "FORBIDDEN", HarborNames.Recette));
        (await _api.Get(path, HarborApi.Admin)).Status.Should().Be(200);
    }

    [Fact]
    public async Task H6_refuses_the_recettes_account_where_it_reads_and_nobody_else()
    {
        var other = _api.User(ProjectRole.Maintainer);
        _api.Faults.SwitchOn("H6");

        (await _api.Get(Project, HarborApi.Maintainer)).Error.Should().Be((403, "FORBIDDEN", "forbidden"));
        (await _api.Send(HttpMethod.Head, "projects?project_name=mlops-lab", HarborApi.Maintainer)).Status.Should().Be(403);
        (await _api.Get(Image, HarborApi.Maintainer)).Status.Should().Be(403);
        (await _api.Send(HttpMethod.Post, Image + "/scan", HarborApi.Maintainer)).Status.Should().Be(202);
        (await _api.Get(Project, other)).Status.Should().Be(200);
        _api.Faults.Hits("H6").Should().Be(3);
    }

    [Fact]
    public async Task H7_takes_the_platforms_projects_away()
    {
        _api.Faults.SwitchOn("H7");

        (await _api.Get(Project, HarborApi.Maintainer)).Error.Should().Be((403, "FORBIDDEN", "forbidden"));
        (await _api.Get(Project, HarborApi.Admin)).Error.Should().Be((404, "NOT_FOUND", "project mlops-lab not found"));
        (await _api.Get("projects", HarborApi.Admin)).Each("name").Should().Equal("library", "other-team");
    }
}
