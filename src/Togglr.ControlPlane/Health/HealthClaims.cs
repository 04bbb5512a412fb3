using Npgsql;
using NpgsqlTypes;
using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>Which environments are to be looked at. Whoever takes one has it for a few seconds, so that processes share the work; when they die, others take over.</summary>
internal sealed class HealthClaims(TogglrDatabase database)
{
    public async Task<List<(Guid Organization, Guid Environment)>> TakeAsync(int most, CancellationToken cancel)
    {
        await using var command = database.DataSource.CreateCommand(
            """
            WITH due AS MATERIALIZED (SELECT environment_id FROM health_watches WHERE due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
            UPDATE health_watches w SET due_at = now() + interval '5 seconds' FROM due WHERE w.environment_id = due.environment_id RETURNING w.organization_id, w.environment_id
            """);
        Add(command, NpgsqlDbType.Integer, most);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var taken = new List<(Guid, Guid)>();
        while (await reader.ReadAsync(cancel))
            taken.Add((reader.GetGuid(0), reader.GetGuid(1)));
        return taken;
    }

    /// <summary>Says when to look again, unless something came in between that makes it sooner.</summary>
    public async Task PutBackAsync(Guid environment, TimeSpan? next, CancellationToken cancel)
    {
        await using var command = database.DataSource.CreateCommand("UPDATE health_watches SET due_at = now() + $2 WHERE environment_id = $1 AND due_at > now() + interval '1 second'");
        Add(command, NpgsqlDbType.Uuid, environment);
        Add(command, NpgsqlDbType.Interval, (object?)next ?? DBNull.Value);
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Lets somebody look now at a project (null: all) that is looked at, or that has flags that are not well.</summary>
    public async Task WakeAsync(Guid? project, CancellationToken cancel)
    {
        await using var command = database.DataSource.CreateCommand(
            """
            UPDATE health_watches w SET due_at = now() FROM environments e
            WHERE e.id = w.environment_id AND ($1::uuid IS NULL OR e.project_id = $1) AND (w.due_at > now() OR EXISTS (SELECT FROM flag_health h WHERE h.environment_id = e.id AND h.state <> 'healthy'))
            """);
        Add(command, NpgsqlDbType.Uuid, (object?)project ?? DBNull.Value);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object value) => command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = type });
}

/// <summary>Once a minute: makes minutes of old seconds, and forgets what no window reaches.</summary>
internal sealed class HealthCleaning(TogglrDatabase database)
{
    // Processes take turns.
    private const long TurnLock = 128022223939427;

    public async Task RunAsync(CancellationToken cancel)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using (var turn = new NpgsqlCommand("SELECT pg_try_advisory_xact_lock($1)", connection, transaction))
        {
            turn.Parameters.Add(new NpgsqlParameter { Value = TurnLock });
            if (!(bool)(await turn.ExecuteScalarAsync(cancel))!)
                return;
        }

        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"DELETE FROM health_slots WHERE slot < now() - interval '{HealthWindows.Kept.TotalSeconds:0} seconds'"));
        // What is added meanwhile has newer seconds.
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            """
            WITH old AS (DELETE FROM health_slots WHERE slot < date_trunc('minute', now()) - interval '10 minutes' AND slot > date_trunc('minute', slot) RETURNING *)
            INSERT INTO health_slots AS s (environment_id, flag_id, slot, variant, evaluations, errors, client_evaluations, client_errors)
            SELECT environment_id, flag_id, date_trunc('minute', slot), variant, sum(evaluations), sum(errors), sum(client_evaluations), sum(client_errors) FROM old GROUP BY 1, 2, 3, 4
            ON CONFLICT (environment_id, flag_id, slot, variant) DO UPDATE SET evaluations = s.evaluations + excluded.evaluations, errors = s.errors + excluded.errors,
                client_evaluations = s.client_evaluations + excluded.client_evaluations, client_errors = s.client_errors + excluded.client_errors
            """));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("DELETE FROM health_nodes WHERE at < now() - interval '1 day'"));
        await batch.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
    }
}
