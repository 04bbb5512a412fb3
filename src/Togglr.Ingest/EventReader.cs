using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Togglr.Evaluation;
using Togglr.Hosting.Problems;
using Togglr.Ingest.Batches;
using Togglr.Messaging.Events;

namespace Togglr.Ingest;

/// <summary>Reads and checks events from outside. What is accepted is written again member by member, so nothing unexpected reaches the log.</summary>
internal static class EventReader
{
    /// <summary>How deep a body may nest, its context included.</summary>
    private const int MaxDepth = 34;

    private static readonly TimeSpan Oldest = TimeSpan.FromHours(24);
    private static readonly TimeSpan Newest = TimeSpan.FromMinutes(5);

    /// <summary>Parses a body that must be an object.</summary>
    /// <returns>The document, or the problem to answer.</returns>
    public static (JsonDocument? Document, Problem? Problem) Parse(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
            return (null, Problem.MalformedJson("The body is not UTF-8."));
        try
        {
            var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MaxDepth });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return (document, null);
            document.Dispose();
            return (null, Invalid("wrong_type", "", "The body must be an object."));
        }
        catch (JsonException exception)
        {
            return (null, exception.Message.Contains("maximum configured depth", StringComparison.Ordinal)
                ? Problem.BadRequest("too_deep", "The body is nested too deeply", new ProblemItem("too_deep", "", $"At most {MaxDepth} levels are accepted."))
                : Problem.MalformedJson($"The body is not valid JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}."));
        }
    }

    /// <summary>Feedback: <c>{variant_key?, event_type, reward?, weights_version?, context?, created_at?, dedup_key?}</c>; other members are ignored.</summary>
    public static (LogEvent? Event, Problem? Problem) ReadFeedback(JsonElement body, Guid environment, Snapshot snapshot, string flag, DateTimeOffset now)
    {
        var (outcome, variant) = (EventMember.Of(body, "event_type"), EventMember.Of(body, "variant_key"));
        if (Of(EventChecks.First(
            EventChecks.Outcome(outcome, "event_type"), EventChecks.OptionalText(variant, "variant_key", EventChecks.LongestKey),
            EventChecks.Reward(EventMember.Of(body, "reward"), "reward", out var reward), EventChecks.Version(EventMember.Of(body, "weights_version"), "weights_version", out var version))) is { } fault)
            return (null, fault);
        if (!TryDeduplication(body, out var deduplication))
            return (null, InvalidDeduplication);
        if (!TryContext(body, out var context))
            return (null, Invalid("wrong_type", "/context", "context is an object."));
        if (!TryTime(body, "created_at", now, out var at))
            return (null, Invalid("out_of_range", "/created_at", "created_at is an RFC 3339 time, at most 24 hours old and at most 5 minutes ahead."));
        var told = variant.Text;
        if (variant.IsMissing && ServedNow.Find(snapshot, flag, context, at) is { } served && (version is null || version == served.WeightsVersion))
            (told, version) = (Encoding.UTF8.GetBytes(served.Variant), served.WeightsVersion);
        var payload = Write(writer =>
        {
            writer.WriteString("type"u8, outcome.Text.Span);
            if (!told.IsEmpty)
                writer.WriteString("variant"u8, told.Span);
            writer.WriteNumber("reward"u8, reward ?? 0);
            WriteContext(writer, context);
        });
        return (new LogEvent(EventKind.Feedback, environment, flag, at, deduplication, payload) { Reward = reward, WeightsVersion = version }, null);
    }

    /// <summary>An error report: <c>{error_type, error_message, variant_key?, context?, dedup_key?}</c>.</summary>
    public static (LogEvent? Event, Problem? Problem) ReadError(JsonElement body, Guid environment, string flag, DateTimeOffset now)
    {
        var (type, variant) = (EventMember.Of(body, "error_type"), EventMember.Of(body, "variant_key"));
        if (Of(EventChecks.First(EventChecks.Text(type, "error_type", EventChecks.LongestErrorType), EventChecks.OptionalText(variant, "variant_key", EventChecks.LongestKey))) is { } fault)
            return (null, fault);
        if (Text(body, "error_message", 10_000) is not { Value: not null } message)
            return (null, Invalid("invalid", "/error_message", "error_message is a text of at most 10,000 characters."));
        if (!TryDeduplication(body, out var deduplication))
            return (null, InvalidDeduplication);
        if (!TryContext(body, out var context))
            return (null, Invalid("wrong_type", "/context", "context is an object."));
        var payload = Write(writer =>
        {
            writer.WriteString("type"u8, type.Text.Span);
            writer.WriteString("message"u8, message.Value);
            if (!variant.IsMissing)
                writer.WriteString("variant"u8, variant.Text.Span);
            WriteContext(writer, context);
        });
        return (new LogEvent(EventKind.ErrorReport, environment, flag, now, deduplication, payload), null);
    }

    internal static Problem Invalid(string code, string path, string message) => Problem.Invalid(new ProblemItem(code, path, message));

    private static Problem? Of(Fault fault) => fault.IsFault ? Invalid(fault.Code, $"/{fault.Member}", fault.Message) : null;

    /// <summary>A text, or no text when it is absent or null; nothing at all when it is something else or too long.</summary>
    internal static (string? Value, bool _)? Text(JsonElement body, string name, int maxLength)
    {
        if (!body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return (null, true);
        if (value.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            var text = value.GetString()!;
            return text.Length <= maxLength ? (text, true) : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }

    /// <summary>A time within the limits; now when it is absent.</summary>
    internal static bool TryTime(JsonElement body, string name, DateTimeOffset now, out DateTimeOffset at)
    {
        at = now;
        if (!body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return true;
        return value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out at) && at >= now - Oldest && at <= now + Newest;
    }

    internal static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static Problem InvalidDeduplication => Invalid("invalid", "/dedup_key", "dedup_key is a text of at most 200 characters.");

    /// <summary>The sender's name for the event; null for none.</summary>
    private static bool TryDeduplication(JsonElement body, out string? key)
    {
        key = null;
        if (Text(body, "dedup_key", 200) is not { } given || given.Value?.Contains('\0') == true)
            return false;
        key = string.IsNullOrEmpty(given.Value) ? null : given.Value;
        return true;
    }

    private static bool TryContext(JsonElement body, out JsonElement? context)
    {
        context = null;
        if (!body.TryGetProperty("context", out var value) || value.ValueKind == JsonValueKind.Null)
            return true;
        context = value;
        return value.ValueKind == JsonValueKind.Object;
    }

    private static void WriteContext(Utf8JsonWriter writer, JsonElement? context)
    {
        if (context is not { } attributes)
            return;
        writer.WritePropertyName("context"u8);
        attributes.WriteTo(writer);
    }
}
