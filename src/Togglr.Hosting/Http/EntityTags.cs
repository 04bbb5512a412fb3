using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Togglr.Hosting.Problems;

namespace Togglr.Hosting.Http;

/// <summary>Versions as entity tags: <c>ETag: "17"</c>, <c>If-Match: "17"</c>.</summary>
public static class EntityTags
{
    /// <summary>Writes a version as a strong entity tag.</summary>
    public static string Format(long version) => $"\"{version}\"";

    /// <summary>
    /// Compares <c>If-Match</c> with the version that a resource has. Null: go on. The header may be absent (unless
    /// <paramref name="required"/>), <c>*</c>, or a list of tags. Weak tags never match (RFC 9110, 13.1.1).
    /// </summary>
    public static Problem? Check(HttpRequest request, long version, bool required = false)
    {
        var header = request.Headers.IfMatch;
        if (StringValues.IsNullOrEmpty(header))
            return required ? Problem.PreconditionRequired() : null;
        foreach (var value in header)
        {
            foreach (var tag in (value ?? "").Split(',', StringSplitOptions.TrimEntries))
            {
                if (tag == "*" || (tag.Length > 2 && tag[0] == '"' && tag[^1] == '"'
                    && long.TryParse(tag.AsSpan(1, tag.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number == version))
                    return null;
            }
        }
        return Problem.PreconditionFailed(version);
    }
}
