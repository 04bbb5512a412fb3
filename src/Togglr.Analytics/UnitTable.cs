using Npgsql;
using NpgsqlTypes;

namespace Togglr.Analytics;

/// <summary>Up to which batches a phase is known.</summary>
internal readonly record struct Progress(long ExposureBatch, long MetricBatch, DateTimeOffset? AnalysedAt, int Milliseconds, bool IsClosed = false);

/// <summary>The units of a phase: follows the exposures batch by batch, so that new ones cost what they are and not what there was before.</summary>
internal static class UnitTable
{
    /// <summary>A clock may be behind by so much: whoever names the phase saw it begin.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private const int LockClass = 128022223;

    /// <summary>Whether this transaction may analyse the experiment; another one does when not.</summary>
    public static async Task<bool> TryLockAsync(NpgsqlConnection connection, Guid experiment, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_xact_lock($1, hashtext($2::text))", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = LockClass });
        command.Parameters.Add(new NpgsqlParameter { Value = experiment });
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>What was analysed before.</summary>
    public static async Task<Progress> ProgressAsync(NpgsqlConnection connection, AnalysedExperiment experiment, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            "SELECT exposure_batch, metric_batch, analysed_at, milliseconds, closed FROM experiment_progress WHERE experiment_id = $1 AND phase = $2", connection);
        Add(command, experiment.Id, experiment.Phase);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? new Progress(reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetInt32(3), reader.GetBoolean(4))
            : default;
    }

    /// <summary>The last batch of exposures and of the metrics' events. Batches are numbered in the order in which they become visible, so nothing comes in behind.</summary>
    public static async Task<(long Exposures, long Metrics)> LastBatchesAsync(NpgsqlConnection connection, AnalysedExperiment experiment, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT (SELECT max(batch) FROM events_exposure WHERE environment_id = $1 AND experiment = $2),
                (SELECT max(last) FROM unnest($3) AS n(event), LATERAL (SELECT max(batch) AS last FROM events_metric m WHERE m.environment_id = $1 AND m.event = n.event) AS l)
            """, connection);
        string[] events = [.. experiment.Measured.SelectMany(pair => (IEnumerable<string?>)[pair.Definition.Event, pair.Definition.Denominator?.Event]).OfType<string>().Distinct(StringComparer.Ordinal)];
        Add(command, experiment.EnvironmentId, experiment.Key, events);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return (reader.IsDBNull(0) ? 0 : reader.GetInt64(0), reader.IsDBNull(1) ? 0 : reader.GetInt64(1));
    }

    /// <summary>
    /// Takes in the exposures of new batches. The first exposure decides the variant; a unit with another one is mixed for good. What was before the phase, after it or in a pause is no part of it,
    /// whatever it says of itself.
    /// </summary>
    public static async Task TakeInAsync(NpgsqlConnection connection, AnalysedExperiment experiment, long after, long upTo, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO experiment_units AS u (experiment_id, phase, unit, variant, first_at, mixed)
            SELECT $1, $2, unit, (array_agg(variant ORDER BY at))[1], greatest(min(at), $8), min(variant) <> max(variant)
            FROM events_exposure
            WHERE environment_id = $3 AND experiment = $4 AND batch > $5 AND batch <= $6 AND variant = ANY ($7) AND (phase = $2 AND at >= $10 OR phase IS NULL AND at >= $8) AND at < $9
                AND NOT EXISTS (SELECT FROM unnest($11, $12) AS p(since, until) WHERE at >= p.since AND at < p.until)
            GROUP BY unit
            ON CONFLICT (experiment_id, phase, unit) DO UPDATE SET
                first_at = least(u.first_at, excluded.first_at),
                variant = CASE WHEN excluded.first_at < u.first_at THEN excluded.variant ELSE u.variant END,
                mixed = u.mixed OR excluded.mixed OR excluded.variant <> u.variant
            """, connection) { CommandTimeout = 600 };
        string[] variants = [.. experiment.Variations.Select(variation => variation.Key)];
        Add(command, experiment.Id, experiment.Phase, experiment.EnvironmentId, experiment.Key, after, upTo, variants, experiment.StartedAt);
        command.Parameters.Add(new NpgsqlParameter { Value = experiment.EndedAt ?? DateTimeOffset.MaxValue, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        Add(command, experiment.StartedAt - Skew);
        command.Parameters.Add(new NpgsqlParameter { Value = experiment.Pauses.Select(pause => pause.From).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter { Value = experiment.Pauses.Select(pause => pause.To ?? DateTimeOffset.MaxValue).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Units of every variant, and those that were given several.</summary>
    public static async Task<(IReadOnlyDictionary<string, long> Variants, long Mixed)> CountAsync(NpgsqlConnection connection, AnalysedExperiment experiment, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT variant, mixed, count(*) FROM experiment_units WHERE experiment_id = $1 AND phase = $2 GROUP BY variant, mixed", connection);
        Add(command, experiment.Id, experiment.Phase);
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var mixed = 0L;
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            if (reader.GetBoolean(1))
                mixed += reader.GetInt64(2);
            else
                counts[reader.GetString(0)] = reader.GetInt64(2);
        }
        return (counts, mixed);
    }

    /// <summary>Writes down what was analysed.</summary>
    public static async Task RecordAsync(NpgsqlConnection connection, AnalysedExperiment experiment, Progress progress, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO experiment_progress (experiment_id, phase, exposure_batch, metric_batch, analysed_at, milliseconds, closed) VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (experiment_id, phase) DO UPDATE SET exposure_batch = $3, metric_batch = $4, analysed_at = $5, milliseconds = $6, closed = $7
            """, connection);
        Add(command, experiment.Id, experiment.Phase, progress.ExposureBatch, progress.MetricBatch, progress.AnalysedAt!.Value, progress.Milliseconds, progress.IsClosed);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static void Add(NpgsqlCommand command, params ReadOnlySpan<object> values)
    {
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
    }
}
