using System.Reflection;
using Acceptance.Platform.Requirements;

namespace Acceptance.Tests.Suite.Requirements;

/// <summary>The acceptance test projects, named for their categories. A new one is added here and referenced by this project.</summary>
internal static class AcceptanceProjects
{
    public static IReadOnlyList<string> Names { get; } = ["CloudRun", "Harbor", "Nexus"];

    public static IReadOnlyList<Assembly> Assemblies { get; } = [.. Names.Select(name => Assembly.Load(AssemblyOf(name)))];

    /// <summary>Their tests.</summary>
    public static IEnumerable<MethodInfo> Tests => Assemblies.SelectMany(project => project.GetTypes())
        .SelectMany(type => type.GetMethods()).Where(method => method.GetCustomAttributes<FactAttribute>().Any());

    public static string AssemblyOf(string name) => $"Acceptance.Tests.{name}";

    /// <summary>The project that shows the faults of a system of the twin.</summary>
    /// <param name="system">As the twin names it, such as <c>harbor</c> or <c>cloud-run</c>.</param>
    /// <returns>Null where no category demonstrates it yet.</returns>
    public static string? Of(string system) => Names.SingleOrDefault(name => name.Equals(system.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase));
}
