using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Acceptance.Tests.Suite.Contracts;

/// <summary>One line of a twin's recorded traffic.</summary>
internal sealed partial record RecordedExchange(string System, string Method, string Path, int Status, [property: JsonPropertyName("response_body")] JsonNode? Body)
{
    public static IReadOnlyList<RecordedExchange> Read(string traffic) =>
        [.. File.ReadLines(traffic).Select(line => JsonSerializer.Deserialize<RecordedExchange>(line, JsonSerializerOptions.Web)!)];

    /// <summary>Method and path, with a star for each id, digest and upload.</summary>
    public string Operation => $"{Method} {Id().Replace(Path, "/*")}";

    /// <summary>An answer whose body a contract describes, as <c>system path</c>.</summary>
    public string? Described => Status == 200 && Body is not null ? $"{System} {Path}" : null;

    [GeneratedRegex(@"/(?:\d+|sha256:[0-9a-f]{64}|[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12})(?=/|\z)")]
    private static partial Regex Id();
}
