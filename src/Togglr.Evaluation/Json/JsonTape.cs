using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Togglr.Evaluation.Json;

/// <summary>The kind of a JSON value; <see cref="Missing"/> is no value at all.</summary>
internal enum JsonKind : byte
{
    Missing,
    Null,
    False,
    True,
    Number,
    Text,
    Array,
    Object,
}

/// <summary>One value or member name: where it is in the text and which token follows its subtree.</summary>
internal struct JsonToken
{
    public int Start;
    public int Length;
    public int Next;
    public JsonKind Kind;
    public bool Escaped;
}

/// <summary>
/// A JSON document as a flat list of tokens over its own bytes. Chosen over <see cref="JsonDocument"/> because flags are read one by one and none
/// may spoil another: nothing here throws once the text is known to be JSON, unpaired surrogates read as U+FFFD, duplicates are visible, and every
/// value knows its JSON pointer and its raw bytes.
/// </summary>
internal sealed class JsonTape
{
    /// <summary>Deeper documents are refused as a whole.</summary>
    public const int MaxDepth = 1000;

    private readonly JsonToken[] _tokens;

    private JsonTape(ReadOnlyMemory<byte> utf8, JsonToken[] tokens)
    {
        Utf8 = utf8;
        _tokens = tokens;
    }

    public ReadOnlyMemory<byte> Utf8 { get; }

    public JsonValue Root => new(this, 0);

    public ref readonly JsonToken this[int index] => ref _tokens[index];

    /// <summary>Reads a whole document.</summary>
    /// <exception cref="JsonException">The text is not JSON, or is nested deeper than <paramref name="maxDepth"/>.</exception>
    public static JsonTape Parse(ReadOnlyMemory<byte> utf8, int maxDepth = MaxDepth)
    {
        if (!System.Text.Unicode.Utf8.IsValid(utf8.Span))
            utf8 = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(utf8.Span));

        var reader = new Utf8JsonReader(utf8.Span, new JsonReaderOptions { MaxDepth = maxDepth });
        var tokens = new JsonToken[Math.Max(16, utf8.Length / 12)];
        var count = 0;
        var open = new Stack<int>();
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                ref var container = ref tokens[open.Pop()];
                container.Length = (int)reader.BytesConsumed - container.Start;
                container.Next = count;
                continue;
            }
            if (count == tokens.Length)
                Array.Resize(ref tokens, checked(count * 2));
            ref var token = ref tokens[count];
            token.Start = (int)reader.TokenStartIndex;
            token.Length = reader.ValueSpan.Length;
            token.Next = count + 1;
            token.Kind = KindOf(reader.TokenType);
            if (token.Kind == JsonKind.Text)
            {
                token.Start++;
                token.Escaped = reader.ValueIsEscaped;
            }
            if (token.Kind is JsonKind.Array or JsonKind.Object)
                open.Push(count);
            count++;
        }
        return new JsonTape(utf8, tokens[..count]);
    }

    /// <summary>The JSON pointer (RFC 6901) of a value; member names of a path are found by walking down from the root.</summary>
    public string PointerOf(int target)
    {
        var pointer = new StringBuilder();
        var at = 0;
        while (at != target)
        {
            ref readonly var container = ref _tokens[at];
            var isObject = container.Kind == JsonKind.Object;
            var child = at + 1;
            var position = 0;
            while (child < container.Next)
            {
                var value = isObject ? child + 1 : child;
                if (target < _tokens[value].Next)
                {
                    var name = isObject ? new JsonValue(this, child).Text().Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal) : null;
                    _ = name is null ? pointer.Append('/').Append(position) : pointer.Append('/').Append(name);
                    // A member's name stands for the member.
                    if (target <= value)
                        return pointer.ToString();
                    at = value;
                    break;
                }
                child = _tokens[value].Next;
                position++;
            }
            if (child >= container.Next)
                break;
        }
        return pointer.ToString();
    }

    private static JsonKind KindOf(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => JsonKind.Object,
        JsonTokenType.StartArray => JsonKind.Array,
        JsonTokenType.PropertyName or JsonTokenType.String => JsonKind.Text,
        JsonTokenType.Number => JsonKind.Number,
        JsonTokenType.True => JsonKind.True,
        JsonTokenType.False => JsonKind.False,
        _ => JsonKind.Null,
    };
}
