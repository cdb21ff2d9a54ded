using System.Xml;
using System.Xml.Linq;
using Acceptance.Platform.Profiles;

namespace Acceptance.Recette.Campaigns;

/// <summary>The part of a <c>.runsettings</c> file that reaches a test process: its environment variables.</summary>
internal sealed record RunSettings(IReadOnlyDictionary<string, string> Variables)
{
    /// <exception cref="RecetteException">The file cannot be read, is not one of settings, or holds a secret.</exception>
    public static RunSettings Read(string path)
    {
        try
        {
            var root = XDocument.Load(path).Root;
            var settings = root?.Name.LocalName == "RunSettings"
                ? new RunSettings(root.Elements("RunConfiguration").Elements("EnvironmentVariables").Elements()
                    .GroupBy(variable => variable.Name.LocalName, StringComparer.Ordinal)
                    .ToDictionary(group => group.Key, group => group.Last().Value.Trim(), StringComparer.Ordinal))
                : throw new RecetteException($"'{path}' does not begin with <RunSettings>.");
            var secret = Settings.All.FirstOrDefault(setting => setting.Secret && settings.Variables.ContainsKey(setting.Name));
            return secret is null
                ? settings
                : throw new RecetteException($"'{path}' holds {secret.Name}, and a secret may not stand in a file of settings: set it in {secret.SetIn("")}, and change the value that was written here.");
        }
        catch (Exception exception) when (exception is XmlException or IOException or UnauthorizedAccessException)
        {
            throw new RecetteException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }
}
