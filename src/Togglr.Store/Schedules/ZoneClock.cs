using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Togglr.Store;

/// <summary>What clocks on the wall of a time zone show, as stretches between which they are set forward or back.</summary>
public sealed partial class ZoneClock
{
    /// <summary>Longest name, in characters.</summary>
    public const int MaximumNameLength = 64;

    private static readonly ConcurrentDictionary<string, ZoneClock> Known = new(StringComparer.Ordinal);

    private readonly TimeZoneInfo _zone;
    private readonly ConcurrentDictionary<int, Stretch[]> _years = new();

    private ZoneClock(string name, TimeZoneInfo zone) => (Name, _zone) = (name, zone);

    /// <summary>The name in the IANA time zone database, such as <c>Europe/Berlin</c>.</summary>
    public string Name { get; }

    /// <summary>The clock of a zone of the IANA database, as this machine has it.</summary>
    public static Result<ZoneClock> Find(string? name)
    {
        if (name is not null && Known.TryGetValue(name, out var known))
            return known;
        if (name is not { Length: > 0 and <= MaximumNameLength } || !NameFormat().IsMatch(name))
            return Unknown(name);
        try
        {
            // The name is that of a file below the database's folder, so what may be in it is checked before.
            return Known.GetOrAdd(name, static name => new ZoneClock(name, TimeZoneInfo.FindSystemTimeZoneById(name)));
        }
        catch (Exception failed) when (failed is TimeZoneNotFoundException or InvalidTimeZoneException or System.Security.SecurityException or UnauthorizedAccessException or IOException)
        {
            return Unknown(name);
        }
    }

    /// <summary>What the clock shows.</summary>
    public DateTime ToLocal(DateTime utc) => DateTime.SpecifyKind(utc + _zone.GetUtcOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc)), DateTimeKind.Unspecified);

    /// <summary>The stretches from the one that holds <paramref name="utc"/> on, without end.</summary>
    internal IEnumerable<Stretch> From(DateTime utc)
    {
        for (var year = utc.Year; year < DateTime.MaxValue.Year; year++)
        {
            foreach (var stretch in _years.GetOrAdd(year, Find))
            {
                if (stretch.End > utc)
                    yield return stretch;
            }
        }
    }

    /// <summary>Offsets are asked day by day, and where two days differ the minute of the change is looked for by halving.</summary>
    private Stretch[] Find(int year)
    {
        var start = new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var end = start.AddYears(1);
        var stretches = new List<Stretch>();
        var (begin, before, offset) = (start, _zone.GetUtcOffset(start.AddMinutes(-1)), _zone.GetUtcOffset(start));
        for (var day = start; day < end; day = day.AddDays(1))
        {
            var next = day.AddDays(1) < end ? day.AddDays(1) : end.AddMinutes(-1);
            if (_zone.GetUtcOffset(next) == offset)
                continue;
            var (low, high) = (day, next);
            while (high - low > TimeSpan.FromMinutes(1))
            {
                var middle = low.AddMinutes(Math.Floor((high - low).TotalMinutes / 2));
                (low, high) = _zone.GetUtcOffset(middle) == offset ? (middle, high) : (low, middle);
            }

            stretches.Add(new Stretch(begin, high, before, offset));
            (begin, before, offset) = (high, offset, _zone.GetUtcOffset(high));
        }

        stretches.Add(new Stretch(begin, end, before, offset));
        return [.. stretches];
    }

    private static StoreError Unknown(string? name) => Result.Invalid("timeZone", $"The server knows no time zone {name}. Names are those of the IANA database, such as Europe/Berlin.");

    [GeneratedRegex("^(?!posix|right|localtime|Factory)[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 100)]
    private static partial Regex NameFormat();

    /// <summary>A time without a change of the clock.</summary>
    /// <param name="Start">Its first instant.</param>
    /// <param name="End">The first instant after it.</param>
    /// <param name="Before">The offset just before it.</param>
    /// <param name="Offset">What is added to UTC.</param>
    internal readonly record struct Stretch(DateTime Start, DateTime End, TimeSpan Before, TimeSpan Offset);
}
