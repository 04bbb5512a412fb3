using System.Text.Json.Nodes;

namespace Togglr.ControlPlane.Scim;

/// <summary>A place in a resource: an attribute, perhaps some of its values, perhaps a part of them (RFC 7644, figure 7).</summary>
/// <param name="Attribute">The attribute; one of the extension has <paramref name="Extension"/> set.</param>
/// <param name="Extension">The extension that it belongs to.</param>
/// <param name="Filter">Which of the values.</param>
/// <param name="Sub">Which part.</param>
internal sealed record ScimPath(ScimAttribute Attribute, ScimAttribute? Extension, ScimFilter? Filter, ScimAttribute? Sub)
{
    /// <summary>The attribute's place without a filter; null when the schema has no such one.</summary>
    public static ScimPath? Resolve(string name, ScimSchema schema)
    {
        var rest = name;
        ScimAttribute? extension = null;
        if (rest.StartsWith("urn:", StringComparison.OrdinalIgnoreCase))
        {
            if (Within(rest, schema.Urn) is { } own)
            {
                rest = own;
            }
            else if (schema.Extension is { } urn && Within(rest, urn) is { } part)
            {
                extension = schema.Find(urn)!;
                if (part.Length == 0)
                    return new ScimPath(extension, null, null, null);
                rest = part;
            }
            else
            {
                return null;
            }
        }
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        var first = dot < 0 ? rest : rest[..dot];
        if ((extension is null ? schema.Find(first) : extension.Find(first)) is not { } attribute)
            return null;
        if (dot < 0)
            return new ScimPath(attribute, extension, null, null);
        return attribute.Find(rest[(dot + 1)..]) is { } sub ? new ScimPath(attribute, extension, null, sub) : null;
    }

    /// <summary>Reads the path of a patch.</summary>
    /// <exception cref="ScimFaultException">There is no such place.</exception>
    public static ScimPath Parse(string text, ScimSchema schema)
    {
        if (text.Length > ScimFilter.LongestText)
            throw ScimFaultException.Path("The path is too long.");
        var open = text.IndexOf('[', StringComparison.Ordinal);
        if (open < 0)
            return Resolve(text.Trim(), schema) ?? throw Unknown(text);
        var close = ClosingBracket(text, open);
        if (close < 0 || Resolve(text[..open].Trim(), schema) is not { Sub: null } path || !path.Attribute.IsMulti)
            throw Unknown(text);
        var filter = ScimFilter.ParseWithin(text[(open + 1)..close], path.Attribute);
        var rest = text[(close + 1)..].Trim();
        if (rest.Length == 0)
            return path with { Filter = filter };
        return rest[0] == '.' && path.Attribute.Find(rest[1..]) is { } sub ? path with { Filter = filter, Sub = sub } : throw Unknown(text);
    }

    /// <summary>The values at the place: none, one, or those of an attribute with several. The part is not looked at.</summary>
    public IEnumerable<JsonNode> NodesOf(JsonObject resource)
    {
        var holder = Extension is null ? resource : resource[Extension.Name] as JsonObject;
        return holder?[Attribute.Name] switch
        {
            null => [],
            JsonArray several => several.OfType<JsonNode>(),
            { } one => [one],
        };
    }

    /// <summary>The bracket that closes the first one, texts in quotes skipped.</summary>
    internal static int ClosingBracket(string text, int open)
    {
        var quoted = false;
        for (var i = open + 1; i < text.Length; i++)
        {
            if (quoted && text[i] == '\\')
                i++;
            else if (text[i] == '"')
                quoted = !quoted;
            else if (text[i] == ']' && !quoted)
                return i;
        }
        return -1;
    }

    private static string? Within(string name, string urn) =>
        name.StartsWith(urn, StringComparison.OrdinalIgnoreCase) && (name.Length == urn.Length || name[urn.Length] == ':') ? name[Math.Min(name.Length, urn.Length + 1)..] : null;

    private static ScimFaultException Unknown(string text) => ScimFaultException.Path($"There is no place {(text.Length > 200 ? text[..200] : text)}.");
}
