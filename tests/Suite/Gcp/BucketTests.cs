using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.Gcp;

public sealed class BucketTests : IAsyncLifetime
{
    private StorageWire _gcs = null!;

    public async ValueTask InitializeAsync() => _gcs = await StorageWire.StartAsync();

    public ValueTask DisposeAsync() => _gcs.DisposeAsync();

    [Fact]
    public async Task A_bucket_is_made_found_listed_changed_and_deleted()
    {
        var made = await CreateAsync("acc-new", "europe-west1");
        var patched = await _gcs.SendAsync(HttpMethod.Patch, "storage/v1/b/acc-new?ifMetagenerationMatch=1", new StringContent("""{"labels": {"team": "mlops"}}"""));
        var listed = await _gcs.GetAsync("storage/v1/b?project=acc-lab&prefix=acc-n&fields=items/name");
        var deleted = await _gcs.SendAsync(HttpMethod.Delete, "storage/v1/b/acc-new");

        ((string?)made.Json["location"], (string?)made.Json["locationType"], (string?)made.Json["storageClass"]).Should().Be(("EUROPE-WEST1", "region", "STANDARD"));
        ((string?)patched.Json["labels"]!["team"], (string?)patched.Json["metageneration"]).Should().Be(("mlops", "2"));
        listed.Json["items"]!.AsArray().Select(item => (string?)item!["name"]).Should().Equal("acc-new");
        (deleted.Status, (await _gcs.GetAsync("storage/v1/b/acc-new")).Status).Should().Be((204, 404));
    }

    [Theory]
    [InlineData("Capital")]
    [InlineData("ab")]
    [InlineData("-begins")]
    [InlineData("ends-")]
    [InlineData("two..dots")]
    [InlineData("dot.-dash")]
    [InlineData("127.0.0.1")]
    [InlineData("goog-like")]
    [InlineData("my-google-bucket")]
    [InlineData("with space")]
    [InlineData("../up")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234")]
    public async Task A_name_that_Google_refuses_is_refused(string name)
    {
        var made = await CreateAsync(name, "EU");

        (made.Refusal, made.Message).Should().Be(((400, "invalid"), $"Invalid bucket name: '{name}'"));
    }

    [Fact]
    public async Task A_name_is_taken_for_everybody()
    {
        await CreateAsync("acc-new", "EU");

        (await CreateAsync("acc-new", "EU")).Message.Should().Be("Your previous request to create the named bucket succeeded and you already own it.");
        var foreign = await CreateAsync("acc-run-data", "EU");
        foreign.Refusal.Should().Be((409, "conflict"));
        foreign.Message.Should().StartWith("The requested bucket name is not available.");
    }

    [Fact]
    public async Task A_bucket_that_has_objects_stays()
    {
        await _gcs.PutObjectAsync("x", "x");

        (await _gcs.SendAsync(HttpMethod.Delete, $"storage/v1/b/{StorageWire.Bucket}")).Refusal.Should().Be((409, "conflict"));
    }

    [Fact]
    public async Task A_change_holds_to_the_metageneration() =>
        (await _gcs.SendAsync(HttpMethod.Patch, $"storage/v1/b/{StorageWire.Bucket}?ifMetagenerationMatch=99", new StringContent("{}"))).Refusal.Should().Be((412, "conditionNotMet"));

    [Theory]
    [InlineData("atlantis", """{"name": "acc-new", "location": "atlantis"}""", 400)]
    [InlineData("a class", """{"name": "acc-new", "storageClass": "VELVET"}""", 400)]
    [InlineData("no name", "{}", 400)]
    [InlineData("no JSON", "name", 400)]
    [InlineData("a key", """{"name": "acc-new", "encryption": {"defaultKmsKeyName": "k"}}""", 501)]
    [InlineData("retention", """{"name": "acc-new", "retentionPolicy": {"retentionPeriod": "60"}}""", 501)]
    public async Task What_cannot_be_is_refused_and_what_is_not_emulated_says_so(string what, string body, int status) =>
        (await _gcs.SendAsync(HttpMethod.Post, "storage/v1/b?project=acc-lab", new StringContent(body))).Status.Should().Be(status, what);

    [Theory]
    [InlineData("GET", "storage/v1/b/acc-lab-data/acl")]
    [InlineData("GET", "storage/v1/projects/acc-lab/hmacKeys")]
    [InlineData("POST", "storage/v1/b/acc-lab-data/o/x/restore?generation=1")]
    [InlineData("GET", "acc-lab-data/x?X-Goog-Signature=00")]
    [InlineData("PUT", "acc-lab-data/x")]
    [InlineData("GET", "storage/v1/b/acc-lab-data/o?softDeleted=true")]
    public async Task What_is_not_emulated_says_so_by_name(string method, string path)
    {
        var answer = await _gcs.SendAsync(new HttpMethod(method), path);

        answer.Refusal.Should().Be((501, "notImplemented"));
        answer.Message.Should().StartWith("The Cloud Storage stand-in does not emulate ");
    }

    [Fact]
    public async Task The_layout_tells_where_the_bucket_lies() =>
        ((string?)(await _gcs.GetAsync("storage/v1/b/acc-lab-elsewhere/storageLayout")).Json["location"]).Should().Be("US-CENTRAL1");

    private Task<StorageAnswer> CreateAsync(string name, string location) =>
        _gcs.PostAsync("storage/v1/b?project=acc-lab", new JsonObject { ["name"] = name, ["location"] = location });
}
