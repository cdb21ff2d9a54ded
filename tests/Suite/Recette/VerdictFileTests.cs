using System.Security.Cryptography;
using System.Text;
using Acceptance.Platform.Requirements;
using Acceptance.Recette.Campaigns;
using Acceptance.Recette.Report;
using Acceptance.Recette.Verdicts;
using Microsoft.Extensions.Time.Testing;

namespace Acceptance.Tests.Suite.Recette;

/// <summary>Committed results in, the committed verdict out: <c>Data/</c> beside this file.</summary>
public sealed class VerdictFileTests : IDisposable
{
    private static readonly string Data = Path.Combine(Repository.Find(AppContext.BaseDirectory).Root, "tests", "Suite", "Recette", "Data");

    private readonly ScratchFolder _scratch = new();

    [Fact]
    public void The_verdict_of_known_results_is_known_to_the_byte()
    {
        var verdict = Encoding.UTF8.GetString(VerdictFile.Write(Join()));

        var known = Path.Combine(Data, VerdictFile.Name);
        verdict.Should().Be(File.ReadAllText(known), "{0} holds it; where the change is meant, put this there: {1}", known, verdict);
    }

    [Fact]
    public void It_is_UTF8_without_a_mark_with_line_feeds_and_a_last_one()
    {
        var verdict = VerdictFile.Write(Join());

        verdict[0].Should().Be((byte)'{');
        verdict[^1].Should().Be((byte)'\n');
        verdict.Should().NotContain((byte)'\r');
        Encoding.UTF8.GetString(verdict).Should().Contain("\n  \"campaign\": {\n    \"id\"").And.Contain("à");
    }

    [Fact]
    public async Task The_same_results_make_the_same_page()
    {
        var first = await RapportHtml.RenderAsync(Join());
        var second = await RapportHtml.RenderAsync(Join());

        second.Should().Equal(first);
    }

    [Fact]
    public void The_root_is_the_hash_of_the_lines_that_sha256sum_would_write()
    {
        var evidence = Join().Evidence;

        var lines = evidence.Files.Select(file => $"{file.Sha256}  {file.Path}\n").Order(Comparer<string>.Create((left, right) => string.CompareOrdinal(left[66..], right[66..])));
        evidence.Root.Should().Be(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines)))));
        evidence.Files.Should().HaveCount(Directory.GetFiles(Path.Combine(Data, "results")).Length);
    }

    public void Dispose() => _scratch.Dispose();

    private Verdict Join()
    {
        var results = Directory.CreateDirectory(_scratch.File("results")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Data, "results")))
        {
            File.Copy(file, Path.Combine(results, Path.GetFileName(file)), overwrite: true);
        }

        var catalogue = RequirementCatalogue.Parse(File.ReadAllText(Path.Combine(Data, "catalogue.yaml")));
        return new CampaignJoin(catalogue, new FakeTimeProvider()).Join("R1", [JoinedFolder.Read(results)]);
    }
}
