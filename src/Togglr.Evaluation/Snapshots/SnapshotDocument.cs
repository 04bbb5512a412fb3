using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Togglr.Evaluation.Json;

namespace Togglr.Evaluation.Snapshots;

/// <summary>The head of a snapshot document, and the document itself: as it came, or put together from the raw documents of its parts.</summary>
internal sealed class SnapshotDocument(string project, string environment, long revision, string salt, ReadOnlyMemory<byte> utf8Json)
{
    private byte[]? _written;

    public string Project => project;

    public string Environment => environment;

    public long Revision => revision;

    public string Salt => salt;

    /// <summary>The root object of a snapshot or a patch.</summary>
    /// <exception cref="SnapshotException">The text is not a JSON object, or of a greater schema version.</exception>
    public static JsonValue ReadRoot(ReadOnlyMemory<byte> utf8Json)
    {
        JsonValue root;
        try
        {
            root = JsonTape.Parse(Normalize(utf8Json)).Root;
        }
        catch (JsonException exception)
        {
            throw new SnapshotException(SnapshotException.Malformed, "The text is not JSON.", exception);
        }
        if (root.Kind != JsonKind.Object)
            throw new SnapshotException(SnapshotException.Malformed, "The text is not a JSON object.");
        if (root["schemaVersion"u8].TryGetNumber(out var schema) && schema > Snapshot.SchemaVersion)
            throw new SnapshotException(SnapshotException.UnknownSchema, $"The schema version {schema} is greater than {Snapshot.SchemaVersion}.");
        return root;
    }

    public static SnapshotDocument Of(JsonValue root) => new(
        root["project"u8].TryGetText(out var project) ? project : "",
        root["environment"u8].TryGetText(out var environment) ? environment : "",
        root["revision"u8].TryGetInteger(0, long.MaxValue / 2, out var revision) ? revision : 0,
        root["salt"u8].TryGetText(out var salt) ? salt : "",
        root.Raw);

    public SnapshotDocument At(long newRevision) => new(project, environment, newRevision, salt, default);

    public ReadOnlyMemory<byte> ToUtf8Json(SnapshotContent content) => utf8Json.IsEmpty ? _written ??= Write(content) : utf8Json;

    private byte[] Write(SnapshotContent content)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteNumber("schemaVersion"u8, Snapshot.SchemaVersion);
        json.WriteString("project"u8, project);
        json.WriteString("environment"u8, environment);
        json.WriteNumber("revision"u8, revision);
        json.WriteString("salt"u8, salt);
        WriteMap(json, "flags"u8, content.Flags.Select(pair => (pair.Key, pair.Value.Utf8Json)));
        WriteMap(json, "segments"u8, content.Segments.Select(pair => (pair.Key, pair.Value.Raw)));
        WriteMap(json, "experiments"u8, content.Experiments.Select(pair => (pair.Key, pair.Value.Raw)));
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteMap(Utf8JsonWriter json, ReadOnlySpan<byte> name, IEnumerable<(string Key, ReadOnlyMemory<byte> Raw)> documents)
    {
        json.WriteStartObject(name);
        foreach (var (key, raw) in documents)
        {
            json.WritePropertyName(key);
            json.WriteRawValue(raw.Span, skipInputValidation: true);
        }
        json.WriteEndObject();
    }

    // Line breaks in JSON are only ever between tokens; without them a document fits a line of an event stream. An escaped surrogate without its partner
    // reads as U+FFFD here and is an error elsewhere, so it is not passed on.
    private static ReadOnlyMemory<byte> Normalize(ReadOnlyMemory<byte> utf8Json)
    {
        var hasBreaks = utf8Json.Span.IndexOfAny((byte)'\n', (byte)'\r') >= 0;
        var hasSurrogates = utf8Json.Span.IndexOf("\\ud"u8) >= 0 || utf8Json.Span.IndexOf("\\uD"u8) >= 0;
        if (!hasBreaks && !hasSurrogates)
            return utf8Json;
        var copy = utf8Json.ToArray();
        if (hasBreaks)
        {
            copy.AsSpan().Replace((byte)'\n', (byte)' ');
            copy.AsSpan().Replace((byte)'\r', (byte)' ');
        }
        if (hasSurrogates)
            JsonText.ReplaceUnpairedSurrogates(copy);
        return copy;
    }
}
