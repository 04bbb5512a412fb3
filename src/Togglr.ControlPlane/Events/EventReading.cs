using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Togglr.ControlPlane.Publishing;
using Togglr.Store;

namespace Togglr.ControlPlane.Events;

/// <summary>Reads events for people. Callers say which environment, so nothing of another tenant can be asked for.</summary>
internal sealed class EventReading(TogglrDatabase database, UnitKeyReader keys, ControlPlaneOptions options)
{
    private const int MostNames = 200;
    private const int MostProperties = 50;
    private const int MostValues = 10;

    /// <summary>Why no events of an organization are accepted now; null: they are.</summary>
    public async Task<string?> FindRefusalAsync(Guid organization, CancellationToken cancel)
    {
        if (keys.Unreadable.Contains(organization))
            return "event_key_unreadable";
        await using var command = database.DataSource.CreateCommand("SELECT coalesce(sum(events), 0) > $1 FROM event_groups WHERE failure IS NULL");
        command.Parameters.Add(new NpgsqlParameter { Value = options.EventBacklog });
        return (bool)(await command.ExecuteScalarAsync(cancel))! ? "backlog_full" : null;
    }

    /// <summary>Counts by kind and name.</summary>
    public async Task<(Dictionary<string, EventKindView> Kinds, List<EventNameView> Names, DateTimeOffset? LastAt)> ReadCountsAsync(
        Guid environment, DateTimeOffset from, int minutes, CancellationToken cancel)
    {
        var series = new Dictionary<string, long[]>(StringComparer.Ordinal);
        var hour = new Dictionary<(string Kind, string Name), long>();
        await using (var command = database.DataSource.CreateCommand(
            """
            SELECT kind, name, (extract(epoch FROM at - $2)::bigint / 60)::integer, sum(count)::bigint
            FROM event_minutes WHERE environment_id = $1 AND at >= $2 AND at < $3 AND kind <> 'outcome' GROUP BY 1, 2, 3
            """))
        {
            Add(command, environment, from, from.AddMinutes(minutes));
            await using var reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                var key = (Kind: reader.GetString(0), Name: reader.GetString(1));
                if (!series.TryGetValue(key.Kind, out var steps))
                    series.Add(key.Kind, steps = new long[minutes]);
                steps[reader.GetInt32(2)] += reader.GetInt64(3);
                hour[key] = hour.GetValueOrDefault(key) + reader.GetInt64(3);
            }
        }

