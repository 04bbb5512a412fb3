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

    /// <summary>For a flag's configuration in an environment: the flags that it needs, all segments, the attribute catalogue.</summary>
    public static async Task<ReferenceSet> ReadAsync(
        TogglrDbContext db, Guid project, Guid environment, IEnumerable<string> prerequisites, CancellationToken cancel) => new()
        {
            Flags = await ReadFlagsAsync(db, project, environment, prerequisites, cancel),
            Segments = await ReadSegmentsAsync(db, project, cancel),
            Attributes = await ReadAttributesAsync(db, project, cancel),
        };

    /// <summary>For a segment's condition: all segments and the attribute catalogue.</summary>
    public static async Task<ReferenceSet> ReadAsync(TogglrDbContext db, Guid project, CancellationToken cancel) => new()
    {
        Segments = await ReadSegmentsAsync(db, project, cancel),
        Attributes = await ReadAttributesAsync(db, project, cancel),
    };

    private static async Task<Dictionary<string, KnownFlag>> ReadFlagsAsync(
        TogglrDbContext db, Guid project, Guid environment, IEnumerable<string> prerequisites, CancellationToken cancel)
    {
        var known = new Dictionary<string, KnownFlag>(StringComparer.Ordinal);
        var wanted = prerequisites.Distinct(StringComparer.Ordinal).ToArray();
        for (var level = 0; wanted.Length > 0 && level < MaximumLevels; level++)
        {
            var rows = await db.FlagEnvironments.AsNoTracking()
                .Where(state => state.EnvironmentId == environment && state.ProjectId == project && wanted.Contains(state.Flag!.Key) && state.Flag.ArchivedAt == null)
                .Select(state => new { state.Flag!.Key, state.Flag.Variants, state.FlagRefs }).ToListAsync(cancel);
            foreach (var row in rows)
                known[row.Key] = new KnownFlag([.. row.Variants.Select(variant => variant.Key)], row.FlagRefs);
            wanted = [.. rows.SelectMany(row => row.FlagRefs).Where(key => !known.ContainsKey(key)).Distinct(StringComparer.Ordinal)];
        }
        return known;
    }

    private static async Task<Dictionary<string, IReadOnlyCollection<string>>> ReadSegmentsAsync(TogglrDbContext db, Guid project, CancellationToken cancel)
    {
        var rows = await db.Segments.AsNoTracking().Where(row => row.ProjectId == project).Select(row => new { row.Key, row.SegmentRefs }).ToListAsync(cancel);
        return rows.ToDictionary(row => row.Key, IReadOnlyCollection<string> (row) => row.SegmentRefs, StringComparer.Ordinal);
    }

    /// <summary>Null for an empty catalogue: then nobody said which attributes there are.</summary>
    private static async Task<Dictionary<string, KnownType>?> ReadAttributesAsync(TogglrDbContext db, Guid project, CancellationToken cancel)
    {
        var rows = await db.Attributes.AsNoTracking().Where(row => row.ProjectId == project).Select(row => new { row.Name, row.Type }).ToListAsync(cancel);
        return rows.Count == 0 ? null : rows.ToDictionary(row => row.Name, row => ToKnown(row.Type), StringComparer.Ordinal);
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
