using System.Text.Json;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Togglr.Store;

/// <summary>JSON kept as it was written (order of members, spelling of numbers), in PostgreSQL's <c>json</c>, never <c>jsonb</c>.</summary>
public static class JsonColumn
{
    /// <summary>Conditions nest 32 deep, which is 64 levels of JSON, inside rules inside a document; values of JSON flags come on top.</summary>
    public const int MaximumDepth = 256;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaximumDepth };

    /// <summary>The empty array.</summary>
    public static JsonElement EmptyArray { get; } = Parse("[]");

    /// <summary>Parses a text that is known to be JSON; the element owns its memory.</summary>
    public static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json, Options);
        return document.RootElement.Clone();
    }

    internal sealed class ElementConverter() : ValueConverter<JsonElement, string>(element => element.GetRawText(), text => Parse(text));

    internal sealed class ElementComparer() : ValueComparer<JsonElement>(
        (left, right) => Same(left, right), element => element.GetRawText().GetHashCode(StringComparison.Ordinal), element => element);

    internal sealed class VariantsConverter() : ValueConverter<IReadOnlyList<Variant>, string>(variants => Write(variants), text => Read(text));

    internal sealed class VariantsComparer() : ValueComparer<IReadOnlyList<Variant>>(
        (left, right) => ReferenceEquals(left, right) || (left != null && right != null && Write(left) == Write(right)),
        variants => variants.Count,
        variants => variants);

    private static bool Same(JsonElement left, JsonElement right) => left.GetRawText() == right.GetRawText();

    internal static string Write(IReadOnlyList<Variant> variants)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { MaxDepth = 1000 }))
        {
            writer.WriteStartArray();
            foreach (var variant in variants)
            {
                writer.WriteStartObject();
                writer.WriteString("key", variant.Key);
                writer.WriteString("name", variant.Name);
                writer.WriteString("description", variant.Description);
                writer.WritePropertyName("value");
                writer.WriteRawValue(variant.Value.GetRawText(), skipInputValidation: true);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    private static IReadOnlyList<Variant> Read(string text) =>
    [
        .. Parse(text).EnumerateArray().Select(item => new Variant(item.GetProperty("key").GetString()!, item.GetProperty("value"))
        {
            Name = item.GetProperty("name").GetString()!, Description = item.GetProperty("description").GetString()!,
        }),
    ];
}

/// <summary>Enumerations are stored and spoken as their lower-case names.</summary>
internal static class EnumText
{
    internal static string Of<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    internal sealed class Converter<T>() : ValueConverter<T, string>(value => value.ToString().ToLowerInvariant(), text => Enum.Parse<T>(text, true))
        where T : struct, Enum;
}
