using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Togglr.Messaging.Configuration;

/// <summary>
/// The snapshot document of one environment as text, cut where patches cut it: one piece for each flag, segment and experiment. Immutable. It
/// does not know what the pieces mean (<c>Togglr.Evaluation</c> does), so whatever a newer control plane puts into them travels on unharmed.
/// </summary>
public sealed class EnvironmentDocument
{
    internal static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 512 };

    // Everything at the top that is neither a map nor the revision, as name and raw value, in its order.
    private readonly (string Name, ReadOnlyMemory<byte> Value)[] _header;
    private byte[]? _utf8;

    private EnvironmentDocument((string, ReadOnlyMemory<byte>)[] header, long revision, DocumentMap flags, DocumentMap segments, DocumentMap experiments)
    {
        _header = header;
        Revision = revision;
        Flags = flags;
        Segments = segments;
        Experiments = experiments;
    }

    /// <summary>The revision that the document shows.</summary>
    public long Revision { get; }

    /// <summary>The documents of the flags by key.</summary>
    public DocumentMap Flags { get; }

    /// <summary>The documents of the segments by key.</summary>
    public DocumentMap Segments { get; }

    /// <summary>The documents of the experiments by key.</summary>
    public DocumentMap Experiments { get; }

    /// <summary>Cuts a snapshot document into its pieces. The memory is kept and must not change any more.</summary>
    /// <exception cref="JsonException">It is no JSON object with a whole, positive or zero <c>revision</c> and objects for maps.</exception>
    public static EnvironmentDocument Parse(ReadOnlyMemory<byte> utf8)
    {
        utf8 = JsonText.OnOneLine(utf8);
        var reader = new Utf8JsonReader(utf8.Span, ReaderOptions);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("A snapshot is an object.");
        var header = new List<(string, ReadOnlyMemory<byte>)>();
        long? revision = null;
        DocumentMap flags = DocumentMap.Empty, segments = DocumentMap.Empty, experiments = DocumentMap.Empty;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            switch (name)
            {
                case "revision":
                    revision = JsonText.ReadRevision(ref reader);
                    break;
                case "flags":
                    flags = DocumentMap.Read(ref reader, utf8);
                    break;
                case "segments":
                    segments = DocumentMap.Read(ref reader, utf8);
                    break;
                case "experiments":
                    experiments = DocumentMap.Read(ref reader, utf8);
                    break;
                default:
                    header.Add((name, JsonText.Raw(ref reader, utf8)));
                    break;
            }
        }
        if (reader.Read())
            throw new JsonException("Something follows the snapshot.");
        return new EnvironmentDocument([.. header], revision ?? throw new JsonException("A snapshot has a revision."), flags, segments, experiments);
    }

    /// <summary>The document after a change.</summary>
    /// <exception cref="InvalidOperationException">The patch starts at another revision.</exception>
    public EnvironmentDocument Apply(EnvironmentPatch patch)
    {
        if (patch.From != Revision)
            throw new InvalidOperationException($"A patch from revision {patch.From} does not fit revision {Revision}.");
        return new EnvironmentDocument(_header, patch.Revision, Flags.Apply(patch.Flags), Segments.Apply(patch.Segments), Experiments.Apply(patch.Experiments));
    }

    /// <summary>
    /// What leads from this document to another one, or null when no patch can: something besides flags, segments and experiments differs.
    /// </summary>
    public EnvironmentPatch? PatchTo(EnvironmentDocument other)
    {
        if (_header.Length != other._header.Length)
            return null;
        for (var i = 0; i < _header.Length; i++)
        {
            if (_header[i].Name != other._header[i].Name || !_header[i].Value.Span.SequenceEqual(other._header[i].Value.Span))
                return null;
        }
        return new EnvironmentPatch(Revision, other.Revision, Flags.ChangesTo(other.Flags), Segments.ChangesTo(other.Segments), Experiments.ChangesTo(other.Experiments));
    }

    /// <summary>The whole document as UTF-8 JSON on one line. Made once and shared.</summary>
    public ReadOnlyMemory<byte> ToUtf8()
    {
        if (_utf8 is { } made)
            return made;
        var buffer = new ArrayBufferWriter<byte>(EstimateLength());
        buffer.Write("{"u8);
        foreach (var (name, value) in _header)
        {
            JsonText.WriteName(buffer, name);
            buffer.Write(value.Span);
            buffer.Write(","u8);
        }
        buffer.Write("\"revision\":"u8);
        JsonText.WriteNumber(buffer, Revision);
        buffer.Write(",\"flags\":"u8);
        Flags.WriteTo(buffer);
        buffer.Write(",\"segments\":"u8);
        Segments.WriteTo(buffer);
        buffer.Write(",\"experiments\":"u8);
        Experiments.WriteTo(buffer);
        buffer.Write("}"u8);
        return _utf8 = buffer.WrittenSpan.ToArray();
    }

    private int EstimateLength()
    {
        var length = 256L + Flags.Length + Segments.Length + Experiments.Length;
        return (int)Math.Min(length, Array.MaxLength);
    }
}

