using System.Text.Json;
using System.Text.Json.Nodes;
using Togglr.ControlPlane.Api;

namespace Togglr.ControlPlane.Scim;

/// <summary>Resources as JSON: reads what clients send into the schema's own spelling, and shows the part of it that they ask for.</summary>
internal static class ScimDocument
{
    private const int LongestText = 4000;
    private const int MostValues = 10_000;

    /// <summary>Reads a resource. Attributes that the schema does not have, and those that only the server writes, are left out; names are taken in any case.</summary>
    /// <exception cref="ScimFaultException">A value is not of its kind.</exception>
    public static JsonObject Read(JsonElement body, ScimSchema schema)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw ScimFaultException.Syntax("A resource is an object.");
        var resource = new JsonObject();
        foreach (var member in body.EnumerateObject())
        {
            if (schema.Find(member.Name) is not { IsReadOnly: false } attribute)
                continue;
            if (resource.ContainsKey(attribute.Name))
                throw ScimFaultException.Syntax($"{attribute.Name} is there twice.");
            if (ReadValue(member.Value, attribute) is { } value)
                resource[attribute.Name] = value;
        }
        return resource;
    }

    /// <summary>Reads the value of an attribute; null for nothing.</summary>
    public static JsonNode? ReadValue(JsonElement value, ScimAttribute attribute)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return null;
        if (!attribute.IsMulti)
            return ReadSingle(value, attribute);
        // One value instead of a list of one, as some clients send.
        var several = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value];
        if (several.Length > MostValues)
            throw new ScimFaultException(413, "tooMany", $"{attribute.Name} has at most {MostValues} values.");
        var values = new JsonArray();
        foreach (var item in several)
        {
            if (item.ValueKind != JsonValueKind.Null && ReadSingle(item, attribute) is { } read)
                values.Add(read);
        }
        return values.Count == 0 ? null : values;
    }

    /// <summary>Reads one value of an attribute.</summary>
    public static JsonNode? ReadSingle(JsonElement value, ScimAttribute attribute)
    {
        switch (attribute.Type)
        {
            case ScimType.Complex:
                return ReadComplex(value, attribute);
            case ScimType.Boolean:
                // Entra sends "True" and "False".
                if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
                    return JsonValue.Create(value.GetBoolean());
                return value.ValueKind == JsonValueKind.String && bool.TryParse(TextOf(value, attribute.Name), out var flag) ? JsonValue.Create(flag) : throw Wrong(attribute, "true or false");
            default:
                return value.ValueKind switch
                {
                    JsonValueKind.String => JsonValue.Create(TextOf(value, attribute.Name)),
                    JsonValueKind.Number => JsonValue.Create(value.GetRawText()),
                    _ => throw Wrong(attribute, "a text"),
                };
        }
    }

    /// <summary>The text of a JSON string that can be stored.</summary>
    public static string TextOf(JsonElement value, string name)
    {
        string text;
        try
        {
            text = value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ScimFaultException.Value($"{name} holds half of a surrogate pair.");
        }
        if (text.Length > LongestText)
            throw ScimFaultException.Value($"{name} has at most {LongestText} characters.");
        return Texts.Fault(text, "") is null ? text : throw ScimFaultException.Value($"{name} has a character that cannot be stored.");
    }

    /// <summary>The part of a resource that a client asks for. <c>id</c> and <c>schemas</c> are always in it.</summary>
    public static JsonObject Project(JsonObject resource, IReadOnlyList<ScimPath>? only, IReadOnlyList<ScimPath> without)
    {
        if (only is not null)
        {
            var shown = new JsonObject { ["schemas"] = resource["schemas"]?.DeepClone(), ["id"] = resource["id"]?.DeepClone() };
            foreach (var path in only)
                Copy(resource, shown, path);
            return shown;
        }
        foreach (var path in without.Where(static path => path.Attribute.Name != "id"))
        {
            var holder = path.Extension is null ? resource : resource[path.Extension.Name] as JsonObject;
            if (path.Sub is null)
                holder?.Remove(path.Attribute.Name);
            else
                foreach (var value in path.NodesOf(resource).OfType<JsonObject>())
                    value.Remove(path.Sub.Name);
        }
        return resource;
    }

    private static void Copy(JsonObject from, JsonObject to, ScimPath path)
    {
        var source = path.Extension is null ? from : from[path.Extension.Name] as JsonObject;
        if (source?[path.Attribute.Name] is not { } value || path.Attribute.Name is "id")
            return;
        var target = to;
        if (path.Extension is not null)
        {
            if (to[path.Extension.Name] is not JsonObject extension)
                to[path.Extension.Name] = extension = [];
            target = extension;
        }
        if (path.Sub is null)
        {
            target[path.Attribute.Name] = value.DeepClone();
        }
        else if (value is JsonArray values)
        {
            if (target[path.Attribute.Name] is not JsonArray kept)
                target[path.Attribute.Name] = kept = new JsonArray([.. values.Select(static _ => (JsonNode)new JsonObject())]);
            for (var i = 0; i < values.Count && i < kept.Count; i++)
                Add((kept[i] as JsonObject)!, values[i] as JsonObject, path.Sub.Name);
        }
        else
        {
            if (target[path.Attribute.Name] is not JsonObject kept)
                target[path.Attribute.Name] = kept = [];
            Add(kept, value as JsonObject, path.Sub.Name);
        }
    }

    private static void Add(JsonObject to, JsonObject? from, string name)
    {
        if (from?[name] is { } value)
            to[name] = value.DeepClone();
    }

    private static JsonObject? ReadComplex(JsonElement value, ScimAttribute attribute)
    {
        // A plain text where an object with a value is meant, as some clients send.
        if (value.ValueKind == JsonValueKind.String && attribute.Find("value") is not null)
            return new JsonObject { ["value"] = TextOf(value, attribute.Name) };
        if (value.ValueKind != JsonValueKind.Object)
            throw Wrong(attribute, "an object");
        var read = new JsonObject();
        foreach (var member in value.EnumerateObject())
        {
            if (attribute.Find(member.Name) is not { IsReadOnly: false } sub)
                continue;
            if (read.ContainsKey(sub.Name))
                throw ScimFaultException.Syntax($"{attribute.Name}.{sub.Name} is there twice.");
            if (ReadValue(member.Value, sub) is { } part)
                read[sub.Name] = part;
        }
        return read.Count == 0 ? null : read;
    }

    private static ScimFaultException Wrong(ScimAttribute attribute, string expected) => ScimFaultException.Value($"{attribute.Name} is {expected}.");
}
