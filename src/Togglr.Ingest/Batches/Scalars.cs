using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Togglr.Ingest.Batches;

/// <summary>Attributes and properties of events: objects of texts, numbers and booleans, written again member by member. What says who somebody is, is hashed.</summary>
internal sealed class Scalars : IDisposable
{
    /// <summary>The most members.</summary>
    public const int MostMembers = 50;

    /// <summary>The longest name.</summary>
    public const int LongestName = 100;

    /// <summary>The longest text.</summary>
    public const int LongestText = 500;

    // What people are told by, in the names that contexts use: such a value is worth nothing to an analysis but that it is the same again.
    private static readonly HashSet<string> Personal = new(StringComparer.OrdinalIgnoreCase)
    {
        "targetingKey", "key", "user_id", "userId", "user.id", "id", "user.email", "email", "e-mail", "user.anonymous", "anonymousId", "anonymous_id", "ip", "ipAddress", "ip_address", "user.name", "username", "name",
        "firstName", "first_name", "lastName", "last_name", "fullName", "full_name", "phone", "phoneNumber", "phone_number", "address", "deviceId", "device_id", "sessionId", "session_id",
    };

    private readonly ArrayBufferWriter<byte> _output = new(512);
    private readonly Utf8JsonWriter _writer;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public Scalars() => _writer = new Utf8JsonWriter(_output);

    /// <summary>What was written last; empty for an object without members.</summary>
    public ReadOnlySpan<byte> Written => _names.Count == 0 ? default : _output.WrittenSpan;

    /// <summary>Reads an object.</summary>
    /// <param name="utf8Object">A valid JSON object.</param>
    /// <param name="hash">What stands for a value that says who somebody is.</param>
    /// <returns>Null when all is well; else the name of the member that is wrong (empty: the object) and what is wrong with it.</returns>
    public (string Name, string Code, string Message)? Read(ReadOnlySpan<byte> utf8Object, Func<ReadOnlySpan<byte>, string> hash)
    {
        _output.ResetWrittenCount();
        _writer.Reset(_output);
        _names.Clear();
        _writer.WriteStartObject();
        var reader = new Utf8JsonReader(utf8Object);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (ReadMember(ref reader, hash) is { } wrong)
                return wrong;
        }
        _writer.WriteEndObject();
        _writer.Flush();
        return null;
    }

    /// <inheritdoc />
    public void Dispose() => _writer.Dispose();

    private (string Name, string Code, string Message)? ReadMember(ref Utf8JsonReader reader, Func<ReadOnlySpan<byte>, string> hash)
    {
        if (Text(ref reader, LongestName) is not { Length: > 0 } name || name.Any(char.IsControl))
            return ("", "invalid", $"Names are texts of 1 to {LongestName} characters.");
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (!_names.Add(name))
            return (name, "duplicate", "A name stands twice.");
        if (_names.Count > MostMembers)
            return ("", "too_many", $"At most {MostMembers} members are accepted.");
        switch (reader.TokenType)
        {
            case JsonTokenType.True or JsonTokenType.False:
                _writer.WriteBoolean(name, reader.GetBoolean());
                return null;
            case JsonTokenType.Number when reader.TryGetDouble(out var number) && double.IsFinite(number):
                if (Personal.Contains(name))
                    _writer.WriteString(name, hash(reader.ValueSpan));
                else
                    _writer.WriteNumber(name, number);
                return null;
            case JsonTokenType.Number:
                return (name, "out_of_range", "A number is finite.");
            case JsonTokenType.String when Text(ref reader, LongestText) is { } text && !text.Contains('\0', StringComparison.Ordinal):
                _writer.WriteString(name, Personal.Contains(name) ? hash(Encoding.UTF8.GetBytes(text)) : text);
                return null;
            case JsonTokenType.String:
                return (name, "too_long", $"A text has at most {LongestText} characters, none of which is U+0000.");
            default:
                return (name, "wrong_type", "A value is a text, a number or a boolean.");
        }
    }

    private static string? Text(ref Utf8JsonReader reader, int maxLength)
    {
        try
        {
            return reader.ValueSpan.Length <= maxLength * 6 && reader.GetString() is { } text && text.Length <= maxLength ? text : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }
}
