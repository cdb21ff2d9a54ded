using System.Text;
using Acceptance.StandIns.Containers.Processes;

namespace Acceptance.Tests.Suite.Containers;

public sealed class LinePumpTests
{
    [Fact]
    public async Task Lines_end_with_a_line_feed_or_the_output() =>
        (await LinesAsync("a\r\n\n b\nc"u8.ToArray())).Should().Equal("a", "", " b", "c");

    [Fact]
    public async Task What_is_no_UTF_8_is_replaced() =>
        (await LinesAsync([(byte)'a', 0xFF, (byte)'b', (byte)'\n', 0xC3])).Should().Equal("a\uFFFDb", "\uFFFD");

    [Fact]
    public async Task A_line_longer_than_256_KiB_is_split_and_nothing_is_lost()
    {
        var text = new string('x', LinePump.LongestLine) + "y\nz";

        (await LinesAsync(Encoding.UTF8.GetBytes(text))).Should().Equal(new string('x', LinePump.LongestLine), "y", "z");
    }

    [Fact]
    public async Task A_character_is_not_split()
    {
        var lines = await LinesAsync(Encoding.UTF8.GetBytes(new string('x', LinePump.LongestLine - 1) + "é!"));

        lines.Should().Equal(new string('x', LinePump.LongestLine - 1), "é!");
    }

    private static async Task<List<string>> LinesAsync(byte[] written)
    {
        var lines = new List<string>();
        await new LinePump(new MemoryStream(written), lines.Add).End.WaitAsync(TestContext.Current.CancellationToken);
        return lines;
    }
}
