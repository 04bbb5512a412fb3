namespace Togglr.Store;

/// <summary>A span of time.</summary>
/// <param name="From">Its first instant.</param>
/// <param name="To">The first instant after it.</param>
public readonly record struct TimeRange(DateTimeOffset From, DateTimeOffset To);

/// <summary>
/// Times that begin whenever a cron expression says so in a time zone and last a fixed elapsed time; times that touch or overlap are one. Only what lies between
/// <see cref="From"/> and <see cref="Until"/> counts.
/// </summary>
/// <remarks>
/// Where clocks change: an expression that names hours means what the clock shows. A time that the clock skips stands for the first instant after the gap, and a
/// time that it shows twice for the first of the two. An expression whose hour is <c>*</c> means real minutes: nothing is moved and every real hour has its own.
/// </remarks>
public sealed class RecurringWindow
{
    /// <summary>Longest window, in minutes: 366 days.</summary>
    public const int MaximumMinutes = 366 * 24 * 60;

    /// <summary>Times that never stop within this are taken to be without end.</summary>
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(800);

    private readonly CronExpression _cron;
    private readonly ZoneClock _zone;
    private readonly TimeSpan _duration;

    private RecurringWindow(CronExpression cron, ZoneClock zone, TimeSpan duration, DateTimeOffset? from, DateTimeOffset? until) =>
        (_cron, _zone, _duration, From, Until) = (cron, zone, duration, from, until);

    /// <summary>Nothing is open before.</summary>
    public DateTimeOffset? From { get; }

    /// <summary>Nothing is open from then on.</summary>
    public DateTimeOffset? Until { get; }

    /// <summary>Windows, or what is wrong with their description.</summary>
    public static Result<RecurringWindow> Create(string? cron, string? timeZone, int minutes, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        var expression = CronExpression.Parse(cron);
        if (!expression.IsOk)
            return expression.Error;
        var zone = ZoneClock.Find(timeZone);
        if (!zone.IsOk)
            return zone.Error;
        if (minutes is < 1 or > MaximumMinutes)
            return Result.Invalid("durationMinutes", $"A window lasts 1 to {MaximumMinutes} minutes.");
        if (from >= until)
            return Result.Invalid("until", "The end comes after the beginning.");
        return new RecurringWindow(expression.Value, zone.Value, TimeSpan.FromMinutes(minutes), from, until);
    }

    /// <summary>The instants at which windows begin, from <paramref name="from"/> on (that instant included) and in order, whatever <see cref="From"/> and <see cref="Until"/> are.</summary>
    public IEnumerable<DateTimeOffset> Starts(DateTimeOffset from)
    {
        var utc = from.UtcDateTime;
        DateTime? last = null;
        foreach (var stretch in _zone.From(utc))
        {
            var local = Local(utc > stretch.Start ? utc : stretch.Start, stretch.Offset);
            var shown = Local(stretch.Start, stretch.Before);
            if (!_cron.EveryHour)
            {
                // Skipped times stand for the first instant after the gap, times that come again were there before.
                if (utc <= stretch.Start && stretch.Offset > stretch.Before && _cron.Next(shown) < Local(stretch.Start, stretch.Offset))
                {
                    last = stretch.Start;
                    yield return new DateTimeOffset(stretch.Start);
                }

                if (shown > local)
                    local = shown;
            }

            var end = Local(stretch.End, stretch.Offset);
            while (local < end)
            {
                if (_cron.Next(local) is not { } next)
                    yield break;
                if (next >= end)
                    break;
                local = next.AddMinutes(1);
                var start = DateTime.SpecifyKind(next - stretch.Offset, DateTimeKind.Utc);
                if (start != last)
                    yield return new DateTimeOffset(start);
            }
        }
    }

    /// <summary>Whether a window is open at an instant.</summary>
    public bool IsOpen(DateTimeOffset at) =>
        !(at < From) && !(at >= Until) && Starts(at - _duration + TimeSpan.FromTicks(1)).First(at) is not null;

    /// <summary>The first instant after <paramref name="at"/> at which a window opens or closes; null where nothing changes any more.</summary>
    public DateTimeOffset? NextEdge(DateTimeOffset at)
    {
        if (at >= Until)
            return null;
        var next = at + TimeSpan.FromTicks(1);
        if (!IsOpen(at))
        {
            var first = From > at ? From.Value : next;
            return Starts(first - _duration + TimeSpan.FromTicks(1)).First(DateTimeOffset.MaxValue) is { } start && Later(start, first) is var opens && !(opens >= Until) ? opens : null;
        }

        foreach (var window in Open(at, DateTimeOffset.MaxValue, isUnending: true))
            return window.To == DateTimeOffset.MaxValue ? null : window.To;
        return null;
    }

    /// <summary>The windows between two instants, in order and cut at both.</summary>
    public IEnumerable<TimeRange> Between(DateTimeOffset from, DateTimeOffset to) => Open(from, to, isUnending: false);

    private IEnumerable<TimeRange> Open(DateTimeOffset from, DateTimeOffset to, bool isUnending)
    {
        var first = From > from ? From.Value : from;
        var last = Until < to ? Until.Value : to;
        if (first >= last)
            yield break;
        TimeRange? open = null;
        foreach (var start in Starts(first - _duration + TimeSpan.FromTicks(1)))
        {
            if (start >= last)
                break;
            if (open is { } window && start > window.To)
            {
                yield return window;
                open = null;
            }

            var end = start + _duration;
            open = new TimeRange(open?.From ?? Later(start, first), end < last ? end : last);
            if (open.Value.To == last)
                break;
            if (isUnending && open.Value.To - open.Value.From > Horizon + _duration)
            {
                open = open.Value with { To = Until ?? DateTimeOffset.MaxValue };
                break;
            }
        }

        if (open is { } left)
            yield return left;
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTime Local(DateTime utc, TimeSpan offset) => DateTime.SpecifyKind(utc + offset, DateTimeKind.Unspecified);
}

/// <summary>Questions to ordered instants.</summary>
internal static class Instants
{
    /// <summary>The first, if it is not after <paramref name="last"/>.</summary>
    internal static DateTimeOffset? First(this IEnumerable<DateTimeOffset> starts, DateTimeOffset last)
    {
        foreach (var start in starts)
            return start <= last ? start : null;
        return null;
    }
}
