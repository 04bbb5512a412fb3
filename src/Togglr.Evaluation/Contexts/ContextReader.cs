using System.Text.Json;
using Togglr.Evaluation.Contexts;
using Togglr.Evaluation.Formats;
using Togglr.Evaluation.Json;

namespace Togglr.Evaluation;

/// <summary>
/// Reads contexts from JSON straight into the attribute slots that a snapshot uses; attributes that no flag asks for are skipped, not stored. Made once and used for one request after
/// another, it allocates nothing after its buffers have grown. Not for several threads at once.
/// </summary>
/// <param name="limits">What a context may cost; null for <see cref="ContextLimits.Default"/>.</param>
public sealed class ContextReader(ContextLimits? limits = null)
{
    // A buffer that one large context needed is not kept for ever.
    private const int KeptBytes = 1 << 16;

    private readonly ContextLimits _limits = limits ?? ContextLimits.Default;
    private PathNode _root = new();
    private int[] _seen = [];
    private int[] _literal = [];
    private int _round;
    private int _textLength;
    private int _elementCount;

    /// <summary>The snapshot that the context was read for; null before the first.</summary>
    public Snapshot? Snapshot { get; private set; }

    /// <summary>The UTF-8 text of the targeting key; empty when there is none. Valid until the next read.</summary>
    public ReadOnlySpan<byte> TargetingKey => Data.TextOf(Data.TargetingKey);

    /// <summary>Stands for the user where users are counted, see <see cref="UserSketch.HashOf"/>; 0 without a targeting key.</summary>
    public ulong User => UserSketch.HashOf(TargetingKey);

    internal ContextData Data { get; } = new() { Slots = [] };

