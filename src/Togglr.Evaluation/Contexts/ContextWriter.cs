using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Togglr.Evaluation.Formats;
using Togglr.Evaluation.Json;

namespace Togglr.Evaluation.Contexts;

/// <summary>Lays a tree of values out as <see cref="ContextData"/>: the members of one object next to each other.</summary>
internal sealed class ContextWriter(int maxDepth)
{
    private readonly List<ContextMember> _members = [];
    private readonly List<ContextValue> _elements = [];
    private byte[] _text = new byte[128];
    private int _length;

    public ContextData Build(IEnumerable<KeyValuePair<string, object?>> attributes, string? targetingKey)
    {
        var top = AddObject(attributes, 1);
        var key = string.IsNullOrEmpty(targetingKey) ? default : AddText(targetingKey);
        return Finish(top, key);
    }

    public ContextData Build(JsonValue root)
    {
        var top = AddJson(root);
        var data = Finish(top, default);
        foreach (ref var member in data.Members.AsSpan(0, data.TopLevel))
        {
            if (member.Value.Kind != ContextKind.Text || !data.Text.AsSpan(member.NameStart, member.NameLength).SequenceEqual("targetingKey"u8))
                continue;
            // An empty targeting key does not exist, not even as an attribute.
            if (member.Value.Length == 0)
                member.Value = default;
            data.TargetingKey = member.Value;
        }
        return data;
    }

    private ContextData Finish(ContextValue top, ContextValue targetingKey) => new()
    {
        Text = _text.AsSpan(0, _length).ToArray(),
        Elements = [.. _elements],
        Members = [.. _members],
        TopLevel = top.Length,
        TargetingKey = targetingKey,
    };

