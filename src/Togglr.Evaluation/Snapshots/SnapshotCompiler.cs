using Togglr.Evaluation.Contexts;
using Togglr.Evaluation.Json;

namespace Togglr.Evaluation.Snapshots;

/// <summary>Everything that a snapshot holds, by key.</summary>
internal sealed record SnapshotContent(
    Dictionary<string, Flag> Flags, Dictionary<string, Segment> Segments, Dictionary<string, Experiment> Experiments, AttributeTable Attributes);

/// <summary>Reads documents and links them. What is not touched by a patch is taken over from the snapshot before.</summary>
internal sealed class SnapshotCompiler(string salt, SnapshotContent? before)
{
    /// <summary>How deep segments and prerequisites may nest.</summary>
    public const int MaxNesting = 16;

    private readonly AttributeTable.Builder _attributes = new(before?.Attributes);
    private readonly Dictionary<string, Flag> _flags = before is null ? new(StringComparer.Ordinal) : new(before.Flags, StringComparer.Ordinal);
    private readonly Dictionary<string, Segment> _segments = before is null ? new(StringComparer.Ordinal) : new(before.Segments, StringComparer.Ordinal);
    private readonly Dictionary<string, Experiment> _experiments = before is null ? new(StringComparer.Ordinal) : new(before.Experiments, StringComparer.Ordinal);

    /// <summary>Compiles documents: of a whole snapshot, or of a patch, in which null removes.</summary>
    public SnapshotContent Compile(JsonValue flags, JsonValue segments, JsonValue experiments)
    {
        var isPatch = before is not null;
        var flagDocuments = Documents(flags);
        var segmentDocuments = Documents(segments);
        var experimentDocuments = Documents(experiments);
        if (isPatch)
            AddDependents(flagDocuments, segmentDocuments, experimentDocuments);

        foreach (var (key, value) in experimentDocuments)
            Replace(_experiments, key, isPatch && value.Kind == JsonKind.Null ? null : ExperimentReader.Read(key, value, salt, _attributes, new Diagnostics(strict: false)));

        var nextSegment = NextOrdinal(_segments.Values.Select(segment => segment.Ordinal));
        var freshSegments = new Dictionary<string, Segment>(StringComparer.Ordinal);
        foreach (var (key, value) in segmentDocuments)
        {
            var segment = isPatch && value.Kind == JsonKind.Null ? null : SegmentReader.Read(key, value, salt, _attributes, new Diagnostics(strict: false));
            if (segment is not null)
            {
                segment.Ordinal = _segments.TryGetValue(key, out var old) ? old.Ordinal : nextSegment++;
                freshSegments[key] = segment;
            }
            Replace(_segments, key, segment);
        }

        var nextFlag = NextOrdinal(_flags.Values.Select(flag => flag.Ordinal));
        var freshFlags = new Dictionary<string, Flag>(StringComparer.Ordinal);
        foreach (var (key, value) in flagDocuments)
        {
            var flag = isPatch && value.Kind == JsonKind.Null ? null : FlagReader.Read(key, value, salt, _attributes, new Diagnostics(strict: false));
            if (flag is not null)
            {
                flag.Ordinal = _flags.TryGetValue(key, out var old) ? old.Ordinal : nextFlag++;
                freshFlags[key] = flag;
            }
            Replace(_flags, key, flag);
        }

        DependencyOrder.Visit(freshSegments, SegmentKeys, Link, segment => segment.Problem ??= $"The segment '{segment.Key}' is part of a cycle.");
        DependencyOrder.Visit(freshFlags, PrerequisiteKeys, Link, flag =>
        {
            flag.Problem ??= $"The prerequisites of '{flag.Key}' form a cycle.";
            flag.Settle();
        });
        return new SnapshotContent(_flags, _segments, _experiments, _attributes.Build());
    }

    // The last of two documents of one name counts.
    private static Dictionary<string, JsonValue> Documents(JsonValue container)
    {
        var documents = new Dictionary<string, JsonValue>(StringComparer.Ordinal);
        foreach (var (name, value) in container.Members)
            documents[name.Text()] = value;
        return documents;
    }

    private static void Replace<T>(Dictionary<string, T> all, string key, T? value)
        where T : class
    {
        if (value is null)
            all.Remove(key);
        else
            all[key] = value;
    }

    private static int NextOrdinal(IEnumerable<int> ordinals) => ordinals.DefaultIfEmpty(-1).Max() + 1;

    private static IEnumerable<string> SegmentKeys(Segment segment) => segment.References.Select(reference => reference.Key);

    private static IEnumerable<string> PrerequisiteKeys(Flag flag) => flag.Prerequisites.Select(prerequisite => prerequisite.FlagKey);

