using Acceptance.Tests.Suite.Recette;
using CliWrap;

namespace Acceptance.Tests.Suite.RealClients;

public sealed class RTests(ClientTwin twin) : IClassFixture<ClientTwin>, IDisposable
{
    // https://docs.posit.co/rspm/admin/serving-binaries/ (what Rprofile.site must hold)
    private const string UserAgent = """
        options(HTTPUserAgent = sprintf("R/%s R (%s)", getRversion(), paste(getRversion(), R.version["platform"], R.version["arch"], R.version["os"])))
        """;

    private readonly ScratchFolder _scratch = new();

    [ClientFact(OfficialClient.R)]
    public async Task R_lists_what_CRAN_has()
    {
        var r = await RunAsync($"""
            packages <- available.packages(repos = "{twin.Repository("cran-proxy")}", type = "source")
            cat(sprintf("%s %s\n", packages[, "Package"], packages[, "Version"]), sep = "")
            """);

        r.ExitCode.Should().Be(0, "{0}", r.Output);
        r.Printed.Split('\n').Should().Contain(["acccpp 1.0.0", "accdep 0.2.0", "accpure 1.1.0"]);
    }

    [ClientFact(OfficialClient.R)]
    public async Task R_installs_a_package_from_source_with_its_dependency()
    {
        var r = await RunAsync($"""
            install.packages("accpure", repos = "{twin.Repository("cran-proxy")}", type = "source")
            cat(accpure::describe())
            """);

        r.ExitCode.Should().Be(0, "{0}", r.Output);
        r.Output.Should().Contain("installing *source* package ‘accdep’").And.Contain("installing *source* package ‘accpure’");
        r.Printed.Should().EndWith("accpure 1.1.0 42");
    }

    [ClientFact(OfficialClient.R)]
    public async Task R_compiles_a_package_of_Cpp()
    {
        var r = await RunAsync($"""
            install.packages("acccpp", repos = "{twin.Repository("cran-proxy")}", type = "source")
            cat(acccpp::total(c(1, 2, 39)))
            """);

        r.ExitCode.Should().Be(0, "{0}", r.Output);
        r.Printed.Should().EndWith("42");
    }

    [ClientFact(OfficialClient.R)]
    public async Task R_installs_a_superseded_version_from_the_archive()
    {
        var r = await RunAsync($"""
            install.packages("{twin.Repository("cran-proxy")}/src/contrib/Archive/accpure/accpure_1.0.0.tar.gz", repos = NULL, type = "source")
            cat(accpure::describe())
            """);

        r.ExitCode.Should().Be(0, "{0}", r.Output);
        r.Printed.Should().EndWith("accpure 1.0.0");
    }

    [ClientFact(OfficialClient.R)]
    public async Task R_receives_binaries_of_its_own_version_from_Posit()
    {
        var r = await InstallFromPositAsync("accpure", UserAgent);

        r.ExitCode.Should().Be(0, "{0}", r.Output);
        r.Output.Should().Contain("installing *binary* package ‘accpure’");
        r.Printed.Should().EndWith("; 2024-01-01 00:00:00 UTC; unix", "the repository built it, not this machine");
    }

    [ClientFact(OfficialClient.R)]
    public async Task R_as_it_comes_names_libcurl_alone_and_receives_sources_from_Posit()
    {
        var r = await InstallFromPositAsync("accdep", userAgent: "");

        r.ExitCode.Should().Be(0, "{0}", r.Output);
        r.Output.Should().Contain("installing *source* package ‘accdep’");
    }

    [ClientFact(OfficialClient.R)]
    public async Task R_meets_N15_as_sources_that_it_must_build()
    {
        using var fault = new ShownFault(twin.Twin, "N15");

        var r = await InstallFromPositAsync("accdep", UserAgent);

        r.ExitCode.Should().Be(0, "{0}", r.Output);
        r.Output.Should().Contain("installing *source* package ‘accdep’");
        r.Printed.Should().NotContain("2024-01-01");
        fault.Hits.Should().BePositive();
    }

    [ClientFact(OfficialClient.R)]
    public async Task R_and_a_reader_of_the_gz_index_agree()
    {
        var r = await CompareIndexesAsync();

        r.ExitCode.Should().Be(0, "{0}", r.Output);
        r.Printed.Should().EndWith("rds 1.1.0, gz 1.1.0");
    }

    [ClientFact(OfficialClient.R)]
    public async Task R_meets_N14_as_an_older_index_than_that_of_a_reader_of_gz()
    {
        using var fault = new ShownFault(twin.Twin, "N14");

        var r = await CompareIndexesAsync();

        r.ExitCode.Should().Be(0, "{0}", r.Output);
        r.Printed.Should().EndWith("rds 1.0.1, gz 1.1.0");
        fault.Hits.Should().BePositive();
    }

    public void Dispose() => _scratch.Dispose();

    private Task<ClientRun> InstallFromPositAsync(string package, string userAgent) => RunAsync($"""
        {userAgent}
        install.packages("{package}", repos = "{twin.Repository("posit-proxy")}/__linux__/bookworm/latest", type = "source")
        library({package})
        cat(packageDescription("{package}")$Built)
        """);

    /// <summary>Base R reads PACKAGES.rds where there is one; pak and other tools read PACKAGES.gz.</summary>
    private Task<ClientRun> CompareIndexesAsync() => RunAsync($"""
        contrib <- "{twin.Repository("cran-proxy")}/src/contrib"
        rds <- available.packages(contriburl = contrib, type = "source", ignore_repo_cache = TRUE)
        connection <- gzcon(url(file.path(contrib, "PACKAGES.gz")))
        gz <- read.dcf(connection)
        close(connection)
        cat("rds ", rds["accpure", "Version"], ", gz ", gz[gz[, "Package"] == "accpure", "Version"], sep = "")
        """);

    private async Task<ClientRun> RunAsync(string script)
    {
        var cancel = TestContext.Current.CancellationToken;
        await RequiredClient.Of(OfficialClient.R).MustBeThereAsync(cancel);
        var library = Directory.CreateDirectory(_scratch.File("library")).FullName;
        await File.WriteAllTextAsync(_scratch.File("script.R"), script, cancel);
        return await ClientRun.OfAsync(
            Cli.Wrap("Rscript").WithArguments(["--vanilla", _scratch.File("script.R")]).WithEnvironmentVariables(variables => variables
                .Set("R_LIBS", null).Set("R_LIBS_USER", library).Set("TMPDIR", _scratch.Path).Set("LC_ALL", "C.UTF-8")),
            cancel);
    }
}
