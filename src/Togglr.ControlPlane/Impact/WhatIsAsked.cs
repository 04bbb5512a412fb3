using System.Text.Json;
using Togglr.Evaluation;
using Togglr.Messaging.Sampling;

namespace Togglr.ControlPlane.Impact;

/// <summary>What flags ask of a context that a sample may not hold: what their numbers have to be read with.</summary>
internal sealed class WhatIsAsked
{
    private readonly Dictionary<string, JsonElement> _segments = new(StringComparer.Ordinal);
    private readonly HashSet<string> _visited = new(StringComparer.Ordinal);
    private readonly HashSet<string> _attributes = new(StringComparer.Ordinal);

    private WhatIsAsked()
    {
    }

    /// <summary>The attributes that are looked at.</summary>
    public IReadOnlySet<string> Attributes => _attributes;

    /// <summary>Whether conditions look into targeting keys.</summary>
    public bool LooksAtKeys { get; private set; }

    /// <summary>The attributes that a sample lacks.</summary>
    public IReadOnlyList<string> Missing(SamplingTerms terms) => [.. _attributes.Except(terms.Attributes, StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Looks through flags of a snapshot, and the flags and segments that they need.</summary>
    public static WhatIsAsked Of(Snapshot snapshot, IEnumerable<string> flags)
    {
        var asked = new WhatIsAsked();
        using var document = JsonDocument.Parse(snapshot.ToUtf8Json(), new JsonDocumentOptions { MaxDepth = 1000 });
        if (document.RootElement.TryGetProperty("segments", out var segments) && segments.ValueKind == JsonValueKind.Object)
        {
            foreach (var segment in segments.EnumerateObject())
                asked._segments[segment.Name] = segment.Value;
        }
        foreach (var flag in flags)
            asked.VisitFlag(snapshot, flag);
        asked._segments.Clear();
        return asked;
    }

    private void VisitFlag(Snapshot snapshot, string key)
    {
        if (!_visited.Add("flag:" + key) || !snapshot.TryGetFlag(key, out var flag))
            return;
        using var document = JsonDocument.Parse(flag.Utf8Json, new JsonDocumentOptions { MaxDepth = 1000 });
        Visit(document.RootElement);
        if (document.RootElement.TryGetProperty("prerequisites", out var prerequisites) && prerequisites.ValueKind == JsonValueKind.Array)
        {
            foreach (var prerequisite in prerequisites.EnumerateArray())
            {
                if (prerequisite.ValueKind == JsonValueKind.Object && prerequisite.TryGetProperty("flag", out var needed) && needed.ValueKind == JsonValueKind.String)
                    VisitFlag(snapshot, needed.GetString()!);
            }
        }
    }

    /// <summary>Conditions may be anywhere below; values of variants are no conditions.</summary>
    private void Visit(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
                Visit(item);
        }
        if (value.ValueKind != JsonValueKind.Object)
            return;
        foreach (var member in value.EnumerateObject())
        {
            switch (member.Name)
            {
                case "attribute" or "bucketBy" when member.Value.ValueKind == JsonValueKind.String:
                    Note(member.Value.GetString()!, member.Name == "attribute" ? value : null);
                    break;
                case "segment" when member.Value.ValueKind == JsonValueKind.String:
                    if (_visited.Add("segment:" + member.Value.GetString()) && _segments.TryGetValue(member.Value.GetString()!, out var segment) && segment.TryGetProperty("if", out var condition))
                        Visit(condition);
                    break;
                case "variants" or "included" or "excluded" or "keys" or "value":
                    break;
                default:
                    Visit(member.Value);
                    break;
            }
        }
    }

    private void Note(string attribute, JsonElement? clause)
    {
        if (StandInDocument.IsKey(attribute))
            LooksAtKeys |= clause is { } asked && !StandInDocument.IsEquality(asked) && !IsExistence(asked);
        else if (attribute != "$now")
            _attributes.Add(attribute);
    }

    private static bool IsExistence(JsonElement clause) => clause.TryGetProperty("operator", out var name) && name.ValueKind == JsonValueKind.String && name.GetString() is "exists" or "not_exists";
}
