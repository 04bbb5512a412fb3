using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Segments;

internal static class PutSegment
{
    public static async Task<Results<Versioned<SegmentView>, Problem>> HandleAsync(
        string segment, PutSegmentRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await SegmentStore.FindAsync(db, current, segment, cancel) is not { } row)
            return SegmentStore.NotThere(segment);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        var condition = SegmentStore.Condition(request.If);
        if (await ConditionCheck.RunAsync(db, current.Project, row.Key, condition, cancel) is { } invalid)
            return invalid;
        var changed = row.Change(request.Name, request.Description ?? "", condition);
        if (!changed.IsOk)
            return changed.Error.ToProblem();
        if (SegmentStore.SetLists(row, request.Included, request.Excluded) is { } badList)
            return badList;
        if (await current.SaveAsync("segment.updated", row.Key, row.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<SegmentView>(await SegmentStore.ViewAsync(db, row, cancel), row.Version);
    }
}
