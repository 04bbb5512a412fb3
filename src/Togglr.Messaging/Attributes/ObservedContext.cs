using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Togglr.Messaging.Attributes;

/// <summary>What of a context may be kept: names and types of its attributes, and values that are choices rather than somebody's data.</summary>
internal static class ObservedContext
{
    private const int MaximumDepth = 3;
    private const int MaximumName = 100;
    private const int MaximumValue = 100;
    private const int LongestNumber = 6;

    /// <summary>Say who it is about, and are never kept.</summary>
    private static readonly string[] TargetingKeys = ["targetingKey", "user.id", "user_id", "userId", "key"];

    /// <summary>Parts of names whose values are nobody's business.</summary>
    private static readonly string[] Private = ["mail", "phone", "passw", "secret", "token", "birth", "address", "session", "cookie", "auth", "card", "iban", "ssn", "name"];

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Reads attributes out of a valid body.</summary>
    /// <param name="reader">At the beginning of the body.</param>
    /// <param name="isFlat">Whether the body is the context itself, else its member <c>context</c> is.</param>
    /// <param name="note">Takes the name, the type and, where it may be kept, a value. Arrays come once for each value.</param>
    public static void Read(ref Utf8JsonReader reader, bool isFlat, Action<string, string, string?> note)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return;
        if (isFlat)
        {
            ReadMembers(ref reader, "", 1, note);
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isContext = reader.ValueTextEquals("context"u8);
            reader.Read();
            if (isContext && reader.TokenType == JsonTokenType.StartObject)
                ReadMembers(ref reader, "", 1, note);
            else
                reader.Skip();
        }
    }

    /// <summary>Whether a text may be shown to whoever edits rules: short, and no address, number or id of somebody.</summary>
    internal static bool IsChoice(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaximumValue || text.Contains('@') || Guid.TryParse(text, out _))
            return false;
        if ((text.Contains(':') || text.Count('.') == 3) && IPAddress.TryParse(text, out _))
            return false;
        int digits = 0, row = 0, mixed = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar)
                return false;
            var isDigit = Rune.IsDigit(rune);
            digits += isDigit ? 1 : 0;
            row = Rune.IsLetterOrDigit(rune) ? row + 1 : 0;
            mixed = Math.Max(mixed, row);
        }
        // Telephone and account numbers; and what is long, has no gaps and some digits was made by a machine.
        return digits <= LongestNumber + 2 && (mixed < 16 || digits == 0);
    }

    private static void ReadMembers(ref Utf8JsonReader reader, string prefix, int depth, Action<string, string, string?> note)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = prefix + reader.GetString();
            reader.Read();
            if (!IsName(name))
                reader.Skip();
            else if (reader.TokenType == JsonTokenType.StartObject && depth < MaximumDepth)
                ReadMembers(ref reader, name + ".", depth + 1, note);
            else
                ReadValue(ref reader, name, note);
        }
    }

    private static void ReadValue(ref Utf8JsonReader reader, string name, Action<string, string, string?> note)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
            case JsonTokenType.Number:
            case JsonTokenType.True:
            case JsonTokenType.False:
                var (type, value) = Scalar(ref reader, name);
                note(name, type, value);
                break;
            case JsonTokenType.StartArray:
                note(name, "array", null);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                        reader.Skip();
                    else if (reader.TokenType != JsonTokenType.Null)
                        note(name, "array", Scalar(ref reader, name).Value);
                }
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private static (string Type, string? Value) Scalar(ref Utf8JsonReader reader, string name)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                // Longer ones are not worth a text of their own.
                var text = reader.HasValueSequence || reader.ValueSpan.Length > MaximumValue * 6 ? null : reader.GetString();
                return ("string", text is not null && IsChoice(text) && !IsPrivate(name) ? text : null);
            case JsonTokenType.Number:
                return ("number", reader.ValueSpan.Length <= LongestNumber && !IsPrivate(name) ? Encoding.ASCII.GetString(reader.ValueSpan) : null);
            default:
                return ("boolean", reader.TokenType == JsonTokenType.True ? "true" : "false");
        }
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= MaximumName && char.IsAsciiLetterOrDigit(name[0]) && !name.AsSpan().ContainsAnyExcept(NameCharacters) && !TargetingKeys.Contains(name, StringComparer.Ordinal);

    private static bool IsPrivate(string name) => Private.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase));
}
