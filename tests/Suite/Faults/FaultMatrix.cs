using Acceptance.StandIns.Faults;
using Acceptance.StandIns.Hosting;
using Acceptance.Tests.Suite.Requirements;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Acceptance.Tests.Suite.Faults;

/// <summary>What each fault of the twin must turn red, as data.</summary>
internal static class FaultMatrix
{
    public static IReadOnlyList<FaultEntry> Entries { get; } = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build()
        .Deserialize<List<FaultEntry>>(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Faults", "fault-matrix.yaml")));

    /// <summary>Faults that no requirement of the recette can meet, each with the reason; Suite tests of their stand-in show them.</summary>
    public static IReadOnlyDictionary<string, string> OfNoRequirement { get; } = new Dictionary<string, string>
    {
        ["R9"] = "no row asks for a secret of Secret Manager, which the platform's jobs do not use: JobFaultTests",
    };

    /// <summary>Entries of the faults of some projects' systems.</summary>
    public static IEnumerable<FaultEntry> EntriesOf(IReadOnlyList<string> projects) => Entries.Where(entry => projects.Contains(ProjectOf(entry)));

    /// <summary>The project that demonstrates the fault's system.</summary>
    public static string ProjectOf(FaultEntry entry) => AcceptanceProjects.Of(Fault(entry.Fault).System)!;

    /// <summary>What the twin says of a fault.</summary>
    public static Fault Fault(string id) => Twin.KnownFaults.Single(fault => fault.Id == id);
}

/// <summary>One fault: the requirements expected red, and words that a failure of them must contain.</summary>
internal sealed record FaultEntry
{
    public string Fault { get; init; } = "";

    public List<string> Red { get; init; } = [];

    public string Says { get; init; } = "";

    /// <summary>The one environment that is demonstrated on the fault; absent for what its project is matched with, see <see cref="FaultMatrixRun"/>.</summary>
    public string? Environment { get; init; }

    /// <summary>What it turns red in other projects than its system's own.</summary>
    public List<FaultElsewhere> Also { get; init; } = [];
}

/// <summary>A project whose rows lean on the system of a fault: those rows are run on it too, and no others of the project.</summary>
internal sealed record FaultElsewhere
{
    public string Project { get; init; } = "";

    public List<string> Red { get; init; } = [];

    public string Says { get; init; } = "";
}
