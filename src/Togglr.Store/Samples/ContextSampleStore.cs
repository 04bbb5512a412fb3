using Npgsql;
using NpgsqlTypes;

namespace Togglr.Store;

/// <summary>A context in a sample.</summary>
/// <param name="Rank">Of the person: the sample is the people with the lowest ones.</param>
/// <param name="RankLimit">Everybody below this rank was looked at when it was taken.</param>
/// <param name="SeenAt">When it was evaluated.</param>
/// <param name="Utf8Context">A JSON object.</param>
public sealed record StoredSample(long Rank, long RankLimit, DateTimeOffset SeenAt, byte[] Utf8Context);

/// <summary>
/// The sampled contexts in the database. Not audited: they are no settings, and go by themselves. The caller has checked that whoever asks may see the environment.
/// </summary>
public sealed class ContextSampleStore(TogglrDatabase database, TimeProvider time)
{
    /// <summary>Commits that were under way when contexts were read last may have stored some with an earlier time.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(20);

    /// <summary>Keeps contexts of one environment. A newer one of the same person takes the older one's place; the future counts as now.</summary>
    public async Task WriteAsync(Guid environmentId, string stamp, long rankLimit, IReadOnlyList<StoredSample> samples, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(samples);
        // In the order of ranks, so that two writers wait for one another and never deadlock.
        var rows = samples.GroupBy(static row => row.Rank).Select(static rows => rows.MaxBy(static row => row.SeenAt)!).OrderBy(static row => row.Rank).ToList();
        using var command = database.DataSource.CreateCommand(
            """
            INSERT INTO context_samples AS s (environment_id, rank, rank_limit, stamp, seen_at, context)
            SELECT e.id, r.rank, $2, $3, least(r.seen_at, $4), r.context FROM unnest($5, $6, $7) r(rank, seen_at, context) JOIN environments e ON e.id = $1 AND e.sample_contexts ORDER BY r.rank
            ON CONFLICT (environment_id, rank) DO UPDATE SET rank_limit = excluded.rank_limit, stamp = excluded.stamp, seen_at = excluded.seen_at, stored_at = now(), context = excluded.context
                WHERE s.seen_at <= excluded.seen_at OR s.stamp <> excluded.stamp
            """);
        Add(command, NpgsqlDbType.Uuid, environmentId);
        Add(command, NpgsqlDbType.Bigint, rankLimit);
        Add(command, NpgsqlDbType.Text, stamp);
        Add(command, NpgsqlDbType.TimestampTz, time.GetUtcNow().UtcDateTime);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Bigint, rows.ConvertAll(static row => row.Rank).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, rows.ConvertAll(static row => row.SeenAt.UtcDateTime).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Text, rows.ConvertAll(static row => System.Text.Encoding.UTF8.GetString(row.Utf8Context)).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The contexts of a sample that were stored since a moment of the database's clock, or all.</summary>
    /// <returns>The contexts in no order, and the moment from which to go on.</returns>
    public async Task<(IReadOnlyList<StoredSample> Samples, DateTimeOffset At)> ReadAsync(
        Guid environmentId, string stamp, DateTimeOffset seenSince, DateTimeOffset? storedSince, CancellationToken cancellationToken)
    {
        using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        DateTimeOffset at;
        using (var clock = new NpgsqlCommand("SELECT now()", connection))
            at = new DateTimeOffset((DateTime)(await clock.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!, TimeSpan.Zero);
        using var command = new NpgsqlCommand(
            "SELECT rank, rank_limit, seen_at, context FROM context_samples WHERE environment_id = $1 AND stamp = $2 AND seen_at >= $3 AND stored_at >= $4", connection);
        Add(command, NpgsqlDbType.Uuid, environmentId);
        Add(command, NpgsqlDbType.Text, stamp);
        Add(command, NpgsqlDbType.TimestampTz, seenSince.UtcDateTime);
        Add(command, NpgsqlDbType.TimestampTz, (storedSince - Overlap ?? DateTimeOffset.UnixEpoch).UtcDateTime);
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var samples = new List<StoredSample>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            samples.Add(new StoredSample(reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<byte[]>(3)));
        return (samples, at);
    }

    /// <summary>Removes what is too old, what nobody asks for any more, and people beyond the size of a sample.</summary>
    /// <returns>How many contexts were removed.</returns>
    public async Task<int> CleanAsync(CancellationToken cancellationToken)
    {
        using var command = database.DataSource.CreateCommand(
            """
            WITH asked AS (
                SELECT e.id, e.sample_contexts AS is_on, $1 - make_interval(mins => e.sample_minutes) AS old,
                    (SELECT rank FROM context_samples WHERE environment_id = e.id ORDER BY rank OFFSET e.sample_size LIMIT 1) AS beyond
                FROM environments e WHERE EXISTS (SELECT FROM context_samples WHERE environment_id = e.id))
            DELETE FROM context_samples s USING asked a WHERE a.id = s.environment_id AND (NOT a.is_on OR s.seen_at < a.old OR s.rank >= a.beyond)
            """);
        Add(command, NpgsqlDbType.TimestampTz, time.GetUtcNow().UtcDateTime);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes what was taken under other terms than those that hold: an attribute that must not be kept any more is gone at once.</summary>
    /// <param name="stamps">The stamps of the terms of every environment that keeps a sample.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task RemoveOthersAsync(IReadOnlyDictionary<Guid, string> stamps, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stamps);
        using var command = database.DataSource.CreateCommand(
            "DELETE FROM context_samples s WHERE NOT EXISTS (SELECT FROM unnest($1, $2) t(id, stamp) WHERE t.id = s.environment_id AND t.stamp = s.stamp)");
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Uuid, stamps.Keys.ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Text, stamps.Values.ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object value) => command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = type });
}
