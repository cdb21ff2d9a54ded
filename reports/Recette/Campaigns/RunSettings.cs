using System.Xml;
using System.Xml.Linq;

namespace Acceptance.Recette.Campaigns;

/// <summary>The part of a <c>.runsettings</c> file that reaches a test process: its environment variables.</summary>
internal sealed record RunSettings(IReadOnlyDictionary<string, string> Variables)
{
    /// <exception cref="RecetteException">The file cannot be read, or is not one of settings.</exception>
    public static RunSettings Read(string path)
    {
        try
        {
            var root = XDocument.Load(path).Root;
            return root?.Name.LocalName == "RunSettings"
                ? new RunSettings(root.Elements("RunConfiguration").Elements("EnvironmentVariables").Elements()
                    .GroupBy(variable => variable.Name.LocalName, StringComparer.Ordinal)
                    .ToDictionary(group => group.Key, group => group.Last().Value.Trim(), StringComparer.Ordinal))
                : throw new RecetteException($"'{path}' does not begin with <RunSettings>.");
        }
        catch (Exception exception) when (exception is XmlException or IOException or UnauthorizedAccessException)
        {
            throw new RecetteException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }
}
