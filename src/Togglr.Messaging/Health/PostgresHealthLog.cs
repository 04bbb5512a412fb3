using Npgsql;
using NpgsqlTypes;

namespace Togglr.Messaging.Health;

/// <summary>Keeps what nodes count in the database: by second for windows, in total for whoever compares. The database's clock says which second it is, so that all nodes agree.</summary>
/// <param name="database">The database, once it is there; throwing means that it is not.</param>
public sealed class PostgresHealthLog(Func<NpgsqlDataSource> database) : IHealthLog
{
    // In the order of the primary keys, so that nodes that add to the same rows wait for one another and never deadlock.
    private const string Given =
        """
        given AS (
            SELECT e.organization_id, e.id AS environment_id, f.id AS flag_id, c.variant, sum(c.evaluations)::bigint AS evaluations, sum(c.errors)::bigint AS errors,
                sum(c.client_evaluations)::bigint AS client_evaluations, sum(c.client_errors)::bigint AS client_errors
            FROM unnest($1, $2, $3, $4, $5, $6, $7) c(environment_id, flag, variant, evaluations, errors, client_evaluations, client_errors)
            JOIN environments e ON e.id = c.environment_id JOIN flags f ON f.project_id = e.project_id AND f.key = c.flag
            GROUP BY 1, 2, 3, 4)
        """;

    /// <inheritdoc />
    public async Task AddAsync(Guid node, long sequence, IReadOnlyList<HealthDelta> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        await using var connection = await database().OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var claim = new NpgsqlCommand(
            """
            INSERT INTO health_nodes AS n (node, sequence, at) VALUES ($1, $2, now())
            ON CONFLICT (node) DO UPDATE SET sequence = excluded.sequence, at = excluded.at WHERE n.sequence < excluded.sequence
            """, connection, transaction))
        {
            claim.Parameters.Add(new NpgsqlParameter { Value = node });
            claim.Parameters.Add(new NpgsqlParameter { Value = sequence });
            if (await claim.ExecuteNonQueryAsync(cancellationToken) == 0)
                return;
        }

        await using (var batch = new NpgsqlBatch(connection, transaction))
        {
            batch.BatchCommands.Add(Command(
                $"""
                WITH {Given}
                INSERT INTO health_slots AS s (environment_id, flag_id, slot, variant, evaluations, errors, client_evaluations, client_errors)
                SELECT environment_id, flag_id, date_trunc('second', now()), variant, evaluations, errors, client_evaluations, client_errors FROM given ORDER BY 1, 2, 4
                ON CONFLICT (environment_id, flag_id, slot, variant) DO UPDATE SET evaluations = s.evaluations + excluded.evaluations, errors = s.errors + excluded.errors,
                    client_evaluations = s.client_evaluations + excluded.client_evaluations, client_errors = s.client_errors + excluded.client_errors
                """, rows));
            batch.BatchCommands.Add(Command(
                $"""
                WITH {Given}
                INSERT INTO health_totals AS t (flag_id, environment_id, variant, evaluations, errors, client_evaluations, client_errors, last_error_at)
                SELECT flag_id, environment_id, variant, evaluations, errors, client_evaluations, client_errors, CASE WHEN errors + client_errors > 0 THEN now() END FROM given ORDER BY 1, 2, 3
                ON CONFLICT (flag_id, environment_id, variant) DO UPDATE SET evaluations = t.evaluations + excluded.evaluations, errors = t.errors + excluded.errors,
                    client_evaluations = t.client_evaluations + excluded.client_evaluations, client_errors = t.client_errors + excluded.client_errors,
                    last_error_at = coalesce(excluded.last_error_at, t.last_error_at)
                """, rows));
            batch.BatchCommands.Add(Command(
                $"""
                WITH {Given}
                INSERT INTO health_watches AS w (environment_id, organization_id, due_at)
                SELECT environment_id, organization_id, now() FROM given GROUP BY 1, 2 HAVING sum(errors + client_errors) > 0 ORDER BY 1
                ON CONFLICT (environment_id) DO UPDATE SET due_at = least(coalesce(w.due_at, excluded.due_at), excluded.due_at)
                """, rows));
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static NpgsqlBatchCommand Command(string sql, IReadOnlyList<HealthDelta> rows)
    {
        var command = new NpgsqlBatchCommand(sql);
        Add(NpgsqlDbType.Uuid, rows.Select(static row => row.EnvironmentId).ToArray());
        Add(NpgsqlDbType.Text, rows.Select(static row => row.Flag).ToArray());
        Add(NpgsqlDbType.Text, rows.Select(static row => row.Variant).ToArray());
        Add(NpgsqlDbType.Bigint, rows.Select(static row => row.Evaluations).ToArray());
        Add(NpgsqlDbType.Bigint, rows.Select(static row => row.Errors).ToArray());
        Add(NpgsqlDbType.Bigint, rows.Select(static row => row.ClientEvaluations).ToArray());
        Add(NpgsqlDbType.Bigint, rows.Select(static row => row.ClientErrors).ToArray());
        return command;

        void Add(NpgsqlDbType type, object values) => command.Parameters.Add(new NpgsqlParameter { Value = values, NpgsqlDbType = NpgsqlDbType.Array | type });
    }
}
