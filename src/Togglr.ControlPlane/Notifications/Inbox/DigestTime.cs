using Togglr.Store;

namespace Togglr.ControlPlane.Notifications.Inbox;

/// <summary>When digests are due.</summary>
public static class DigestTime
{
    /// <summary>
    /// The next digest after an instant: at the person's hour in their time zone (UTC without one). Where the clock skips that hour the digest comes when it has gone on; where it shows it twice, at
    /// the first time.
    /// </summary>
    /// <param name="preference">How the person wants to be told.</param>
    /// <param name="timeZone">The IANA name of their time zone; null for UTC.</param>
    /// <param name="now">The instant.</param>
    /// <returns>The instant of the next digest; null where there are none.</returns>
    public static DateTimeOffset? Next(NotificationPreference preference, string? timeZone, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(preference);
        if (preference.Mail is not (InboxMail.Daily or InboxMail.Weekly))
            return null;
        var zone = timeZone is not null && TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var found) ? found : TimeZoneInfo.Utc;
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);
        for (var day = today.AddDays(-1); ; day = day.AddDays(1))
        {
            // Sunday is 0 there and 7 here.
            if (preference.Mail == InboxMail.Weekly && (int)day.DayOfWeek % 7 != preference.Weekday % 7)
                continue;
            var at = InstantOf(day.ToDateTime(new TimeOnly(preference.Hour, 0)), zone);
            if (at > now)
                return at;
        }
    }

    private static DateTimeOffset InstantOf(DateTime local, TimeZoneInfo zone)
    {
        while (zone.IsInvalidTime(local))
            local = local.AddMinutes(1);
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }
}
