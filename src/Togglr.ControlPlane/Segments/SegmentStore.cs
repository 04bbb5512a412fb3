using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Flags;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Segments;

/// <summary>Finding segments and showing them.</summary>
internal static class SegmentStore
{
    /// <summary>Most keys that a request without an upload may bring in a list.</summary>
    public const int MaximumInlineKeys = 1000;

    public static Task<Segment?> FindAsync(TogglrDbContext db, Current current, string key, CancellationToken cancel) =>
        db.Segments.SingleOrDefaultAsync(segment => segment.ProjectId == current.Project.Id && segment.Key == key, cancel);

    public static Problem NotThere(string key) => Problem.NotFound($"There is no segment {key}.");

    public static async Task<SegmentView> ViewAsync(TogglrDbContext db, Segment segment, CancellationToken cancel) => (await ViewsAsync(db, [segment], cancel))[0];

    public static async Task<IReadOnlyList<SegmentView>> ViewsAsync(TogglrDbContext db, IReadOnlyList<Segment> segments, CancellationToken cancel)
    {
        if (segments.Count == 0)
            return [];
        var people = await People.ReadAsync(db, segments.Select(segment => segment.UpdatedBy), cancel);
        var keys = segments.Select(segment => segment.Key).ToHashSet(StringComparer.Ordinal);
        var project = segments[0].ProjectId;
        var wanted = keys.ToArray();
        var flags = await db.FlagEnvironments.AsNoTracking()
            .Where(state => state.ProjectId == project && state.SegmentRefs.Any(key => wanted.Contains(key)))
            .Select(state => new { state.Flag!.Key, state.EnvironmentKey, state.SegmentRefs }).ToListAsync(cancel);
        var parents = await db.Segments.AsNoTracking().Where(row => row.ProjectId == project && row.SegmentRefs.Any(key => wanted.Contains(key)))
            .Select(row => new { row.Key, row.SegmentRefs }).ToListAsync(cancel);
        var byFlag = flags.SelectMany(use => use.SegmentRefs.Where(keys.Contains).Select(key => (key, use.Key, use.EnvironmentKey)))
            .ToLookup(use => use.key, use => (use.Key, use.EnvironmentKey), StringComparer.Ordinal);
        var bySegment = parents.SelectMany(use => use.SegmentRefs.Where(keys.Contains).Select(key => (key, use.Key))).ToLookup(use => use.key, use => use.Key, StringComparer.Ordinal);
        return
        [
            .. segments.Select(row => new SegmentView(
                row.Id, row.Key, row.Name, row.Description, row.Condition, row.IncludedCount, row.ExcludedCount, row.Version, row.CreatedAt, row.UpdatedAt, people[row.UpdatedBy],
                new SegmentUsesView(FlagUses.Of(byFlag[row.Key]), [.. bySegment[row.Key].Order(StringComparer.Ordinal)]))),
        ];
    }

    /// <summary>Puts the lists of a request into a segment: what is absent stays.</summary>
    public static Problem? SetLists(Segment segment, IReadOnlyList<string>? included, IReadOnlyList<string>? excluded)
    {
        foreach (var (list, keys, path) in new[] { (SegmentList.Included, included, "/included"), (SegmentList.Excluded, excluded, "/excluded") })
        {
            if (keys is null)
                continue;
            if (keys.Count > MaximumInlineKeys)
                return Problem.Invalid(new ProblemItem("too_many", path, $"At most {MaximumInlineKeys} keys here; upload more to …/keys."));
            var replaced = segment.ReplaceKeys(list, keys);
            if (!replaced.IsOk)
                return Problem.Invalid(new ProblemItem("invalid", $"{path}{replaced.Error.Path}", replaced.Error.Message));
        }
        return null;
    }

    public static JsonElement? Condition(JsonElement? condition) => condition is { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } ? null : condition;
}
