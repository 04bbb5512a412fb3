using Npgsql;
using NpgsqlTypes;
using Togglr.Store;

namespace Togglr.ControlPlane.Usage;

/// <summary>Reads sums of evaluations. Callers say which environments of which project, so nothing of another tenant can be asked for.</summary>
internal sealed class UsageReader(TogglrDatabase database)
{
    /// <summary>All flags of some environments, by step from a start.</summary>
    public async Task<Dictionary<string, (long Total, long[] Series, DateTimeOffset? LastAt)>> ReadFlagsAsync(
        Guid[] environments, DateTimeOffset from, int stepHours, int steps, CancellationToken cancel)
    {
        var flags = new Dictionary<string, (long Total, long[] Series, DateTimeOffset? LastAt)>(StringComparer.Ordinal);
        using var command = database.DataSource.CreateCommand(
            """
            WITH sums AS (
                SELECT flag_id, (extract(epoch FROM hour - $2)::bigint / $3)::integer AS step, least(9007199254740991, sum(count))::bigint AS count
                FROM evaluation_counts WHERE environment_id = ANY ($1) AND hour >= $2 AND hour < $4 GROUP BY 1, 2),
                uses AS (SELECT flag_id, max(last_at) AS last_at FROM flag_usage WHERE environment_id = ANY ($1) GROUP BY 1)
            SELECT f.key, s.step, s.count, u.last_at FROM uses u JOIN flags f ON f.id = u.flag_id LEFT JOIN sums s ON s.flag_id = u.flag_id
            """);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Uuid, environments);
        Add(command, NpgsqlDbType.TimestampTz, from.UtcDateTime);
        Add(command, NpgsqlDbType.Bigint, stepHours * 3600L);
        Add(command, NpgsqlDbType.TimestampTz, from.AddHours(stepHours * steps).UtcDateTime);
        using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var key = reader.GetString(0);
            var flag = flags.GetValueOrDefault(key, (0, new long[steps], reader.GetFieldValue<DateTimeOffset>(3)));
            if (!await reader.IsDBNullAsync(1, cancel))
            {
                flag.Series[reader.GetInt32(1)] = reader.GetInt64(2);
                flag.Total += reader.GetInt64(2);
            }
            flags[key] = flag;
        }
        return flags;
    }

    /// <summary>One flag in one environment by variant and reason.</summary>
    public async Task<List<UsageSeriesView>> ReadFlagAsync(Guid flag, Guid environment, DateTimeOffset from, int stepHours, int steps, CancellationToken cancel)
    {
        var series = new Dictionary<(string Variant, string Reason), long[]>();
        using var command = database.DataSource.CreateCommand(
            """
            SELECT variant, reason, (extract(epoch FROM hour - $3)::bigint / $4)::integer, least(9007199254740991, sum(count))::bigint
            FROM evaluation_counts WHERE flag_id = $1 AND environment_id = $2 AND hour >= $3 AND hour < $5 GROUP BY 1, 2, 3
            """);
        Add(command, NpgsqlDbType.Uuid, flag);
        Add(command, NpgsqlDbType.Uuid, environment);
        Add(command, NpgsqlDbType.TimestampTz, from.UtcDateTime);
        Add(command, NpgsqlDbType.Bigint, stepHours * 3600L);
        Add(command, NpgsqlDbType.TimestampTz, from.AddHours(stepHours * steps).UtcDateTime);
        using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var key = (reader.GetString(0), reader.GetString(1));
            if (!series.TryGetValue(key, out var counts))
                series.Add(key, counts = new long[steps]);
            counts[reader.GetInt32(2)] = reader.GetInt64(3);
        }
        return
        [
            .. series.Select(pair => new UsageSeriesView(pair.Key.Variant.Length == 0 ? null : pair.Key.Variant, pair.Key.Reason, pair.Value.Sum(), pair.Value))
                .OrderByDescending(row => row.Total).ThenBy(row => row.Variant, StringComparer.Ordinal).ThenBy(row => row.Reason, StringComparer.Ordinal),
        ];
    }

    /// <summary>When environments were evaluated in, first and last, and by which SDK last. Those that never were are absent.</summary>
    public async Task<Dictionary<Guid, (DateTimeOffset FirstAt, DateTimeOffset LastAt, string? Sdk)>> ReadEnvironmentsAsync(Guid[] environments, CancellationToken cancel)
    {
        var uses = new Dictionary<Guid, (DateTimeOffset, DateTimeOffset, string?)>();
        using var command = database.DataSource.CreateCommand("SELECT environment_id, first_at, last_at, sdk FROM environment_usage WHERE environment_id = ANY ($1)");
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Uuid, environments);
        using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            uses.Add(reader.GetGuid(0), (reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2), await reader.IsDBNullAsync(3, cancel) ? null : reader.GetString(3)));
        }
        return uses;
    }

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object value) => command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = type });
}
