using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Acceptance.Platform.CloudRun;
using Acceptance.Platform.Harbor.Oci;
using Acceptance.Tests.Suite.RealClients;
using Acceptance.Tests.Suite.Recette;

namespace Acceptance.Tests.Suite.Programs;

public sealed class ProgramImageTests(ClientHarbor harbor) : IClassFixture<ClientHarbor>, IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly ImageReference _image = ImageReference.Parse($"{harbor.Host}/{ClientHarbor.NewRepository()}:v1");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Programs => ["Probe", "Monitoring"];

    [Theory, MemberData(nameof(Programs))]
    public async Task The_same_program_gives_the_same_bytes(string name)
    {
        var first = await ProgramImage.BuildAsync(Program(name), null, Cancel);
        var second = await ProgramImage.BuildAsync(Program(name), null, Cancel);

        second.Manifest.Bytes.ToArray().Should().Equal(first.Manifest.Bytes.ToArray());
        second.Layer.Descriptor.Should().Be(first.Layer.Descriptor);
    }

    [Fact]
    public async Task Its_layer_has_the_program_in_app_and_nothing_of_the_day_it_was_made()
    {
        var image = await ProgramImage.BuildAsync(HostedProgram.Probe, null, Cancel);

        await using var archive = new GZipStream(image.Layer.Source.Open(), CompressionMode.Decompress);
        var entries = await EntriesAsync(archive);
        entries.Select(entry => entry.Name).Should().Equal("app/Acceptance.Probe.deps.json", "app/Acceptance.Probe.dll", "app/Acceptance.Probe.runtimeconfig.json");
        entries.Should().OnlyContain(entry => entry.ModificationTime == DateTimeOffset.UnixEpoch && entry.Uid == 0 && entry.Gid == 0);
    }

    [Fact]
    public async Task It_is_pushed_and_pulled_and_starts_the_program_from_its_folder()
    {
        var image = await ProgramImage.BuildAsync(HostedProgram.Probe, null, Cancel);

        var pushed = await image.PushAsync(Registry(), _image, Cancel);
        var pulled = await Registry().PullImageAsync(_image with { Digest = pushed.Manifest.Digest }, Cancel);

        pushed.Manifest.Digest.Should().Be(image.Manifest.Digest);
        JsonNode.Parse(pulled.Config.Span)!["config"]!.ToJsonString().Should().Be("""{"Entrypoint":["dotnet","Acceptance.Probe.dll"],"WorkingDir":"/app"}""");
    }

    [Fact]
    public async Task Upon_a_base_it_keeps_the_layers_and_variables_of_the_base_and_starts_its_own()
    {
        var below = await PushBaseAsync();

        var image = await ProgramImage.BuildAsync(HostedProgram.Probe, await BaseImage.ReadAsync(Registry(), below, Cancel), Cancel);
        var pushed = await image.PushAsync(Registry(), _image, Cancel);
        var config = JsonNode.Parse((await Registry().PullImageAsync(_image, Cancel)).Config.Span)!;

        pushed.Blobs.Select(blob => blob.Way).Should().Equal(BlobWay.Mounted, BlobWay.Pushed, BlobWay.Pushed);
        config["rootfs"]!["diff_ids"]!.AsArray().Should().HaveCount(2);
        config["config"]!["Labels"]!["of"]!.ToString().Should().Be("the base");
        config["config"]!["Entrypoint"]!.AsArray().Select(word => word!.ToString()).Should().Equal("dotnet", "Acceptance.Probe.dll");
    }

    [Fact]
    public async Task What_the_registry_does_not_mount_is_copied()
    {
        var below = await PushBaseAsync();
        var image = await ProgramImage.BuildAsync(HostedProgram.Probe, await BaseImage.ReadAsync(Registry(), below, Cancel), Cancel);

        using var fault = new ShownFault(harbor.Twin, "X35");
        var pushed = await image.PushAsync(Registry(), _image, Cancel);

        pushed.Blobs[0].Way.Should().Be(BlobWay.Pushed);
        (await Registry().PullImageAsync(_image, Cancel)).Layers.Should().HaveCount(2);
    }

    [Fact]
    public async Task An_artifact_that_is_no_image_of_a_container_is_no_base()
    {
        var empty = BlobSource.Of("{}"u8.ToArray());
        var manifest = Manifest.Of(new ImageManifest(2, new Descriptor(OciMediaTypes.Empty, empty.Digest!, empty.Size), []) { MediaType = OciMediaTypes.ImageManifest, ArtifactType = "application/spdx+json" });
        await Registry().PushBlobAsync(_image.Repository, empty, UploadMode.Monolithic, Cancel);
        await Registry().PutManifestAsync(_image.Repository, _image.Manifest, manifest, Cancel);

        var reading = () => BaseImage.ReadAsync(Registry(), _image, Cancel);

        (await reading.Should().ThrowAsync<ProgramImageException>()).Which.Reason.Should().Be("its configuration names no layers: it is no image of a container");
    }

    [Fact]
    public async Task A_program_that_was_not_built_is_named()
    {
        var building = () => ProgramImage.BuildAsync(new HostedProgram("Probe", _scratch.Path), null, Cancel);

        (await building.Should().ThrowAsync<ProgramImageException>()).Which.Message.Should().Be(
            $"No image can be made of the program 'Probe': its file {_scratch.File("Acceptance.Probe.deps.json")} is not there: build fixtures/Probe, whose output fixtures/Platform copies.");
    }

    [ClientFact(OfficialClient.Skopeo)]
    public async Task Skopeo_pulls_it_and_every_digest_is_right()
    {
        using var skopeo = new Skopeo(harbor);
        var image = await ProgramImage.BuildAsync(HostedProgram.Monitoring, null, Cancel);
        await image.PushAsync(Registry(), _image, Cancel);

        (await skopeo.PullAsync($"docker://{_image}", OciLayout.SourceAt(skopeo.File("back")), harbor.Pull)).Succeeded();

        OciLayout.BlobsAt(skopeo.File("back")).Keys.Should().BeEquivalentTo(
            image.Manifest.Digest.Hex, image.Layer.Descriptor.Digest.Hex, image.Config.Descriptor.Digest.Hex);
    }

    public void Dispose() => _scratch.Dispose();

    private static HostedProgram Program(string name) => name == "Probe" ? HostedProgram.Probe : HostedProgram.Monitoring;

    private static async Task<List<TarEntry>> EntriesAsync(Stream archive)
    {
        await using var reader = new TarReader(archive);
        var entries = new List<TarEntry>();
        while (await reader.GetNextEntryAsync(copyData: true, Cancel) is { } entry)
        {
            entries.Add(entry);
        }

        return entries;
    }

    private async Task<ImageReference> PushBaseAsync()
    {
        var below = ImageReference.Parse($"{harbor.Host}/{ClientHarbor.NewRepository()}:v1");
        var content = await OciImage.Build().WithRandomLayer(64 * 1024, BitConverter.ToUInt64(Guid.NewGuid().ToByteArray())).WithLabel("of", "the base").WithEntrypoint("/bin/sh").BuildAsync(Cancel);
        await Registry().PushImageAsync(below, content, UploadMode.Monolithic, Cancel);
        return below;
    }

    private OciClient Registry() => ProgramRegistry.Of(harbor);
}
