using System.Text.Json;
using System.Text.Json.Nodes;

namespace Togglr.ControlPlane.Scim;

/// <summary>Changes resources as PATCH says (RFC 7644, 3.5.2), with the liberties that identity providers take: operations in any case, <c>True</c> for true, dotted names in objects.</summary>
internal static class ScimPatch
{
    private const string Urn = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    private const int MostOperations = 1000;

    /// <summary>Applies all operations of a body; nothing is kept when one fails, since the resource is thrown away then.</summary>
    public static void Apply(JsonObject resource, JsonElement body, ScimSchema schema)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw ScimFaultException.Syntax("A patch is an object.");
        if (Member(body, "schemas") is { ValueKind: JsonValueKind.Array } schemas
            && !schemas.EnumerateArray().Any(static item => item.ValueKind == JsonValueKind.String && string.Equals(ScimDocument.TextOf(item, "schemas"), Urn, StringComparison.OrdinalIgnoreCase)))
            throw ScimFaultException.Syntax($"A patch has the schema {Urn}.");
        if (Member(body, "Operations") is not { ValueKind: JsonValueKind.Array } operations || operations.GetArrayLength() == 0)
            throw ScimFaultException.Syntax("A patch has Operations.");
        if (operations.GetArrayLength() > MostOperations)
            throw new ScimFaultException(413, "tooMany", $"A patch has at most {MostOperations} operations.");
        foreach (var operation in operations.EnumerateArray())
            ApplyOne(resource, operation, schema);
    }

    private static void ApplyOne(JsonObject resource, JsonElement operation, ScimSchema schema)
    {
        if (operation.ValueKind != JsonValueKind.Object || Member(operation, "op") is not { ValueKind: JsonValueKind.String } op)
            throw ScimFaultException.Syntax("An operation has an op.");
        var verb = ScimDocument.TextOf(op, "op").ToLowerInvariant();
        if (verb is not ("add" or "replace" or "remove"))
            throw ScimFaultException.Syntax("An op is add, replace or remove.");
        var value = Member(operation, "value");
        var pathText = Member(operation, "path") is { ValueKind: JsonValueKind.String } path ? ScimDocument.TextOf(path, "path") : null;
        if (!string.IsNullOrWhiteSpace(pathText))
        {
            ApplyAt(resource, verb, ScimPath.Parse(pathText, schema), value);
            return;
        }
        if (verb == "remove")
            throw ScimFaultException.NoTarget("A removal has a path.");
        if (value is not { ValueKind: JsonValueKind.Object } members)
            throw ScimFaultException.Value("Without a path the value is an object.");
        foreach (var member in members.EnumerateObject())
        {
            // What only the server writes is left alone here, and what nobody knows is left out: clients send whole resources.
            if (ScimPath.Resolve(member.Name, schema) is not { Attribute.IsReadOnly: false } place)
                continue;
            if (place.Attribute.Name == schema.Extension && member.Value.ValueKind == JsonValueKind.Object)
            {
                foreach (var part in member.Value.EnumerateObject())
                {
                    if (place.Attribute.Find(part.Name) is { } attribute)
                        ApplyAt(resource, verb, new ScimPath(attribute, place.Attribute, null, null), part.Value);
                }
                continue;
            }
            ApplyAt(resource, verb, place, member.Value);
        }
    }

    private static void ApplyAt(JsonObject resource, string verb, ScimPath path, JsonElement? value)
    {
        if (path.Attribute.IsReadOnly || path.Sub is { IsReadOnly: true })
            throw ScimFaultException.Mutability($"{path.Attribute.Name} is written by the server only.");
        var holder = HolderOf(resource, path, create: verb != "remove");
        if (holder is null)
            return;
        if (verb == "remove")
            Remove(holder, path, value);
        else if (value is not { } given || given.ValueKind == JsonValueKind.Undefined)
            throw ScimFaultException.Value("An operation that adds or replaces has a value.");
        else if (path.Filter is not null)
            SetChosen(holder, verb, path, given);
        else if (path.Sub is not null)
            SetPart(holder, path, given);
        else if (path.Attribute.IsMulti)
            SetSeveral(holder, verb, path, given);
        else
            SetOne(holder, path.Attribute, given);
        if (path.Extension is not null && holder.Count == 0)
            resource.Remove(path.Extension.Name);
    }

    private static JsonObject? HolderOf(JsonObject resource, ScimPath path, bool create)
    {
        if (path.Extension is null)
            return resource;
        if (resource[path.Extension.Name] is JsonObject there)
            return there;
        if (!create)
            return null;
        var made = new JsonObject();
        resource[path.Extension.Name] = made;
        return made;
    }

    private static void SetOne(JsonObject holder, ScimAttribute attribute, JsonElement given)
    {
        if (ScimDocument.ReadValue(given, attribute) is not { } value)
            Drop(holder, attribute);
        else if (value is JsonObject parts && holder[attribute.Name] is JsonObject there)
            Merge(there, parts);
        else
            holder[attribute.Name] = value;
    }

    private static void SetPart(JsonObject holder, ScimPath path, JsonElement given)
    {
        var part = ScimDocument.ReadValue(given, path.Sub!);
        if (path.Attribute.IsMulti)
        {
            // A part of every value; there must be one.
            if (holder[path.Attribute.Name] is not JsonArray values)
                throw ScimFaultException.NoTarget($"There is no {path.Attribute.Name}.");
            foreach (var value in values.OfType<JsonObject>())
                value[path.Sub!.Name] = part?.DeepClone();
            return;
        }
        if (holder[path.Attribute.Name] is not JsonObject complex)
            holder[path.Attribute.Name] = complex = [];
        if (part is null)
            complex.Remove(path.Sub!.Name);
        else
            complex[path.Sub!.Name] = part;
        if (complex.Count == 0)
            holder.Remove(path.Attribute.Name);
    }

    private static void SetSeveral(JsonObject holder, string verb, ScimPath path, JsonElement given)
    {
        var name = path.Attribute.Name;
        var sent = ScimDocument.ReadValue(given, path.Attribute) as JsonArray ?? [];
        if (verb == "replace" || holder[name] is not JsonArray there)
        {
            if (sent.Count == 0)
                holder.Remove(name);
            else
                holder[name] = Distinct(sent);
            return;
        }
        if (sent.Any(IsPrimary))
            foreach (var value in there.OfType<JsonObject>())
                value.Remove("primary");
        var known = there.Select(KeyOf).ToHashSet(StringComparer.Ordinal);
        foreach (var value in sent.Where(value => known.Add(KeyOf(value))).ToList())
            there.Add(value!.DeepClone());
        // A value that is there already may become the primary one.
        foreach (var primary in sent.Where(IsPrimary).Select(KeyOf))
            there.OfType<JsonObject>().First(value => KeyOf(value) == primary)["primary"] = true;
    }

    private static void SetChosen(JsonObject holder, string verb, ScimPath path, JsonElement given)
    {
        var values = holder[path.Attribute.Name] as JsonArray;
        var chosen = values?.OfType<JsonObject>().Where(path.Filter!.Matches).ToList() ?? [];
        if (chosen.Count == 0)
        {
            if (verb == "replace" || Made(path.Filter!) is not { } made)
                throw ScimFaultException.NoTarget($"No {path.Attribute.Name} is chosen.");
            if (values is null)
                holder[path.Attribute.Name] = values = [];
            values.Add(made);
            chosen = [made];
        }
        foreach (var value in chosen)
        {
            if (path.Sub is { } sub)
                value[sub.Name] = ScimDocument.ReadValue(given, sub);
            else if (ScimDocument.ReadSingle(given, path.Attribute) is JsonObject parts)
                Merge(value, parts);
            if (IsPrimary(value))
                foreach (var other in values!.OfType<JsonObject>().Where(other => other != value))
                    other.Remove("primary");
        }
    }

    /// <summary>The value that a filter of equalities describes: what an addition to a value that is not there makes.</summary>
    private static JsonObject? Made(ScimFilter filter) => filter switch
    {
        ScimFilter.Comparison { Operator: "eq", Operand: string text } equals => new JsonObject { [equals.Path.Attribute.Name] = text },
        ScimFilter.Comparison { Operator: "eq", Operand: bool flag } equals => new JsonObject { [equals.Path.Attribute.Name] = flag },
        ScimFilter.And both when Made(both.Left) is { } left && Made(both.Right) is { } right => Merge(left, right),
        _ => null,
    };

    private static void Remove(JsonObject holder, ScimPath path, JsonElement? value)
    {
        var name = path.Attribute.Name;
        if (path.Filter is not null)
        {
            if (holder[name] is not JsonArray values)
                return;
            foreach (var chosen in values.OfType<JsonObject>().Where(path.Filter.Matches).ToList())
            {
                if (path.Sub is { } sub)
                    chosen.Remove(sub.Name);
                else
                    values.Remove(chosen);
            }
            if (values.Count == 0)
                Drop(holder, path.Attribute);
        }
        else if (path.Sub is { } part)
        {
            foreach (var complex in (path with { Extension = null }).NodesOf(holder).OfType<JsonObject>())
                complex.Remove(part.Name);
        }
        else if (path.Attribute.IsMulti && value is { ValueKind: JsonValueKind.Array or JsonValueKind.Object } && ScimDocument.ReadValue(value.Value, path.Attribute) is JsonArray { Count: > 0 } named)
        {
            // Some clients name the values to remove instead of choosing them.
            var keys = named.Select(KeyOf).ToHashSet(StringComparer.Ordinal);
            if (holder[name] is not JsonArray values)
                return;
            // Without a type it is the value of any type.
            foreach (var gone in values.Where(item => keys.Contains(KeyOf(item)) || (item is JsonObject complex && keys.Contains($"{complex["value"]} "))).ToList())
                values.Remove(gone);
            if (values.Count == 0)
                holder.Remove(name);
        }
        else
        {
            Drop(holder, path.Attribute);
        }
    }

    private static void Drop(JsonObject holder, ScimAttribute attribute)
    {
        if (attribute.IsRequired)
            throw ScimFaultException.Value($"{attribute.Name} is needed.");
        holder.Remove(attribute.Name);
    }

    private static JsonArray Distinct(JsonArray values)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        return new JsonArray([.. values.Where(value => known.Add(KeyOf(value))).Select(static value => value!.DeepClone())]);
    }

    private static JsonObject Merge(JsonObject into, JsonObject parts)
    {
        foreach (var (name, part) in parts.ToList())
            into[name] = part?.DeepClone();
        return into;
    }

    private static bool IsPrimary(JsonNode? value) => value is JsonObject complex && complex["primary"] is JsonValue flag && flag.TryGetValue<bool>(out var isPrimary) && isPrimary;

    /// <summary>What makes two values the same: their value and type, else everything.</summary>
    private static string KeyOf(JsonNode? value) => value is JsonObject complex && complex["value"] is { } own ? $"{own} {complex["type"]}" : value?.ToJsonString() ?? "";

    private static JsonElement? Member(JsonElement holder, string name)
    {
        foreach (var member in holder.EnumerateObject())
        {
            if (string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase))
                return member.Value;
        }
        return null;
    }
}