    // What JSON cannot say is missing, like null.
    private ContextValue Add(object? value, int depth)
    {
        switch (value)
        {
            case null or DBNull:
                return default;
            case string text:
                return AddText(text);
            case bool boolean:
                return ContextValue.OfBoolean(boolean);
            case double or float or decimal or int or long or short or byte or sbyte or ushort or uint or ulong or Half or Int128 or UInt128 or nint or nuint:
                var number = Convert(value);
                return double.IsFinite(number) ? ContextValue.OfNumber(number) : default;
            case System.Numerics.BigInteger integer:
                return double.IsFinite((double)integer) ? ContextValue.OfNumber((double)integer) : default;
            case DateTimeOffset instant:
                return ContextValue.OfNumber(instant.ToUnixTimeMilliseconds());
            case DateTime date:
                // A time of no kind is UTC: an answer must not depend on the machine's time zone.
                var utc = date.Kind == DateTimeKind.Unspecified ? DateTime.SpecifyKind(date, DateTimeKind.Utc) : date.ToUniversalTime();
                return ContextValue.OfNumber(new DateTimeOffset(utc).ToUnixTimeMilliseconds());
            case DateOnly date:
                return ContextValue.OfNumber(new DateTimeOffset(date, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeMilliseconds());
            case char or Guid or Uri or Version or Enum or Rune:
                return AddText(value.ToString()!);
            case JsonElement element:
                return element.ValueKind == JsonValueKind.Undefined ? default : AddJson(JsonTape.Parse(Encoding.UTF8.GetBytes(element.GetRawText())).Root);
            case JsonDocument document:
                return Add(document.RootElement, depth);
            case System.Text.Json.Nodes.JsonNode node:
                return AddJson(JsonTape.Parse(Encoding.UTF8.GetBytes(node.ToJsonString())).Root);
        }
        if (depth >= maxDepth)
            return default;
        return value switch
        {
            IEnumerable<KeyValuePair<string, object?>> members => AddObject(members, depth + 1),
            IDictionary dictionary => AddObject(dictionary.Keys.OfType<string>().Select(key => KeyValuePair.Create(key, dictionary[key])), depth + 1),
            IEnumerable items => AddArray(items, depth + 1),
            _ => default,
        };
    }

    private static double Convert(object number) => number switch
    {
        float value => value,
        Half value => (double)value,
        Int128 value => (double)value,
        UInt128 value => (double)value,
        nint value => value,
        nuint value => value,
        _ => System.Convert.ToDouble(number, CultureInfo.InvariantCulture),
    };

    private ContextValue AddObject(IEnumerable<KeyValuePair<string, object?>> source, int depth)
    {
        // A copy: the source may be lazy and give something else the second time.
        var pairs = source.Where(pair => pair.Key is not null).ToArray();
        var start = _members.Count;
        foreach (var (name, _) in pairs)
            _members.Add(Named(AddText(name)));
        for (var i = 0; i < pairs.Length; i++)
            _members[start + i] = _members[start + i] with { Value = Add(pairs[i].Value, depth) };
        return new ContextValue { Kind = ContextKind.Object, Start = start, Length = DropMissing(start, pairs.Length) };
    }

    private ContextValue AddArray(IEnumerable source, int depth)
    {
        var items = source.Cast<object?>().ToArray();
        var start = _elements.Count;
        _elements.AddRange(Enumerable.Repeat(default(ContextValue), items.Length));
        for (var i = 0; i < items.Length; i++)
            _elements[start + i] = Add(items[i], depth);
        return new ContextValue { Kind = ContextKind.Array, Start = start, Length = items.Length };
    }

    // The depth of JSON was limited when it was read.
    private ContextValue AddJson(JsonValue value)
    {
        switch (value.Kind)
        {
            case JsonKind.Text:
                return AddText(value.Utf8Text());
            case JsonKind.Number:
                return value.TryGetNumber(out var number) ? ContextValue.OfNumber(number) : default;
            case JsonKind.True or JsonKind.False:
                return ContextValue.OfBoolean(value.Kind == JsonKind.True);
            case JsonKind.Array:
                var first = _elements.Count;
                var count = value.Items.Count();
                _elements.AddRange(Enumerable.Repeat(default(ContextValue), count));
                var next = first;
                foreach (var item in value.Items)
                    _elements[next++] = AddJson(item);
                return new ContextValue { Kind = ContextKind.Array, Start = first, Length = count };
            case JsonKind.Object:
                var start = _members.Count;
                foreach (var (name, _) in value.Members)
                    _members.Add(Named(AddText(name.Utf8Text())));
                var all = _members.Count - start;
                var at = start;
                foreach (var (_, member) in value.Members)
                {
                    var converted = AddJson(member);
                    _members[at] = _members[at] with { Value = converted };
                    at++;
                }
                return new ContextValue { Kind = ContextKind.Object, Start = start, Length = DropMissing(start, all) };
            default:
                return default;
        }
    }

    // Members without a value move behind the others, so that they are never found.
    private int DropMissing(int start, int count)
    {
        var kept = start;
        for (var i = start; i < start + count; i++)
        {
            if (_members[i].Value.Kind == ContextKind.Missing)
                continue;
            (_members[kept], _members[i]) = (_members[i], _members[kept]);
            kept++;
        }
        return kept - start;
    }

    private ContextMember Named(in ContextValue name) => new()
    {
        Hash = KeyIndex.Hash(_text.AsSpan(name.Start, name.Length)),
        NameStart = name.Start,
        NameLength = name.Length,
    };

    private ContextValue AddText(string text)
    {
        Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
        var written = Encoding.UTF8.GetBytes(text, _text.AsSpan(_length));
        return Written(written);
    }

    private ContextValue AddText(ReadOnlySpan<byte> utf8)
    {
        Reserve(utf8.Length);
        utf8.CopyTo(_text.AsSpan(_length));
        return Written(utf8.Length);
    }

    private ContextValue Written(int length)
    {
        _length += length;
        return new ContextValue { Kind = ContextKind.Text, Start = _length - length, Length = length };
    }

    private void Reserve(int bytes)
    {
        if (_text.Length - _length < bytes)
            Array.Resize(ref _text, Math.Max(_text.Length * 2, _length + bytes));
    }
}
