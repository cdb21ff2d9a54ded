using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Acceptance.Recette.Verdicts;

/// <summary><c>verdict.json</c>: two spaces, UTF-8, line feeds, nulls written; same verdict, same bytes.</summary>
public static class VerdictFile
{
    /// <summary>Its name.</summary>
    public const string Name = "verdict.json";

    private static readonly JsonSerializerOptions Canonical = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The bytes of the file.</summary>
    public static byte[] Write(Verdict verdict) => [.. JsonSerializer.SerializeToUtf8Bytes(verdict, Canonical), (byte)'\n'];
}
