using System.Text;
using Acceptance.Platform.Gcp;

namespace Acceptance.Tests.Suite.Gcp.Storage;

public sealed class Crc32CTests
{
    [Theory]
    [InlineData("", "AAAAAA==")]
    [InlineData("123456789", "4waSgw==")] // 0xE3069283, the check value of the catalogue of CRCs.
    public void The_hash_is_that_of_RFC_3720(string text, string base64)
    {
        var crc = new Crc32C();
        foreach (var part in Encoding.ASCII.GetBytes(text).Chunk(4))
        {
            crc.Append(part);
        }

        crc.Base64.Should().Be(base64);
    }
}
