using System.Globalization;
using Npgsql;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>Which days of events <c>m</c> have an index by unit.</summary>
internal static class EventDays
{
    /// <summary>Spans of days, in their order, in which all days that there are have an index, and enough events to be worth asking it for so many units.</summary>
    public static async Task<IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)>> IndexedAsync(NpgsqlConnection connection, int units, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT right(c.relname, 8), c.reltuples > $1 AND EXISTS (
                SELECT FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[0] WHERE x.indrelid = c.oid AND x.indisvalid AND x.indpred IS NULL AND a.attname = 'unit')
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'events_metric'::regclass ORDER BY 1
            """, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = (float)units });
        var spans = new List<(DateTimeOffset From, DateTimeOffset To)>();
        var isOpen = false;
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var day = DateTimeOffset.ParseExact(reader.GetString(0), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            var isIndexed = reader.GetBoolean(1);
            if (isIndexed && isOpen)
                spans[^1] = (spans[^1].From, day.AddDays(1));
            else if (isIndexed)
                spans.Add((day, day.AddDays(1)));
            isOpen = isIndexed;
        }
        return spans;
    }

    /// <summary>Whether an event is in one of the spans.</summary>
    public static string Within(IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> spans, SqlParameters parameters) =>
        $"({string.Join(" OR ", spans.Select(span => $"m.at >= {parameters.Add(span.From)} AND m.at < {parameters.Add(span.To)}"))})";

    /// <summary>Whether an event is in none of the spans: before the first, between two or after the last.</summary>
    public static string Outside(IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> spans, SqlParameters parameters)
    {
        var gaps = spans.Select((span, i) => $"{(i == 0 ? "" : $"m.at >= {parameters.Add(spans[i - 1].To)} AND ")}m.at < {parameters.Add(span.From)}");
        return spans.Count == 0 ? "true" : $"({string.Join(" OR ", gaps)} OR m.at >= {parameters.Add(spans[^1].To)})";
    }
}