        var days = new Dictionary<string, long>(StringComparer.Ordinal);
        var names = new Dictionary<(string Kind, string Name), (long Count, double Total, Dictionary<string, long> Details)>();
        await using (var command = database.DataSource.CreateCommand("SELECT kind, name, detail, sum(count)::bigint, sum(total) FROM event_hours WHERE environment_id = $1 AND at > $2 AND at < $3 AND kind <> 'outcome' GROUP BY 1, 2, 3"))
        {
            Add(command, environment, from.AddMinutes(minutes).AddHours(-25), from.AddMinutes(minutes));
            await using var reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                var key = (Kind: reader.GetString(0), Name: reader.GetString(1));
                var count = reader.GetInt64(3);
                days[key.Kind] = days.GetValueOrDefault(key.Kind) + count;
                var known = names.GetValueOrDefault(key, (0, 0, new Dictionary<string, long>(StringComparer.Ordinal)));
                if (reader.GetString(2) is { Length: > 0 } detail)
                    known.Details[detail] = known.Details.GetValueOrDefault(detail) + count;
                names[key] = (known.Count + count, known.Total + reader.GetDouble(4), known.Details);
            }
        }

        await using var latest = database.DataSource.CreateCommand("SELECT max(at) FROM event_hours WHERE environment_id = $1 AND kind NOT IN ('dead', 'duplicate')");
        latest.Parameters.Add(new NpgsqlParameter { Value = environment });
        var lastAt = await latest.ExecuteScalarAsync(cancel) is DateTime last ? new DateTimeOffset(last, TimeSpan.Zero) : (DateTimeOffset?)null;
        return (
            days.Keys.Union(series.Keys, StringComparer.Ordinal).ToDictionary(
                kind => kind, kind => new EventKindView(series.GetValueOrDefault(kind)?.Sum() ?? 0, days.GetValueOrDefault(kind), series.GetValueOrDefault(kind) ?? new long[minutes]), StringComparer.Ordinal),
            [
                .. names.OrderByDescending(static pair => pair.Value.Count).ThenBy(static pair => pair.Key.Name, StringComparer.Ordinal).Take(MostNames).Select(pair => new EventNameView(
                    pair.Key.Kind, pair.Key.Name, hour.GetValueOrDefault(pair.Key), pair.Value.Count,
                    pair.Key.Kind == "metric" && double.IsFinite(pair.Value.Total) ? pair.Value.Total / pair.Value.Count : null, pair.Value.Details)),
            ],
            lastAt);
    }

    /// <summary>The latest exposures and metric events.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="kind"><c>exposure</c> or <c>metric</c>; null for both.</param>
    /// <param name="names">Of these names, by kind.</param>
    /// <param name="since">Not of days before.</param>
    /// <param name="limit">How many.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<List<RecentEventView>> ReadRecentAsync(
        Guid environment, string? kind, ILookup<string, string> names, DateTimeOffset since, int limit, CancellationToken cancel)
    {
        var recent = new List<RecentEventView>();
        // By name, because that is how the index is: a few rows from the end of each.
        if (kind is null or "exposure" && names["exposure"].Any())
        {
            await using var command = database.DataSource.CreateCommand(
                """
                SELECT e.experiment, e.at, e.received_at, e.unit, e.flag, e.variant, e.phase, e.attributes::text FROM unnest($2) n(name) CROSS JOIN LATERAL (
                    SELECT * FROM events_exposure x WHERE x.environment_id = $1 AND x.experiment = n.name AND x.at > $3 ORDER BY x.batch DESC LIMIT $4) e ORDER BY e.batch DESC, e.at DESC LIMIT $4
                """);
            Add(command, environment, [.. names["exposure"]], since, limit);
            await using var reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                recent.Add(new RecentEventView(
                    "exposure", reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetGuid(3),
                    await reader.IsDBNullAsync(4, cancel) ? null : reader.GetString(4), reader.GetString(5), await reader.IsDBNullAsync(6, cancel) ? null : reader.GetInt32(6), null,
                    await reader.IsDBNullAsync(7, cancel) ? null : JsonElement.Parse(reader.GetString(7))));
            }
        }

        if (kind is null or "metric" && names["metric"].Any())
        {
            await using var command = database.DataSource.CreateCommand(
                """
                SELECT e.event, e.at, e.received_at, e.unit, e.value, e.properties::text FROM unnest($2) n(name) CROSS JOIN LATERAL (
                    SELECT * FROM events_metric x WHERE x.environment_id = $1 AND x.event = n.name AND x.at > $3 ORDER BY x.batch DESC LIMIT $4) e ORDER BY e.batch DESC, e.at DESC LIMIT $4
                """);
            Add(command, environment, [.. names["metric"]], since, limit);
            await using var reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                recent.Add(new RecentEventView(
                    "metric", reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetGuid(3), null, null, null,
                    await reader.IsDBNullAsync(4, cancel) ? null : reader.GetDouble(4), await reader.IsDBNullAsync(5, cancel) ? null : JsonElement.Parse(reader.GetString(5))));
            }
        }

        return [.. recent.OrderByDescending(static row => row.ReceivedAt).ThenByDescending(static row => row.At).Take(limit)];
    }

    /// <summary>What events say of themselves.</summary>
    public static List<EventPropertyView> PropertiesOf(IEnumerable<RecentEventView> events) =>
    [
        .. events.Where(static row => row.Properties is not null).SelectMany(static row => row.Properties!.Value.EnumerateObject())
            .GroupBy(static member => member.Name, StringComparer.Ordinal).OrderByDescending(static group => group.Count()).ThenBy(static group => group.Key, StringComparer.Ordinal).Take(MostProperties)
            .Select(static group => new EventPropertyView(group.Key, group.Count(), [
                .. group.GroupBy(static member => member.Value.ToString(), StringComparer.Ordinal).OrderByDescending(static values => values.Count()).ThenBy(static values => values.Key, StringComparer.Ordinal)
                    .Take(MostValues).Select(static values => new EventValueView(values.Key, values.Count())),
            ])),
    ];

    /// <summary>Events that could not be used, newest first, one more than asked for where there are more.</summary>
    public async Task<List<DeadLetterView>> ReadDeadAsync(Guid environment, string? code, DateTimeOffset? before, Guid beforeId, int limit, CancellationToken cancel)
    {
        await using var command = database.DataSource.CreateCommand(
            """
            SELECT id, received_at, kind, code, path, coalesce(content ->> 'message', ''), (content - 'message')::text FROM event_dead_letters
            WHERE environment_id = $1 AND ($2::text IS NULL OR code = $2) AND ($3::timestamptz IS NULL OR (received_at, id) < ($3, $4)) ORDER BY received_at DESC, id DESC LIMIT $5
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = environment });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)code ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)before ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter { Value = beforeId });
        command.Parameters.Add(new NpgsqlParameter { Value = limit });
        var letters = new List<DeadLetterView>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            letters.Add(new DeadLetterView(
                reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetString(5), JsonElement.Parse(reader.GetString(6))));
        }
        return letters;
    }

    /// <summary>How many events could not be used since a time, by code.</summary>
    public async Task<Dictionary<string, long>> CountDeadAsync(Guid environment, DateTimeOffset since, CancellationToken cancel)
    {
        await using var command = database.DataSource.CreateCommand("SELECT name, sum(count)::bigint FROM event_hours WHERE environment_id = $1 AND kind = 'dead' AND at > $2 GROUP BY 1");
        command.Parameters.Add(new NpgsqlParameter { Value = environment });
        command.Parameters.Add(new NpgsqlParameter { Value = since });
        var codes = new Dictionary<string, long>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            codes.Add(reader.GetString(0), reader.GetInt64(1));
        return codes;
    }

    private static void Add(NpgsqlCommand command, Guid environment, DateTimeOffset from, DateTimeOffset to)
    {
        command.Parameters.Add(new NpgsqlParameter { Value = environment });
        command.Parameters.Add(new NpgsqlParameter { Value = from });
        command.Parameters.Add(new NpgsqlParameter { Value = to });
    }

    private static void Add(NpgsqlCommand command, Guid environment, string[] names, DateTimeOffset since, int limit)
    {
        command.Parameters.Add(new NpgsqlParameter { Value = environment });
        command.Parameters.Add(new NpgsqlParameter { Value = names, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = since });
        command.Parameters.Add(new NpgsqlParameter { Value = limit });
    }
}
