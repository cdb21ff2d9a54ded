using Acceptance.Platform.Nexus.PyPi;

namespace Acceptance.Tests.Suite.Nexus;

public sealed class PyPiNamesTests
{
    [Theory]
    [InlineData("Friendly-._.Bard", "friendly-bard")]
    [InlineData("zope.interface", "zope-interface")]
    [InlineData("A", "a")]
    public void Names_are_normalised(string name, string normalised) => new PyPiName(name).Value.Should().Be(normalised);

    [Theory]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("a b")]
    [InlineData("a\n")]
    public void What_is_no_name_is_refused(string name) => FluentActions.Invoking(() => new PyPiName(name)).Should().Throw<ArgumentException>();

    [Theory]
    [InlineData("1.0.0", "1")]
    [InlineData("v1.0", "1")]
    [InlineData("01.02", "1.2")]
    [InlineData("1.0-alpha.1", "1a1")]
    [InlineData("1.0c2", "1rc2")]
    [InlineData("1.0-1", "1.post1")]
    [InlineData("1.0.rev3.dev", "1.post3.dev0")]
    [InlineData("1!2.0+Ubuntu-1", "1!2+ubuntu.1")]
    [InlineData("2.10", "2.10")]
    [InlineData("0", "0")]
    [InlineData("NotAVersion", "notaversion")]
    public void Versions_have_one_spelling(string version, string canonical) => PyPiVersion.Canonical(version).Should().Be(canonical);

    [Theory]
    [InlineData("mini_pkg-1.0-py3-none-any.whl", PyPiFileKind.PureWheel, "1.0")]
    [InlineData("mini_pkg-1.0-2-cp311-abi3-linux_x86_64.whl", PyPiFileKind.PlatformWheel, "1.0")]
    [InlineData("mini_pkg-1.0-x-cp311-abi3-linux_x86_64.whl", PyPiFileKind.Other, null)]
    [InlineData("other-1.0-py3-none-any.whl", PyPiFileKind.Other, null)]
    [InlineData("mini_pkg-1.0.tar.gz", PyPiFileKind.Sdist, "1.0")]
    [InlineData("mini-pkg-1.0-rc1.zip", PyPiFileKind.Sdist, "1.0-rc1")]
    [InlineData("mini-pkg-.tar.gz", PyPiFileKind.Other, null)]
    [InlineData("mini_pkg-1.0-py2.7.egg", PyPiFileKind.Other, null)]
    public void A_file_name_says_kind_and_version(string fileName, PyPiFileKind kind, string? version) =>
        PyPiFileName.Parse(fileName, new PyPiName("mini-pkg")).Should().Be((kind, version));
}
