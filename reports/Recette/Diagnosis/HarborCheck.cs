using Acceptance.Platform.Harbor;
using Acceptance.Platform.Harbor.Api;
using Acceptance.Platform.Harbor.Oci;
using Acceptance.Platform.Http;
using Acceptance.Platform.Personas;
using Acceptance.Platform.Profiles;

namespace Acceptance.Recette.Diagnosis;

/// <summary>Whether a Harbor answers, the recette's account reads its project there, and the robots are let in.</summary>
internal sealed class HarborCheck(Profile profile, HttpPipeline pipeline, TimeProvider clock)
{
    public async Task<IReadOnlyList<Finding>> ExamineAsync(string system, EnvironmentName environment, HarborEndpoint endpoint, CancellationToken cancellationToken)
    {
        var isHarbor = profile.Capabilities.Contains(Capability.Harbor);
        using var http = pipeline.Client(endpoint.Url, endpoint.Recette, 2);
        using var api = new HarborClient(http, profile.Limits, clock);
        var probe = HarborProbe.Of(environment, endpoint.Url, RegistryAs(endpoint, Persona.Anonymous), isHarbor ? api : null);
        var answers = Finding.OfAnswer(system, await probe.AskAsync(profile.ReachWithin, cancellationToken));
        if (!answers.Fine)
        {
            return [answers];
        }

        var findings = new List<Finding> { answers };
        if (isHarbor)
        {
            findings.Add(await Finding.OfAsync(system, $"account {endpoint.Recette.User}", () => ProjectAsync(api, endpoint.Project, cancellationToken)));
        }

        // The expired robot is to be refused, and no call tells it from one whose secret is wrong: it is left to the tests.
        foreach (var robot in new[] { HarborRobot.Ci, HarborRobot.Pull, HarborRobot.Other }.Where(robot => isHarbor || robot != HarborRobot.Other))
        {
            var persona = endpoint.Robots[robot];
            findings.Add(await Finding.OfAsync(system, $"account {persona.User}", async () =>
            {
                await RegistryAs(endpoint, persona).LoginAsync(cancellationToken);
                return $"is let in: {persona.Name}";
            }));
        }

        return findings;
    }

    private static async Task<string> ProjectAsync(HarborClient api, string project, CancellationToken cancellationToken)
    {
        var summary = await api.GetProjectSummaryAsync(project, cancellationToken);
        var rules = await api.ListImmutableTagRulesAsync(project, cancellationToken);
        var quota = summary.Quota is { } known ? known.Left == long.MaxValue ? "no quota" : $"{known.Left >> 20} MiB left of its quota" : "no right to read its quota";
        return $"reads project {project}: {summary.RepoCount} repositories, {rules.Count} immutable tag rules, {quota}";
    }

    private OciClient RegistryAs(HarborEndpoint endpoint, Persona persona) => new(pipeline.Client(endpoint.Url, Persona.Anonymous, 2), persona, profile.Limits, clock);
}
