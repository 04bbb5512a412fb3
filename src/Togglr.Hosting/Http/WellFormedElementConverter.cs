using System.Text.Json;
using System.Text.Json.Serialization;

namespace Togglr.Hosting.Http;

/// <summary>
/// Reads free JSON and refuses texts with half of a surrogate pair: such an escape (<c>"\ud800"</c>) is read without complaint and fails
/// only where somebody asks for the text, deep inside. Elsewhere the serializer itself refuses it.
/// </summary>
internal sealed class WellFormedElementConverter : JsonConverter<JsonElement>
{
    private static readonly JsonSerializerOptions Strict = new() { AllowDuplicateProperties = false };
    private static readonly JsonConverter<JsonElement> Elements = (JsonConverter<JsonElement>)Strict.GetConverter(typeof(JsonElement));

    public override bool HandleNull => true;

    public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var element = Elements.Read(ref reader, typeToConvert, Strict);
        // Only escapes can write half a pair: the reader has refused everything that is not UTF-8.
        if (element.GetRawText().Contains("\\u", StringComparison.Ordinal))
            Check(element);
        return element;
    }

    public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) => value.WriteTo(writer);

    private static void Check(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    Check(() => member.Name);
                    Check(member.Value);
                }
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    Check(item);
                break;
            case JsonValueKind.String:
                Check(element.GetString);
                break;
        }
    }

    private static void Check(Func<string?> read)
    {
        try
        {
            _ = read();
        }
        catch (InvalidOperationException halved)
        {
            throw new JsonException("A text holds half of a surrogate pair.", halved);
        }
    }
}
