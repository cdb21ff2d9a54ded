using Acceptance.Platform.Results;

namespace Acceptance.Recette.Diagnosis;

/// <summary>One thing that was looked at.</summary>
/// <param name="System">Name and environment, such as <c>Nexus of lab</c>.</param>
/// <param name="Check">What was looked at.</param>
/// <param name="Fine">Whether it is as it should be.</param>
/// <param name="Detail">What was seen.</param>
internal sealed record Finding(string System, string Check, bool Fine, string Detail)
{
    /// <summary>Looks, and takes an exception that says what is wrong with the platform for the finding.</summary>
    public static async Task<Finding> OfAsync(string system, string check, Func<Task<string>> look)
    {
        try
        {
            return new Finding(system, check, true, await look());
        }
        catch (Exception exception) when (exception is IAssertionException or RecetteException)
        {
            return new Finding(system, check, false, Line(exception.Message));
        }
    }

    /// <summary>Whether a system answered, and as which version.</summary>
    public static Finding OfAnswer(string system, SystemVersion answer) =>
        new(system, "answers", answer.Error is null, answer.Error is { } error ? Line(error) : $"version {answer.Version} at {answer.Address}");

    /// <summary>A message on one line.</summary>
    public static string Line(string message) => string.Join(' ', message.Split('\n', StringSplitOptions.TrimEntries));
}
