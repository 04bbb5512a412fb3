using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NpgsqlTypes;
using Togglr.ControlPlane.Notifications.Channels;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

/// <summary>A message that this process has taken to send.</summary>
internal sealed record TakenDelivery(Guid Id, Guid OrganizationId, Guid DestinationId, string Body, int Attempt, bool IsTooOld);

/// <summary>
/// The outbox. A message is taken for some time rather than locked: it is sent outside of any transaction, and when its sender dies on the way another takes it later. So a message may come twice,
/// under the same number, and never gets lost. All times are the database's.
/// </summary>
internal sealed class DeliveryQueue(IServiceProvider services, NotificationTerms terms)
{
    /// <summary>Mail servers take their time.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    // Where the API is only described there is none.
    private TogglrDatabase Database => services.GetRequiredService<TogglrDatabase>();

    /// <summary>Takes a message that is due for a destination that is neither busy nor left alone; null when there is none.</summary>
    /// <param name="busy">Destinations to which this process is sending already.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<TakenDelivery?> TakeAsync(IReadOnlyCollection<Guid> busy, CancellationToken cancel)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using var find = new NpgsqlCommand(
            """
            SELECT d.id, t.organization_id, t.id, d.body, d.attempts, d.give_up_at <= now(), c.open_until
            FROM notification_destinations t LEFT JOIN notification_circuits c ON c.destination_id = t.id
            CROSS JOIN LATERAL (
                SELECT * FROM notification_deliveries q WHERE q.destination_id = t.id AND q.state = 'pending' AND q.next_attempt_at <= now()
                ORDER BY q.next_attempt_at, q.id LIMIT 1 FOR UPDATE SKIP LOCKED) d
            WHERE t.enabled AND (c.open_until IS NULL OR c.open_until <= now()) AND t.id <> ALL($1) LIMIT 1
            """,
            connection);
        find.Parameters.Add(new NpgsqlParameter { Value = busy.ToArray() });
        TakenDelivery found;
        DateTimeOffset? openUntil;
        await using (var reader = await find.ExecuteReaderAsync(cancel))
        {
            if (!await reader.ReadAsync(cancel))
                return null;
            found = new TakenDelivery(reader.GetGuid(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetString(3), reader.GetInt32(4) + 1, reader.GetBoolean(5));
            openUntil = await reader.IsDBNullAsync(6, cancel) ? null : reader.GetFieldValue<DateTimeOffset>(6);
        }

        // After a pause one message tries the ground, whichever process has it.
        if (openUntil is { } until && !await RunAsync(
            connection, "UPDATE notification_circuits SET open_until = now() + $3 WHERE destination_id = $1 AND open_until = $2", cancel, found.DestinationId, until, Lease))
            return null;
        await RunAsync(connection, "UPDATE notification_deliveries SET attempts = attempts + 1, attempted_at = now(), next_attempt_at = now() + $2 WHERE id = $1", cancel, found.Id, Lease);
        await transaction.CommitAsync(cancel);
        return found;
    }

    /// <summary>Writes down what came of an attempt. If another process has taken the message meanwhile, only how the destination answers.</summary>
    public async Task FinishAsync(TakenDelivery taken, SendOutcome outcome, TimeSpan elapsed, CancellationToken cancel)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var milliseconds = (int)Math.Min(elapsed.TotalMilliseconds, int.MaxValue);
        if (outcome.IsOk)
        {
            await RunAsync(
                connection,
                "UPDATE notification_deliveries SET state = 'delivered', finished_at = now(), status = $3, error = NULL, milliseconds = $4 WHERE id = $1 AND attempts = $2 AND state = 'pending'",
                cancel, taken.Id, taken.Attempt, outcome.Status, milliseconds);
        }
        else
        {
            var hasMore = !outcome.IsFinal && !taken.IsTooOld && taken.Attempt <= terms.Delays.Count;
            var delay = hasMore ? DelayAfter(taken.Attempt, outcome.RetryAfter) : TimeSpan.Zero;
            await RunAsync(
                connection,
                """
                UPDATE notification_deliveries SET status = $3, error = $4, milliseconds = $5, next_attempt_at = now() + $7,
                    state = CASE WHEN $6 AND now() + $7 < give_up_at THEN 'pending' ELSE 'dead' END, finished_at = CASE WHEN $6 AND now() + $7 < give_up_at THEN NULL ELSE now() END
                WHERE id = $1 AND attempts = $2 AND state = 'pending'
                """,
                cancel, taken.Id, taken.Attempt, outcome.Status, outcome.Error, milliseconds, hasMore, delay);
        }
        if (!taken.IsTooOld)
            await NoteAsync(connection, taken, outcome, cancel);
        await transaction.CommitAsync(cancel);
    }

    /// <summary>Gives a message back that could not be sent because the process ends.</summary>
    public async Task ReleaseAsync(TakenDelivery taken, CancellationToken cancel)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(cancel);
        await RunAsync(connection, "UPDATE notification_deliveries SET next_attempt_at = now() WHERE id = $1 AND attempts = $2 AND state = 'pending'", cancel, taken.Id, taken.Attempt);
    }

    /// <summary>Gives up what has waited too long, also where nobody tried because the destination is left alone or switched off.</summary>
    public async Task GiveUpAsync(CancellationToken cancel)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(cancel);
        await RunAsync(
            connection,
            "UPDATE notification_deliveries SET state = 'dead', finished_at = now(), error = coalesce(error, 'Nothing was sent to this destination in time.') WHERE state = 'pending' AND give_up_at <= now() AND next_attempt_at <= now()",
            cancel);
    }

    /// <summary>Removes what is older than the operator keeps it.</summary>
    public async Task CleanAsync(CancellationToken cancel)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(cancel);
        await RunAsync(connection, "DELETE FROM notification_deliveries WHERE created_at < now() - $1 AND state <> 'pending'", cancel, terms.Retention);
        await RunAsync(connection, "DELETE FROM inbox_items WHERE created_at < now() - $1", cancel, terms.Retention * 3);
    }

    private TimeSpan DelayAfter(int attempt, TimeSpan? asked)
    {
        // Somewhere around the delay, so that what failed together does not come back together.
        var delay = terms.Delays[attempt - 1] * (0.8 + (0.4 * Random.Shared.NextDouble()));
        return asked > delay ? asked.Value : delay;
    }

    private async Task NoteAsync(NpgsqlConnection connection, TakenDelivery taken, SendOutcome outcome, CancellationToken cancel)
    {
        if (outcome.IsOk)
        {
            await RunAsync(
                connection,
                """
                INSERT INTO notification_circuits (destination_id, organization_id, failures, pauses, last_success_at) SELECT id, organization_id, 0, 0, now() FROM notification_destinations WHERE id = $1
                ON CONFLICT (destination_id) DO UPDATE SET failures = 0, pauses = 0, open_until = NULL, last_success_at = now()
                """,
                cancel, taken.DestinationId);
            return;
        }
        await RunAsync(
            connection,
            """
            INSERT INTO notification_circuits AS c (destination_id, organization_id, failures, pauses, last_failure_at, last_error) SELECT id, organization_id, 1, 0, now(), $2 FROM notification_destinations WHERE id = $1
            ON CONFLICT (destination_id) DO UPDATE SET failures = c.failures + 1, last_failure_at = now(), last_error = $2,
                open_until = CASE WHEN c.failures + 1 >= $3 THEN now() + least($5, $4 * power(2, least(c.pauses, 20))) END,
                pauses = CASE WHEN c.failures + 1 >= $3 THEN c.pauses + 1 ELSE c.pauses END
            """,
            cancel, taken.DestinationId, outcome.Error, terms.FailuresUntilPause, terms.FirstPause, terms.LongestPause);
    }

    private static async Task<bool> RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancel, params object?[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(value switch
            {
                // Of everything that is passed only texts and statuses may be absent.
                null => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Unknown },
                TimeSpan span => new NpgsqlParameter { Value = span, NpgsqlDbType = NpgsqlDbType.Interval },
                string text => new NpgsqlParameter { Value = text, NpgsqlDbType = NpgsqlDbType.Text },
                _ => new NpgsqlParameter { Value = value },
            });
        }
        return await command.ExecuteNonQueryAsync(cancel) > 0;
    }
}
