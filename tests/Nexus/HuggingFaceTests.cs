using Acceptance.Platform.Nexus;

namespace Acceptance.Tests.Nexus;

[Needs(Capability.Nexus)]
[Needs(Capability.HuggingFace)]
public sealed class HuggingFaceTests(PlatformFixture platform)
{
    [AcceptanceTest, InEachEnvironment, Requirement("NX-HF-1")]
    public async Task A_model_and_its_revision_name_one_commit(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);

        var model = await nexus.HuggingFace.GetModelAsync(nexus.Known.HuggingFaceModel, Cancel);
        var revision = await nexus.HuggingFace.GetRevisionAsync(nexus.Known.HuggingFaceModel, "main", Cancel);

        revision.Sha.Should().MatchRegex("^[0-9a-f]{40}$", "a snapshot is made of a commit").And.Be(model.Sha);
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-HF-1")]
    public async Task The_tree_is_listed_to_its_last_page(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);
        var model = await nexus.HuggingFace.GetModelAsync(nexus.Known.HuggingFaceModel, Cancel);

        var tree = await nexus.HuggingFace.ListTreeAsync(nexus.Known.HuggingFaceModel, model.Sha, Cancel);

        tree.Select(entry => entry.Path).Should().OnlyHaveUniqueItems()
            .And.Contain(nexus.Known.HuggingFaceFiles, "the client follows Link rel=next to the end, and a page that lacks it ends the list early");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-HF-2")]
    public async Task The_client_finds_in_the_headers_what_it_demands(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);
        var files = await nexus.KnownModelFiles(Cancel);

        var heads = await Task.WhenAll(files.Select(file => nexus.HuggingFace.HeadFileAsync(nexus.Known.HuggingFaceModel, "main", file.Path, Cancel)));

        files.Select(file => file.Path).Should().Equal(nexus.Known.HuggingFaceFiles);
        heads.Select(head => head.Size).Should().Equal(files.Select(file => file.Size));
        heads.Should().OnlyContain(head => head.Etag.Length > 0, "the client names its cache by the ETag");
        heads.Select(head => head.CommitHash).Distinct().Should().ContainSingle("a snapshot is made of one commit");
        heads.Select(head => head.Location.Authority).Should().OnlyContain(host => host == nexus.Address.Authority, "the environments reach Nexus, not the hub's storage");
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-HF-2")]
    public async Task Small_files_and_weights_arrive_with_the_hashes_of_the_tree(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);
        var files = await nexus.KnownModelFiles(Cancel);

        var artefacts = await Task.WhenAll(files.Select(file => nexus.HuggingFace.DownloadAsync(nexus.Known.HuggingFaceModel, "main", file, Cancel)));

        files.Select(file => file.Path).Should().Equal(nexus.Known.HuggingFaceFiles);
        files.Should().Contain(file => file.Lfs != null, "one known file must be kept in LFS or Xet, where proxies fail first");
        artefacts.Select(artefact => artefact.Size).Should().Equal(files.Select(file => file.Size));
    }

    [AcceptanceTest, InEachEnvironment, Requirement("NX-HF-2")]
    public async Task A_download_of_weights_can_be_resumed(EnvironmentName environment)
    {
        var nexus = await platform.Nexus(environment);
        var weights = (await nexus.KnownModelFiles(Cancel)).Where(file => file.Lfs is not null).ToList();

        var hashes = await Task.WhenAll(weights.Select(file => nexus.HuggingFace.DownloadInTwoAsync(nexus.Known.HuggingFaceModel, "main", file, Cancel)));

        hashes.Should().NotBeEmpty("the known weights are in the tree").And.Equal(weights.Select(file => file.Lfs!.Oid), "two halves make the file");
    }
}
