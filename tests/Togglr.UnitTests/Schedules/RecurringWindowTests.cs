using Togglr.Store;

namespace Togglr.UnitTests.Schedules;

public sealed class RecurringWindowTests
{
    /// <summary>Expressions with their windows' minutes: irregular, longer than a period, never closed, around changes of clocks.</summary>
    private static readonly (string Cron, int Minutes)[] Schedules =
    [
        ("0 9 * * 1-5", 30), ("0 9 * * MON-FRI", 480), ("30 2 * * *", 45), ("30 1 * * *", 45), ("0 0 * * *", 60), ("15 0,23 * * *", 90), ("0 22 * * 5", 3600),
        ("*/15 * * * *", 5), ("45 * * * *", 30), ("0 * * * *", 60), ("0 */6 * * *", 400), ("0 0 1 * *", 1440), ("0 0 13 * 5", 1440), ("5,35 1-3 * * 0", 20),
        ("0 12 29 2 *", 2880), ("0 3 31 * *", 50000), ("10-20/5 2 * 3,10,11 7", 7), ("59 23 31 12 *", 2), ("* * * * *", 1), ("0 0-23 * * *", 60),
    ];

    public static TheoryData<string, int> ZonesAndYears => new()
    {
        { "America/New_York", 2024 }, { "America/New_York", 2026 }, { "Europe/Berlin", 2025 }, { "Australia/Lord_Howe", 2025 }, { "Australia/Lord_Howe", 2028 }, { "Asia/Kathmandu", 2026 },
        { "America/Sao_Paulo", 2017 }, { "America/Sao_Paulo", 2018 }, { "UTC", 2024 }, { "Pacific/Apia", 2011 }, { "Africa/Casablanca", 2026 }, { "America/St_Johns", 2010 }, { "Asia/Kolkata", 2027 },
    };

    [Theory]
    [MemberData(nameof(ZonesAndYears))]
    public void Every_minute_of_a_year_is_as_the_clock_on_the_wall_says(string zone, int year)
    {
        // Some months of the years around, too.
        var from = new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(-40);
        const int Minutes = (366 + 80) * 1440;
        foreach (var (cron, duration) in Schedules)
        {
            var window = RecurringWindow.Create(cron, zone, duration).Value!;
            var expected = new MinuteOracle(cron, zone).Open(from.UtcDateTime, Minutes, duration);
            var actual = new bool[Minutes];
            foreach (var range in window.Between(from, from.AddMinutes(Minutes)))
                Array.Fill(actual, true, (int)(range.From - from).TotalMinutes, (int)(range.To - range.From).TotalMinutes);
            for (var i = 0; i < Minutes; i++)
            {
                if (expected[i] != actual[i])
                    Assert.Fail($"{cron} for {duration} minutes in {zone}: at {from.AddMinutes(i):u} it is {(expected[i] ? "open" : "closed")}.");
            }
        }
    }

    [Theory]
    [InlineData("Europe/Berlin", 2026)]
    [InlineData("Australia/Lord_Howe", 2026)]
    [InlineData("America/Sao_Paulo", 2018)]
    public void Asking_for_one_instant_or_for_the_next_edge_says_the_same_as_the_whole(string zone, int year)
    {
        var from = new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var to = from.AddDays(370);
        foreach (var (cron, duration) in Schedules)
        {
            var window = RecurringWindow.Create(cron, zone, duration).Value!;
            var ranges = window.Between(from, to).ToList();
            var at = from;
            var isOpen = window.IsOpen(from);
            for (var i = 0; i < 300 && at < to; i++)
            {
                var next = window.NextEdge(at);
                Assert.Equal(isOpen, ranges.Exists(range => range.From <= at && at < range.To));
                Assert.Equal(isOpen, window.IsOpen(at));
                if (next is null || next >= to)
                    break;
                Assert.Contains(ranges, range => isOpen ? range.To == next : range.From == next);
                (at, isOpen) = (next.Value, !isOpen);
            }
        }
    }

    [Fact]
    public void A_time_that_the_clock_skips_is_the_first_instant_after_the_gap()
    {
        var window = RecurringWindow.Create("30 2 * * *", "Europe/Berlin", 60).Value!;
        // 2026-03-29: 01:59:59 CET is followed by 03:00 CEST.
        Assert.Equal(new DateTimeOffset(2026, 3, 29, 1, 0, 0, TimeSpan.Zero), window.Starts(At("2026-03-28T12:00:00Z")).First());
        Assert.Equal(At("2026-03-29T02:00:00Z"), window.NextEdge(At("2026-03-29T01:00:00Z")));
    }

