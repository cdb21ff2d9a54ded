using System.Text.Json.Nodes;
using CliWrap;

namespace Acceptance.Tests.Suite.RealClients.GoogleCloud;

/// <summary>Google's command-line client of BigQuery with nothing of this machine's configuration, pointed at a twin.</summary>
internal static class Bq
{
    /// <summary>The program.</summary>
    public const string Program = "bq";

    /// <summary>bq knows Google's own addresses for credentials only, so it gets a token.</summary>
    /// <param name="account">Who acts.</param>
    /// <exception cref="ClientMissingException">bq was declared, and is not there.</exception>
    public static Task<ClientRun> RunAsync(ClientGcp twin, string account, params string[] arguments) =>
        RunAsync(twin, new Uri(twin.Twin.Variables["ACCEPTANCE_BIGQUERY_URL"]), account, arguments);

    /// <param name="address">Where it finds BigQuery.</param>
    /// <param name="account">Who acts.</param>
    public static async Task<ClientRun> RunAsync(ClientGcp twin, Uri address, string account, params string[] arguments)
    {
        var cancel = TestContext.Current.CancellationToken;
        await RequiredClient.Of(OfficialClient.Bq).MustBeThereAsync(cancel);
        using var http = new HttpClient();
        var token = JsonNode.Parse(await http.GetStringAsync(new Uri(twin.Identities, $"_standin/gcp-auth/token/{account}"), cancel))!["access_token"]!;
        var file = await twin.FileAsync("token", (string)token!);
        return await ClientRun.OfAsync(
            Cli.Wrap(Program)
                .WithArguments([$"--api={address}", "--project_id=acc-lab", "--bigqueryrc=/dev/null", "--headless", .. arguments])
                .WithEnvironmentVariables(variables => variables
                    .Set("CLOUDSDK_CONFIG", twin.NewPath("bq"))
                    .Set("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", file)
                    .Set("CLOUDSDK_CORE_PROJECT", "acc-lab")
                    .Set("CLOUDSDK_CORE_DISABLE_PROMPTS", "1")
                    .Set("CLOUDSDK_CORE_DISABLE_USAGE_REPORTING", "true")
                    .Set("CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK", "1")
                    .Set("GOOGLE_APPLICATION_CREDENTIALS", null)),
            cancel);
    }
}
