using System.Buffers;
using System.Text.Json;
using Togglr.Messaging.Sampling;

namespace Togglr.Edge.Sampling;

/// <summary>Takes out of a context what the terms allow: nothing but named attributes, and a name that stands for the targeting key.</summary>
internal static class ContextExtract
{
    private const int LongestText = 256;
    private const int LongestNumber = 32;
    private const int LongestArray = 32;

    /// <summary>What may be kept, as a JSON object; attributes that do not fit any more are left out.</summary>
    /// <param name="terms">What is allowed.</param>
    /// <param name="targetingKey">The key; empty for none.</param>
    /// <param name="body">A valid body.</param>
    /// <param name="isFlat">Whether the body is the context itself, else its member <c>context</c> is.</param>
    public static ReadOnlyMemory<byte> Write(SamplingTerms terms, ReadOnlySpan<byte> targetingKey, ReadOnlySpan<byte> body, bool isFlat)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        if (!targetingKey.IsEmpty)
        {
            Span<byte> name = stackalloc byte[SamplingTerms.StandInLength];
            terms.WriteStandIn(targetingKey, name);
            writer.WriteString("targetingKey"u8, name);
        }
        if (terms.Attributes.Count > 0 && Context(body, isFlat) is { ValueKind: JsonValueKind.Object } context)
        {
            foreach (var name in terms.Attributes)
            {
                if (Find(context, name) is { } value && writer.BytesCommitted + writer.BytesPending + name.Length + Size(value) + 16 < HttpContextSamples.MaximumContext)
                    WriteValue(writer, name, value);
            }
        }
        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenMemory;
    }

    private static JsonElement? Context(ReadOnlySpan<byte> body, bool isFlat)
    {
        var reader = new Utf8JsonReader(body);
        if (isFlat)
            return JsonElement.ParseValue(ref reader);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isContext = reader.ValueTextEquals("context"u8);
            reader.Read();
            if (isContext)
                return JsonElement.ParseValue(ref reader);
            reader.Skip();
        }
        return null;
    }

    /// <summary>As evaluation looks attributes up: the whole name first, then the path.</summary>
    private static JsonElement? Find(JsonElement context, string name)
    {
        if (context.TryGetProperty(name, out var whole) && whole.ValueKind != JsonValueKind.Null)
            return IsAllowed(whole) ? whole : null;
        if (!name.Contains('.', StringComparison.Ordinal))
            return null;
        foreach (var part in name.Split('.'))
        {
            if (context.ValueKind != JsonValueKind.Object || !context.TryGetProperty(part, out context))
                return null;
        }
        return IsAllowed(context) ? context : null;
    }

    private static bool IsAllowed(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() <= LongestArray && value.EnumerateArray().All(static item => item.ValueKind != JsonValueKind.Array && IsAllowed(item)),
        _ => IsScalar(value),
    };

    private static bool IsScalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetRawText().Length <= LongestText * 2 && Text(value) is { Length: <= LongestText },
        JsonValueKind.Number => value.GetRawText().Length <= LongestNumber,
        JsonValueKind.True or JsonValueKind.False => true,
        _ => false,
    };

    private static string? Text(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair.
            return null;
        }
    }

    // Escapes make a text at most six times as long.
    private static int Size(JsonElement value) => value.GetRawText().Length * 6;

    private static void WriteValue(Utf8JsonWriter writer, string name, JsonElement value)
    {
        writer.WritePropertyName(name);
        value.WriteTo(writer);
    }
}
