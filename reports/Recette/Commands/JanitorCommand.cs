using System.CommandLine;
using Acceptance.Platform.CloudRun;
using Acceptance.Platform.Evidence;
using Acceptance.Platform.Http;
using Acceptance.Platform.Profiles;
using Acceptance.Platform.Results;
using Acceptance.Platform.Twins;
using Acceptance.Recette.Campaigns;
using Acceptance.Recette.Verdicts;
using Spectre.Console;
using Profile = Acceptance.Platform.Profiles.Profile;

namespace Acceptance.Recette.Commands;

/// <summary><c>recette janitor</c>: what runs left in the projects of Google Cloud; says what it would delete, and deletes with <c>--delete</c>.</summary>
internal static class JanitorCommand
{
    private static readonly IReadOnlySet<Capability> Asked = new HashSet<Capability> { Capability.CloudRun };

    public static Command Create(CommandSurroundings surroundings)
    {
        var profile = new Option<string>("--profile") { Description = "Profile whose projects are swept: a file runsettings/<profile>.runsettings.", HelpName = "NAME", Required = true };
        var delete = new Option<bool>("--delete") { Description = "Delete what has expired. Without it, nothing is changed." };
        var command = new Command("janitor", "Finds what runs left in lab and run: jobs and what still runs of them, services, buckets, datasets. Names begin with acc-, labels say when they expire.") { profile, delete };
        command.SetAction((parsed, cancel) => RunAsync(surroundings, parsed.GetRequiredValue(profile), parsed.GetValue(delete), cancel));
        return command;
    }

    private static async Task<int> RunAsync(CommandSurroundings surroundings, string name, bool delete, CancellationToken cancel)
    {
        var repository = Repository.Find(AppContext.BaseDirectory, surroundings.WorkingDirectory);
        try
        {
            var variables = Variables.Read(repository.Settings(name).Variables);
            await using var twin = variables.GetValueOrDefault(Settings.TwinMode.Name) == "embedded" ? await EmbeddedTwin.StartAsync(variables, cancel) : null;
            var profile = ProfileReader.Read(twin is null ? variables : EmbeddedTwin.Over(variables, twin), Asked);
            return profile.Capabilities.Contains(Capability.CloudRun)
                ? await SweepAsync(surroundings, profile, delete, cancel)
                : throw new RecetteException($"Profile '{profile.Name}' does not declare {ProfileReader.WordOf(Capability.CloudRun)} in {Settings.Capabilities.Name}: it has nothing to sweep.");
        }
        catch (Exception exception) when (exception is ProfileException or IAssertionException)
        {
            // A platform that cannot be asked leaves nothing to judge.
            await surroundings.Error.WriteLineAsync(exception.Message);
            return (int)ExitCode.Unusable;
        }
    }

    private static async Task<int> SweepAsync(CommandSurroundings surroundings, Profile profile, bool delete, CancellationToken cancel)
    {
        var redaction = new Redaction();
        profile.Secrets.ToList().ForEach(redaction.Register);
        var leftovers = new Leftovers(profile, new HttpPipeline(redaction, profile.Limits, profile.CaCertificates, surroundings.Clock), surroundings.Clock);
        var found = await leftovers.FindAsync(cancel);
        var table = new Table().Border(TableBorder.Rounded).AddColumns("environment", "kind", "name", "run", "");
        var failures = 0;
        foreach (var leftover in found)
        {
            var left = delete && leftover.Expired ? await leftovers.DeleteAsync(leftover, cancel) : null;
            failures += left is null ? 0 : 1;
            table.AddRow(
                new Text(leftover.Environment.ToString().ToLowerInvariant()), new Text(leftover.Kind), new Text(leftover.Name), new Text(leftover.Run ?? "?"),
                new Text(redaction.Body(left ?? (leftover.Expired ? $"{(delete ? "deleted" : "would be deleted")}: {leftover.Fate}" : leftover.Fate))));
        }

        surroundings.Console.Write(table);
        var expired = found.Count(leftover => leftover.Expired);
        surroundings.Console.MarkupLineInterpolated($"{found.Count} found in {string.Join(" and ", profile.Demonstrates.Select(environment => profile.GcpProjects[environment].Id))}, {expired} expired, {(delete ? expired - failures : 0)} deleted.{(delete || expired == 0 ? "" : " Nothing was changed: --delete deletes what has expired.")}");
        return (int)(failures == 0 ? ExitCode.Accepted : ExitCode.Refused);
    }
}
