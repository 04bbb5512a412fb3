using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

/// <summary>The log of what was sent, which tells what the audit log tells, to those who may read that.</summary>
internal static class ListDeliveries
{
    private static readonly SortKey<NotificationDelivery>[] Sorts = [SortKey<NotificationDelivery>.Time("createdAt", row => row.CreatedAt, row => row.Id)];

    public static async Task<Results<Ok<Page<DeliveryView>>, Problem>> HandleAsync(
        [AsParameters] ListQuery list,
        [FromQuery(Name = "destination"), Description("Those to one destination")] Guid? destination,
        [FromQuery(Name = "state"), Description("Those that are so far")] Choice<DeliveryState>? state,
        Current current,
        TogglrDbContext db,
        CancellationToken cancel)
    {
        if (NotificationEndpoints.MayTell(current) is { } refused)
            return refused;
        var query = Deliveries(db, current).AsNoTracking();
        if (destination is { } id)
            query = query.Where(row => row.DestinationId == id);
        if (state is { Value: var wanted })
            query = query.Where(row => row.State == wanted);
        query = query.Search(list.Search, row => row.Event);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => ViewsAsync(db, rows, cancel), cancel, descendingByDefault: true);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    public static async Task<Results<Ok<DeliveryView>, Problem>> GetAsync(Guid id, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (NotificationEndpoints.MayTell(current) is { } refused)
            return refused;
        return await Deliveries(db, current).AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancel) is { } row
            ? TypedResults.Ok((await ViewsAsync(db, [row], cancel))[0] with { Body = row.Body })
            : Problem.NotFound("There is no such message.");
    }

    /// <summary>What was sent to the destinations of the route.</summary>
    public static IQueryable<NotificationDelivery> Deliveries(TogglrDbContext db, Current current)
    {
        var destinations = NotificationEndpoints.Destinations(db, current).Select(row => row.Id);
        return db.NotificationDeliveries.Where(row => destinations.Contains(row.DestinationId));
    }

    /// <summary>As the API shows them.</summary>
    public static async Task<IReadOnlyList<DeliveryView>> ViewsAsync(TogglrDbContext db, IReadOnlyList<NotificationDelivery> rows, CancellationToken cancel)
    {
        Guid[] ids = [.. rows.Select(row => row.DestinationId).Distinct()];
        var names = await db.NotificationDestinations.AsNoTracking().Where(row => ids.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.Name, cancel);
        return
        [
            .. rows.Select(row => new DeliveryView(
                row.Id, row.DestinationId, names.GetValueOrDefault(row.DestinationId, ""), row.Event, EventDocument.Read(row.Body).Summary, row.State, row.Attempts, row.CreatedAt, row.AttemptedAt,
                row.State == DeliveryState.Pending ? row.NextAttemptAt : null, row.FinishedAt, row.Status, row.Error, row.Milliseconds)),
        ];
    }
}
