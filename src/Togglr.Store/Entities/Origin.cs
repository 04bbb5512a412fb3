namespace Togglr.Store;

/// <summary>What may stand in a list of web origins.</summary>
public static class Origin
{
    /// <summary>The origin as browsers write it: lower case, without the scheme's own port. <c>*</c> stays.</summary>
    /// <returns>Null for anything that is not an http or https origin.</returns>
    public static string? Canonical(string? text)
    {
        if (text == "*")
            return text;
        if (text is null || text.Length > 300 || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            return null;
        var origin = url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped).ToLowerInvariant();
        // Nothing may be lost on the way: no path, no query, no user, no blank.
        var written = url.IsDefaultPort ? text.ToLowerInvariant().Replace($":{url.Port}", "", StringComparison.Ordinal) : text.ToLowerInvariant();
        return written.TrimEnd('/') == origin ? origin : null;
    }
}
