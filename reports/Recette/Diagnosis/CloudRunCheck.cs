using Acceptance.Platform.Gcp.Auth;
using Acceptance.Platform.Gcp.CloudRun;
using Acceptance.Platform.Http;
using Acceptance.Platform.Profiles;

namespace Acceptance.Recette.Diagnosis;

/// <summary>Whether Cloud Run answers the recette in an environment's project, and the others who come there get their tokens.</summary>
internal sealed class CloudRunCheck(Profile profile, HttpPipeline pipeline)
{
    public async Task<IReadOnlyList<Finding>> ExamineAsync(string system, EnvironmentName environment, GcpProject project, CancellationToken cancellationToken)
    {
        var identities = new GcpIdentities(pipeline, profile.Gcp, profile.Limits);
        List<Finding> findings =
        [
            await Finding.OfAsync(system, "jobs and services", async () => await ListAsync(new GcpPersona("the recette", await identities.OfAsync(project, cancellationToken)), project, cancellationToken)),
        ];
        foreach (var (identity, file) in profile.CloudRunProjects[environment].Credentials)
        {
            findings.Add(await Finding.OfAsync(system, $"credential of {identity}", async () =>
            {
                var credential = await identities.FromFileAsync(file, identity is GcpIdentity.Ci ? project.IdToken : null, cancellationToken);
                await credential.GetAccessTokenAsync(cancellationToken);
                return $"gets a token: {credential.Description}";
            }));
        }

        return findings;
    }

    private async Task<string> ListAsync(GcpPersona recette, GcpProject project, CancellationToken cancellationToken)
    {
        using var cloudRun = new CloudRunClient(pipeline, profile.CloudRun.Url, recette, new LocationName(project.Id, project.Location), profile.CloudRun.Within, profile.Limits);
        var (jobs, services) = (await cloudRun.ListJobsAsync(cancellationToken).CountAsync(cancellationToken), await cloudRun.ListServicesAsync(cancellationToken).CountAsync(cancellationToken));
        return $"lists {jobs} jobs and {services} services of {project.Id} in {project.Location}";
    }
}
