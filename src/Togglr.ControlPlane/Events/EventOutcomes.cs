using System.Text.Json;

namespace Togglr.ControlPlane.Events;

/// <summary>How feedback is counted by its outcome: under a kind of its own, the name is the flag, the detail the outcome and the variant.</summary>
internal static class EventOutcomes
{
    /// <summary>The kind.</summary>
    public const string Kind = "outcome";

    /// <summary>What the detail of an outcome begins with; null for what is no feedback.</summary>
    public static byte[]? Of(ReadOnlySpan<byte> content)
    {
        var reader = new Utf8JsonReader(content);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1 || !reader.ValueTextEquals("type"u8))
                continue;
            reader.Read();
            return reader.ValueTextEquals("success"u8) ? "success/"u8.ToArray() : reader.ValueTextEquals("failure"u8) ? "failure/"u8.ToArray() : reader.ValueTextEquals("error"u8) ? "error/"u8.ToArray() : null;
        }
        return null;
    }

    /// <summary>The outcome and the variant of a detail; the variant is empty where none was told.</summary>
    public static (string Outcome, string Variant) Read(string detail)
    {
        var at = detail.IndexOf('/', StringComparison.Ordinal);
        return at < 0 ? ("", "") : (detail[..at], detail[(at + 1)..]);
    }
}
