using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.Gcp;

public sealed class StoragePreconditionTests : IAsyncLifetime
{
    private const string Object = $"storage/v1/b/{StorageWire.Bucket}/o/x";

    private StorageWire _gcs = null!;

    public async ValueTask InitializeAsync() => _gcs = await StorageWire.StartAsync();

    public ValueTask DisposeAsync() => _gcs.DisposeAsync();

    [Fact]
    public async Task Of_many_writers_who_all_say_only_if_absent_one_writes()
    {
        var puts = await Task.WhenAll(Enumerable.Range(0, 24).Select(writer => _gcs.PutObjectAsync("x", $"writer {writer}", "&ifGenerationMatch=0")));

        puts.Count(put => put.Status == 200).Should().Be(1);
        puts.Where(put => put.Status != 200).Select(put => put.Refusal).Distinct().Should().Equal((412, "conditionNotMet"));
        var winner = Array.FindIndex(puts, put => put.Status == 200);
        (await _gcs.MediaAsync("x")).Text.Should().Be($"writer {winner}");
    }

    [Fact]
    public async Task Of_many_sessions_who_all_say_only_if_absent_one_ends_well()
    {
        var sessions = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _gcs.BeginAsync("x", "&ifGenerationMatch=0")));

        var ends = await Task.WhenAll(sessions.Select(session => _gcs.PartAsync(session, new byte[10], "bytes 0-9/10")));

        ends.Select(end => end.Status).Order().Should().Equal([200, .. Enumerable.Repeat(412, 7)]);
    }

    [Fact]
    public async Task Changes_of_one_object_by_many_are_all_counted()
    {
        await _gcs.PutObjectAsync("x", "x");

        var patches = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => PatchAsync("?ifMetagenerationNotMatch=0", """{"metadata": {"k": "v"}}""")));

        patches.Should().OnlyContain(patch => patch.Status == 200);
        patches.Select(patch => (string?)patch.Json["metageneration"]).Should().OnlyHaveUniqueItems();
        ((string?)(await _gcs.ResourceAsync("x")).Json["metageneration"]).Should().Be("17");
    }

    [Theory]
    [InlineData("ifGenerationMatch=0", 412)]
    [InlineData("ifGenerationMatch={g}", 200)]
    [InlineData("ifGenerationMatch=7", 412)]
    [InlineData("ifGenerationNotMatch={g}", 412)]
    [InlineData("ifGenerationNotMatch=7", 200)]
    [InlineData("ifMetagenerationMatch=1", 200)]
    [InlineData("ifMetagenerationMatch=2", 412)]
    [InlineData("ifMetagenerationNotMatch=1", 412)]
    [InlineData("ifMetagenerationMatch=", 200)]
    [InlineData("ifMetagenerationMatch=one", 400)]
    [InlineData("ifGenerationMatch=99999999999999999999", 400)]
    public async Task A_write_a_change_and_a_deletion_hold_to_the_condition(string condition, int status)
    {
        var generation = (string?)(await _gcs.PutObjectAsync("x", "x")).Json["generation"];
        var query = condition.Replace("{g}", generation);

        var patch = await PatchAsync($"?{query}", "{}");
        await _gcs.PutObjectAsync("x", "x");
        var again = (string?)(await _gcs.ResourceAsync("x")).Json["generation"];
        var put = await _gcs.PutObjectAsync("x", "y", $"&{condition.Replace("{g}", again)}");
        await _gcs.PutObjectAsync("x", "x");
        var last = (string?)(await _gcs.ResourceAsync("x")).Json["generation"];
        var delete = await _gcs.SendAsync(HttpMethod.Delete, $"{Object}?{condition.Replace("{g}", last)}");

        (patch.Status, put.Status).Should().Be((status, status));
        delete.Status.Should().Be(status == 200 ? 204 : status);
    }

    [Fact]
    public async Task An_object_that_is_absent_meets_only_generation_0()
    {
        (await _gcs.PutObjectAsync("x", "x", "&ifGenerationMatch=5")).Refusal.Should().Be((412, "conditionNotMet"));
        (await _gcs.PutObjectAsync("x", "x", "&ifGenerationMatch=0")).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_copy_holds_to_the_conditions_of_both_ends()
    {
        var generation = (string?)(await _gcs.PutObjectAsync("x", "x")).Json["generation"];

        (await CopyAsync("ifSourceGenerationMatch=7")).Refusal.Should().Be((412, "conditionNotMet"));
        (await CopyAsync($"ifSourceGenerationMatch={generation}&ifGenerationMatch=0")).Status.Should().Be(200);
        (await CopyAsync($"ifSourceGenerationMatch={generation}&ifGenerationMatch=0")).Refusal.Should().Be((412, "conditionNotMet"));
    }

    [Fact]
    public async Task Composing_holds_to_the_conditions_of_its_parts()
    {
        await _gcs.PutObjectAsync("x", "x");

        var composed = await _gcs.PostAsync($"storage/v1/b/{StorageWire.Bucket}/o/whole/compose", new JsonObject
        {
            ["sourceObjects"] = new JsonArray(new JsonObject { ["name"] = "x", ["objectPreconditions"] = new JsonObject { ["ifGenerationMatch"] = "7" } }),
        });

        composed.Refusal.Should().Be((412, "conditionNotMet"));
    }

    [Fact]
    public async Task Readers_beside_writers_always_read_one_generation_whole()
    {
        await _gcs.PutObjectAsync("x", new byte[100_000]);

        var writing = Task.WhenAll(Enumerable.Range(1, 12).Select(fill => _gcs.PutObjectAsync("x", Enumerable.Repeat((byte)fill, 100_000).ToArray())));
        var reads = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => _gcs.MediaAsync("x")));
        await writing;

        reads.Should().OnlyContain(read => read.Status == 200 && read.Content.Length == 100_000 && read.Content.Distinct().Count() == 1);
    }

    [Fact]
    public async Task An_object_on_hold_is_neither_deleted_nor_replaced()
    {
        await _gcs.PutObjectAsync("x", "x");
        await PatchAsync("", """{"temporaryHold": true}""");

        (await _gcs.SendAsync(HttpMethod.Delete, Object)).Refusal.Should().Be((403, "forbidden"));
        (await _gcs.PutObjectAsync("x", "y")).Message.Should().Contain("under active Temporary hold");
        await PatchAsync("", """{"temporaryHold": false}""");
        (await _gcs.SendAsync(HttpMethod.Delete, Object)).Status.Should().Be(204);
    }

    private Task<StorageAnswer> PatchAsync(string query, string body) => _gcs.SendAsync(HttpMethod.Patch, Object + query, new StringContent(body));

    private Task<StorageAnswer> CopyAsync(string query) =>
        _gcs.PostAsync($"{Object}/rewriteTo/b/{StorageWire.Bucket}/o/y?{query}", new JsonObject());
}
