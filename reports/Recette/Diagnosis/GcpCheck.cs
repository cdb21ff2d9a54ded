using Acceptance.Platform.Gcp.Auth;
using Acceptance.Platform.Gcp.BigQuery;
using Acceptance.Platform.Gcp.Logging;
using Acceptance.Platform.Gcp.Storage;
using Acceptance.Platform.Http;
using Acceptance.Platform.Profiles;

namespace Acceptance.Recette.Diagnosis;

/// <summary>Whether Google gives the recette's credential a token, and what that identity reads in an environment's project.</summary>
internal sealed class GcpCheck(Profile profile, HttpPipeline pipeline)
{
    public async Task<IReadOnlyList<Finding>> ExamineAsync(string system, GcpProject project, CancellationToken cancellationToken)
    {
        GcpPersona? recette = null;
        var credential = await Finding.OfAsync(system, "credential", async () =>
        {
            var own = await new GcpIdentities(pipeline, profile.Gcp, profile.Limits).OfAsync(project, cancellationToken);
            await own.GetAccessTokenAsync(cancellationToken);
            recette = new GcpPersona("the recette", own);
            return $"gets a token: {own.Description}";
        });
        return recette is null
            ? [credential]
            :
            [
                credential,
                await Finding.OfAsync(system, "Cloud Storage", () => BucketsAsync(recette, project, cancellationToken)),
                await Finding.OfAsync(system, "BigQuery", () => DatasetsAsync(recette, project, cancellationToken)),
                await Finding.OfAsync(system, "Cloud Logging", () => LogsAsync(recette, project, cancellationToken)),
            ];
    }

    private async Task<string> BucketsAsync(GcpPersona recette, GcpProject project, CancellationToken cancellationToken)
    {
        using var storage = new GcsClient(pipeline, profile.Gcp.Storage, recette, profile.Limits);
        return $"lists {await storage.ListBucketsAsync(project.Id, null, cancellationToken).CountAsync(cancellationToken)} buckets of {project.Id}";
    }

    private async Task<string> DatasetsAsync(GcpPersona recette, GcpProject project, CancellationToken cancellationToken)
    {
        using var bigQuery = new BigQueryClient(pipeline, profile.Gcp.BigQuery, recette, project.Id, project.Location, profile.Limits);
        return $"lists {await bigQuery.ListDatasetsAsync(cancellationToken).CountAsync(cancellationToken)} datasets of {project.Id}";
    }

    private async Task<string> LogsAsync(GcpPersona recette, GcpProject project, CancellationToken cancellationToken)
    {
        using var logging = new LoggingClient(pipeline, profile.Gcp.Logging, recette, profile.Limits);
        return $"lists {await logging.ListLogsAsync(project.Id, cancellationToken).CountAsync(cancellationToken)} logs of {project.Id}";
    }
}
