using System.Buffers;
using System.Text.Json;

namespace Togglr.Messaging.Configuration;

/// <summary>A whole new document for one key, or its removal.</summary>
/// <param name="Key">Key of the flag, segment or experiment.</param>
/// <param name="Document">The new document as UTF-8 JSON; null removes it.</param>
public readonly record struct DocumentChange(string Key, ReadOnlyMemory<byte>? Document);

/// <summary>What leads one environment from one revision to a later one, as SDKs receive it: <c>{"from","revision","flags","segments","experiments"}</c>.</summary>
public sealed class EnvironmentPatch
{
    private byte[]? _utf8;

    /// <summary>Makes a patch of changes, at most one for a key of each kind.</summary>
    public EnvironmentPatch(long from, long revision, IReadOnlyList<DocumentChange> flags, IReadOnlyList<DocumentChange> segments, IReadOnlyList<DocumentChange> experiments)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(revision, from);
        From = from;
        Revision = revision;
        Flags = flags;
        Segments = segments;
        Experiments = experiments;
    }

    /// <summary>The revision that the patch is made for.</summary>
    public long From { get; }

    /// <summary>The revision that it leads to.</summary>
    public long Revision { get; }

    /// <summary>Changed flags.</summary>
    public IReadOnlyList<DocumentChange> Flags { get; }

    /// <summary>Changed segments.</summary>
    public IReadOnlyList<DocumentChange> Segments { get; }

    /// <summary>Changed experiments.</summary>
    public IReadOnlyList<DocumentChange> Experiments { get; }

    /// <summary>Reads <c>{"from","revision","flags"?,"segments"?,"experiments"?}</c>; other members are ignored. The memory is kept.</summary>
    /// <exception cref="JsonException">It is no such object.</exception>
    public static EnvironmentPatch Parse(ReadOnlyMemory<byte> utf8)
    {
        utf8 = JsonText.OnOneLine(utf8);
        var reader = new Utf8JsonReader(utf8.Span, EnvironmentDocument.ReaderOptions);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("A patch is an object.");
        long? from = null, revision = null;
        IReadOnlyList<DocumentChange> flags = [], segments = [], experiments = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "from":
                    from = JsonText.ReadRevision(ref reader);
                    break;
                case "revision":
                    revision = JsonText.ReadRevision(ref reader);
                    break;
                case "flags":
                    flags = ReadChanges(ref reader, utf8);
                    break;
                case "segments":
                    segments = ReadChanges(ref reader, utf8);
                    break;
                case "experiments":
                    experiments = ReadChanges(ref reader, utf8);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        if (from is not { } first || revision is not { } last || last < first)
            throw new JsonException("A patch leads from one revision to a later one.");
        return new EnvironmentPatch(first, last, flags, segments, experiments);
    }

    /// <summary>One patch that does what several do one after the other.</summary>
    /// <param name="patches">At least one; each starts where the one before ends.</param>
    public static EnvironmentPatch Combine(IReadOnlyList<EnvironmentPatch> patches)
    {
        if (patches.Count == 1)
            return patches[0];
        for (var i = 1; i < patches.Count; i++)
        {
            if (patches[i].From != patches[i - 1].Revision)
                throw new ArgumentException("The patches do not follow each other.", nameof(patches));
        }
        return new EnvironmentPatch(patches[0].From, patches[^1].Revision,
            Last(patches, static patch => patch.Flags), Last(patches, static patch => patch.Segments), Last(patches, static patch => patch.Experiments));
    }

    /// <summary>The patch as UTF-8 JSON on one line. Made once and shared by every connection.</summary>
    public ReadOnlyMemory<byte> ToUtf8()
    {
        if (_utf8 is { } made)
            return made;
        var buffer = new ArrayBufferWriter<byte>(1024);
        buffer.Write("{\"from\":"u8);
        JsonText.WriteNumber(buffer, From);
        buffer.Write(",\"revision\":"u8);
        JsonText.WriteNumber(buffer, Revision);
        WriteChanges(buffer, ",\"flags\":{"u8, Flags);
        WriteChanges(buffer, ",\"segments\":{"u8, Segments);
        WriteChanges(buffer, ",\"experiments\":{"u8, Experiments);
        buffer.Write("}"u8);
        return _utf8 = buffer.WrittenSpan.ToArray();
    }

    private static List<DocumentChange> Last(IReadOnlyList<EnvironmentPatch> patches, Func<EnvironmentPatch, IReadOnlyList<DocumentChange>> changesOf)
    {
        var last = new SortedDictionary<string, ReadOnlyMemory<byte>?>(StringComparer.Ordinal);
        foreach (var patch in patches)
        {
            foreach (var change in changesOf(patch))
                last[change.Key] = change.Document;
        }
        var changes = new List<DocumentChange>(last.Count);
        foreach (var (key, document) in last)
            changes.Add(new DocumentChange(key, document));
        return changes;
    }

    private static List<DocumentChange> ReadChanges(ref Utf8JsonReader reader, ReadOnlyMemory<byte> source)
    {
        var changes = new List<DocumentChange>();
        if (reader.TokenType == JsonTokenType.Null)
            return changes;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("Flags, segments and experiments are objects.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            var removed = reader.TokenType == JsonTokenType.Null;
            var document = JsonText.Raw(ref reader, source);
            // Without the cast null would become an empty document: arrays convert to memory, and null to an array.
            changes.Add(new DocumentChange(key, removed ? (ReadOnlyMemory<byte>?)null : document));
        }
        return changes;
    }

    private static void WriteChanges(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> start, IReadOnlyList<DocumentChange> changes)
    {
        if (changes.Count == 0)
            return;
        buffer.Write(start);
        for (var i = 0; i < changes.Count; i++)
        {
            if (i > 0)
                buffer.Write(","u8);
            JsonText.WriteName(buffer, changes[i].Key);
            buffer.Write(changes[i].Document is { } document ? document.Span : "null"u8);
        }
        buffer.Write("}"u8);
    }
}
