using CliWrap;

namespace Acceptance.Tests.Suite.RealClients.GoogleCloud;

/// <summary>Google's command-line client with nothing of this machine's configuration, pointed at a twin.</summary>
internal static class Gcloud
{
    /// <summary>The program.</summary>
    public const string Program = "gcloud";

    /// <param name="credentials">Credential file of the account that acts.</param>
    /// <exception cref="ClientMissingException">gcloud was declared, and is not there.</exception>
    public static async Task<ClientRun> RunAsync(ClientGcp twin, string credentials, params string[] arguments)
    {
        var cancel = TestContext.Current.CancellationToken;
        await twin.MustHaveAsync(OfficialClient.Gcloud);
        return await ClientRun.OfAsync(
            Cli.Wrap(Program).WithArguments(arguments).WithEnvironmentVariables(variables => variables
                .Set("CLOUDSDK_CONFIG", twin.NewPath("gcloud"))
                .Set("CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE", new Uri(twin.Storage, "storage/v1/").AbsoluteUri)
                .Set("CLOUDSDK_API_ENDPOINT_OVERRIDES_LOGGING", twin.Logging.AbsoluteUri)
                .Set("CLOUDSDK_AUTH_TOKEN_HOST", new Uri(twin.Identities, "token").AbsoluteUri)
                .Set("CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", credentials)
                .Set("CLOUDSDK_CORE_PROJECT", "acc-lab")
                .Set("CLOUDSDK_CORE_DISABLE_PROMPTS", "1")
                .Set("CLOUDSDK_CORE_DISABLE_USAGE_REPORTING", "true")
                .Set("CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK", "1")
                .Set("GOOGLE_APPLICATION_CREDENTIALS", null)),
            cancel);
    }
}
