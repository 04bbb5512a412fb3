using System.Text;
using Togglr.Evaluation.Json;

namespace Togglr.Evaluation;

/// <summary>One of a flag's values.</summary>
public sealed class Variant
{
    private readonly string? _text;
    private readonly double _number;

    internal Variant(string key, int index, FlagType flagType, JsonValue value)
    {
        Key = key;
        Index = index;
        Utf8Json = value.Raw.ToArray();
        IsNull = value.Kind == JsonKind.Null;
        Type = value.Kind switch
        {
            _ when flagType == FlagType.Json => FlagType.Json,
            JsonKind.True or JsonKind.False => FlagType.Boolean,
            JsonKind.Text => FlagType.Text,
            JsonKind.Number when value.TryGetNumber(out _number) => FlagType.Number,
            _ => FlagType.Json,
        };
        Boolean = value.Kind == JsonKind.True;
        _text = value.Kind == JsonKind.Text ? value.Text() : null;
    }

    /// <summary>The variant's key, for example <c>on</c>.</summary>
    public string Key { get; }

    /// <summary>Its position among the flag's variants, from 0.</summary>
    public int Index { get; }

    /// <summary>The type of the value.</summary>
    public FlagType Type { get; }

    /// <summary>The value of a boolean variant; false for others.</summary>
    public bool Boolean { get; }

    /// <summary>The value of a number variant; 0 for others.</summary>
    public double Number => _number;

    /// <summary>The value of a text variant; null for others.</summary>
    public string? Text => Type == FlagType.Text ? _text : null;

    /// <summary>Whether the value is JSON null, which is a value.</summary>
    public bool IsNull { get; }

    /// <summary>The value as JSON, on one line, ready to be sent.</summary>
    public ReadOnlyMemory<byte> Utf8Json { get; }

    /// <summary>The value as JSON text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8Json.Span);
}
