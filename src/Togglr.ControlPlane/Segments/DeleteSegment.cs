using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Segments;

/// <summary>Deletes a segment that nothing uses; the store says where it is used otherwise.</summary>
internal static class DeleteSegment
{
    public static async Task<Results<NoContent, Problem>> HandleAsync(string segment, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await SegmentStore.FindAsync(db, current, segment, cancel) is not { } row)
            return SegmentStore.NotThere(segment);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        db.Segments.Remove(row);
        if (await current.SaveAsync("segment.deleted", row.Key, row.Id, reason: null, cancel) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }
}
