using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Togglr.Server.Ui;

/// <summary>Chooses how an answer is coded by what the client accepts (RFC 9110, section 12.5.3).</summary>
internal static class AcceptedCoding
{
    private const string Identity = "identity";

    /// <summary>The coding that the client likes best; null: none. Of what it likes equally, the first.</summary>
    /// <param name="accepted">The header <c>Accept-Encoding</c>; what is no such header accepts nothing in particular.</param>
    /// <param name="available">What there is, the best first.</param>
    public static string? Choose(StringValues accepted, IEnumerable<string> available)
    {
        if (StringValues.IsNullOrEmpty(accepted) || !StringWithQualityHeaderValue.TryParseList(accepted, out var wishes))
            return null;
        // Whoever names a coding wants it rather than none, unless they say so.
        var (chosen, best) = ((string?)null, Named(wishes, Identity) ?? 0);
        foreach (var coding in available)
        {
            var quality = Named(wishes, coding) ?? Named(wishes, "*") ?? 0;
            if (quality > best || (quality == best && quality > 0 && chosen is null))
                (chosen, best) = (coding, quality);
        }
        return chosen;
    }

    private static double? Named(IList<StringWithQualityHeaderValue> wishes, string coding)
    {
        foreach (var wish in wishes)
        {
            if (wish.Value.Equals(coding, StringComparison.OrdinalIgnoreCase) || (coding == "gzip" && wish.Value.Equals("x-gzip", StringComparison.OrdinalIgnoreCase)))
                return wish.Quality ?? 1;
        }
        return null;
    }
}
