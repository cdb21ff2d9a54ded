using System.Text.Json.Nodes;
using Acceptance.Platform.Profiles;
using Acceptance.Tests.Suite.Contracts;
using Acceptance.Tests.Suite.Recette;

namespace Acceptance.Tests.Suite.Gcp;

/// <summary>A walk through every operation of Cloud Storage that the twin answers, held against Google's own description of the API.</summary>
public sealed class StorageContractTests : IDisposable
{
    private const string Objects = $"storage/v1/b/{StorageWire.Bucket}/o";

    private readonly ScratchFolder _scratch = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [ContractFact]
    public async Task What_Cloud_Storage_answers_is_what_its_description_says()
    {
        var traffic = _scratch.File("traffic.jsonl");
        await using (var gcs = await StorageWire.StartAsync(traffic))
        {
            await BucketsAsync(gcs);
            await ObjectsAsync(gcs);
            await UploadsAsync(gcs);
            await RefusalsAsync(gcs);
        }

        var check = await ContractChecker.CheckAsync(Variables.Find(Settings.SuiteContracts), traffic, Cancel);

        check.ExitCode.Should().Be(0, "{0}", check.Output);
        check.Printed.Should().EndWith(" exchanges, 0 violations");
        RecordedExchange.Read(traffic).Where(exchange => exchange.System == "gcs").Should().HaveCountGreaterThan(40);
    }

    public void Dispose() => _scratch.Dispose();

    private static async Task BucketsAsync(StorageWire gcs)
    {
        await WellAsync(gcs.PostAsync("storage/v1/b?project=acc-lab&projection=noAcl", new JsonObject
        {
            ["name"] = "acc-walk",
            ["location"] = "EU",
            ["labels"] = new JsonObject { ["team"] = "mlops" },
            ["versioning"] = new JsonObject { ["enabled"] = true },
            ["lifecycle"] = JsonNode.Parse("""{"rule": [{"action": {"type": "Delete"}, "condition": {"age": 30}}]}"""),
        }));
        await WellAsync(gcs.GetAsync("storage/v1/b?project=acc-lab&maxResults=1"));
        await WellAsync(gcs.GetAsync("storage/v1/b/acc-walk?projection=full"));
        await WellAsync(gcs.SendAsync(HttpMethod.Patch, "storage/v1/b/acc-walk", Json("""{"labels": {"stage": "walk"}}""")));
        await WellAsync(gcs.SendAsync(HttpMethod.Put, "storage/v1/b/acc-walk?ifMetagenerationMatch=2", Json("""{"name": "acc-walk", "storageClass": "NEARLINE", "acl": []}""")));
        await WellAsync(gcs.GetAsync("storage/v1/b/acc-walk/storageLayout"));
        await WellAsync(gcs.GetAsync("storage/v1/b/acc-walk/managedFolders"));
        await WellAsync(gcs.GetAsync("storage/v1/b/acc-walk/iam?optionsRequestedPolicyVersion=3"));
        await WellAsync(gcs.SendAsync(HttpMethod.Put, "storage/v1/b/acc-walk/iam", Json("""{"bindings": [{"role": "roles/storage.admin", "members": ["serviceAccount:a@b.c"]}]}""")));
        await WellAsync(gcs.GetAsync("storage/v1/b/acc-walk/iam/testPermissions?permissions=storage.objects.get&permissions=storage.objects.setIamPolicy"));
        await WellAsync(gcs.SendAsync(HttpMethod.Delete, "storage/v1/b/acc-walk"));
    }

