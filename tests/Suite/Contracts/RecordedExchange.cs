using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Acceptance.Tests.Suite.Contracts;

/// <summary>One line of a twin's recorded traffic.</summary>
internal sealed record RecordedExchange(string System, string Method, string Path, int Status, [property: JsonPropertyName("response_body")] JsonNode? Body)
{
    public static IReadOnlyList<RecordedExchange> Read(string traffic) =>
        [.. File.ReadLines(traffic).Select(line => JsonSerializer.Deserialize<RecordedExchange>(line, JsonSerializerOptions.Web)!)];

    /// <summary>An answer whose body a contract describes, as <c>system path</c>.</summary>
    public string? Described => Status == 200 && Body is not null ? $"{System} {Path}" : null;
}
