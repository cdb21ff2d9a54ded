namespace Acceptance.Tests.Suite.Harbor;

public sealed class RegistryAccessTests : IAsyncLifetime
{
    private HarborWire _harbor = null!;

    public async ValueTask InitializeAsync() => _harbor = await HarborWire.StartAsync();

    public ValueTask DisposeAsync() => _harbor.DisposeAsync();

    [Theory]
    [InlineData("GET", "v2/", "")]
    [InlineData("GET", "v2/mlops-lab/a/manifests/1", ",scope=\"repository:mlops-lab/a:pull\"")]
    [InlineData("HEAD", "v2/mlops-lab/a/b/manifests/1", ",scope=\"repository:mlops-lab/a/b:pull\"")]
    [InlineData("GET", "v2/mlops-lab/a/tags/list", ",scope=\"repository:mlops-lab/a:pull\"")]
    [InlineData("POST", "v2/mlops-lab/a/blobs/uploads/", ",scope=\"repository:mlops-lab/a:pull,push\"")]
    [InlineData("DELETE", "v2/mlops-lab/a/manifests/1", ",scope=\"repository:mlops-lab/a:delete\"")]
    [InlineData("POST", "v2/mlops-lab/a/blobs/uploads/?mount=x&from=other-team/b", ",scope=\"repository:mlops-lab/a:pull,push repository:other-team/b:pull\"")]
    [InlineData("GET", "v2/no-such-project/a/tags/list", ",scope=\"repository:no-such-project/a:pull\"")]
    public async Task Nobody_is_sent_to_the_token_service_with_what_is_needed(string method, string path, string scope)
    {
        var answer = await _harbor.SendAsync(new HttpMethod(method), path, null);

        answer.Status.Should().Be(401);
        answer.Challenge.Should().Be($"Bearer realm=\"{_harbor.Address}service/token\",service=\"harbor-registry\"{scope}");
        answer.Headers["Docker-Distribution-Api-Version"].Should().Be("registry/2.0");
    }

    [Fact]
    public async Task H3_names_a_token_service_without_TLS()
    {
        _harbor.Faults.SwitchOn("H3");

        (await _harbor.GetAsync("v2/", null)).Challenge.Should().StartWith("Bearer realm=\"http://127.0.0.1:");
        _harbor.Faults.Hits("H3").Should().Be(1);
    }

    [Fact]
    public async Task Who_sent_credentials_is_challenged_to_send_others()
    {
        var wrong = await _harbor.GetAsync("v2/", "robot$mlops-lab+pull:wrong");
        var bearer = await _harbor.GetAsync("v2/mlops-lab/a/tags/list", "Bearer x.y.z");
        var catalogue = await _harbor.GetAsync("v2/_catalog", null);

        new[] { wrong, bearer, catalogue }.Should().AllSatisfy(answer => (answer.Status, answer.Challenge).Should().Be((401, "Basic realm=\"harbor\"")));
        wrong.Error.Should().Be((401, "UNAUTHORIZED", "unauthorized: unauthorized"));
        bearer.Error.Message.Should().Be(
            "unauthorized to access repository: mlops-lab/a, action: pull: unauthorized to access repository: mlops-lab/a, action: pull", "Harbor says it twice");
    }

    [Fact]
    public async Task Credentials_are_enough_without_a_token()
    {
        var image = await _harbor.PushAsync("one", "1.0");

        (await _harbor.GetAsync("v2/", _harbor.Pull)).Status.Should().Be(200);
        (await _harbor.GetAsync($"v2/{HarborWire.Repository}/blobs/{HarborWire.Digest(image.Layer)}", _harbor.Pull)).Content.Should().Equal(image.Layer);
    }

    [Fact]
    public async Task Each_robot_does_what_it_may_and_no_more()
    {
        await _harbor.PushAsync("one", "1.0");

        var pulls = new[] { _harbor.Ci, _harbor.Pull, _harbor.Recette, _harbor.Other, _harbor.Expired, "robot$mlops-lab+nobody:x" }.Select(PullAsync);
        var pushes = new[] { _harbor.Ci, _harbor.Recette, _harbor.Pull, _harbor.Other, _harbor.Expired }.Select(PushAsync);
        var deletes = new[] { _harbor.Recette, _harbor.Ci }.Select(account => _harbor.SendAsync(HttpMethod.Delete, $"v2/{HarborWire.Repository}/manifests/{Image.Of("one").Digest}", account));

        (await Task.WhenAll(pulls)).Select(answer => answer.Status).Should().Equal(200, 200, 200, 401, 401, 401);
        (await Task.WhenAll(pushes)).Select(answer => answer.Status).Should().Equal(202, 202, 401, 401, 401);
        (await Task.WhenAll(deletes)).Select(answer => answer.Status).Should().Equal(202, 401);
    }

