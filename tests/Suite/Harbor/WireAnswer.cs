using System.Text;
using System.Text.Json.Nodes;

namespace Acceptance.Tests.Suite.Harbor;

/// <summary>What Harbor answered.</summary>
internal sealed record WireAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Content)
{
    public string Text => Encoding.UTF8.GetString(Content);

    public JsonNode Json => JsonNode.Parse(Content)!;

    /// <summary>Status, and the first error's code and message.</summary>
    public (int Status, string? Code, string? Message) Error =>
        (Status, (string?)Json["errors"]![0]!["code"], (string?)Json["errors"]![0]!["message"]);

    public (int Status, string? Code) Refusal => (Status, Error.Code);

    public string? Challenge => Headers.GetValueOrDefault("WWW-Authenticate");

    public static async Task<WireAnswer> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken) => new(
        (int)answer.StatusCode,
        answer.Headers.Concat(answer.Content.Headers).Concat(answer.TrailingHeaders)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase),
        await answer.Content.ReadAsByteArrayAsync(cancellationToken));
}