    [Fact]
    public void A_time_that_comes_twice_is_the_first_of_the_two()
    {
        var window = RecurringWindow.Create("30 2 * * *", "Europe/Berlin", 10).Value!;
        // 2026-10-25: 02:30 CEST (00:30 UTC) and 02:30 CET (01:30 UTC).
        Assert.Equal([At("2026-10-25T00:30:00Z"), At("2026-10-26T01:30:00Z")], window.Starts(At("2026-10-24T12:00:00Z")).Take(2));
    }

    [Fact]
    public void Every_hour_means_every_real_hour()
    {
        var window = RecurringWindow.Create("0 * * * *", "Europe/Berlin", 60).Value!;
        Assert.Equal(Enumerable.Range(0, 6).Select(hour => At("2026-10-24T22:00:00Z").AddHours(hour)), window.Starts(At("2026-10-24T22:00:00Z")).Take(6));
        Assert.Null(window.NextEdge(At("2026-10-24T22:00:00Z")));
        Assert.Equal(Enumerable.Range(0, 6).Select(hour => At("2026-03-28T22:00:00Z").AddHours(hour)), window.Starts(At("2026-03-28T22:00:00Z")).Take(6));
    }

    [Fact]
    public void Weekdays_at_nine_for_thirty_minutes_are_that_and_nothing_else()
    {
        var window = RecurringWindow.Create("0 9 * * 1-5", "America/New_York", 30).Value!;
        // Friday, the weekend of the change of clocks, Monday.
        Assert.False(window.IsOpen(At("2026-03-06T13:59:59.999Z")));
        Assert.True(window.IsOpen(At("2026-03-06T14:00:00Z")));
        Assert.True(window.IsOpen(At("2026-03-06T14:29:59.9999999Z")));
        Assert.False(window.IsOpen(At("2026-03-06T14:30:00Z")));
        Assert.Equal(At("2026-03-09T13:00:00Z"), window.NextEdge(At("2026-03-06T14:30:00Z")));
    }

    [Fact]
    public void Windows_longer_than_their_period_are_one()
    {
        var window = RecurringWindow.Create("0 22 * * 5,6", "UTC", 36 * 60).Value!;
        // Friday 22:00 for 36 hours reaches into Sunday; Saturday 22:00 begins before its end.
        Assert.Equal([new TimeRange(At("2026-11-20T22:00:00Z"), At("2026-11-23T10:00:00Z"))], window.Between(At("2026-11-19T00:00:00Z"), At("2026-11-26T00:00:00Z")));
    }

    [Fact]
    public void Nothing_is_open_outside_the_bounds()
    {
        var window = RecurringWindow.Create("0 9 * * *", "UTC", 480, At("2026-01-05T10:00:00Z"), At("2026-01-06T12:00:00Z")).Value!;
        Assert.Equal([new TimeRange(At("2026-01-05T10:00:00Z"), At("2026-01-05T17:00:00Z")), new TimeRange(At("2026-01-06T09:00:00Z"), At("2026-01-06T12:00:00Z"))],
            window.Between(At("2026-01-01T00:00:00Z"), At("2026-02-01T00:00:00Z")));
        Assert.Equal(At("2026-01-05T10:00:00Z"), window.NextEdge(At("2026-01-01T00:00:00Z")));
        Assert.Equal(At("2026-01-06T12:00:00Z"), window.NextEdge(At("2026-01-06T09:00:00Z")));
        Assert.Null(window.NextEdge(At("2026-01-06T12:00:00Z")));
        Assert.Null(RecurringWindow.Create("* * * * *", "UTC", 5).Value!.NextEdge(At("2026-01-06T12:00:00Z")));
        Assert.Equal(At("2031-01-06T12:00:00Z"), RecurringWindow.Create("* * * * *", "UTC", 5, until: At("2031-01-06T12:00:00Z")).Value!.NextEdge(At("2026-01-06T12:00:00Z")));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("posix/Europe/Berlin")]
    [InlineData("posixrules")]
    [InlineData("right/UTC")]
    [InlineData("Europe/Atlantis")]
    [InlineData("Europe")]
    [InlineData("Europe/Berlin\0")]
    [InlineData("/usr/share/zoneinfo/UTC")]
    [InlineData("")]
    [InlineData(null)]
    public void Zones_are_those_of_the_database_and_no_files(string? zone) =>
        Assert.Equal("timeZone", RecurringWindow.Create("0 9 * * *", zone, 30).Error?.Path);

    internal static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