    [Fact]
    public async Task A_public_project_is_open_to_all_but_for_HEAD_without_credentials()
    {
        var admin = await _harbor.AdminAsync();
        var content = "public"u8.ToArray();
        var digest = HarborWire.Digest(content);
        (await _harbor.SendAsync(HttpMethod.Post, $"v2/library/a/blobs/uploads/?digest={digest}", admin, HarborWire.Bytes(content))).Status.Should().Be(201);

        var nobody = await _harbor.GetAsync($"v2/library/a/blobs/{digest}", null);
        var head = await _harbor.SendAsync(HttpMethod.Head, $"v2/library/a/blobs/{digest}", null);
        var other = await _harbor.SendAsync(HttpMethod.Head, $"v2/library/a/blobs/{digest}", await _harbor.TokenAsync(null, "repository:library/a:pull"));

        (nobody.Status, head.Status, other.Status).Should().Be((200, 401, 200));
    }

    [Fact]
    public async Task The_catalogue_is_the_administrators()
    {
        await _harbor.PushAsync("one", "1.0");
        await _harbor.PushAsync("one", "1.0", "mlops-lab/a");

        var robot = await _harbor.GetAsync("v2/_catalog", _harbor.Ci);
        var admin = await _harbor.GetAsync("v2/_catalog?n=1", await _harbor.AdminAsync());

        robot.Error.Message.Should().StartWith("unauthorized to list catalog");
        (admin.Text, admin.Headers["Link"]).Should().Be(("""{"repositories":["mlops-lab/a"]}""", "</v2/_catalog?last=mlops-lab%2Fa&n=1>; rel=\"next\""));
    }

    [Theory]
    [InlineData("X25", "nobody pulls")]
    [InlineData("X26", "a pull robot pushes")]
    [InlineData("X27", "a robot of another project pulls")]
    [InlineData("X28", "an expired robot pulls")]
    public async Task Rights_that_were_given_too_wide_let_in_who_was_kept_out(string fault, string act)
    {
        await _harbor.PushAsync("one", "1.0");
        Func<Task<WireAnswer>> acting = act switch
        {
            "nobody pulls" => () => PullAsync(null),
            "a pull robot pushes" => () => PushAsync(_harbor.Pull),
            "a robot of another project pulls" => () => PullAsync(_harbor.Other),
            _ => () => PullAsync(_harbor.Expired),
        };

        var before = await acting();
        _harbor.Faults.SwitchOn(fault);
        var after = await acting();

        (before.Status, after.Status / 100).Should().Be((401, 2));
        _harbor.Faults.Hits(fault).Should().BePositive();
    }

    [Theory]
    [InlineData("H5")]
    [InlineData("H7")]
    public async Task A_robot_that_is_disabled_and_a_project_that_is_missing_look_alike(string fault)
    {
        _harbor.Faults.SwitchOn(fault);

        var answer = await PushAsync(_harbor.Ci);

        answer.Error.Should().Be((401, "UNAUTHORIZED",
            "unauthorized to access repository: mlops-lab/churn/trainer, action: push: unauthorized to access repository: mlops-lab/churn/trainer, action: push"));
        _harbor.Faults.Hits(fault).Should().BePositive();
    }

    [Theory]
    [InlineData("v2/")]
    [InlineData("service/token?service=harbor-registry")]
    [InlineData("api/v2.0/ping")]
    public async Task X36_shows_a_portal_everywhere(string path)
    {
        _harbor.Faults.SwitchOn("X36");

        var answer = await _harbor.GetAsync(path, _harbor.Ci);

        (answer.Status, answer.Headers["Content-Type"]).Should().Be((200, "text/html; charset=utf-8"));
        answer.Text.Should().Contain("sign in to continue");
    }

    private Task<WireAnswer> PullAsync(string? account) =>
        _harbor.GetAsync($"v2/{HarborWire.Repository}/manifests/1.0", account, ("Accept", Image.OciManifest));

    private Task<WireAnswer> PushAsync(string account) => _harbor.SendAsync(HttpMethod.Post, $"v2/{HarborWire.Repository}/blobs/uploads/", account);
}
