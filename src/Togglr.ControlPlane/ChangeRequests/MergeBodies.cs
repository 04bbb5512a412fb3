using System.Text.Json;
using System.Text.Json.Nodes;
using Togglr.Store;

namespace Togglr.ControlPlane.ChangeRequests;

/// <summary>
/// Brings a call that sends a whole document up to date: what others changed since is taken over, what the request changes stays, and what both changed differently is a collision. Rules are
/// merged one by one while nobody moved, added or removed one.
/// </summary>
internal static class MergeBodies
{
    private static readonly Dictionary<string, (string[] Absent, Dictionary<string, string> Names)> Documents = new(StringComparer.Ordinal)
    {
        ["configureFlag"] = (["prerequisites", "targets", "rules", "offVariant"], new(StringComparer.Ordinal)),
        ["updateFlag"] = ([], new(StringComparer.Ordinal) { ["owner"] = "ownerId", ["maintainers"] = "maintainerIds" }),
        ["putSegment"] = (["description", "if"], new(StringComparer.Ordinal) { ["if"] = "condition", ["included"] = "keysVersion", ["excluded"] = "keysVersion" }),
    };

    /// <summary>Whether a call sends a document that can be merged.</summary>
    public static bool Knows(ChangeCommand command) => Documents.ContainsKey(command.Operation) && command.Body is not null;

    /// <summary>The new body, or the members that collide.</summary>
    /// <param name="command">The call as it was.</param>
    /// <param name="theirs">The rows as they are now, as the audit log would tell.</param>
    public static (byte[]? Body, IReadOnlyList<string> Collisions) Run(ChangeCommand command, string? theirs)
    {
        var (absent, names) = Documents[command.Operation];
        if (JsonNode.Parse(command.Body) is not JsonObject body || RowOf(command, command.Before) is not { } before || RowOf(command, theirs) is not { } now)
            return (command.Body, []);
        var collisions = new List<string>();
        foreach (var member in body.Select(pair => pair.Key).Union(absent, StringComparer.Ordinal).Where(member => member != "reason").ToList())
        {
            var name = names.GetValueOrDefault(member, member);
            var (old, other) = (before[name], now[name]);
            var mine = body.ContainsKey(member) ? body[member] : DefaultOf(member);
            if (AreSame(old, other) || AreSame(mine, other))
                continue;
            if (name == "keysVersion")
                collisions.Add($"/{member}");
            else if (AreSame(mine, old))
                body[member] = other?.DeepClone();
            else if (member == "rules" && MergeRules(mine, old, other) is { } rules)
                body[member] = rules;
            else
                collisions.Add($"/{member}");
        }
        return collisions.Count > 0 ? (null, collisions) : (JsonSerializer.SerializeToUtf8Bytes(body), []);
    }

    private static JsonNode? DefaultOf(string member) => member switch
    {
        "prerequisites" or "targets" or "rules" => new JsonArray(),
        "description" => JsonValue.Create(""),
        _ => null,
    };

    /// <summary>The row that the call is about.</summary>
    private static JsonObject? RowOf(ChangeCommand command, string? rows)
    {
        if (rows is null || JsonNode.Parse(rows) is not JsonObject all)
            return null;
        var name = command.Operation switch
        {
            "configureFlag" => $"flags/{command.EntityKey}/environments/{command.Environment}",
            "updateFlag" => $"flags/{command.EntityKey}",
            _ => $"segments/{command.EntityKey}",
        };
        return all[name] as JsonObject;
    }

    private static JsonArray? MergeRules(JsonNode? mine, JsonNode? old, JsonNode? other)
    {
        if (ById(mine) is not { } my || ById(old) is not { } was || ById(other) is not { } their || !my.Keys.SequenceEqual(was.Keys, StringComparer.Ordinal) || !their.Keys.SequenceEqual(was.Keys, StringComparer.Ordinal))
            return null;
        var merged = new JsonArray();
        foreach (var (id, rule) in was)
        {
            if (!AreSame(my[id], rule) && !AreSame(their[id], rule) && !AreSame(my[id], their[id]))
                return null;
            merged.Add((AreSame(my[id], rule) ? their[id] : my[id])!.DeepClone());
        }
        return merged;
    }

    private static OrderedDictionary<string, JsonNode?>? ById(JsonNode? rules)
    {
        var found = new OrderedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var rule in rules as JsonArray ?? [])
        {
            if (rule is not JsonObject known || known["id"] is not JsonValue value || !value.TryGetValue<string>(out var id) || !found.TryAdd(id, rule))
                return null;
        }
        return found;
    }

    /// <summary>A member that is null is one that is not there.</summary>
    private static bool AreSame(JsonNode? left, JsonNode? right) => JsonNode.DeepEquals(Bare(left), Bare(right));

    private static JsonNode? Bare(JsonNode? node) => node switch
    {
        JsonObject all => new JsonObject(all.Where(pair => pair.Value is not null).Select(pair => KeyValuePair.Create(pair.Key, Bare(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Bare)]),
        _ => node?.DeepClone(),
    };
}
