using System.Runtime.Versioning;
using Acceptance.Recette;
using Acceptance.Recette.Commands;
using CliWrap;
using CliWrap.Buffered;

namespace Acceptance.Tests.Suite.Recette;

[UnsupportedOSPlatform("windows")]
public sealed class TwinExportTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    [Fact]
    public void It_names_itself_first_and_quotes_every_value()
    {
        var file = TwinExport.Write(_scratch.File("twin.env"), new Dictionary<string, string>
        {
            ["ACCEPTANCE_NEXUS_URL"] = "http://127.0.0.1:4711/",
            ["ACCEPTANCE_A_PASSWORD"] = "it's $HOME",
        });

        File.ReadAllText(file).Should().Be(
            $"""
            export ACCEPTANCE_ENVIRONMENT_FILE='{file}'
            export ACCEPTANCE_A_PASSWORD='it'\''s $HOME'
            export ACCEPTANCE_NEXUS_URL='http://127.0.0.1:4711/'

            """);
    }

    [Fact]
    public void Only_its_owner_may_read_it_even_where_a_file_was_open_to_all()
    {
        File.WriteAllText(_scratch.File("twin.env"), "");
        File.SetUnixFileMode(_scratch.File("twin.env"), UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        var file = TwinExport.Write(_scratch.File("twin.env"), new Dictionary<string, string>());

        File.GetUnixFileMode(file).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(_scratch.Path).Should().Equal(file);
    }

    [Fact]
    public async Task A_shell_reads_back_what_was_written()
    {
        const string Value = "a 'b' \"c\" $d `e` \\f;\ng";
        var file = TwinExport.Write(_scratch.File("twin.env"), new Dictionary<string, string> { ["ACCEPTANCE_X"] = Value });

        var shell = await Cli.Wrap("/bin/sh").WithArguments(["-c", ". \"$0\"; printf %s \"$ACCEPTANCE_X\"", file])
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);

        shell.StandardOutput.Should().Be(Value);
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_said()
    {
        FluentActions.Invoking(() => TwinExport.Write(_scratch.File("no/twin.env"), new Dictionary<string, string>()))
            .Should().Throw<RecetteException>().WithMessage($"--export '{_scratch.File("no/twin.env")}' cannot be written: its folder does not exist.");
    }

    public void Dispose() => _scratch.Dispose();
}
