using Acceptance.Platform.Profiles;
using Acceptance.Tests.Suite.RealClients;

namespace Acceptance.Tests.Suite.Contracts;

public sealed class RecordedTrafficTests(RecordedTraffic traffic, ITestOutputHelper output) : IClassFixture<RecordedTraffic>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [ContractFact]
    public async Task What_the_twin_answers_is_what_the_official_descriptions_say()
    {
        var check = await ContractChecker.CheckAsync(Variables.Find(Settings.SuiteContracts), await traffic.RecordedAsync(Cancel), Cancel);

        output.WriteLine(check.Printed.Split('\n')[^1]);
        check.ExitCode.Should().Be(0, "{0}", check.Output);
        check.Printed.Should().EndWith(" exchanges, 0 violations");
    }

    [ContractFact]
    public async Task The_traffic_covers_every_kind_of_answer_that_a_contract_describes()
    {
        var described = RecordedExchange.Read(await traffic.RecordedAsync(Cancel)).Select(exchange => exchange.Described).OfType<string>().ToHashSet();

        described.Should().Contain(
        [
            "nexus /service/rest/v1/repositories",
            "nexus /service/rest/v1/repositories/pypi/proxy/pypi-proxy",
            "nexus /service/rest/v1/repositories/conda/proxy/conda-forge",
            "nexus /service/rest/v1/repositories/r/proxy/cran-proxy",
            "nexus /service/rest/v1/repositories/huggingface/proxy/huggingface-proxy",
            "nexus /service/rest/v1/blobstores",
            "nexus /service/rest/v1/blobstores/default/quota-status",
            "nexus /service/rest/v1/status/check",
            "nexus /service/rest/v1/repositories/pypi/group/pypi-group",
            "nexus /service/rest/v1/assets",
            "nexus /service/rest/v1/components",
            "nexus /service/rest/v1/search",
            "nexus /service/rest/v1/search/assets",
            "pypi /simple/acc-pure/",
            "conda /repository/conda-forge/noarch/repodata.json",
            "conda /repository/conda-forge/linux-64/repodata.json",
        ]);
    }

    [ContractFact]
    public async Task The_traffic_covers_every_operation_that_the_twins_Harbor_answers()
    {
        const string Api = "/api/v2.0", Project = Api + "/projects/walked", Repository = Api + "/projects/mlops-lab/repositories/walk%252Fimage";
        const string Artifact = Repository + "/artifacts/1.0", Registry = "/v2/mlops-lab/walk/image";

        var made = RecordedExchange.Read(await traffic.RecordedAsync(Cancel)).Where(exchange => exchange.Status < 300).Select(exchange => exchange.Operation).ToHashSet();

        made.Should().Contain(
        [
            $"GET {Api}/health", $"GET {Api}/ping", $"GET {Api}/systeminfo", $"GET {Api}/scanners",
            $"GET {Api}/projects", $"POST {Api}/projects", $"PUT {Project}", $"DELETE {Project}", $"GET {Project}/_deletable",
            $"GET {Api}/projects/mlops-lab", $"GET {Api}/projects/mlops-lab/summary", $"GET {Api}/projects/mlops-lab/scanner",
            $"GET {Project}/metadatas/", $"POST {Project}/metadatas/", $"GET {Project}/metadatas/prevent_vul",
            $"PUT {Project}/metadatas/prevent_vul", $"DELETE {Project}/metadatas/prevent_vul",
            $"GET {Project}/members", $"POST {Project}/members", $"GET {Project}/members/*", $"PUT {Project}/members/*", $"DELETE {Project}/members/*",
            $"GET {Project}/immutabletagrules", $"POST {Project}/immutabletagrules", $"PUT {Project}/immutabletagrules/*", $"DELETE {Project}/immutabletagrules/*",
            $"GET {Api}/projects/mlops-lab/repositories", $"GET {Repository}", $"PUT {Repository}", $"DELETE {Repository}",
            $"GET {Repository}/artifacts", $"POST {Api}/projects/mlops-lab/repositories/walk%252Fcopy/artifacts", $"GET {Artifact}",
            $"DELETE {Api}/projects/mlops-lab/repositories/walk%252Fcopy/artifacts/index", $"GET {Artifact}/accessories",
            $"GET {Artifact}/additions/vulnerabilities", $"GET {Artifact}/additions/build_history",
            $"GET {Artifact}/tags", $"POST {Artifact}/tags", $"DELETE {Artifact}/tags/latest",
            $"POST {Artifact}/scan", $"POST {Artifact}/scan/stop", $"GET {Artifact}/scan/*/log",
            $"GET {Api}/robots", $"POST {Api}/robots", $"GET {Api}/robots/*", $"PUT {Api}/robots/*", $"PATCH {Api}/robots/*", $"DELETE {Api}/robots/*",
            $"GET {Api}/quotas", $"GET {Api}/quotas/*", $"PUT {Api}/quotas/*",
            "GET /v2/", $"POST {Registry}/blobs/uploads/", $"PATCH {Registry}/blobs/uploads/*", $"GET {Registry}/blobs/uploads/*",
            $"PUT {Registry}/blobs/uploads/*", $"GET {Registry}/blobs/*", "POST /v2/mlops-lab/walk/mounted/blobs/uploads/",
            $"PUT {Registry}/manifests/1.0", $"PUT {Registry}/manifests/*", $"GET {Registry}/manifests/1.0", $"GET {Registry}/tags/list", $"GET {Registry}/referrers/*",
        ]);
    }

    [ContractFact]
    public async Task The_status_without_a_body_is_recorded_too()
    {
        RecordedExchange.Read(await traffic.RecordedAsync(Cancel))
            .Should().Contain(exchange => exchange.System == "nexus" && exchange.Path == "/service/rest/v1/status" && exchange.Status == 200);
    }

    [ClientFact(OfficialClient.Pip)]
    public async Task Pip_asks_for_the_JSON_that_the_contract_describes()
    {
        RecordedExchange.Read(await traffic.RecordedAsync(Cancel)).Select(exchange => exchange.Described)
            .Should().Contain("pypi /simple/acc-yanked/", "no acceptance test asks for that page, and pip's downloads were recorded");
    }
}