    // Compiled flags hold what they need directly, so whatever depends on something new is compiled again from its own bytes.
    private void AddDependents(Dictionary<string, JsonValue> flags, Dictionary<string, JsonValue> segments, Dictionary<string, JsonValue> experiments)
    {
        var touchedSegments = DependencyOrder.Closure(segments.Keys, _segments, SegmentKeys);
        foreach (var key in touchedSegments)
        {
            if (!segments.ContainsKey(key))
                segments.Add(key, JsonTape.Parse(_segments[key].Raw).Root);
        }
        var users = _flags.Values
            .Where(flag => flag.SegmentReferences.Any(reference => touchedSegments.Contains(reference.Key))
                || flag.ExperimentReferences.Any(reference => experiments.ContainsKey(reference.Key)))
            .Select(flag => flag.Key);
        foreach (var key in DependencyOrder.Closure(flags.Keys.Concat(users), _flags, PrerequisiteKeys))
        {
            if (!flags.ContainsKey(key))
                flags.Add(key, JsonTape.Parse(_flags[key].Utf8Json).Root);
        }
    }

    private void Link(Segment segment)
    {
        foreach (var reference in segment.References)
        {
            if (!_segments.TryGetValue(reference.Key, out var other))
            {
                segment.Problem ??= $"The segment '{reference.Key}' does not exist.";
                continue;
            }
            reference.Segment = other;
            segment.Height = Math.Max(segment.Height, other.Height);
            segment.MemoSegments = Math.Max(segment.MemoSegments, Math.Max(other.Ordinal + 1, other.MemoSegments));
            if (other.Problem is not null)
                segment.Problem ??= $"Segment '{other.Key}': {other.Problem}";
        }
        if (++segment.Height > MaxNesting)
            segment.Problem ??= $"Segments nest deeper than {MaxNesting}.";
    }

    private void Link(Flag flag)
    {
        foreach (var reference in flag.SegmentReferences)
            LinkSegment(flag, reference);
        foreach (var reference in flag.ExperimentReferences)
            LinkExperiment(flag, reference);
        foreach (var prerequisite in flag.Prerequisites)
            LinkPrerequisite(flag, prerequisite);
        if (flag.Height > MaxNesting)
            flag.Problem ??= $"Prerequisites nest deeper than {MaxNesting}.";
        // One look at one thing that looks at nothing else cannot repeat itself.
        var references = flag.SegmentReferences.Count + flag.Prerequisites.Length;
        flag.NeedsMemo = references > 1
            || flag.SegmentReferences.Any(reference => reference.Segment?.References.Count > 0)
            || flag.Prerequisites.Any(prerequisite => prerequisite.Flag is { } other && other.SegmentReferences.Count + other.Prerequisites.Length > 0);
        flag.Settle();
    }

    private void LinkSegment(Flag flag, Conditions.InSegment reference)
    {
        if (!_segments.TryGetValue(reference.Key, out var segment))
        {
            flag.Problem ??= $"The segment '{reference.Key}' does not exist.";
            return;
        }
        reference.Segment = segment;
        flag.MemoSegments = Math.Max(flag.MemoSegments, Math.Max(segment.Ordinal + 1, segment.MemoSegments));
        if (segment.Problem is not null)
            flag.Problem ??= $"Segment '{segment.Key}': {segment.Problem}";
    }

    private void LinkExperiment(Flag flag, ExperimentServe reference)
    {
        if (!_experiments.TryGetValue(reference.Key, out var experiment))
            flag.Problem ??= $"The experiment '{reference.Key}' does not exist.";
        else if (experiment.Problem is not null)
            flag.Problem ??= $"Experiment '{experiment.Key}': {experiment.Problem}";
        else if (!reference.TryLink(experiment, flag))
            flag.Problem ??= $"The experiment '{experiment.Key}' has a variation that the flag lacks.";
    }

    private void LinkPrerequisite(Flag flag, Prerequisite prerequisite)
    {
        if (!_flags.TryGetValue(prerequisite.FlagKey, out var other))
        {
            flag.Problem ??= $"The prerequisite '{prerequisite.FlagKey}' does not exist.";
            return;
        }
        prerequisite.Link(other);
        flag.Height = Math.Max(flag.Height, other.Height + 1);
        flag.MemoSegments = Math.Max(flag.MemoSegments, other.MemoSegments);
        flag.MemoFlags = Math.Max(flag.MemoFlags, Math.Max(other.Ordinal + 1, other.MemoFlags));
        if (other.Problem is not null)
            flag.Problem ??= $"Prerequisite '{other.Key}': {other.Problem}";
    }
}
