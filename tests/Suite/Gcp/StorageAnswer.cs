using System.Text;
using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.Gcp;

/// <summary>What a Google stand-in answered.</summary>
internal sealed record StorageAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Content)
{
    public string Text => Encoding.UTF8.GetString(Content);

    public JsonNode Json => JsonNode.Parse(Content)!;

    /// <summary>Status, and the first error's reason.</summary>
    public (int Status, string? Reason) Refusal => (Status, (string?)Json["error"]!["errors"]![0]!["reason"]);

    public string? Message => (string?)Json["error"]!["message"];

    public string? this[string header] => Headers.GetValueOrDefault(header);

    public static async Task<StorageAnswer> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken) => new(
        (int)answer.StatusCode,
        answer.Headers.Concat(answer.Content.Headers).ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase),
        await answer.Content.ReadAsByteArrayAsync(cancellationToken));
}
