using Togglr.Evaluation.Json;
using Togglr.Evaluation.Snapshots;

namespace Togglr.Evaluation.Validation;

/// <summary>Whether what a document names exists, does not lead back to it, and does not nest too deep.</summary>
internal static class ReferenceCheck
{
    /// <summary>Keys of segments, experiments, layers and holdouts have no colon, so that no two seeds meet.</summary>
    public static void CheckKey(string key, JsonValue at, string kind, Diagnostics diagnostics)
    {
        if (key.Length == 0 || key.Contains(':', StringComparison.Ordinal))
            diagnostics.StrictError(at, "invalid_key", $"The key of a {kind} is not empty and has no ':'.");
    }

    public static void Check(Flag flag, ReferenceSet references, Diagnostics diagnostics)
    {
        CheckSegments(flag.SegmentReferences.Select(reference => (reference.Key, diagnostics.PositionOf(reference))), null, references, diagnostics);
        foreach (var serve in flag.ExperimentReferences)
        {
            var at = diagnostics.PositionOf(serve);
            if (!references.Experiments.TryGetValue(serve.Key, out var variations))
                diagnostics.Error(at, "unknown_experiment", $"The experiment '{serve.Key}' does not exist.");
            foreach (var variation in variations ?? [])
            {
                if (flag.FindVariant(variation) is null)
                    diagnostics.Error(at, "unknown_variant", $"The experiment '{serve.Key}' has a variation '{variation}' that the flag lacks.");
            }
        }
        var prerequisites = references.Flags.ToDictionary(pair => pair.Key, pair => pair.Value.Prerequisites, StringComparer.Ordinal);
        foreach (var prerequisite in flag.Prerequisites)
            CheckPrerequisite(flag, prerequisite, references, prerequisites, diagnostics);
    }

    public static void Check(Segment segment, ReferenceSet references, Diagnostics diagnostics) =>
        CheckSegments(segment.References.Select(reference => (reference.Key, diagnostics.PositionOf(reference))), segment.Key, references, diagnostics);

    private static void CheckPrerequisite(
        Flag flag, Prerequisite prerequisite, ReferenceSet references, Dictionary<string, IReadOnlyCollection<string>> graph, Diagnostics diagnostics)
    {
        var at = diagnostics.PositionOf(prerequisite);
        if (!references.Flags.TryGetValue(prerequisite.FlagKey, out var known) && prerequisite.FlagKey != flag.Key)
        {
            diagnostics.Error(at, "unknown_flag", $"The flag '{prerequisite.FlagKey}' does not exist.");
            return;
        }
        var depth = DepthOf(prerequisite.FlagKey, flag.Key, graph);
        if (depth is null)
            diagnostics.Error(at, "cycle", $"The prerequisite '{prerequisite.FlagKey}' needs '{flag.Key}' itself.");
        else if (depth > SnapshotCompiler.MaxNesting)
            diagnostics.Error(at, "too_deep", $"Prerequisites nest deeper than {SnapshotCompiler.MaxNesting}.");
        foreach (var variant in prerequisite.Variants)
        {
            if (known is not null && !known.Variants.Contains(variant))
                diagnostics.StrictError(at, "unknown_variant", $"The flag '{prerequisite.FlagKey}' has no variant '{variant}'.");
        }
    }

    private static void CheckSegments(IEnumerable<(string Key, JsonValue At)> named, string? owner, ReferenceSet references, Diagnostics diagnostics)
    {
        foreach (var (key, at) in named)
        {
            if (!references.Segments.ContainsKey(key) && key != owner)
            {
                diagnostics.Error(at, "unknown_segment", $"The segment '{key}' does not exist.");
                continue;
            }
            var depth = DepthOf(key, owner, references.Segments);
            if (depth is null)
                diagnostics.Error(at, "cycle", $"The segment '{key}' leads back to '{owner ?? key}'.");
            else if (depth + (owner is null ? 0 : 1) > SnapshotCompiler.MaxNesting)
                diagnostics.Error(at, "too_deep", $"Segments nest deeper than {SnapshotCompiler.MaxNesting}.");
        }
    }

    // How many levels a key has, itself included; null where it leads to the owner or round in a circle. Level by level: no recursion, and no more levels than may be.
    private static int? DepthOf(string start, string? owner, IReadOnlyDictionary<string, IReadOnlyCollection<string>> graph)
    {
        var level = new HashSet<string>(StringComparer.Ordinal) { start };
        var met = new HashSet<string>(StringComparer.Ordinal);
        var depth = 0;
        while (level.Count > 0)
        {
            if (owner is not null && level.Contains(owner))
                return null;
            if (++depth > graph.Count + 1)
                return null;
            var next = new HashSet<string>(StringComparer.Ordinal);
            foreach (var key in level)
            {
                met.Add(key);
                next.UnionWith(graph.GetValueOrDefault(key) ?? []);
            }
            // Beyond the limit only a way to the owner still matters, and what was met leads to nothing new.
            if (depth > SnapshotCompiler.MaxNesting)
                next.ExceptWith(met);
            level = next;
        }
        return depth;
    }
}