/// <summary>JSON documents by key, in ordinal order of the keys. Immutable; a change shares what it leaves alone.</summary>
public sealed class DocumentMap
{
    private readonly ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> _entries;

    private DocumentMap(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> entries, long length)
    {
        _entries = entries;
        Length = length;
    }

    /// <summary>No documents.</summary>
    public static DocumentMap Empty { get; } = new(ImmutableSortedDictionary.Create<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal), 0);

    /// <summary>How many documents there are.</summary>
    public int Count => _entries.Count;

    /// <summary>About how many bytes the map takes as JSON.</summary>
    internal long Length { get; }

    /// <summary>The document of a key.</summary>
    public bool TryGet(string key, out ReadOnlyMemory<byte> document) => _entries.TryGetValue(key, out document);

    internal static DocumentMap Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> source)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return Empty;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("Flags, segments and experiments are objects.");
        var entries = ImmutableSortedDictionary.CreateBuilder<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var length = 0L;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            var value = JsonText.Raw(ref reader, source);
            length += key.Length + value.Length + 8;
            entries[key] = value;
        }
        return new DocumentMap(entries.ToImmutable(), length);
    }

    internal DocumentMap Apply(IReadOnlyList<DocumentChange> changes)
    {
        if (changes.Count == 0)
            return this;
        var entries = _entries.ToBuilder();
        var length = Length;
        foreach (var change in changes)
        {
            if (entries.TryGetValue(change.Key, out var old))
                length -= change.Key.Length + old.Length + 8;
            if (change.Document is { } document)
            {
                entries[change.Key] = document;
                length += change.Key.Length + document.Length + 8;
            }
            else
            {
                entries.Remove(change.Key);
            }
        }
        return new DocumentMap(entries.ToImmutable(), length);
    }

    internal List<DocumentChange> ChangesTo(DocumentMap other)
    {
        var changes = new List<DocumentChange>();
        foreach (var (key, document) in other._entries)
        {
            if (!_entries.TryGetValue(key, out var old) || !old.Span.SequenceEqual(document.Span))
                changes.Add(new DocumentChange(key, document));
        }
        foreach (var (key, _) in _entries)
        {
            if (!other._entries.ContainsKey(key))
                changes.Add(new DocumentChange(key, null));
        }
        return changes;
    }

    internal void WriteTo(IBufferWriter<byte> buffer)
    {
        var first = true;
        buffer.Write("{"u8);
        foreach (var (key, document) in _entries)
        {
            if (!first)
                buffer.Write(","u8);
            first = false;
            JsonText.WriteName(buffer, key);
            buffer.Write(document.Span);
        }
        buffer.Write("}"u8);
    }
}

/// <summary>Small pieces of reading and writing JSON text.</summary>
internal static class JsonText
{
    /// <summary>The same JSON without line ends, which may only stand between tokens; NDJSON and server-sent events need that.</summary>
    public static ReadOnlyMemory<byte> OnOneLine(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Span.IndexOfAny((byte)'\n', (byte)'\r') < 0)
            return utf8;
        var copy = utf8.ToArray();
        copy.AsSpan().Replace((byte)'\n', (byte)' ');
        copy.AsSpan().Replace((byte)'\r', (byte)' ');
        return copy;
    }

    /// <summary>The bytes of the value that the reader stands on; moves it to the value's end.</summary>
    public static ReadOnlyMemory<byte> Raw(ref Utf8JsonReader reader, ReadOnlyMemory<byte> source)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return source[start..(int)reader.BytesConsumed];
    }

    public static long ReadRevision(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var revision) && revision >= 0
            ? revision
            : throw new JsonException("A revision is a whole number, zero or greater.");

    public static void WriteName(IBufferWriter<byte> buffer, string name)
    {
        WriteString(buffer, name);
        buffer.Write(":"u8);
    }

    public static void WriteString(IBufferWriter<byte> buffer, string text)
    {
        buffer.Write("\""u8);
        buffer.Write(JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        buffer.Write("\""u8);
    }

    public static void WriteNumber(IBufferWriter<byte> buffer, long number)
    {
        var span = buffer.GetSpan(20);
        System.Buffers.Text.Utf8Formatter.TryFormat(number, span, out var written);
        buffer.Advance(written);
    }
}
