using Togglr.Evaluation;
using Togglr.Evaluation.Snapshots;

namespace Togglr.Sdk.Snapshots;

/// <summary>Which flags may serve something else in one snapshot than in another.</summary>
internal static class ChangedFlags
{
    /// <summary>
    /// Flags whose documents differ, and all that depend on a different segment, experiment or flag, however far. All flags when the salt differs, as every bucket does then.
    /// </summary>
    public static IReadOnlyCollection<string> Between(Snapshot before, Snapshot after)
    {
        var (old, now) = (before.Content, after.Content);
        if (before.Salt != after.Salt)
            return old.Flags.Keys.Union(now.Flags.Keys, StringComparer.Ordinal).ToArray();

        var segments = Dependents(
            Different(old.Segments, now.Segments, segment => segment.Raw), now.Segments, segment => segment.References.Select(reference => reference.Key));
        var experiments = Different(old.Experiments, now.Experiments, experiment => experiment.Raw);
        var flags = Different(old.Flags, now.Flags, flag => flag.Utf8Json);
        if (segments.Count + experiments.Count > 0)
        {
            flags.UnionWith(now.Flags.Values
                .Where(flag => flag.SegmentReferences.Any(reference => segments.Contains(reference.Key))
                    || flag.ExperimentReferences.Any(reference => experiments.Contains(reference.Key)))
                .Select(flag => flag.Key));
        }

        return Dependents(flags, now.Flags, flag => flag.Prerequisites.Select(prerequisite => prerequisite.FlagKey));
    }

    // What a patch did not touch is the same object in both.
    private static HashSet<string> Different<T>(Dictionary<string, T> old, Dictionary<string, T> now, Func<T, ReadOnlyMemory<byte>> document)
        where T : class
    {
        var different = old.Keys.Where(key => !now.ContainsKey(key)).ToHashSet(StringComparer.Ordinal);
        foreach (var (key, value) in now)
        {
            if (!old.TryGetValue(key, out var before) || (!ReferenceEquals(before, value) && !document(before).Span.SequenceEqual(document(value).Span)))
                different.Add(key);
        }

        return different;
    }

    private static HashSet<string> Dependents<T>(HashSet<string> changed, Dictionary<string, T> all, Func<T, IEnumerable<string>> needs)
    {
        if (changed.Count == 0)
            return changed;
        bool grew;
        do
        {
            grew = false;
            foreach (var (key, value) in all)
                grew |= !changed.Contains(key) && needs(value).Any(changed.Contains) && changed.Add(key);
        }
        while (grew);
        return changed;
    }
}
