using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications.Inbox;

/// <summary>How people want to be told.</summary>
internal static class NotificationPreferences
{
    public static async Task<Ok<NotificationPreferenceView>> GetAsync(Current current, TogglrDbContext db, ControlPlaneOptions options, CancellationToken cancel) =>
        TypedResults.Ok(View(await db.NotificationPreferences.AsNoTracking().SingleOrDefaultAsync(row => row.UserId == current.Caller.Id, cancel), options));

    public static async Task<Results<Ok<NotificationPreferenceView>, Problem>> PutAsync(
        PutNotificationPreferenceRequest request, Current current, TogglrDbContext db, ControlPlaneOptions options, TimeProvider time, CancellationToken cancel)
    {
        var (hour, weekday, muted) = (request.Hour ?? 9, request.Weekday ?? 1, request.MutedGroups ?? []);
        if (hour is < 0 or > 23)
            return Problem.Invalid(new ProblemItem("out_of_range", "/hour", "An hour is 0 to 23."));
        if (weekday is < 1 or > 7)
            return Problem.Invalid(new ProblemItem("out_of_range", "/weekday", "A day is 1 (Monday) to 7."));
        for (var i = 0; i < muted.Count; i++)
        {
            if (!EventCatalogue.Groups.Contains(muted[i], StringComparer.Ordinal))
                return Problem.Invalid(new ProblemItem("unknown_event", $"/mutedGroups/{i}", "There is no such group of events."));
        }
        var user = await db.Users.AsNoTracking().SingleAsync(row => row.Id == current.Caller.Id, cancel);
        // Two windows of the same person may be the first to say something.
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO notification_preferences (user_id, mail, hour, weekday, muted_groups) VALUES ({user.Id}, 'off', 9, 1, ARRAY[]::text[]) ON CONFLICT DO NOTHING", cancel);
        var row = await db.NotificationPreferences.SingleAsync(found => found.UserId == user.Id, cancel);
        (row.Mail, row.Hour, row.Weekday, row.MutedGroups) = (request.Mail, hour, weekday, [.. muted.Distinct(StringComparer.Ordinal)]);
        row.NextDigestAt = DigestTime.Next(row, user.TimeZone, time.GetUtcNow());
        await db.SaveChangesAsync(cancel);
        return TypedResults.Ok(View(row, options));
    }

    private static NotificationPreferenceView View(NotificationPreference? row, ControlPlaneOptions options) =>
        new(row?.Mail ?? InboxMail.Off, row?.Hour ?? 9, row?.Weekday ?? 1, row?.MutedGroups ?? [], options.Mail is not null, row?.NextDigestAt);
}
