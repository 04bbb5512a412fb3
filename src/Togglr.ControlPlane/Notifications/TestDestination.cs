using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

/// <summary>Sends a test at once, also where the destination is switched off or left alone, and keeps it in the log.</summary>
internal static class TestDestination
{
    public static async Task<Results<Ok<DestinationTestView>, Problem>> HandleAsync(
        Guid id, Current current, TogglrDbContext db, DestinationSender sender, EventSource source, TimeProvider time, CancellationToken cancel)
    {
        if (await NotificationEndpoints.Destinations(db, current).AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancel) is not { } row)
            return NotificationEndpoints.NotThere;
        var organization = await db.Organizations.AsNoTracking().SingleAsync(found => found.Id == current.OrganizationId, cancel);
        var now = time.GetUtcNow();
        var (delivery, body) = (Guid.CreateVersion7(), source.Test(row, organization, current.HasProject ? current.Project : null, now).Write());
        var began = time.GetTimestamp();
        var outcome = await sender.SendAsync(delivery, body, row, cancel);
        var milliseconds = (int)time.GetElapsedTime(began).TotalMilliseconds;
        db.NotificationDeliveries.Add(new NotificationDelivery
        {
            Id = delivery, OrganizationId = row.OrganizationId, DestinationId = row.Id, Event = "test", Body = body, State = outcome.IsOk ? DeliveryState.Delivered : DeliveryState.Dead, Attempts = 1,
            CreatedAt = now, NextAttemptAt = now, GiveUpAt = now, AttemptedAt = now, FinishedAt = time.GetUtcNow(), Status = outcome.Status, Error = outcome.Error, Milliseconds = milliseconds,
        });
        await db.SaveChangesAsync(cancel);
        return TypedResults.Ok(new DestinationTestView(outcome.IsOk, outcome.Status, outcome.Error, milliseconds));
    }
}
