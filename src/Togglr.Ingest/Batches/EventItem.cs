using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Togglr.Ingest.Batches;

/// <summary>One event of a batch as it was sent: its known members, none of them checked. Made once for a batch and filled again for each event.</summary>
internal sealed class EventItem
{
    private ReadOnlyMemory<byte> _body;

    public EventMember Type;
    public EventMember Id;
    public EventMember At;
    public EventMember Experiment;
    public EventMember Phase;
    public EventMember Flag;
    public EventMember Variant;
    public EventMember Unit;
    public EventMember Propensity;
    public EventMember WeightsVersion;
    public EventMember Attributes;
    public EventMember Event;
    public EventMember Value;
    public EventMember Properties;
    public EventMember Outcome;
    public EventMember Reward;
    public EventMember ErrorType;
    public EventMember Message;
    public EventMember Count;

    /// <summary>Reads one event. The reader stands on its first token and is left on its last.</summary>
    /// <param name="reader">Reads <paramref name="body"/>.</param>
    /// <param name="body">The whole body.</param>
    /// <returns>False when it is no object.</returns>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public bool Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body)
    {
        _body = body;
        Type = Id = At = Experiment = Phase = Flag = Variant = Unit = Propensity = WeightsVersion = Attributes = Event = Value = Properties = Outcome = Reward = ErrorType = Message = Count = default;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            Take(ref reader);
        return true;
    }

    private void Take(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("type"u8))
            Type = ReadValue(ref reader);
        else if (reader.ValueTextEquals("id"u8))
            Id = ReadValue(ref reader);
        else if (reader.ValueTextEquals("at"u8))
            At = ReadValue(ref reader);
        else if (reader.ValueTextEquals("unit"u8))
            Unit = ReadValue(ref reader);
        else if (reader.ValueTextEquals("event"u8))
            Event = ReadValue(ref reader);
        else if (reader.ValueTextEquals("value"u8))
            Value = ReadValue(ref reader);
        else if (reader.ValueTextEquals("properties"u8))
            Properties = ReadValue(ref reader);
        else if (reader.ValueTextEquals("experiment"u8))
            Experiment = ReadValue(ref reader);
        else if (reader.ValueTextEquals("flag"u8))
            Flag = ReadValue(ref reader);
        else if (reader.ValueTextEquals("variant"u8))
            Variant = ReadValue(ref reader);
        else if (reader.ValueTextEquals("phase"u8))
            Phase = ReadValue(ref reader);
        else if (reader.ValueTextEquals("attributes"u8))
            Attributes = ReadValue(ref reader);
        else
            TakeRare(ref reader);
    }

    private void TakeRare(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("propensity"u8))
            Propensity = ReadValue(ref reader);
        else if (reader.ValueTextEquals("weightsVersion"u8))
            WeightsVersion = ReadValue(ref reader);
        else if (reader.ValueTextEquals("outcome"u8))
            Outcome = ReadValue(ref reader);
        else if (reader.ValueTextEquals("reward"u8))
            Reward = ReadValue(ref reader);
        else if (reader.ValueTextEquals("errorType"u8))
            ErrorType = ReadValue(ref reader);
        else if (reader.ValueTextEquals("message"u8))
            Message = ReadValue(ref reader);
        else if (reader.ValueTextEquals("count"u8))
            Count = ReadValue(ref reader);
        else
            ReadValue(ref reader);
    }

    private EventMember ReadValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                var kind = reader.TokenType;
                reader.Skip();
                return new EventMember(kind, _body[start..(int)reader.BytesConsumed], true);
            case JsonTokenType.String when reader.ValueIsEscaped:
                try
                {
                    return new EventMember(JsonTokenType.String, Encoding.UTF8.GetBytes(reader.GetString()!), true);
                }
                catch (InvalidOperationException)
                {
                    // Half of a surrogate pair.
                    return new EventMember(JsonTokenType.String, default, false);
                }
            case JsonTokenType.String:
                return new EventMember(JsonTokenType.String, _body.Slice(start + 1, reader.ValueSpan.Length), true);
            case JsonTokenType.Null:
                return default;
            default:
                return new EventMember(reader.TokenType, _body.Slice(start, reader.ValueSpan.Length), true);
        }
    }
}

/// <summary>The value of a member: what kind of JSON it is, and its UTF-8 text (of a text without quotes and escapes).</summary>
/// <param name="Kind">The first token; <see cref="JsonTokenType.None"/> where it is absent or null.</param>
/// <param name="Text">The text.</param>
/// <param name="IsUsable">False for a text that no UTF-8 can hold.</param>
internal readonly record struct EventMember(JsonTokenType Kind, ReadOnlyMemory<byte> Text, bool IsUsable)
{
    /// <summary>A member of an object that was parsed; an empty text counts as absent.</summary>
    public static EventMember Of(JsonElement body, string name)
    {
        if (!body.TryGetProperty(name, out var value))
            return default;
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return default;
            case JsonValueKind.String:
                try
                {
                    var text = Encoding.UTF8.GetBytes(value.GetString()!);
                    return text.Length == 0 ? default : new EventMember(JsonTokenType.String, text, true);
                }
                catch (InvalidOperationException)
                {
                    // Half of a surrogate pair.
                    return new EventMember(JsonTokenType.String, default, false);
                }
            case JsonValueKind.Number:
                return new EventMember(JsonTokenType.Number, JsonMarshal.GetRawUtf8Value(value).ToArray(), true);
            default:
                return new EventMember(value.ValueKind == JsonValueKind.Object ? JsonTokenType.StartObject : JsonTokenType.StartArray, default, true);
        }
    }

    /// <summary>Whether it is absent or null.</summary>
    public bool IsMissing => Kind == JsonTokenType.None;

    /// <summary>Whether it is a text of 1 to so many characters, none of which is a control character.</summary>
    public bool IsText(int maxLength) =>
        Kind == JsonTokenType.String && IsUsable && Text.Length > 0 && (Text.Length <= maxLength || (Text.Length <= maxLength * 4 && Encoding.UTF8.GetCharCount(Text.Span) <= maxLength))
        && Text.Span.IndexOfAnyInRange((byte)0, (byte)31) < 0;

    /// <summary>Whether it is absent or such a text.</summary>
    public bool IsTextOrMissing(int maxLength) => IsMissing || IsText(maxLength);

    /// <summary>A finite number.</summary>
    public bool TryNumber(out double number)
    {
        number = 0;
        return Kind == JsonTokenType.Number && System.Buffers.Text.Utf8Parser.TryParse(Text.Span, out number, out var used) && used == Text.Length && double.IsFinite(number);
    }

    /// <summary>A whole number in a range.</summary>
    public bool TryInteger(long minimum, long maximum, out long integer)
    {
        integer = 0;
        return Kind == JsonTokenType.Number && System.Buffers.Text.Utf8Parser.TryParse(Text.Span, out integer, out var used) && used == Text.Length && integer >= minimum && integer <= maximum;
    }
}