    /// <summary>Reads a context that is a whole JSON text.</summary>
    /// <param name="snapshot">The snapshot that flags will be evaluated in.</param>
    /// <param name="utf8Json">A JSON object.</param>
    /// <param name="problem">Why the context was refused.</param>
    /// <returns>False when it was refused; the reader then holds an empty context.</returns>
    public bool TryRead(Snapshot snapshot, ReadOnlySpan<byte> utf8Json, out ContextProblem problem)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        Reset(snapshot);
        problem = ContextProblem.TooLarge;
        if (utf8Json.Length > _limits.MaxBytes)
            return false;
        var reader = new Utf8JsonReader(utf8Json, new JsonReaderOptions { MaxDepth = _limits.MaxDepth });
        try
        {
            problem = reader.Read() ? ReadContext(ref reader) : ContextProblem.MalformedJson;
            if (problem == ContextProblem.None && reader.Read())
                problem = ContextProblem.MalformedJson;
        }
        catch (JsonException)
        {
            problem = WhyRefused(utf8Json, _limits.MaxDepth);
        }
        if (problem != ContextProblem.None)
            Reset(snapshot);
        return problem == ContextProblem.None;
    }

    /// <summary>
    /// Reads a context inside a larger JSON text. <paramref name="reader"/> stands on the first token of the value and is left on its last; its options should carry the limit of depth. A
    /// <see cref="JsonException"/> of the reader is the caller's, who owns the text.
    /// </summary>
    public bool TryRead(Snapshot snapshot, ref Utf8JsonReader reader, out ContextProblem problem)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        Reset(snapshot);
        problem = ReadContext(ref reader);
        if (problem != ContextProblem.None)
            Reset(snapshot);
        return problem == ContextProblem.None;
    }

    /// <summary>An empty context for a snapshot.</summary>
    public void Reset(Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var table = snapshot.Attributes;
        if (!ReferenceEquals(Snapshot?.Attributes, table))
        {
            _root = table.Root;
            Data.Slots = new ContextValue[table.Count];
            Data.SlotCount = table.Count;
            _seen = new int[_root.Size];
            _literal = new int[table.Count];
            _round = 0;
        }
        else
        {
            Array.Clear(Data.Slots!);
        }
        if (++_round == int.MaxValue)
        {
            Array.Clear(_seen);
            Array.Clear(_literal);
            _round = 1;
        }
        Snapshot = snapshot;
        Data.TargetingKey = default;
        _textLength = 0;
        _elementCount = 0;
        if (Data.Text.Length > KeptBytes)
            Data.Text = [];
        if (Data.Elements.Length > KeptBytes / 8)
            Data.Elements = [];
    }

    /// <summary>Gives a missing attribute a text, for example the caller's address; has no effect when the attribute is there or no flag asks for it.</summary>
    public void SetIfMissing(string name, ReadOnlySpan<byte> utf8Text)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var reference in Snapshot?.Attributes.References ?? [])
        {
            if (reference.Name == name && Data.Slots![reference.Slot].Kind == ContextKind.Missing)
                Data.Slots[reference.Slot] = AddText(utf8Text, escaped: false);
        }
    }

    /// <summary>Sets the targeting key, for protocols that send it apart from the attributes.</summary>
    public void SetTargetingKey(ReadOnlySpan<byte> utf8Text) => Data.TargetingKey = utf8Text.IsEmpty ? default : AddText(utf8Text, escaped: false);

    /// <summary>
    /// For protocols of flat attributes: the targeting key is the first of <c>user.id</c>, <c>targetingKey</c>, <c>user_id</c>, <c>userId</c> and <c>key</c> that is a non-empty text or an integral number.
    /// </summary>
    public void UseAliasAsTargetingKey()
    {
        // The aliases have the first slots of every table; user.id comes before targetingKey here.
        Span<byte> digits = stackalloc byte[Unit.MaxNumberLength];
        foreach (var slot in (ReadOnlySpan<int>)[1, 0, 2, 3, 4])
        {
            if (Snapshot is null || slot >= Data.SlotCount)
                return;
            ref readonly var value = ref Data.Slots![slot];
            if (value.Kind == ContextKind.Text && value.Length > 0)
            {
                Data.TargetingKey = value;
                return;
            }
            if (value.Kind == ContextKind.Number && Unit.Format(value.Number, digits) is > 0 and var length)
            {
                SetTargetingKey(digits[..length]);
                return;
            }
        }
    }

    internal static ContextProblem WhyRefused(ReadOnlySpan<byte> utf8Json, int maxDepth)
    {
        var depth = 0;
        try
        {
            var reader = new Utf8JsonReader(utf8Json, new JsonReaderOptions { MaxDepth = maxDepth + 1 });
            while (depth <= maxDepth && reader.Read())
                depth = Math.Max(depth, reader.CurrentDepth + (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject ? 1 : 0));
        }
        catch (JsonException)
        {
            return ContextProblem.MalformedJson;
        }
        return depth > maxDepth ? ContextProblem.TooDeep : ContextProblem.MalformedJson;
    }

    private ContextProblem ReadContext(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return ContextProblem.NotAnObject;
        }
        var problem = ReadObject(ref reader, _root, isTop: true);
        ref var key = ref Data.Slots![0];
        if (problem != ContextProblem.None || key.Kind != ContextKind.Text)
            return problem;
        // An empty targeting key does not exist, not even as an attribute.
        if (key.Length == 0)
            key = default;
        Data.TargetingKey = key;
        return problem;
    }

    private ContextProblem ReadObject(ref Utf8JsonReader reader, PathNode node, bool isTop)
    {
        var attributes = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (isTop && ++attributes > _limits.MaxAttributes)
                return ContextProblem.TooManyAttributes;
            var child = Child(node, ref reader);
            reader.Read();
            if (child is null)
            {
                reader.Skip();
                continue;
            }
            if (_seen[child.Id] == _round)
                return ContextProblem.DuplicateAttribute;
            _seen[child.Id] = _round;
            if (!TryReadValue(ref reader, child, isTop, out var problem))
                return problem;
        }
        return ContextProblem.None;
    }

    private PathNode? Child(PathNode node, ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return node.Child(reader.ValueSpan);
        var name = AddText(reader.ValueSpan, escaped: true);
        _textLength = name.Start;
        return node.Child(Data.TextOf(name));
    }

    private bool TryReadValue(ref Utf8JsonReader reader, PathNode node, bool isTop, out ContextProblem problem)
    {
        problem = ContextProblem.None;
        var isObject = reader.TokenType == JsonTokenType.StartObject;
        if (!TryScalarOrArray(ref reader, out var value))
        {
            problem = ContextProblem.MalformedJson;
            return false;
        }
        if (value.Kind != ContextKind.Missing)
        {
            if (isTop && node.LiteralSlot >= 0)
            {
                Data.Slots![node.LiteralSlot] = value;
                _literal[node.LiteralSlot] = _round;
            }
            // The whole name wins over the path, in whatever order they come.
            if (node.PathSlot >= 0 && _literal[node.PathSlot] != _round)
                Data.Slots![node.PathSlot] = value;
        }
        if (!isObject)
            return true;
        if (node.HasChildren)
            problem = ReadObject(ref reader, node, isTop: false);
        else
            reader.Skip();
        return problem == ContextProblem.None;
    }

    // An object is only marked: the reader still stands on its beginning.
    private bool TryScalarOrArray(ref Utf8JsonReader reader, out ContextValue value)
    {
        value = default;
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                if (!System.Text.Unicode.Utf8.IsValid(reader.ValueSpan))
                    return false;
                value = AddText(reader.ValueSpan, reader.ValueIsEscaped);
                return true;
            case JsonTokenType.Number:
                if (JsonNumber.TryParse(reader.ValueSpan, out var number))
                    value = ContextValue.OfNumber(number);
                return true;
            case JsonTokenType.True or JsonTokenType.False:
                value = ContextValue.OfBoolean(reader.TokenType == JsonTokenType.True);
                return true;
            case JsonTokenType.StartObject:
                value.Kind = ContextKind.Object;
                return true;
            case JsonTokenType.StartArray:
                return TryReadArray(ref reader, out value);
            default:
                return true;
        }
    }

    private bool TryReadArray(ref Utf8JsonReader reader, out ContextValue array)
    {
        array = new ContextValue { Kind = ContextKind.Array, Start = _elementCount };
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ContextValue element = default;
            // What is inside an array inside an array satisfies nothing.
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            {
                element.Kind = ContextKind.Object;
                reader.Skip();
            }
            else if (!TryScalarOrArray(ref reader, out element))
            {
                return false;
            }
            if (_elementCount == Data.Elements.Length)
                Array.Resize(ref Data.Elements, Math.Max(16, _elementCount * 2));
            Data.Elements[_elementCount++] = element;
        }
        array.Length = _elementCount - array.Start;
        return true;
    }

    private ContextValue AddText(ReadOnlySpan<byte> text, bool escaped)
    {
        if (Data.Text.Length - _textLength < text.Length)
            Array.Resize(ref Data.Text, Math.Max(Math.Max(1024, Data.Text.Length * 2), _textLength + text.Length));
        var target = Data.Text.AsSpan(_textLength);
        var length = text.Length;
        if (escaped)
            length = JsonText.Unescape(text, target);
        else
            text.CopyTo(target);
        _textLength += length;
        return new ContextValue { Kind = ContextKind.Text, Start = _textLength - length, Length = length };
    }
}
