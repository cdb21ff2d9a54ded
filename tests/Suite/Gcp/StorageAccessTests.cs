using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.Gcp;

/// <summary>Who may do what: no public emulator says no, so these are the refusals that a recette rehearses.</summary>
public sealed class StorageAccessTests : IAsyncLifetime
{
    private const string Scientist = "data-scientist@example.test";
    private const string Viewer = "viewer@example.test";

    private StorageWire _gcs = null!;

    public async ValueTask InitializeAsync()
    {
        _gcs = await StorageWire.StartAsync();
        await _gcs.PutObjectAsync("x", "text");
    }

    public ValueTask DisposeAsync() => _gcs.DisposeAsync();

    [Fact]
    public async Task Nobody_is_asked_to_sign_in()
    {
        var anonymous = await _gcs.SendAsync(HttpMethod.Get, "storage/v1/b/acc-lab-data/o/x", token: "");

        anonymous.Refusal.Should().Be((401, "required"));
        anonymous["WWW-Authenticate"].Should().StartWith("Bearer realm=");
        anonymous.Message.Should().StartWith("Anonymous caller does not have storage.objects.get access");
    }

    [Fact]
    public async Task A_token_that_nobody_issued_is_refused()
    {
        var unknown = await _gcs.SendAsync(HttpMethod.Get, "storage/v1/b/acc-lab-data/o/x", token: "ya29.invented");

        (unknown.Refusal, unknown.Message).Should().Be(((401, "authError"), "Invalid Credentials"));
    }

    [Fact]
    public async Task A_token_is_good_for_an_hour()
    {
        var token = await _gcs.TokenAsync(Scientist);
        var fresh = await _gcs.SendAsync(HttpMethod.Get, "storage/v1/b/acc-lab-data/o/x", token: token);

        _gcs.Clock.Advance(TimeSpan.FromMinutes(61));

        fresh.Status.Should().Be(200);
        (await _gcs.SendAsync(HttpMethod.Get, "storage/v1/b/acc-lab-data/o/x", token: token)).Refusal.Should().Be((401, "authError"));
    }

    [Theory]
    [InlineData(Scientist, "acc-lab-data", 200, 200)]
    [InlineData(Scientist, "acc-run-data", 403, 403)]
    [InlineData("ci-lab@acc-lab.iam.gserviceaccount.com", "acc-lab-data", 200, 200)]
    [InlineData("ci-lab@acc-lab.iam.gserviceaccount.com", "acc-run-data", 403, 403)]
    [InlineData("ci-run@acc-run.iam.gserviceaccount.com", "acc-run-data", 200, 200)]
    [InlineData("airflow-run@acc-run.iam.gserviceaccount.com", "acc-run-data", 200, 403)]
    [InlineData(Viewer, "acc-lab-data", 403, 403)]
    public async Task An_account_does_what_its_roles_let_it(string account, string bucket, int reads, int writes)
    {
        var token = await _gcs.TokenAsync(account);

        var list = await _gcs.SendAsync(HttpMethod.Get, $"storage/v1/b/{bucket}/o", token: token);
        var put = await _gcs.SendAsync(HttpMethod.Post, $"upload/storage/v1/b/{bucket}/o?uploadType=media&name=new", new StringContent("x"), token);

        (list.Status, put.Status).Should().Be((reads, writes));
        if (put.Status == 403)
        {
            put.Refusal.Should().Be((403, "forbidden"));
            put.Message.Should().Be($"{account} does not have storage.objects.create access to the Google Cloud Storage object. Permission 'storage.objects.create' denied on resource (or it may not exist).");
        }
    }

    [Fact]
    public async Task Who_may_not_list_is_not_told_what_is_absent()
    {
        var viewer = await _gcs.TokenAsync(Viewer);

        var absent = await _gcs.SendAsync(HttpMethod.Get, "storage/v1/b/acc-lab-data/o/nothing", token: viewer);

        absent.Refusal.Should().Be((403, "forbidden"));
    }

    [Fact]
    public async Task A_buckets_own_policy_lets_one_in()
    {
        await SetPolicyAsync("roles/storage.objectViewer", $"user:{Viewer}");
        var viewer = await _gcs.TokenAsync(Viewer);

        (await _gcs.SendAsync(HttpMethod.Get, "storage/v1/b/acc-lab-data/o/x?alt=media", token: viewer)).Text.Should().Be("text");
        (await _gcs.SendAsync(HttpMethod.Delete, "storage/v1/b/acc-lab-data/o/x", token: viewer)).Refusal.Should().Be((403, "forbidden"));
    }

    [Fact]
    public async Task A_policy_for_everybody_is_refused_where_public_access_is_prevented() =>
        (await SetPolicyAsync("roles/storage.objectViewer", "allUsers")).Refusal.Should().Be((412, "conditionNotMet"));

    [Fact]
    public async Task A_policy_that_was_changed_meanwhile_is_not_overwritten()
    {
        var policy = (await _gcs.GetAsync("storage/v1/b/acc-lab-data/iam")).Json;
        await SetPolicyAsync("roles/storage.objectViewer", $"user:{Viewer}");

        (await _gcs.SendAsync(HttpMethod.Put, "storage/v1/b/acc-lab-data/iam", new StringContent(policy.ToJsonString()))).Refusal.Should().Be((412, "conditionNotMet"));
    }

    [Fact]
    public async Task One_can_ask_what_one_may()
    {
        var scientist = await _gcs.TokenAsync(Scientist);

        var tested = await _gcs.SendAsync(
            HttpMethod.Get, "storage/v1/b/acc-lab-data/iam/testPermissions?permissions=storage.objects.create&permissions=storage.buckets.delete", token: scientist);

        tested.Json["permissions"]!.AsArray().Select(permission => (string?)permission).Should().Equal("storage.objects.create");
    }

    [Fact]
    public async Task Overwriting_needs_the_right_to_delete()
    {
        await SetPolicyAsync("roles/storage.objectCreator", $"user:{Viewer}");
        var viewer = await _gcs.TokenAsync(Viewer);

        (await _gcs.PutObjectAsync("new", "x", token: viewer)).Status.Should().Be(200);
        var over = await _gcs.PutObjectAsync("x", "x", token: viewer);

        over.Refusal.Should().Be((403, "forbidden"));
        over.Message.Should().Contain("storage.objects.delete");
    }

    [Theory]
    [InlineData("""{"bindings": [{"role": "roles/carpenter", "members": ["user:a@b"]}]}""", 400)]
    [InlineData("""{"bindings": [{"role": "roles/storage.objectViewer", "members": ["nobody"]}]}""", 400)]
    [InlineData("""{"bindings": [{"members": ["user:a@b"]}]}""", 400)]
    [InlineData("""{"bindings": [{"role": "roles/storage.objectViewer", "members": [], "condition": {"expression": "true"}}]}""", 501)]
    public async Task A_policy_that_says_the_wrong_thing_is_refused(string policy, int status) =>
        (await _gcs.SendAsync(HttpMethod.Put, "storage/v1/b/acc-lab-data/iam", new StringContent(policy))).Status.Should().Be(status);

    private Task<StorageAnswer> SetPolicyAsync(string role, string member) => _gcs.SendAsync(
        HttpMethod.Put, "storage/v1/b/acc-lab-data/iam",
        new StringContent(new JsonObject { ["bindings"] = new JsonArray(new JsonObject { ["role"] = role, ["members"] = new JsonArray(member) }) }.ToJsonString()));
}
