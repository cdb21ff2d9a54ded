using Acceptance.Platform.Profiles;
using Acceptance.StandIns.Hosting;

namespace Acceptance.Tests.Suite.Documentation;

/// <summary>Holds README.md true to the code. `ACCEPTANCE_…` names and fault ids are facts that readers act on.</summary>
public sealed class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(RepositoryRoot.Resolve("README.md")).ReplaceLineEndings("\n");

    [Fact]
    public void The_settings_table_is_the_list_in_the_code()
    {
        var rows = Settings.All.Select(setting => $"| `{setting.Name}` | {setting.Meaning} | {Default(setting)} | {Place(setting)} |");
        var table = string.Join('\n', rows.Prepend("| --- | --- | --- | --- |").Prepend("| Variable | Meaning | Default | Set in |"));

        Readme.Should().Contain(table, "README.md must hold this table:\n{0}\n", table);
    }

    [Fact]
    public void The_two_commands_are_where_CI_reads_them() =>
        Readme.Should().Contain("```sh two-commands\ndotnet run --project reports/Recette").And.Contain("\ndotnet test");

    [Fact]
    public void Every_fault_is_listed_in_the_README_of_its_stand_in()
    {
        var folders = Directory.GetFiles(RepositoryRoot.Resolve(Path.Combine("fixtures", "StandIns")), "README.md", SearchOption.AllDirectories);
        var listed = folders.SelectMany(File.ReadLines).Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(line => line.Split('|')[1].Trim());

        Twin.KnownFaults.Should().OnlyContain(fault => listed.Count(id => id == fault.Id) == 1);
    }

    private static string Default(Setting setting) => setting switch
    {
        { Required: true } => "required",
        { RequiredBy: { } capability } => $"required with `{ProfileReader.WordOf(capability)}`",
        { Default: { } value } => $"`{value}`",
        _ => "none",
    };

    private static string Place(Setting setting) => setting.Secret ? "process environment only" : setting.HowTo.Contains("recette twin") ? "runsettings or process environment" : "runsettings";
}
