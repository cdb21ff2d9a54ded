using Acceptance.Platform.Nexus.Locks;

namespace Acceptance.Tests.Suite.Nexus;

public sealed class LockFileTests : IDisposable
{
    private const string Md5 = "0cc175b9c0f1b6a831c399e269772661";
    private const string Sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("locks");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Requirements_are_read_in_pips_hash_checking_form()
    {
        Write("base.txt", $"Jalon===0.3 # the base\r\n");
        var file = Write("requirements.txt", $"""
            # made by a tool
            --index-url https://nexus.example.org/simple
            -r base.txt
            mini_pkg[extra,other]==1.0 ; python_version >= "3.9" \
                --hash=sha256:{Sha256.ToUpperInvariant()} \
                --hash=md5:{Md5}
                # via something

            plain == 2.0rc1    # pinned by hand
            """);

        var entries = LockFile.Read(file);

        entries.Select(entry => (entry.Format, entry.Name, entry.Version, Path.GetFileName(entry.File), entry.Line)).Should().Equal(
            (LockFormat.PyPi, "Jalon", "0.3", "base.txt", 1),
            (LockFormat.PyPi, "mini_pkg", "1.0", "requirements.txt", 4),
            (LockFormat.PyPi, "plain", "2.0rc1", "requirements.txt", 9));
        entries[1].Hashes.Should().Equal(new LockedHash("sha256", Sha256), new LockedHash("md5", Md5));
        entries[2].Hashes.Should().BeEmpty();
    }

    [Fact]
    public void An_renv_lock_is_read_with_its_lines_and_foreign_sources()
    {
        var file = Write("renv.lock", $$"""
            {
              "R": { "Version": "4.2.2", "Repositories": [ { "Name": "CRAN", "URL": "https://nexus.example.org/cran" } ] },
              "Packages": {
                "mini": {
                  "Package": "mini", "Version": "1.0.0", "Source": "Repository", "Repository": "CRAN", "Hash": "{{Md5}}"
                },
                "own": { "Package": "own", "Version": "0.1", "Source": "GitHub" }
              }
            }
            """);

        var entries = LockFile.Read(file);

        entries.Should().BeEquivalentTo([
            new LockedPackage(LockFormat.Cran, "mini", "1.0.0", "mini_1.0.0.tar.gz", [], file, 4),
            new LockedPackage(LockFormat.Cran, "own", "0.1", "own_0.1.tar.gz", [], file, 7) { ForeignSource = "GitHub" }]);
    }

    [Fact]
    public void A_conda_list_is_read()
    {
        var file = Write("conda-linux-64.lock", $"""
            # platform: linux-64
            @EXPLICIT
            https://nexus.example.org/repository/conda-forge/linux-64/mini-pkg-1.0-py311_0.conda#{Md5}
            https://nexus.example.org/t/secret/main/noarch/other-2-0.tar.bz2#sha256:{Sha256}
            https://nexus.example.org/main/noarch/bare-2-0.conda
            """);

        var entries = LockFile.Read(file);

        entries.Should().BeEquivalentTo([
            new LockedPackage(LockFormat.Conda, "mini-pkg", "1.0", "mini-pkg-1.0-py311_0.conda", [new("md5", Md5)], file, 3) { Subdir = "linux-64", Channel = "conda-forge" },
            new LockedPackage(LockFormat.Conda, "other", "2", "other-2-0.tar.bz2", [new("sha256", Sha256)], file, 4) { Subdir = "noarch", Channel = "main" },
            new LockedPackage(LockFormat.Conda, "bare", "2", "bare-2-0.conda", [], file, 5) { Subdir = "noarch", Channel = "main" }]);
    }

    [Theory]
    [InlineData("a==1\nb>=2", 2, "'b>=2' does not pin one version with '=='.")]
    [InlineData("a==1.*", 1, "'a==1.*' does not pin one version with '=='.")]
    [InlineData("a==1,!=2", 1, "'a==1,!=2' does not pin one version with '=='.")]
    [InlineData("a @ https://example.org/a.whl", 1, "'a @ https://example.org/a.whl' does not pin one version with '=='.")]
    [InlineData("-e ./a", 1, "'-e ./a' is a folder or repository, not a pinned version.")]
    [InlineData("a==1 --hash=sha256:xyz", 1, "a --hash is not of the form --hash=algorithm:hex.")]
    [InlineData("# nothing\n\n", 0, "no entry is pinned here.")]
    [InlineData("-r lock.txt", 1, "'lock.txt' includes this file again.")]
    [InlineData("@EXPLICIT\n\nmini-1.0", 3, "this is no address of a conda package: https://…/channel/subdir/name-version-build.conda#hash.")]
    [InlineData("@EXPLICIT\nhttps://h/c/noarch/a-1-0.conda#abc", 2, "'#abc' is neither an md5 nor a sha256.")]
    [InlineData("{\"Packages\": {\n\"a\": {}}}", 2, "package a has no Version.")]
    [InlineData("{}", 0, "this JSON is no renv.lock: it has no 'Packages'.")]
    [InlineData("a==1\0", 0, "this is no text.")]
    public void What_is_no_lock_is_refused_with_its_line(string text, int line, string problem)
    {
        var file = Write("lock.txt", text);

        var exception = FluentActions.Invoking(() => LockFile.Read(file)).Should().Throw<LockFileException>().Which;

        exception.Message.Should().Be($"{file}:{line}: {problem}");
        (exception.File, exception.Line).Should().Be((file, line));
    }

    [Fact]
    public void Broken_JSON_is_refused_with_its_line()
    {
        var file = Write("renv.lock", "{\n\"Packages\": {\n oops");

        FluentActions.Invoking(() => LockFile.Read(file)).Should().Throw<LockFileException>().Which.Message.Should().StartWith($"{file}:3: this is not valid JSON: ");
    }

    [Fact]
    public void What_is_not_UTF8_or_not_there_is_refused()
    {
        var file = Path.Combine(_folder.FullName, "latin1.txt");
        File.WriteAllBytes(file, [.. "a==1\n# caf"u8, 0xe9, .. "\n"u8]);

        FluentActions.Invoking(() => LockFile.Read(file)).Should().Throw<LockFileException>().WithMessage($"{file}:2: this is not UTF-8.");
        FluentActions.Invoking(() => LockFile.Read($"{file}.gone")).Should().Throw<LockFileException>().WithMessage($"{file}.gone:0: it cannot be read: *");
    }

    private string Write(string name, string text)
    {
        var file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, text);
        return file;
    }
}
