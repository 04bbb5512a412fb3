using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Segments;

internal static class CreateSegment
{
    public static async Task<Results<CreatedVersion<SegmentView>, Problem>> HandleAsync(
        CreateSegmentRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var condition = SegmentStore.Condition(request.If);
        var created = Segment.Create(current.Project, request.Key, request.Name ?? request.Key, request.Description ?? "", condition);
        if (!created.IsOk)
            return created.Error.ToProblem();
        var segment = created.Value;
        if (await ConditionCheck.RunAsync(db, current.Project, segment.Key, condition, cancel) is { } invalid)
            return invalid;
        if (SegmentStore.SetLists(segment, request.Included, request.Excluded) is { } badList)
            return badList;
        db.Segments.Add(segment);
        if (await current.SaveAsync("segment.created", segment.Key, segment.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new CreatedVersion<SegmentView>(await SegmentStore.ViewAsync(db, segment, cancel), segment.Version, segment.Key);
    }
}
