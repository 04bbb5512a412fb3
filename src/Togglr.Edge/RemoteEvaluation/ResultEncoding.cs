using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Togglr.Evaluation;

namespace Togglr.Edge.RemoteEvaluation;

/// <summary>The answers of the protocols for one outcome, made once and copied from then on.</summary>
internal static class ResultEncoding
{
    private const int EntrySlot = 0;
    private const int OfrepSlot = 1;
    private const int TogglrSlot = 2;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private static readonly Func<Outcome, byte[]> MakeEntry = EncodeEntry;
    private static readonly Func<Outcome, byte[]> MakeOfrep = EncodeOfrep;
    private static readonly Func<Outcome, byte[]> MakeTogglr = EncodeTogglr;

    /// <summary><c>"key":{…},</c> for <c>/sdk/v1/evaluate</c>; the outcome must have a flag.</summary>
    public static byte[] Entry(Outcome outcome) => outcome.Encoding(EntrySlot, MakeEntry);

    /// <summary><c>{"key",…},</c> in the shape of OFREP, success or failure; the outcome must have a flag.</summary>
    public static byte[] Ofrep(Outcome outcome) => outcome.Encoding(OfrepSlot, MakeOfrep);

    /// <summary><c>{"feature_key","enabled","value"}</c>; the outcome must have a flag.</summary>
    public static byte[] Togglr(Outcome outcome) => outcome.Encoding(TogglrSlot, MakeTogglr);

    /// <summary>The entry of a flag that is not there.</summary>
    public static byte[] MissingEntry(string key) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject(key);
        writer.WriteString("reason"u8, "ERROR"u8);
        writer.WriteString("errorCode"u8, "FLAG_NOT_FOUND"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }).WithoutBraces();

    /// <summary>An OFREP failure: <c>{"key"?,"errorCode"?,"errorDetails"}</c>.</summary>
    public static byte[] OfrepFailure(string? key, string? errorCode, string details) => Write(writer =>
    {
        writer.WriteStartObject();
        if (key is not null)
            writer.WriteString("key"u8, key);
        if (errorCode is not null)
            writer.WriteString("errorCode"u8, errorCode);
        writer.WriteString("errorDetails"u8, details);
        writer.WriteEndObject();
    });

    private static byte[] EncodeEntry(Outcome outcome) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WritePropertyName(outcome.Flag!.Key);
        writer.WriteRawValue(outcome.Utf8Json.Span, skipInputValidation: true);
        writer.WriteEndObject();
    }).WithoutBraces();

    private static byte[] EncodeOfrep(Outcome outcome) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("key"u8, outcome.Flag!.Key);
        if (outcome.Reason == EvaluationReason.Error)
        {
            writer.WriteString("errorCode"u8, outcome.ErrorCode.WireName());
            writer.WriteString("errorDetails"u8, outcome.ErrorCode == EvaluationErrorCode.TargetingKeyMissing
                ? "The flag is rolled out by an attribute that the context does not have."
                : "The flag's configuration cannot be evaluated.");
        }
        else
        {
            // Without a value the caller's own default applies.
            if (outcome.Variant is { } variant)
            {
                writer.WritePropertyName("value"u8);
                writer.WriteRawValue(variant.Utf8Json.Span, skipInputValidation: true);
                writer.WriteString("variant"u8, variant.Key);
            }
            writer.WriteString("reason"u8, outcome.Reason.WireName());
            if (outcome.RuleId is not null || outcome.Experiment is not null)
            {
                writer.WriteStartObject("metadata"u8);
                if (outcome.RuleId is not null)
                    writer.WriteString("ruleId"u8, outcome.RuleId);
                if (outcome.Experiment is not null)
                    writer.WriteString("experiment"u8, outcome.Experiment);
                writer.WriteEndObject();
            }
        }
        writer.WriteEndObject();
    }).WithComma();

    private static byte[] EncodeTogglr(Outcome outcome) => Write(writer =>
    {
        var variant = outcome.Variant;
        writer.WriteStartObject();
        writer.WriteString("feature_key"u8, outcome.Flag!.Key);
        writer.WriteBoolean("enabled"u8, outcome.Flag.Type == FlagType.Boolean
            ? variant is { Boolean: true }
            : outcome.Reason is not (EvaluationReason.Disabled or EvaluationReason.PrerequisiteFailed or EvaluationReason.Error));
        if (variant?.Text is { } text)
            writer.WriteString("value"u8, text);
        else
            writer.WriteString("value"u8, variant is null ? default : variant.Utf8Json.Span);
        writer.WriteEndObject();
    });

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Options))
            write(writer);
        return buffer.WrittenSpan.ToArray();
    }

    // {"a":1} → "a":1,
    private static byte[] WithoutBraces(this byte[] json)
    {
        json[^1] = (byte)',';
        return json[1..];
    }

    private static byte[] WithComma(this byte[] json) => [.. json, (byte)','];
}
