using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Segments;

internal static class GetSegment
{
    public static async Task<Results<Versioned<SegmentView>, Problem>> HandleAsync(string segment, Current current, TogglrDbContext db, CancellationToken cancel) =>
        await SegmentStore.FindAsync(db, current, segment, cancel) is { } row
            ? new Versioned<SegmentView>(await SegmentStore.ViewAsync(db, row, cancel), row.Version)
            : SegmentStore.NotThere(segment);

    public static async Task<Results<Ok<SegmentUsesView>, Problem>> ReferencesAsync(string segment, Current current, TogglrDbContext db, CancellationToken cancel) =>
        await SegmentStore.FindAsync(db, current, segment, cancel) is { } row
            ? TypedResults.Ok((await SegmentStore.ViewAsync(db, row, cancel)).UsedBy)
            : SegmentStore.NotThere(segment);
}
