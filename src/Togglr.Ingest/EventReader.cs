using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Sdk;
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
    public static (LogEvent? Event, Problem? Problem) ReadFeedback(JsonElement body, Guid environment, string flag, DateTimeOffset now)
    {
        if (Text(body, "event_type", 20) is not { Value: "success" or "failure" or "error" } type)
            return (null, Invalid("invalid", "/event_type", "event_type must be success, failure or error."));
        if (Text(body, "variant_key", 100) is not { } variant)
            return (null, Invalid("invalid", "/variant_key", "variant_key is a text of at most 100 characters."));
        if (!TryDeduplication(body, out var deduplication))
            return (null, InvalidDeduplication);
        if (!TryReward(body, out var reward))
            return (null, Invalid("invalid", "/reward", "reward is a finite number."));
        if (!TryContext(body, out var context))
            return (null, Invalid("wrong_type", "/context", "context is an object."));
        if (!TryVersion(body, out var version))
            return (null, Invalid("invalid", "/weights_version", "weights_version is a whole number."));
        if (!TryTime(body, "created_at", now, out var at))
            return (null, Invalid("out_of_range", "/created_at", "created_at is an RFC 3339 time, at most 24 hours old and at most 5 minutes ahead."));
        var payload = Write(writer =>
        {
            writer.WriteString("type"u8, type.Value);
            if (variant.Value is { Length: > 0 } key)
                writer.WriteString("variant"u8, key);
            writer.WriteNumber("reward"u8, reward);
            WriteContext(writer, context);
        });
        return (new LogEvent(EventKind.Feedback, environment, flag, at, deduplication, payload) { Reward = body.TryGetProperty("reward", out var told) && told.ValueKind == JsonValueKind.Number ? reward : null, WeightsVersion = version }, null);
    }

    /// <summary>An error report: <c>{error_type, error_message, variant_key?, context?, dedup_key?}</c>.</summary>
    public static (LogEvent? Event, Problem? Problem) ReadError(JsonElement body, Guid environment, string flag, DateTimeOffset now)
    {
        if (Text(body, "error_type", 200) is not { Value.Length: > 0 } type)
            return (null, Invalid("invalid", "/error_type", "error_type is a text of 1 to 200 characters."));
        if (Text(body, "error_message", 10_000) is not { Value: not null } message)
            return (null, Invalid("invalid", "/error_message", "error_message is a text of at most 10,000 characters."));
        if (Text(body, "variant_key", 100) is not { } variant)
            return (null, Invalid("invalid", "/variant_key", "variant_key is a text of at most 100 characters."));
        if (!TryDeduplication(body, out var deduplication))
            return (null, InvalidDeduplication);
        if (!TryContext(body, out var context))
            return (null, Invalid("wrong_type", "/context", "context is an object."));
        var payload = Write(writer =>
        {
            writer.WriteString("type"u8, type.Value);
            writer.WriteString("message"u8, message.Value);
            if (variant.Value is { Length: > 0 } key)
                writer.WriteString("variant"u8, key);
            WriteContext(writer, context);
        });
        return (new LogEvent(EventKind.ErrorReport, environment, flag, now, deduplication, payload), null);
    }

    internal static Problem Invalid(string code, string path, string message) => Problem.Invalid(new ProblemItem(code, path, message));

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

    private static bool TryReward(JsonElement body, out double reward)
    {
        reward = 0;
        if (!body.TryGetProperty("reward", out var value) || value.ValueKind == JsonValueKind.Null)
            return true;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out reward) && double.IsFinite(reward);
    }

    /// <summary>The version of an algorithm's weights; null for none.</summary>
    private static bool TryVersion(JsonElement body, out long? version)
    {
        version = null;
        if (!body.TryGetProperty("weights_version", out var value) || value.ValueKind == JsonValueKind.Null)
            return true;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number) || number < 0)
            return false;
        version = number;
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
