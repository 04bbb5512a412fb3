using System.Buffers.Text;
using System.Text.Json;

namespace Togglr.ControlPlane.IdentityProviders.Oidc;

/// <summary>Reads what providers write, which may be anything.</summary>
internal static class OidcJson
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>A document; null when it is not JSON, or says one thing twice.</summary>
    public static JsonElement? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A text member; null when it is not there or something else.</summary>
    public static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? TextOf(value) : null;

    /// <summary>A list of texts, or one text; what is no text is left out.</summary>
    public static IReadOnlyList<string> Texts(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? Texts(value) : [];

    /// <summary>A list of texts, or one text; what is no text is left out.</summary>
    public static IReadOnlyList<string> Texts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => TextOf(value) is { } text ? [text] : [],
        JsonValueKind.Array => [.. value.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.String).Select(TextOf).OfType<string>()],
        _ => [],
    };

    /// <summary>The text, or the first of a list; null when there is none.</summary>
    public static string? FirstText(JsonElement value) => Texts(value) is [var first, ..] ? first : null;

    /// <summary>A member in seconds since 1970; null when it is not there or no number.</summary>
    public static double? Seconds(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && double.IsFinite(seconds) ? seconds : null;

    /// <summary>Bytes in base64url.</summary>
    public static byte[]? Bytes(JsonElement json, string name) => Text(json, name) is { } text ? Decode(text) : null;

    /// <summary>Bytes in base64url; null when they are not.</summary>
    public static byte[]? Decode(ReadOnlySpan<char> text) => Base64Url.IsValid(text) && !text.Contains('=') ? Base64Url.DecodeFromChars(text) : null;

    /// <summary>A claim by its name or, with dots, by the way to it.</summary>
    public static JsonElement? Find(JsonElement claims, string path)
    {
        if (path.Length == 0 || claims.ValueKind != JsonValueKind.Object)
            return null;
        if (claims.TryGetProperty(path, out var whole))
            return whole;
        var at = claims;
        foreach (var name in path.Split('.'))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
                return null;
        }
        return at;
    }

    // Half a surrogate pair can be escaped in JSON, but is no text.
    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
