using System.Text;

namespace Togglr.ControlPlane.Directories;

/// <summary>Search filters (RFC 4515) with values put in.</summary>
internal static class LdapFilter
{
    /// <summary>Puts values in the place of <c>{username}</c> and <c>{dn}</c>. Whatever they are, they stay values.</summary>
    public static string Fill(string filter, string? username, string? dn)
    {
        // In one pass: a value that looks like a placeholder is not one.
        var filled = new StringBuilder(filter.Length + 100);
        for (var i = 0; i < filter.Length; i++)
        {
            if (username is not null && filter.AsSpan(i).StartsWith("{username}", StringComparison.Ordinal))
                (filled, i) = (filled.Append(Escape(username)), i + "{username}".Length - 1);
            else if (dn is not null && filter.AsSpan(i).StartsWith("{dn}", StringComparison.Ordinal))
                (filled, i) = (filled.Append(Escape(dn)), i + "{dn}".Length - 1);
            else
                filled.Append(filter[i]);
        }
        return filled.ToString();
    }

    /// <summary>The filter that finds everybody whom some name finds, but not those who are switched off.</summary>
    public static string Everybody(string userFilter, string? disabledFilter)
    {
        var everybody = userFilter.Replace("{username}", "*", StringComparison.Ordinal);
        return disabledFilter is null ? everybody : $"(&{everybody}(!{disabledFilter}))";
    }

    /// <summary>A filter that excludes those who are switched off.</summary>
    public static string Enabled(string filter, string? disabledFilter) => disabledFilter is null ? filter : $"(&{filter}(!{disabledFilter}))";

    /// <summary>
    /// A value as it may stand in a filter. Everything but letters, digits and a few harmless signs is written as the hexadecimal bytes of its UTF-8, which no parser can take for syntax.
    /// </summary>
    public static string Escape(string value)
    {
        var escaped = new StringBuilder(value.Length * 2);
        foreach (var octet in Encoding.UTF8.GetBytes(value))
        {
            if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'.' or (byte)'-' or (byte)'_' or (byte)'@')
                escaped.Append((char)octet);
            else
                escaped.Append('\\').Append(octet.ToString("x2"));
        }
        return escaped.ToString();
    }

    /// <summary>Whether every parenthesis is closed and nothing stands outside. What else may be wrong, the directory tells.</summary>
    public static bool IsBalanced(string filter)
    {
        var depth = 0;
        for (var i = 0; i < filter.Length; i++)
        {
            depth += filter[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth < 0 || (depth == 0 && i < filter.Length - 1))
                return false;
        }
        return depth == 0 && filter is ['(', .., ')'] && filter.Length > 2;
    }
}
