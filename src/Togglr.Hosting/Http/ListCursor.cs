using System.Buffers.Text;
using System.Text.Json;

namespace Togglr.Hosting.Http;

/// <summary>
/// The place after which a page of a list begins, opaque to clients: the sort that it belongs to, the sort value and the unique id of the last item.
/// It names a position, not an offset, so items that come or go in between shift nothing.
/// </summary>
/// <param name="Sort">The sort of the list, with its direction; a cursor of another sort is refused.</param>
/// <param name="Value">The last item's sort value as text.</param>
/// <param name="Id">The last item's id, which makes the position unique.</param>
public sealed record ListCursor(string Sort, string Value, Guid Id)
{
    /// <summary>As the text of <c>nextCursor</c>.</summary>
    public string Encode() => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new[] { Sort, Value, Id.ToString("N") }));

    /// <summary>Reads what <see cref="Encode"/> wrote; null when it is something else.</summary>
    public static ListCursor? Decode(string text)
    {
        if (text.Length > 2000)
            return null;
        try
        {
            var parts = JsonSerializer.Deserialize<string[]>(Base64Url.DecodeFromChars(text));
            return parts is [{ } sort, { } value, { } id] && Guid.TryParseExact(id, "N", out var guid) ? new ListCursor(sort, value, guid) : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }
}
