using System.Globalization;
using System.Numerics;

namespace Togglr.Store;

/// <summary>
/// Minutes of the local calendar in the five fields of cron: minute, hour, day of the month, month, day of the week. Each field is <c>*</c> or a list of
/// numbers, ranges and steps (<c>1,15</c>, <c>9-17</c>, <c>*/5</c>, <c>0-30/10</c>); months and weekdays also have names, and Sunday is 0 or 7. As everywhere
/// in cron, a day that is restricted both ways (of the month and of the week) needs to fit one of them only.
/// </summary>
public sealed class CronExpression
{
    /// <summary>Longest expression, in characters.</summary>
    public const int MaximumLength = 200;

    /// <summary>The 29th of February is up to eight years away, where a century skips one.</summary>
    private const int YearsToLook = 9;

    private static readonly string[] MonthNames = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] DayNames = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    private static readonly FieldShape[] Shapes =
    [
        new("minute", 0, 59, []), new("hour", 0, 23, []), new("day of the month", 1, 31, []), new("month", 1, 12, MonthNames), new("day of the week", 0, 7, DayNames),
    ];

    private readonly ulong _minutes;
    private readonly ulong _hours;
    private readonly ulong _days;
    private readonly ulong _months;
    private readonly ulong _weekdays;
    private readonly bool _eitherDay;

    private CronExpression(string text, ReadOnlySpan<ulong> masks, bool everyHour, bool eitherDay)
    {
        Text = text;
        (_minutes, _hours, _days, _months, _weekdays) = (masks[0], masks[1], masks[2], masks[3], masks[4]);
        // Sunday has two numbers.
        if ((_weekdays & (1UL << 7)) != 0)
            _weekdays = (_weekdays & ~(1UL << 7)) | 1;
        (EveryHour, _eitherDay) = (everyHour, eitherDay);
    }

    /// <summary>The expression with single spaces.</summary>
    public string Text { get; }

    /// <summary>Whether the hour is <c>*</c>: then real hours count, and not what clocks show (see <see cref="RecurringWindow"/>).</summary>
    public bool EveryHour { get; }

    /// <summary>Reads an expression; refuses what is malformed and what never happens, such as the 30th of February.</summary>
    public static Result<CronExpression> Parse(string? text)
    {
        const string Path = "cron";
        if (string.IsNullOrWhiteSpace(text) || text.Length > MaximumLength)
            return Result.Invalid(Path, $"A cron expression has five fields and at most {MaximumLength} characters.");
        var fields = text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 5)
            return Result.Invalid(Path, $"A cron expression has five fields (minute, hour, day of the month, month, day of the week); this has {fields.Length.ToString(CultureInfo.InvariantCulture)}.");
        var masks = new ulong[5];
        for (var i = 0; i < fields.Length; i++)
        {
            if (Shapes[i].Read(fields[i], out masks[i]) is { } fault)
                return Result.Invalid(Path, fault);
        }

        var expression = new CronExpression(string.Join(' ', fields), masks, fields[1] == "*", fields[2] != "*" && fields[4] != "*");
        return expression.Next(new DateTime(2000, 1, 1)) is null ? Result.Invalid(Path, "This never happens: no such day exists.") : expression;
    }

    /// <summary>Whether a local minute is one of them.</summary>
    public bool Matches(DateTime local) => IsDay(local) && Has(_hours, local.Hour) && Has(_minutes, local.Minute);

    /// <summary>The first local minute that is not before <paramref name="local"/>; null when there is none for years.</summary>
    internal DateTime? Next(DateTime local)
    {
        var from = local.Ticks % TimeSpan.TicksPerMinute == 0 ? local : new DateTime(local.Ticks - (local.Ticks % TimeSpan.TicksPerMinute) + TimeSpan.TicksPerMinute);
        var day = from.Date;
        var (hour, minute) = (from.Hour, from.Minute);
        var last = day.AddYears(YearsToLook);
        while (day <= last)
        {
            if (!Has(_months, day.Month))
            {
                day = new DateTime(day.Year, day.Month, 1).AddMonths(1);
                (hour, minute) = (0, 0);
                continue;
            }

            if (IsDay(day) && TimeFrom(hour, minute) is { } time)
                return day + time;
            day = day.AddDays(1);
            (hour, minute) = (0, 0);
        }

        return null;
    }

    private TimeSpan? TimeFrom(int hour, int minute)
    {
        if (Has(_hours, hour) && From(_minutes, minute) is { } here)
            return new TimeSpan(hour, here, 0);
        return From(_hours, hour + 1) is { } later ? new TimeSpan(later, From(_minutes, 0)!.Value, 0) : null;
    }

    private bool IsDay(DateTime day)
    {
        if (!Has(_months, day.Month))
            return false;
        var (ofMonth, ofWeek) = (Has(_days, day.Day), Has(_weekdays, (int)day.DayOfWeek));
        return _eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek;
    }

    private static bool Has(ulong mask, int value) => (mask & (1UL << value)) != 0;

    private static int? From(ulong mask, int value)
    {
        if (value > 63)
            return null;
        var rest = mask & (ulong.MaxValue << value);
        return rest == 0 ? null : BitOperations.TrailingZeroCount(rest);
    }

    private sealed record FieldShape(string Name, int Least, int Most, string[] Names)
    {
        /// <summary>The values of a field; otherwise what is wrong with it.</summary>
        public string? Read(string field, out ulong mask)
        {
            mask = 0;
            foreach (var part in field.Split(','))
            {
                var slash = part.IndexOf('/', StringComparison.Ordinal);
                var range = slash < 0 ? part : part[..slash];
                var step = 1;
                if (slash >= 0 && (!Number(part[(slash + 1)..], out step) || step < 1 || step > Most))
                    return $"{part} is no step for the {Name}.";
                int first, last;
                var dash = range.IndexOf('-', StringComparison.Ordinal);
                if (range == "*")
                    // Seven is only another name of Sunday.
                    (first, last) = (Least, Names == DayNames ? 6 : Most);
                else if (dash < 0)
                {
                    if (!Value(range, out first))
                        return Unknown(range);
                    last = slash < 0 ? first : Most;
                }
                else if (!Value(range[..dash], out first) || !Value(range[(dash + 1)..], out last))
                    return Unknown(range);
                if (first > last)
                    return $"{range} runs backwards; write it as two parts with a comma.";
                for (var value = first; value <= last; value += step)
                    mask |= 1UL << value;
            }

            return null;
        }

        private string Unknown(string text) => string.Create(CultureInfo.InvariantCulture, $"{text} is no {Name}; it goes from {Least} to {Most}.");

        private bool Value(string text, out int value)
        {
            var name = Array.FindIndex(Names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
            value = name + (Names == MonthNames ? 1 : 0);
            return name >= 0 || (Number(text, out value) && value >= Least && value <= Most);
        }

        private static bool Number(string text, out int value) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && text.Length <= 2;
    }
}