    private static async Task ObjectsAsync(StorageWire gcs)
    {
        await WellAsync(gcs.PutRelatedAsync("""
            {"name": "a/x", "metadata": {"k": "v"}, "cacheControl": "no-store", "contentDisposition": "inline", "contentLanguage": "fr", "customTime": "2026-01-01T00:00:00Z"}
            """, "text"));
        await WellAsync(gcs.PutObjectAsync("a/y", "text"));
        await WellAsync(gcs.PutObjectAsync("b", "text", "&contentEncoding=gzip"));
        await WellAsync(gcs.GetAsync(Objects));
        await WellAsync(gcs.GetAsync($"{Objects}?delimiter=/&prefix=a&maxResults=1&startOffset=a&endOffset=c&includeTrailingDelimiter=true&versions=true&projection=noAcl&fields=items/name,prefixes,nextPageToken"));
        await WellAsync(gcs.GetAsync($"{Objects}?matchGlob=**/x&includeFoldersAsPrefixes=true&delimiter=/"));
        await WellAsync(gcs.GetAsync($"{Objects}/a%2Fx?projection=full"));
        await WellAsync(gcs.GetAsync($"{Objects}/a%2Fx?alt=media"));
        await WellAsync(gcs.GetAsync($"download/storage/v1/b/{StorageWire.Bucket}/o/a%2Fx?alt=media", ("Range", "bytes=1-2")));
        await WellAsync(gcs.SendAsync(HttpMethod.Patch, $"{Objects}/a%2Fx", Json("""{"metadata": {"k": "w"}, "temporaryHold": true}""")));
        await WellAsync(gcs.SendAsync(HttpMethod.Put, $"{Objects}/a%2Fx", Json("""{"contentType": "text/x", "acl": []}""")));
        await WellAsync(gcs.PostAsync($"{Objects}/joined/compose?ifGenerationMatch=0", JsonNode.Parse("""
            {"sourceObjects": [{"name": "a/x"}, {"name": "a/y"}], "destination": {"contentType": "text/plain"}}
            """)!));
        await WellAsync(gcs.GetAsync($"{Objects}/joined"));
        await WellAsync(gcs.PostAsync($"{Objects}/a%2Fx/copyTo/b/acc-lab-elsewhere/o/copied", new JsonObject()));
        await WellAsync(gcs.PostAsync($"{Objects}/a%2Fx/rewriteTo/b/acc-lab-elsewhere/o/rewritten?ifGenerationMatch=0", new JsonObject { ["storageClass"] = "COLDLINE" }));
        await gcs.PutObjectAsync("large", new byte[3 * 1024 * 1024]);
        await WellAsync(gcs.PostAsync($"{Objects}/large/rewriteTo/b/acc-lab-elsewhere/o/large?maxBytesRewrittenPerCall=1048576", new JsonObject()));
        await WellAsync(gcs.SendAsync(HttpMethod.Post, $"{Objects}/a%2Fy/moveTo/o/a%2Fz?ifGenerationMatch=0"));
        await WellAsync(gcs.SendAsync(HttpMethod.Delete, $"{Objects}/a%2Fz"));
    }

    private static async Task UploadsAsync(StorageWire gcs)
    {
        var session = await gcs.BeginAsync("large.bin", "&ifGenerationMatch=0", new JsonObject { ["contentType"] = "application/x-model" });
        (await gcs.PartAsync(session, new byte[262_144], "bytes 0-262143/*")).Status.Should().Be(308);
        (await gcs.PartAsync(session, [], "bytes */*")).Status.Should().Be(308);
        await WellAsync(gcs.PartAsync(session, new byte[10], "bytes 262144-262153/262154"));
        var cancelled = await gcs.BeginAsync("other.bin");
        (await gcs.SendAsync(HttpMethod.Delete, cancelled, token: "")).Status.Should().Be(499);
    }

    private static async Task RefusalsAsync(StorageWire gcs)
    {
        (await gcs.GetAsync($"{Objects}/nothing")).Status.Should().Be(404);
        (await gcs.GetAsync("storage/v1/b/acc-nothing")).Status.Should().Be(404);
        (await gcs.PutObjectAsync("b", "x", "&ifGenerationMatch=0")).Status.Should().Be(412);
        (await gcs.GetAsync($"{Objects}/joined?alt=media", ("Range", "bytes=99-"))).Status.Should().Be(416);
        (await gcs.GetAsync($"{Objects}/b?ifMetagenerationNotMatch=1")).Status.Should().Be(304);
        (await gcs.SendAsync(HttpMethod.Get, $"{Objects}/b", token: "")).Status.Should().Be(401);
        (await gcs.GetAsync("storage/v1/b/acc-run-data/o")).Status.Should().Be(403);
        (await gcs.GetAsync("storage/v1/b/acc-lab-data/acl")).Status.Should().Be(501);
    }

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");

    private static async Task WellAsync(Task<StorageAnswer> call)
    {
        var answer = await call;
        answer.Status.Should().BeInRange(200, 299, "{0}", answer.Text);
    }
}
