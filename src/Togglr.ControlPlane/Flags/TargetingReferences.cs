using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Togglr.Evaluation.Validation;
using Togglr.Store;
using KnownType = Togglr.Evaluation.Validation.AttributeType;
using StoredType = Togglr.Store.AttributeType;

namespace Togglr.ControlPlane.Flags;

/// <summary>Reads what a configuration may refer to: as little of the project as answers the question, however many flags there are.</summary>
internal static class TargetingReferences
{
    /// <summary>More levels than evaluation allows, so that too deep a chain is seen as such.</summary>
    private const int MaximumLevels = 20;

    /// <summary>For configurations in an environment: the flags that they need, all segments, the attribute catalogue.</summary>
    public static async Task<ReferenceSet> ReadAsync(TogglrDbContext db, Guid project, Guid environment, IReadOnlyCollection<FlagConfiguration> configurations, CancellationToken cancel)
    {
        var flags = await ReadFlagsAsync(db, project, environment, configurations.SelectMany(configuration => Prerequisites(configuration.Prerequisites)), cancel);
        var named = configurations.Select(configuration => configuration.Rules).SelectMany(SegmentsIn).Concat(flags.SelectMany(state => state.SegmentRefs));
        return await ReadAsync(db, project, named, cancel) with
        {
            Flags = flags.ToDictionary(
                state => state.Flag!.Key,
                state => new KnownFlag([.. state.Flag!.Variants.Select(variant => variant.Key)], state.FlagRefs)
                {
                    Utf8Document = DraftDocument.Write(state.Flag!, state.Configuration, state.Enabled, state.Killed),
                },
                StringComparer.Ordinal),
            Experiments = (await db.Experiments.AsNoTracking()
                .Where(row => row.ProjectId == project && row.EnvironmentId == environment && (row.State == ExperimentState.Running || row.State == ExperimentState.Paused)).ToListAsync(cancel))
                .ToDictionary(row => row.Key, VariationsOf, StringComparer.Ordinal),
        };
    }

    /// <summary>The same with an experiment that does not run yet.</summary>
    public static ReferenceSet With(this ReferenceSet references, Experiment experiment) =>
        references with { Experiments = new Dictionary<string, IReadOnlyCollection<string>>(references.Experiments, StringComparer.Ordinal) { [experiment.Key] = VariationsOf(experiment) } };

    private static IReadOnlyCollection<string> VariationsOf(Experiment experiment) => [.. experiment.VariationList.Select(variation => variation.Key)];

    /// <summary>For a segment's condition: all segments and the attribute catalogue.</summary>
    public static Task<ReferenceSet> ReadAsync(TogglrDbContext db, Guid project, JsonElement? condition, CancellationToken cancel) =>
        ReadAsync(db, project, condition is { } present ? SegmentsIn(present) : [], cancel);

    private static async Task<ReferenceSet> ReadAsync(TogglrDbContext db, Guid project, IEnumerable<string> named, CancellationToken cancel)
    {
        var segments = await db.Segments.AsNoTracking().Where(row => row.ProjectId == project)
            .Select(row => new { row.Key, row.SegmentRefs, row.IncludedCount, row.ExcludedCount }).ToDictionaryAsync(row => row.Key, StringComparer.Ordinal, cancel);
        var needed = Closure(named, key => segments.GetValueOrDefault(key)?.SegmentRefs).ToArray();
        var conditions = needed.Length == 0
            ? []
            : await db.Segments.AsNoTracking().Where(row => row.ProjectId == project && needed.Contains(row.Key)).Select(row => new { row.Key, row.Condition }).ToListAsync(cancel);
        var attributes = await db.Attributes.AsNoTracking().Where(row => row.ProjectId == project).Select(row => new { row.Name, row.Type, row.Private }).ToListAsync(cancel);
        return new ReferenceSet
        {
            Segments = segments.ToDictionary(pair => pair.Key, IReadOnlyCollection<string> (pair) => pair.Value.SegmentRefs, StringComparer.Ordinal),
            SegmentContents = conditions.Where(row => segments.ContainsKey(row.Key)).ToDictionary(
                row => row.Key, row => new KnownSegment(DraftDocument.Write(row.Condition), segments[row.Key].IncludedCount > 0, segments[row.Key].ExcludedCount > 0), StringComparer.Ordinal),
            // Nothing in the catalogue means that nobody said which attributes there are.
            Attributes = attributes.Count == 0 ? null : attributes.ToDictionary(row => row.Name, row => ToKnown(row.Type), StringComparer.Ordinal),
            PrivateAttributes = attributes.Where(row => row.Private).Select(row => row.Name).ToHashSet(StringComparer.Ordinal),
        };
    }

    private static async Task<List<FlagEnvironment>> ReadFlagsAsync(TogglrDbContext db, Guid project, Guid environment, IEnumerable<string> prerequisites, CancellationToken cancel)
    {
        var known = new Dictionary<string, FlagEnvironment>(StringComparer.Ordinal);
        var wanted = prerequisites.Distinct(StringComparer.Ordinal).ToArray();
        for (var level = 0; wanted.Length > 0 && level < MaximumLevels; level++)
        {
            var rows = await db.FlagEnvironments.AsNoTracking().Include(state => state.Flag)
                .Where(state => state.EnvironmentId == environment && state.ProjectId == project && wanted.Contains(state.Flag!.Key) && state.Flag.ArchivedAt == null).ToListAsync(cancel);
            foreach (var row in rows)
                known[row.Flag!.Key] = row;
            wanted = [.. rows.SelectMany(row => row.FlagRefs).Where(key => !known.ContainsKey(key)).Distinct(StringComparer.Ordinal)];
        }
        return [.. known.Values];
    }

    /// <summary>Keys and all that they lead to.</summary>
    public static HashSet<string> Closure(IEnumerable<string> start, Func<string, IEnumerable<string>?> next)
    {
        var met = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<string>(start);
        while (waiting.TryPop(out var key))
        {
            if (!met.Add(key))
                continue;
            foreach (var other in next(key) ?? [])
                waiting.Push(other);
        }
        return met;
    }

    private static IEnumerable<string> Prerequisites(JsonElement prerequisites) => prerequisites.EnumerateArray().Select(item => item.GetProperty("flag").GetString() ?? "");

    // Wherever it stands: too many do no harm.
    private static IEnumerable<string> SegmentsIn(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (var key in element.EnumerateArray().SelectMany(SegmentsIn))
                    yield return key;
                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    if (member.Value.ValueKind == JsonValueKind.String && member.NameEquals("segment"u8))
                        yield return member.Value.GetString()!;
                    foreach (var key in SegmentsIn(member.Value))
                        yield return key;
                }
                break;
        }
    }

    private static KnownType ToKnown(StoredType type) => type switch
    {
        StoredType.Number => KnownType.Number,
        StoredType.Boolean => KnownType.Boolean,
        StoredType.Date => KnownType.Date,
        StoredType.Semver => KnownType.Version,
        StoredType.Ip => KnownType.Address,
        StoredType.Array => KnownType.Array,
        _ => KnownType.Text,
    };
}
