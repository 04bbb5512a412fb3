using Npgsql;
using NpgsqlTypes;
using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>What was counted of a flag over the last minutes.</summary>
internal static class HealthSeries
{
    private const int MostErrors = 10;

    // Quiet flags are told of every ten seconds.
    private const int ShortStep = 10;

    // Seconds become minutes after ten minutes.
    private const int LongStep = 60;

    public static async Task<HealthSeriesListView> ReadAsync(
        HealthWindows windows, TogglrDatabase database, HealthPlace place, string flag, HealthTerms terms, int minutes, CancellationToken cancel)
    {
        var step = minutes <= 10 ? ShortStep : LongStep;
        var (now, slots) = await windows.ReadAsync([place.EnvironmentId], [place.FlagId], (minutes * 60) + step, cancel);
        var last = now.ToUnixTimeSeconds() / step;
        var steps = minutes * 60 / step;
        var series = new SortedDictionary<string, (long[] Evaluations, long[] Errors)>(StringComparer.Ordinal);
        foreach (var slot in slots.GetValueOrDefault(place) ?? [])
        {
            var at = (int)(((now.ToUnixTimeSeconds() - slot.Age) / step) - last + steps - 1);
            if (at < 0 || at >= steps)
                continue;
            if (!series.TryGetValue(slot.Variant, out var counts))
                series.Add(slot.Variant, counts = (new long[steps], new long[steps]));
            var counted = slot.For(terms);
            counts.Evaluations[at] += counted.Evaluations;
            counts.Errors[at] += counted.Errors;
        }

        return new HealthSeriesListView(
            DateTimeOffset.FromUnixTimeSeconds((last - steps + 1) * step), step, steps,
            [.. series.Select(pair => new HealthSeriesView(pair.Key.Length == 0 ? null : pair.Key, pair.Value.Evaluations, pair.Value.Errors))],
            await ErrorsAsync(database, place, flag, now.AddMinutes(-minutes), cancel));
    }

    private static async Task<IReadOnlyList<HealthErrorView>> ErrorsAsync(TogglrDatabase database, HealthPlace place, string flag, DateTimeOffset from, CancellationToken cancel)
    {
        await using var command = database.DataSource.CreateCommand(
            """
            SELECT payload ->> 'type', (array_agg(left(replace(payload ->> 'message', chr(13), ''), 500) ORDER BY at DESC))[1], count(*), max(at)
            FROM (SELECT at, regexp_replace(payload::text, '\\u0000', '', 'g')::json AS payload FROM event_log WHERE kind = 3 AND environment_id = $1 AND flag = $2 AND at >= $3 ORDER BY at DESC LIMIT 5000) e
            GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT $4
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = place.EnvironmentId });
        command.Parameters.Add(new NpgsqlParameter { Value = flag, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = from.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter { Value = MostErrors });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var errors = new List<HealthErrorView>();
        while (await reader.ReadAsync(cancel))
            errors.Add(new HealthErrorView(reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetFieldValue<DateTimeOffset>(3)));
        return errors;
    }
}
