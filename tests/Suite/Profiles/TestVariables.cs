namespace Acceptance.Tests.Suite.Profiles;

/// <summary>The variables of a profile that lacks nothing.</summary>
internal static class TestVariables
{
    public const string Password = "correct horse battery";

    public static IReadOnlyDictionary<string, string> Complete { get; } = new Dictionary<string, string>
    {
        ["ACCEPTANCE_PROFILE"] = "lab",
        ["ACCEPTANCE_DEMONSTRATES"] = "lab",
        ["ACCEPTANCE_CAPABILITIES"] = "nexus,pypi,conda",
        ["ACCEPTANCE_LAB_NEXUS_URL"] = "https://nexus.lab.example/sub",
        ["ACCEPTANCE_LAB_NEXUS_USER"] = "reader",
        ["ACCEPTANCE_LAB_NEXUS_PASSWORD"] = Password,
        ["ACCEPTANCE_RUN_NEXUS_URL"] = "https://nexus.run.example/",
        ["ACCEPTANCE_RUN_NEXUS_USER"] = "reader",
        ["ACCEPTANCE_RUN_NEXUS_PASSWORD"] = Password,
        ["ACCEPTANCE_NEXUS_PYPI_PACKAGES"] = "numpy==2.3.1, pandas==2.3.0",
        ["ACCEPTANCE_NEXUS_CONDA_PACKAGES"] = "numpy==2.3.1",
        ["ACCEPTANCE_NEXUS_CRAN_PACKAGES"] = "jsonlite==2.0.0",
        ["ACCEPTANCE_NEXUS_CRAN_ARCHIVED"] = "jsonlite==1.8.8",
        ["ACCEPTANCE_NEXUS_POSIT_PACKAGES"] = "jsonlite==2.0.0",
        ["ACCEPTANCE_LOCKS"] = "fixtures/usecases/churn",
        ["ACCEPTANCE_NEXUS_HF_MODEL"] = "org/model",
        ["ACCEPTANCE_NEXUS_HF_FILES"] = "config.json,model.safetensors",
    };

    public static IReadOnlyDictionary<string, string> With(params (string Name, string Value)[] changes)
    {
        var variables = new Dictionary<string, string>(Complete);
        foreach (var (name, value) in changes)
        {
            variables[name] = value;
        }

        return variables;
    }
}
