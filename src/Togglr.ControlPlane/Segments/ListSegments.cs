using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Segments;

internal static class ListSegments
{
    private static readonly SortKey<Segment>[] Sorts =
    [
        SortKey<Segment>.Text("key", row => row.Key, row => row.Id),
        SortKey<Segment>.Text("name", row => row.Name, row => row.Id),
        SortKey<Segment>.Time("createdAt", row => row.CreatedAt, row => row.Id),
        SortKey<Segment>.Time("updatedAt", row => row.UpdatedAt, row => row.Id),
    ];

    public static async Task<Results<Ok<Page<SegmentView>>, Problem>> HandleAsync(
        [AsParameters] ListQuery list, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var query = db.Segments.AsNoTracking().Where(row => row.ProjectId == current.Project.Id);
        query = query.Search(list.Search, row => row.Key, row => row.Name, row => row.Description);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => SegmentStore.ViewsAsync(db, rows, cancel), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }
}
