using Npgsql;
using NpgsqlTypes;

namespace Togglr.Store;

/// <summary>
/// Keeps which flags applications ask for that are not there: names that were misspelled, or flags that were removed before the code that asks for them. Whoever invents names fills one environment's list
/// and no more.
/// </summary>
internal static class UnknownFlags
{
    /// <summary>The most names of an environment; those that nobody has asked for lately make room.</summary>
    public const int Most = 200;

    /// <summary>For how long a name is kept that nobody asks for any more.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(30);

    /// <summary>Adds what a batch says. Nobody else adds at the same time.</summary>
    public static async Task AddAsync(NpgsqlConnection connection, CountBatch batch, CancellationToken cancellationToken)
    {
        // No flag has a name with U+0000, and PostgreSQL no such text.
        var rows = batch.Unknown.Where(static pair => pair.Key.Flag is { Length: > 0 and <= 100 } flag && !flag.Contains('\0')).OrderByDescending(static pair => pair.Value.Count).ToList();
        if (rows.Count == 0)
            return;
        using var command = new NpgsqlCommand(
            """
            WITH asked AS (
                    SELECT a.*, u.environment_id IS NOT NULL AS is_known, row_number() OVER (PARTITION BY a.environment_id, u.environment_id IS NULL ORDER BY a.count DESC) AS place
                    FROM unnest($1, $2, $3, $4, $5, $6) a(environment_id, flag, first_at, last_at, count, sdk) JOIN environments e ON e.id = a.environment_id
                    LEFT JOIN unknown_flags u ON u.environment_id = a.environment_id AND u.flag = a.flag),
                room AS (SELECT e.id, $7 - (SELECT count(*) FROM unknown_flags u WHERE u.environment_id = e.id) AS free FROM environments e WHERE e.id = ANY ($1))
            INSERT INTO unknown_flags AS u (environment_id, flag, first_at, last_at, count, sdk)
            SELECT a.environment_id, a.flag, a.first_at, a.last_at, a.count, a.sdk FROM asked a JOIN room r ON r.id = a.environment_id WHERE a.is_known OR a.place <= r.free
            ON CONFLICT (environment_id, flag) DO UPDATE SET
                first_at = least(u.first_at, excluded.first_at), last_at = greatest(u.last_at, excluded.last_at), count = least(9007199254740991, u.count + excluded.count), sdk = coalesce(excluded.sdk, u.sdk)
            """, connection);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Uuid, rows.ConvertAll(static row => row.Key.Environment).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Text, rows.ConvertAll(static row => row.Key.Flag).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, rows.ConvertAll(static row => row.Value.First.UtcDateTime).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, rows.ConvertAll(static row => row.Value.Last.UtcDateTime).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Bigint, rows.ConvertAll(static row => row.Value.Count).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Text, rows.ConvertAll(static row => row.Value.Sdk).ToArray());
        Add(command, NpgsqlDbType.Bigint, (long)Most);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object value) => command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = type });
}
