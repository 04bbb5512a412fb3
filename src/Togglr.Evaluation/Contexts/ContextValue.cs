namespace Togglr.Evaluation.Contexts;

internal enum ContextKind : byte
{
    Missing,
    Text,
    Number,
    False,
    True,
    Array,
    Object,
}

/// <summary>
/// An attribute's value. A text is a range of the context's UTF-8 bytes, an array a range of its elements, an object a range of its members. Null is missing.
/// </summary>
internal struct ContextValue
{
    public ContextKind Kind;
    public int Start;
    public int Length;
    public double Number;

    public static ContextValue OfNumber(double number) => new() { Kind = ContextKind.Number, Number = number };

    public static ContextValue OfBoolean(bool value) => new() { Kind = value ? ContextKind.True : ContextKind.False };
}

/// <summary>A member of an object: a name, by hash and range, and its value.</summary>
internal struct ContextMember
{
    public uint Hash;
    public int NameStart;
    public int NameLength;
    public ContextValue Value;

    /// <summary>The attribute that this member was last found for: its name need not be compared again.</summary>
    public AttributeReference? LastAsked;
}
