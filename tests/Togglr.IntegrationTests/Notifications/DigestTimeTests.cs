using System.Globalization;
using Togglr.ControlPlane.Notifications.Inbox;
using Togglr.Store;

namespace Togglr.IntegrationTests.Notifications;

public sealed class DigestTimeTests
{
    [Theory]
    [InlineData("the same day", InboxMail.Daily, 9, 1, null, "2026-11-21T08:59:59Z", "2026-11-21T09:00:00Z")]
    [InlineData("the next day", InboxMail.Daily, 9, 1, null, "2026-11-21T09:00:00Z", "2026-11-22T09:00:00Z")]
    [InlineData("in their zone", InboxMail.Daily, 9, 1, "Europe/Berlin", "2026-11-21T07:00:00Z", "2026-11-21T08:00:00Z")]
    [InlineData("their day is another", InboxMail.Daily, 1, 1, "Asia/Tokyo", "2026-11-21T15:30:00Z", "2026-11-21T16:00:00Z")]
    [InlineData("an hour that the clock skips", InboxMail.Daily, 2, 1, "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z")]
    [InlineData("an hour that comes twice", InboxMail.Daily, 2, 1, "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:00:00Z")]
    [InlineData("once only where it comes twice", InboxMail.Daily, 2, 1, "Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-26T01:00:00Z")]
    [InlineData("on Monday", InboxMail.Weekly, 9, 1, null, "2026-11-21T08:00:00Z", "2026-11-23T09:00:00Z")]
    [InlineData("on Sunday", InboxMail.Weekly, 9, 7, null, "2026-11-22T09:00:00Z", "2026-11-29T09:00:00Z")]
    [InlineData("without a zone that is gone", InboxMail.Daily, 9, 1, "Mars/Olympus", "2026-11-21T08:00:00Z", "2026-11-21T09:00:00Z")]
    [InlineData("at once", InboxMail.Immediately, 9, 1, null, "2026-11-21T08:00:00Z", null)]
    public void A_digest_comes_at_its_hour(string what, InboxMail mail, int hour, int weekday, string? zone, string now, string? expected)
    {
        var next = DigestTime.Next(new NotificationPreference { Mail = mail, Hour = hour, Weekday = weekday }, zone, Parse(now));
        Assert.True(next == (expected is null ? null : Parse(expected)), $"{what}: {next:O}");
    }

    private static DateTimeOffset Parse(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
