using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

/// <summary>Puts messages back into the outbox: from the start, under their old number, and the destination is tried at once.</summary>
internal static class ResendDeliveries
{
    public static async Task<Results<Ok<DeliveryView>, Problem>> OneAsync(Guid id, Current current, TogglrDbContext db, DeliveryAlarm alarm, NotificationTerms terms, CancellationToken cancel)
    {
        if (await ListDeliveries.Deliveries(db, current).AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancel) is not { } row)
            return Problem.NotFound("There is no such message.");
        if (row.Sequence is null)
            return Problem.Conflict("A test is not sent again. Send another one.", "is_test");
        if (row.State == DeliveryState.Pending)
            return Problem.Conflict("The message waits to be sent.", "is_pending");
        if (await SaveAsync(current, db, row.DestinationId, cancel) is { } problem)
            return problem;
        await RunAsync(db.NotificationDeliveries.Where(found => found.Id == id), row.DestinationId, db, terms, cancel);
        alarm.Ring();
        var after = await db.NotificationDeliveries.AsNoTracking().SingleAsync(found => found.Id == id, cancel);
        return TypedResults.Ok((await ListDeliveries.ViewsAsync(db, [after], cancel))[0]);
    }

    public static async Task<Results<Ok<ResentView>, Problem>> AllAsync(Guid id, Current current, TogglrDbContext db, DeliveryAlarm alarm, NotificationTerms terms, CancellationToken cancel)
    {
        if (await NotificationEndpoints.Destinations(db, current).AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancel) is null)
            return NotificationEndpoints.NotThere;
        if (await SaveAsync(current, db, id, cancel) is { } problem)
            return problem;
        var count = await RunAsync(
            db.NotificationDeliveries.Where(row => row.DestinationId == id && row.State == DeliveryState.Dead && row.Sequence != null), id, db, terms, cancel);
        alarm.Ring();
        return TypedResults.Ok(new ResentView(count));
    }

    private static async Task<int> RunAsync(IQueryable<NotificationDelivery> rows, Guid destination, TogglrDbContext db, NotificationTerms terms, CancellationToken cancel)
    {
        var now = (await db.Database.SqlQuery<DateTimeOffset>($"SELECT now() AS \"Value\"").ToListAsync(cancel))[0];
        var giveUp = now + terms.GiveUpAfter;
        var count = await rows.Where(row => row.State != DeliveryState.Pending).ExecuteUpdateAsync(
            row => row.SetProperty(it => it.State, DeliveryState.Pending).SetProperty(it => it.Attempts, 0).SetProperty(it => it.NextAttemptAt, now).SetProperty(it => it.GiveUpAt, giveUp)
                .SetProperty(it => it.FinishedAt, (DateTimeOffset?)null),
            cancel);
        await db.NotificationCircuits.Where(row => row.DestinationId == destination).ExecuteUpdateAsync(
            row => row.SetProperty(it => it.OpenUntil, (DateTimeOffset?)null).SetProperty(it => it.Failures, 0), cancel);
        return count;
    }

    /// <summary>Sending again is something that somebody did, and told before it is done.</summary>
    private static async Task<Problem?> SaveAsync(Current current, TogglrDbContext db, Guid destination, CancellationToken cancel)
    {
        var name = await db.NotificationDestinations.Where(row => row.Id == destination).Select(row => row.Name).SingleAsync(cancel);
        var committed = await db.CommitAsync(
            new Change(current.Actor, "notification_destination.resent", name) { EntityId = destination, Project = current.HasProject ? current.Project : null, Always = true }, cancel);
        return committed.Error?.ToProblem();
    }
}
