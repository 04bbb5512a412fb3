using Npgsql;
using NpgsqlTypes;

namespace Togglr.Store;

/// <summary>How far a revision has come on one edge.</summary>
/// <param name="EnvironmentId">The environment.</param>
/// <param name="Revision">The revision.</param>
/// <param name="Total">Streams that were open when the edge got it.</param>
/// <param name="Reached">Those that have it.</param>
/// <param name="Gone">Those that ended before.</param>
/// <param name="Milliseconds">From the commit until the last of the reached had it.</param>
/// <param name="Polling">Clients that ask again and again.</param>
/// <param name="PollSeconds">The longest time between two of their questions.</param>
public sealed record EdgeReach(Guid EnvironmentId, long Revision, int Total, int Reached, int Gone, int Milliseconds, int Polling, int PollSeconds);

/// <summary>How far a revision has come.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="CommittedAt">When it was made.</param>
/// <param name="Edges">How far, on each edge that told.</param>
/// <param name="Silent">Edges that are there and have not told.</param>
public sealed record StoredReach(long Revision, DateTimeOffset CommittedAt, IReadOnlyList<EdgeReach> Edges, int Silent);

/// <summary>What edges report about how far changes have come. Book-keeping: no audit entry. The caller has checked that whoever asks may see the environment.</summary>
public sealed class RevisionReachStore(TogglrDatabase database, TimeProvider time)
{
    /// <summary>An edge that was not heard of for so long is gone.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(25);

    /// <summary>Keeps what an edge says.</summary>
    public async Task WriteAsync(Guid edge, IReadOnlyList<EdgeReach> reaches, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reaches);
        var rows = reaches.DistinctBy(static row => (row.EnvironmentId, row.Revision)).OrderBy(static row => row.EnvironmentId).ThenBy(static row => row.Revision).ToList();
        using var command = database.DataSource.CreateCommand(
            """
            WITH edge AS (INSERT INTO edges (id, first_at, seen_at) VALUES ($1, $2, $2) ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at)
            INSERT INTO revision_reach AS r (environment_id, revision, edge_id, reported_at, total, reached, gone, milliseconds, polling, poll_seconds)
            SELECT e.id, n.revision, $1, $2, n.total, n.reached, n.gone, n.milliseconds, n.polling, n.poll_seconds
            FROM unnest($3, $4, $5, $6, $7, $8, $9, $10) n(id, revision, total, reached, gone, milliseconds, polling, poll_seconds)
            JOIN environments e ON e.id = n.id AND n.revision <= e.revision
            ON CONFLICT (environment_id, revision, edge_id) DO UPDATE SET reported_at = excluded.reported_at, total = excluded.total, reached = excluded.reached, gone = excluded.gone,
                milliseconds = excluded.milliseconds, polling = excluded.polling, poll_seconds = excluded.poll_seconds WHERE excluded.reached + excluded.gone >= r.reached + r.gone
            """);
        Add(command, NpgsqlDbType.Uuid, edge);
        Add(command, NpgsqlDbType.TimestampTz, time.GetUtcNow().UtcDateTime);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Uuid, rows.ConvertAll(static row => row.EnvironmentId).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Bigint, rows.ConvertAll(static row => row.Revision).ToArray());
        foreach (var column in new Converter<EdgeReach, int>[] { static row => row.Total, static row => row.Reached, static row => row.Gone, static row => row.Milliseconds, static row => row.Polling, static row => row.PollSeconds })
            Add(command, NpgsqlDbType.Array | NpgsqlDbType.Integer, rows.ConvertAll(column).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How far a revision of an environment has come; the last one that changed a flag unless one is named.</summary>
    /// <returns>Null when there is none.</returns>
    public async Task<StoredReach?> ReadAsync(Guid environment, string flag, long? revision, CancellationToken cancellationToken)
    {
        using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        long number;
        DateTimeOffset at;
        int silent;
        using (var command = new NpgsqlCommand(
            """
            SELECT r.revision, r.created_at, (SELECT count(*)::int FROM edges g WHERE g.seen_at >= $4 AND g.first_at <= r.created_at
                AND NOT EXISTS (SELECT FROM revision_reach x WHERE x.environment_id = $1 AND x.revision >= r.revision AND x.edge_id = g.id))
            FROM environment_revisions r WHERE r.environment_id = $1 AND r.revision = coalesce($3,
                (SELECT max(greatest(s.revision, s.superseded_at_revision)) FROM snapshot_entries s WHERE s.environment_id = $1 AND s.kind = 'flag' AND s.key = $2))
            """, connection))
        {
            Add(command, NpgsqlDbType.Uuid, environment);
            Add(command, NpgsqlDbType.Text, flag);
            Add(command, NpgsqlDbType.Bigint, (object?)revision ?? DBNull.Value);
            Add(command, NpgsqlDbType.TimestampTz, (time.GetUtcNow() - Lifetime).UtcDateTime);
            using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                return null;
            (number, at, silent) = (reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetInt32(2));
        }
        var edges = new List<EdgeReach>();
        using (var command = new NpgsqlCommand(
            // Several revisions may travel as one: then the next one that an edge tells of brought this one, too.
            """
            SELECT DISTINCT ON (r.edge_id) r.total, r.reached, r.gone, r.milliseconds + (extract(epoch FROM v.created_at - $3) * 1000)::int, r.polling, r.poll_seconds
            FROM revision_reach r JOIN environment_revisions v ON v.environment_id = r.environment_id AND v.revision = r.revision
            WHERE r.environment_id = $1 AND r.revision >= $2 AND v.created_at <= $3 + interval '1 minute' ORDER BY r.edge_id, r.revision
            """, connection))
        {
            Add(command, NpgsqlDbType.Uuid, environment);
            Add(command, NpgsqlDbType.Bigint, number);
            Add(command, NpgsqlDbType.TimestampTz, at.UtcDateTime);
            using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                edges.Add(new EdgeReach(environment, number, reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2), reader.GetInt32(3), reader.GetInt32(4), reader.GetInt32(5)));
        }
        return new StoredReach(number, at, edges, silent);
    }

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object value) => command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = type });
}
