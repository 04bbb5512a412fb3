using System.Text.Json;

namespace Togglr.ControlPlane.Events;

/// <summary>What feedback tells.</summary>
internal enum FeedbackOutcome
{
    /// <summary>It went well.</summary>
    Success,

    /// <summary>It did not.</summary>
    Failure,

    /// <summary>Something broke.</summary>
    Error,
}

/// <summary>How feedback is counted by its outcome: under a kind of its own, the name is the flag, the detail the outcome and the variant.</summary>
internal static class EventOutcomes
{
    /// <summary>The kind.</summary>
    public const string Kind = "outcome";

    /// <summary>The outcome that feedback tells; null for what is no feedback.</summary>
    public static FeedbackOutcome? Of(ReadOnlySpan<byte> content)
    {
        var reader = new Utf8JsonReader(content);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1 || !reader.ValueTextEquals("type"u8))
                continue;
            reader.Read();
            return reader.ValueTextEquals("success"u8) ? FeedbackOutcome.Success : reader.ValueTextEquals("failure"u8) ? FeedbackOutcome.Failure : reader.ValueTextEquals("error"u8) ? FeedbackOutcome.Error : null;
        }
        return null;
    }

    /// <summary>The detail of an outcome of a variant.</summary>
    public static byte[] Detail(FeedbackOutcome outcome, ReadOnlySpan<byte> variant) =>
        [.. outcome switch { FeedbackOutcome.Success => "success/"u8, FeedbackOutcome.Failure => "failure/"u8, _ => "error/"u8 }, .. variant];

    /// <summary>The outcome and the variant of a detail; the variant is empty where none was told.</summary>
    public static (string Outcome, string Variant) Read(string detail)
    {
        var at = detail.IndexOf('/', StringComparison.Ordinal);
        return at < 0 ? ("", "") : (detail[..at], detail[(at + 1)..]);
    }
}
