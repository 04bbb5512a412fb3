using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Segments;

/// <summary>The lists of a segment, page by page and change by change.</summary>
internal static class SegmentKeyLists
{
    private const int MaximumChanges = 10_000;

    private static readonly SortKey<SegmentKey>[] Sorts = [SortKey<SegmentKey>.Text("key", row => row.Key, row => row.SegmentId)];

    public static async Task<Results<Ok<Page<string>>, Problem>> ListAsync(
        string segment,
        [FromQuery(Name = "list"), Description("Which list; included if absent")] Choice<SegmentList>? list,
        [AsParameters] ListQuery page,
        Current current,
        TogglrDbContext db,
        CancellationToken cancel)
    {
        if (await SegmentStore.FindAsync(db, current, segment, cancel) is not { } row)
            return SegmentStore.NotThere(segment);
        var which = list?.Value ?? SegmentList.Included;
        var query = db.SegmentKeys.AsNoTracking().Where(key => key.SegmentId == row.Id && key.List == which);
        query = query.Search(page.Search, key => key.Key);
        var (keys, problem) = await Paging.ReadAsync(query, page, Sorts, rows => rows.Select(key => key.Key), cancel);
        return keys is null ? problem! : TypedResults.Ok(keys);
    }

    public static async Task<Results<Versioned<SegmentView>, Problem>> EditAsync(
        string segment, EditSegmentKeysRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await SegmentStore.FindAsync(db, current, segment, cancel) is not { } row)
            return SegmentStore.NotThere(segment);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        var (add, remove) = (request.Add ?? [], request.Remove ?? []);
        if (add.Count > MaximumChanges || remove.Count > MaximumChanges)
            return Problem.Invalid(new ProblemItem("too_many", add.Count > MaximumChanges ? "/add" : "/remove", $"At most {MaximumChanges} keys at a time."));
        var edited = row.EditKeys(request.List, add, remove);
        if (!edited.IsOk)
            return edited.Error.ToProblem();
        if (await current.SaveAsync("segment.keys_updated", row.Key, row.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<SegmentView>(await SegmentStore.ViewAsync(db, row, cancel), row.Version);
    }
}
