using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using System.ComponentModel;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Audit;

internal static class ListAuditEntries
{
    private const string Order = "-sequence";

    public static async Task<Results<Ok<AuditPage>, Problem>> HandleAsync(
        [FromQuery(Name = "limit"), Description("Entries on a page, 1 to 200; 50 if absent")] int? limit,
        [FromQuery(Name = "cursor"), Description("nextCursor of the page before")] string? cursor,
        [AsParameters] AuditQuery query,
        Current current,
        [FromServices] TogglrDatabase database,
        TogglrDbContext db,
        CancellationToken cancel)
    {
        var size = limit ?? Paging.DefaultLimit;
        if (size is < 1 or > Paging.MaxLimit)
            return Problem.Invalid(new ProblemItem("out_of_range", "limit", $"limit must be from 1 to {Paging.MaxLimit}."));
        long? before = null;
        if (cursor is not null)
        {
            if (ListCursor.Decode(cursor) is not { Sort: Order } place || !long.TryParse(place.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var last))
                return Problem.Invalid(new ProblemItem("bad_cursor", "cursor", "cursor is not a nextCursor of this list."));
            before = last;
        }
        var (filter, problem) = await AuditScope.FilterAsync(query, current, db, cancel);
        if (filter is null)
            return problem!;
        var log = new AuditLog(database.DataSource, current.OrganizationId);
        var entries = await log.ReadAsync(filter, before, size + 1, cancel);
        var hasMore = entries.Count > size;
        AuditEntryView[] items = [.. entries.Take(size).Select(AuditViews.InList)];
        long? total = filter.IsEmpty ? await log.CountAsync(cancel) : before is null && !hasMore ? items.Length : null;
        var next = hasMore ? new ListCursor(Order, items[^1].Sequence.ToString(CultureInfo.InvariantCulture), items[^1].Id).Encode() : null;
        return TypedResults.Ok(new AuditPage(items, next, total, total ?? entries.Count));
    }
}
