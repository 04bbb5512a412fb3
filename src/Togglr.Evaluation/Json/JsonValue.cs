using System.Diagnostics.CodeAnalysis;
using System.Text;
using Togglr.Evaluation.Formats;

namespace Togglr.Evaluation.Json;

/// <summary>A value (or a member's name) on a <see cref="JsonTape"/>. The default is <see cref="JsonKind.Missing"/>.</summary>
internal readonly struct JsonValue(JsonTape tape, int index)
{
    public JsonTape Tape => tape;

    public int Index => index;

    public JsonKind Kind => tape is null ? JsonKind.Missing : tape[index].Kind;

    /// <summary>True when there is a value and it is not null.</summary>
    public bool IsPresent => Kind > JsonKind.Null;

    public bool IsBoolean => Kind is JsonKind.True or JsonKind.False;

    /// <summary>The bytes of the value as they stand in the document, quotes included.</summary>
    public ReadOnlyMemory<byte> Raw
    {
        get
        {
            ref readonly var token = ref tape[index];
            return token.Kind == JsonKind.Text ? tape.Utf8.Slice(token.Start - 1, token.Length + 2) : tape.Utf8.Slice(token.Start, token.Length);
        }
    }

    public string Pointer => tape is null ? "" : tape.PointerOf(index);

    /// <summary>The member of that name, the last one where there are several; missing when there is none or it is null.</summary>
    public JsonValue this[ReadOnlySpan<byte> name]
    {
        get
        {
            JsonValue found = default;
            if (Kind != JsonKind.Object)
                return found;
            foreach (var member in Members)
            {
                if (member.Name.TextEquals(name))
                    found = member.Value;
            }
            return found.IsPresent ? found : default;
        }
    }

    public MemberList Members => new(this);

    public ItemList Items => new(this);

    public bool TextEquals(ReadOnlySpan<byte> utf8)
    {
        ref readonly var token = ref tape[index];
        return token.Escaped ? Utf8Text().SequenceEqual(utf8) : tape.Utf8.Span.Slice(token.Start, token.Length).SequenceEqual(utf8);
    }

    /// <summary>The text of a string as UTF-8, without escapes.</summary>
    public ReadOnlySpan<byte> Utf8Text()
    {
        ref readonly var token = ref tape[index];
        var raw = tape.Utf8.Span.Slice(token.Start, token.Length);
        if (!token.Escaped)
            return raw;
        var text = new byte[raw.Length];
        return text.AsSpan(0, JsonText.Unescape(raw, text));
    }

    public string Text() => Encoding.UTF8.GetString(Utf8Text());

    public bool TryGetText([NotNullWhen(true)] out string? text)
    {
        text = Kind == JsonKind.Text ? Text() : null;
        return text is not null;
    }

    /// <summary>A number that fits a finite double.</summary>
    public bool TryGetNumber(out double number)
    {
        number = 0;
        return Kind == JsonKind.Number && JsonNumber.TryParse(Raw.Span, out number);
    }

    /// <summary>A number with an integral value between the bounds, however it is written.</summary>
    public bool TryGetInteger(long minimum, long maximum, out long integer)
    {
        integer = 0;
        if (!TryGetNumber(out var number) || number < minimum || number > maximum || Math.Floor(number) != number)
            return false;
        integer = (long)number;
        return true;
    }

    public readonly struct MemberList(JsonValue container)
    {
        public Enumerator GetEnumerator() => new(container);

        public struct Enumerator(JsonValue container)
        {
            private int _next = container.Index + 1;
            private int _name;

            public readonly (JsonValue Name, JsonValue Value) Current => (new(container.Tape, _name), new(container.Tape, _name + 1));

            public bool MoveNext()
            {
                if (container.Kind != JsonKind.Object || _next >= container.Tape[container.Index].Next)
                    return false;
                _name = _next;
                _next = container.Tape[_name + 1].Next;
                return true;
            }
        }
    }

    public readonly struct ItemList(JsonValue container)
    {
        public int Count()
        {
            var count = 0;
            foreach (var _ in this)
                count++;
            return count;
        }

        public Enumerator GetEnumerator() => new(container);

        public struct Enumerator(JsonValue container)
        {
            private int _next = container.Index + 1;
            private int _current;

            public readonly JsonValue Current => new(container.Tape, _current);

            public bool MoveNext()
            {
                if (container.Kind != JsonKind.Array || _next >= container.Tape[container.Index].Next)
                    return false;
                _current = _next;
                _next = container.Tape[_current].Next;
                return true;
            }
        }
    }
}
