using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Acceptance.Tests.Suite.RealClients.GoogleCloud;

/// <summary>A CSV file that is too large for one answer or one small request, as BigQuery would write its rows again.</summary>
/// <param name="Md5">As Cloud Storage writes it.</param>
internal sealed record LargeRows(string Path, int Count, string Md5)
{
    public const string Schema = "id:INTEGER,name:STRING";

    public static async Task<LargeRows> WriteAsync(string path, CancellationToken cancellationToken)
    {
        const int Count = 100_000;
        var text = new StringBuilder();
        for (var row = 0; row < Count; row++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{row},{new string((char)('a' + (row % 26)), 60)}é{row}\n");
        }

        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        await File.WriteAllBytesAsync(path, bytes, cancellationToken);
        return new LargeRows(path, Count, Convert.ToBase64String(MD5.HashData(bytes)));
    }
}
