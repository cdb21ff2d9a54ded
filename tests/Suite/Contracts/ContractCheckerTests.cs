using Acceptance.Platform.Profiles;
using Acceptance.Tests.Suite.Recette;

namespace Acceptance.Tests.Suite.Contracts;

public sealed class ContractCheckerTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Without_a_declared_checker_its_tests_are_a_skip_that_names_the_setting()
    {
        ContractChecker.NotDeclared(null).Should().Be("ACCEPTANCE_SUITE_CONTRACTS declares no contract checker.");
        ContractChecker.NotDeclared("check.py").Should().BeNull();
    }

    [Fact]
    public async Task A_declared_checker_that_is_absent_is_a_failure()
    {
        var checking = () => ContractChecker.CheckAsync("/no/check.py", "traffic.jsonl", Cancel);

        await checking.Should().ThrowAsync<FileNotFoundException>()
            .WithMessage("ACCEPTANCE_SUITE_CONTRACTS declares the contract checker '/no/check.py', and there is no such file.");
    }

    [ContractFact]
    public async Task The_checker_refuses_an_answer_that_its_description_does_not_have()
    {
        await File.WriteAllTextAsync(_scratch.File("traffic.jsonl"), """
            {"system": "nexus", "method": "GET", "path": "/service/rest/v1/repositories", "query": "", "request_body": null, "status": 200, "response_body": {"items": "none"}}

            """, Cancel);

        var check = await ContractChecker.CheckAsync(Variables.Find(Settings.SuiteContracts), _scratch.File("traffic.jsonl"), Cancel);

        check.ExitCode.Should().Be(1, "{0}", check.Output);
        check.Output.Should().Contain("response: object where array is expected");
    }

    public void Dispose() => _scratch.Dispose();
}
