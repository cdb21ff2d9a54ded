using Acceptance.Platform.Evidence;
using Acceptance.Platform.Http;
using Acceptance.Platform.Profiles;

namespace Acceptance.Recette.Diagnosis;

/// <summary>Looks at what a profile points at, and changes nothing: names, certificates, credentials, versions.</summary>
internal sealed class Doctor(Profile profile, TimeProvider clock)
{
    /// <summary>Every finding, in the order of the systems, environments and checks. A check that needs one before it that failed is left out.</summary>
    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var redaction = new Redaction();
        profile.Secrets.ToList().ForEach(redaction.Register);
        var pipeline = new HttpPipeline(redaction, profile.Limits, profile.CaCertificates, clock);
        var address = new AddressCheck(profile, clock);
        var nexus = new NexusCheck(profile, pipeline);
        var harbor = new HarborCheck(profile, pipeline, clock);
        var gcp = new GcpCheck(profile, pipeline);
        var harbors = profile.HarborEndpoints.Where(one => profile.Capabilities.Contains(Capability.Registry) && profile.Demonstrates.Contains(one.Key));
        var projects = profile.GcpProjects.Where(one => profile.Capabilities.Contains(Capability.Gcp) && profile.Demonstrates.Contains(one.Key));
        var cloudRun = new CloudRunCheck(profile, pipeline);
        var deployed = projects.Where(_ => profile.Capabilities.Contains(Capability.CloudRun));
        var systems = await Task.WhenAll(
        [
            .. profile.NexusEndpoints.Select(one => ExamineAsync($"Nexus of {one.Key}", one.Value.Url, address, system => nexus.ExamineAsync(system, one.Key, one.Value, cancellationToken), cancellationToken)),
            .. projects.Select(one => ExamineAsync($"Google Cloud of {one.Key}", profile.Gcp.Storage, address, system => gcp.ExamineAsync(system, one.Value, cancellationToken), cancellationToken)),
            .. deployed.Select(one => ExamineAsync($"Cloud Run of {one.Key}", profile.CloudRun.Url, address, system => cloudRun.ExamineAsync(system, one.Key, one.Value, cancellationToken), cancellationToken)),
            .. harbors.Select(one => ExamineAsync($"Harbor of {one.Key}", one.Value.Url, address, system => harbor.ExamineAsync(system, one.Key, one.Value, cancellationToken), cancellationToken)),
        ]);
        return [.. systems.SelectMany(findings => findings)];
    }

    private static async Task<IReadOnlyList<Finding>> ExamineAsync(
        string name, Uri url, AddressCheck address, Func<string, Task<IReadOnlyList<Finding>>> system, CancellationToken cancellationToken)
    {
        var word = name[..^3] + name[^3..].ToLowerInvariant();
        var findings = await address.ExamineAsync(word, url, cancellationToken);
        return findings.All(finding => finding.Fine) ? [.. findings, .. await system(word)] : findings;
    }
}
