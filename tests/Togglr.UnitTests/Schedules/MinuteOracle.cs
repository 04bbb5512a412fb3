namespace Togglr.UnitTests.Schedules;

/// <summary>
/// Says of every minute of a time range what a cron expression with a duration means there, by asking what the clock shows minute by minute. Knows nothing of the
/// program's own reading: it has its own reader of fields and looks at one minute after the other.
/// </summary>
internal sealed class MinuteOracle
{
    private readonly bool[][] _fields;
    private readonly string _name;
    private readonly bool _everyHour;
    private readonly bool _eitherDay;
    private readonly TimeZoneInfo _zone;

    public MinuteOracle(string cron, string zone)
    {
        var fields = cron.Split(' ');
        (int Low, int High)[] ranges = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];
        _name = zone;
        _fields = [.. fields.Select((field, i) => Read(field, ranges[i].Low, ranges[i].High))];
        _fields[4][0] |= _fields[4][7];
        _everyHour = fields[1] == "*";
        _eitherDay = fields[2] != "*" && fields[4] != "*";
        _zone = TimeZoneInfo.FindSystemTimeZoneById(zone);
    }

    /// <summary>Whether a window begins, for every minute from <paramref name="from"/> on.</summary>
    public bool[] Starts(DateTime from, int minutes)
    {
        var starts = new bool[minutes];
        // A day before, so that it is known which local times were shown already.
        var lead = 1500;
        var latest = DateTime.MinValue;
        DateTime? previous = null;
        var clock = Clock(from.AddMinutes(-lead), minutes + lead);
        for (var i = -lead; i < minutes; i++)
        {
            var local = clock[i + lead];
            bool begins;
            if (_everyHour)
                begins = Fits(local);
            else
            {
                begins = local > latest && Fits(local);
                // What was skipped since the minute before.
                for (var skipped = previous?.AddMinutes(1); skipped < local && !begins; skipped = skipped.Value.AddMinutes(1))
                    begins = skipped > latest && Fits(skipped.Value);
            }

            latest = local > latest ? local : latest;
            previous = local;
            if (i >= 0)
                starts[i] = begins;
        }

        return starts;
    }

    /// <summary>Whether a window is open, for every minute from <paramref name="from"/> on.</summary>
    public bool[] Open(DateTime from, int minutes, int duration)
    {
        var starts = Starts(from.AddMinutes(-duration), minutes + duration);
        var open = new bool[minutes];
        var left = 0;
        for (var i = 0; i < starts.Length; i++)
        {
            left = starts[i] ? duration : left - 1;
            if (i >= duration)
                open[i - duration] = left > 0;
        }

        return open;
    }

    /// <summary>What the clock shows at every minute; the last answer is kept, because many expressions ask for the same.</summary>
    private DateTime[] Clock(DateTime from, int minutes)
    {
        if (_last is { } last && last.Zone == _name && last.From <= from && (int)(from - last.From).TotalMinutes is var skip && skip + minutes <= last.Local.Length)
            return skip == 0 ? last.Local : last.Local[skip..(skip + minutes)];
        // Longer windows ask from earlier on.
        from = from.AddDays(-40);
        var local = new DateTime[minutes + (80 * 1440)];
        for (var i = 0; i < local.Length; i++)
            local[i] = TimeZoneInfo.ConvertTimeFromUtc(from.AddMinutes(i), _zone);
        _last = new Shown(_name, from, local);
        return local[(40 * 1440)..((40 * 1440) + minutes)];
    }

    [ThreadStatic]
    private static Shown? _last;

    private sealed record Shown(string Zone, DateTime From, DateTime[] Local);

    private bool Fits(DateTime local)
    {
        var ofMonth = _fields[2][local.Day];
        var ofWeek = _fields[4][(int)local.DayOfWeek];
        return _fields[0][local.Minute] && _fields[1][local.Hour] && _fields[3][local.Month] && (_eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek);
    }

    private static bool[] Read(string field, int low, int high)
    {
        var values = new bool[60];
        foreach (var part in field.Split(','))
        {
            var pieces = part.Split('/');
            var bounds = pieces[0] == "*" ? [low, high == 7 ? 6 : high] : pieces[0].Split('-').Select(Number).ToArray();
            var last = bounds.Length == 2 ? bounds[1] : pieces.Length == 2 ? high : bounds[0];
            for (var value = bounds[0]; value <= last; value += pieces.Length == 2 ? Number(pieces[1]) : 1)
                values[value] = true;
        }

        return values;
    }

    private static int Number(string text) => text.ToUpperInvariant() switch
    {
        "MON" => 1,
        "FRI" => 5,
        _ => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture),
    };
}
