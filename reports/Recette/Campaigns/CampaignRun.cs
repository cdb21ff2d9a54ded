using Acceptance.Platform.Results;

namespace Acceptance.Recette.Campaigns;

/// <summary>Runs the test programs of a campaign, two at a time, and leaves in its results what became of them.</summary>
internal sealed class CampaignRun
{
    // A test process is busy waiting for the platform; two keep a small machine busy without starving each other.
    private const int Parallel = 2;

    private readonly IReadOnlyList<TestProgram> _programs;
    private readonly Dictionary<string, string> _variables;
    private readonly CampaignFolder _folder;

    public CampaignRun(IReadOnlyList<TestProgram> programs, IReadOnlyDictionary<string, string> variables, CampaignFolder folder, TimeProvider clock)
    {
        _programs = programs;
        _folder = folder;
        _variables = new Dictionary<string, string>(variables, StringComparer.Ordinal) { ["ACCEPTANCE_RESULTS"] = folder.Results };
        Progress = new CampaignProgress(folder.Results, [.. programs.Select(program => program.Category)], clock);
    }

    /// <summary>What is known of it while it runs.</summary>
    public CampaignProgress Progress { get; }

    /// <summary>Runs every program to its end. Cancelled, ends those that run and starts no other.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        Directory.CreateDirectory(_folder.Logs);
        using var places = new SemaphoreSlim(Parallel);
        var ends = await Task.WhenAll(_programs.Select(program => RunAsync(program, places, cancel)));

        var results = new ResultsFolder(_folder.Results);
        var told = results.Plans().Select(plan => plan.Category).ToHashSet(StringComparer.Ordinal);
        List<AllureGlobalError> errors =
        [
            .. ends.OfType<TestProcessEnd>().Where(end => end.Died).Select(end => new AllureGlobalError(Death(end), null)),
            .. ends.OfType<TestProcessEnd>().Where(end => !end.Died && !end.Killed && !told.Contains(end.Category))
                .Select(end => new AllureGlobalError($"Le processus de test {end.Category} s'est terminé sans annoncer aucun test (journal : logs/{end.Category}.log).", null)),
        ];
        if (cancel.IsCancellationRequested)
        {
            errors.Add(new AllureGlobalError(Interruption(ends), null));
        }

        if (errors.Count > 0)
        {
            results.Write(new AllureGlobals(errors, []));
        }
    }

    private async Task<TestProcessEnd?> RunAsync(TestProgram program, SemaphoreSlim places, CancellationToken cancel)
    {
        try
        {
            await places.WaitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            return null;
        }

        try
        {
            Progress.Started(program.Category);
            var end = await new TestProcess(program, _variables, Path.Combine(_folder.Logs, $"{program.Category}.log")).RunAsync(cancel);
            Progress.Ended(end);
            return end;
        }
        finally
        {
            places.Release();
        }
    }

    private static string Death(TestProcessEnd end) =>
        (end.ExitCode is { } code
            ? $"Le processus de test {end.Category} est mort avec le code {code} (journal : logs/{end.Category}.log)."
            : $"Le processus de test {end.Category} n'a pas pu démarrer.")
        + (end.LastLines.Count > 0 ? $" Dernières lignes :\n{string.Join('\n', end.LastLines)}" : "");

    private string Interruption(TestProcessEnd?[] ends)
    {
        string[] killed = [.. ends.OfType<TestProcessEnd>().Where(end => end.Killed).Select(end => end.Category)];
        string[] unstarted = [.. _programs.Select(program => program.Category).Except(ends.OfType<TestProcessEnd>().Select(end => end.Category))];
        return "Campagne interrompue par son opérateur."
            + (killed is [] ? "" : $" Arrêtées en cours : {string.Join(", ", killed)}.")
            + (unstarted is [] ? "" : $" Non lancées : {string.Join(", ", unstarted)}.");
    }
}
