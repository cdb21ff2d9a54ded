using Acceptance.Platform.Profiles;
using Acceptance.Tests.Suite.Recette;

namespace Acceptance.Tests.Suite.RealClients;

public sealed class PipTests(ClientTwin twin, PythonEnvironment python) : IClassFixture<ClientTwin>, IDisposable
{
    private readonly ScratchFolder _packages = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [ClientFact(OfficialClient.Pip)]
    public async Task Pip_installs_a_package_with_its_dependency_and_Python_imports_both()
    {
        var pip = await InstallAsync(Index("pypi-group"), "acc-pure");

        pip.ExitCode.Should().Be(0, "{0}", pip.Output);
        pip.Output.Should().Contain("Successfully installed acc-base-1.0.0 acc-pure-1.1.0");
        var python = await EvaluateAsync("import acc_base, acc_pure; print(acc_base.describe(), '|', acc_pure.describe())");
        python.Printed.Should().Be("acc-base 1.0.0 from pypi | acc-pure 1.1.0 from pypi");
    }

    [ClientFact(OfficialClient.Pip)]
    public async Task Pip_takes_the_wheel_of_this_platform()
    {
        var pip = await InstallAsync(Index("pypi-group"), "--only-binary", ":all:", "acc-native");

        pip.ExitCode.Should().Be(0, "{0}", pip.Output);
        pip.Output.Should().Contain("manylinux").And.Contain("Successfully installed acc-native-2.0.0");
        Directory.GetFiles(_packages.Path, "*.so", SearchOption.AllDirectories).Should().ContainSingle();
    }

    [ClientFact(OfficialClient.Pip)]
    public async Task Pip_builds_a_package_that_has_only_its_source()
    {
        var pip = await InstallAsync(Index("pypi-group"), "acc-sdist");

        pip.ExitCode.Should().Be(0, "{0}", pip.Output);
        pip.Output.Should().Contain("Successfully built acc-sdist").And.Contain("Successfully installed acc-sdist-0.3.0");
    }

    [ClientFact(OfficialClient.Pip)]
    public async Task Pip_leaves_a_yanked_version_alone()
    {
        var pip = await InstallAsync(Index("pypi-group"), "acc-yanked");

        pip.Output.Should().Contain("Successfully installed acc-yanked-1.0.0");
    }

    [ClientTheory(OfficialClient.Pip), InlineData("lab"), InlineData("run")]
    public async Task Pip_installs_a_use_cases_lock_with_its_hashes(string environment)
    {
        var requirements = RepositoryRoot.Resolve("fixtures/usecases/churn/requirements.txt");
        var entries = File.ReadLines(requirements).Count(line => line.Contains("==", StringComparison.Ordinal));

        var pip = await InstallAsync(Index("pypi-group", environment), "--require-hashes", "-r", requirements);

        pip.ExitCode.Should().Be(0, "{0}", pip.Output);
        Directory.GetDirectories(_packages.Path, "*.dist-info").Should().HaveCount(entries);
    }

    [ClientFact(OfficialClient.Pip)]
    public async Task Pip_downloads_from_the_flat_index_of_PyTorch()
    {
        var pip = await python.PipAsync(
            ["download", "--no-deps", "--dest", _packages.Path, "--index-url", Index("pypi-pytorch"), "acc-torch"], Cancel);

        pip.ExitCode.Should().Be(0, "{0}", pip.Output);
        Directory.GetFiles(_packages.Path).Select(Path.GetFileName).Should().ContainSingle().Which.Should().StartWith("acc_torch-2.1.0+cpu-");
    }

    [ClientFact(OfficialClient.Pip)]
    public async Task Pip_installs_with_the_readers_account_in_the_address()
    {
        var pip = await InstallAsync(IndexAs(Variable("USER"), Variable("PASSWORD")), "acc-base");

        pip.ExitCode.Should().Be(0, "{0}", pip.Output);
    }

    [ClientFact(OfficialClient.Pip)]
    public async Task Pip_is_refused_with_a_wrong_password()
    {
        var pip = await InstallAsync(IndexAs(Variable("USER"), "wrong"), "-vv", "acc-base");

        pip.ExitCode.Should().Be(1, "{0}", pip.Output);
        pip.Output.Should().Contain("401 Client Error: Unauthorized");
    }

    [ClientFact(OfficialClient.Pip)]
    public async Task Pip_says_in_its_own_words_that_a_package_is_missing()
    {
        var pip = await InstallAsync(Index("pypi-group"), "acceptance-no-such-package");

        pip.ExitCode.Should().Be(1, "{0}", pip.Output);
        pip.Output.Should().Contain("ERROR: No matching distribution found for acceptance-no-such-package");
    }

    [ClientFact(OfficialClient.Pip)]
    public async Task Pip_meets_N2_as_hashes_that_do_not_match()
    {
        using var fault = new ShownFault(twin.Twin, "N2");

        var pip = await InstallAsync(Index("pypi-group"), "acc-shadow");

        pip.ExitCode.Should().Be(1, "{0}", pip.Output);
        pip.Output.Should().Contain("THESE PACKAGES DO NOT MATCH THE HASHES");
        fault.Hits.Should().BePositive();
    }

    [ClientFact(OfficialClient.Pip)]
    public async Task Without_N2_the_same_package_installs_from_the_first_member()
    {
        var pip = await InstallAsync(Index("pypi-group"), "acc-shadow");

        pip.ExitCode.Should().Be(0, "{0}", pip.Output);
        (await EvaluateAsync("import acc_shadow; print(acc_shadow.ORIGIN)")).Printed.Should().Be("pypi");
    }

    [ClientFact(OfficialClient.Pip)]
    public async Task Pip_meets_N4_as_an_index_without_versions()
    {
        using var fault = new ShownFault(twin.Twin, "N4");

        var pip = await InstallAsync(Index("pypi-pytorch"), "acc-torch");

        pip.ExitCode.Should().Be(1, "{0}", pip.Output);
        pip.Output.Should().Contain("(from versions: none)");
        fault.Hits.Should().BePositive();
    }

    public void Dispose() => _packages.Dispose();

    private string Index(string repository, string environment = "lab") => $"{twin.Repository(repository, environment)}/simple/";

    private string IndexAs(string user, string password) =>
        new UriBuilder(Index("pypi-group")) { UserName = user, Password = password }.Uri.AbsoluteUri;

    private string Variable(string name) => twin.Twin.Variables[$"ACCEPTANCE_LAB_NEXUS_{name}"];

    private Task<ClientRun> InstallAsync(string index, params string[] arguments) =>
        python.PipAsync(["install", "--no-compile", "--target", _packages.Path, "--index-url", index, .. arguments], Cancel);

    private Task<ClientRun> EvaluateAsync(string line) => python.EvaluateAsync(_packages.Path, line, Cancel);
}
