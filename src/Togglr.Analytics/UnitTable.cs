using Npgsql;
using NpgsqlTypes;
using Togglr.Store;

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
    /// The exposures of some batches by unit, into the temporary table <c>arrived</c>. The first one decides the variant; a unit with another one is mixed for good. What was before the phase, after it or
    /// in a pause is no part of it, whatever it says of itself.
    /// </summary>
    /// <returns>How many units there are.</returns>
    public static async Task<int> ArriveAsync(NpgsqlConnection connection, AnalysedExperiment experiment, long after, long upTo, CancellationToken cancel)
    {
        await RunAsync(
            connection,
            """
            DROP TABLE IF EXISTS arrived;
            CREATE TEMPORARY TABLE arrived (unit uuid NOT NULL, variant text COLLATE "C" NOT NULL, first_at timestamptz NOT NULL, mixed boolean NOT NULL, dimensions text[]) ON COMMIT DROP
            """, cancel);
        if (upTo <= after)
            return 0;
        var parameters = new SqlParameters();
        var dimensions = experiment.Plan.Dimensions.Count == 0 ? "NULL"
            : $"ARRAY[{string.Join(", ", experiment.Plan.Dimensions.Select(name => $"left(coalesce((array_agg(attributes ORDER BY at))[1] ->> {parameters.Add(name)}, ''), 100)"))}]";
        var started = parameters.Add(experiment.StartedAt);
        var timestamps = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz;
        await using var arriving = parameters.Command(
            connection,
            $"""
            INSERT INTO arrived
            SELECT unit, (array_agg(variant ORDER BY at))[1], greatest(min(at), {started}), min(variant) <> max(variant), {dimensions}
            FROM events_exposure
            WHERE environment_id = {parameters.Add(experiment.EnvironmentId)} AND experiment = {parameters.Add(experiment.Key)} AND batch > {parameters.Add(after)} AND batch <= {parameters.Add(upTo)}
                AND variant = ANY ({parameters.Add(experiment.Variations.Select(variation => variation.Key).ToArray())})
                AND (phase = {parameters.Add(experiment.Phase)} AND at >= {parameters.Add(experiment.StartedAt - Skew)} OR phase IS NULL AND at >= {started})
                AND at < {parameters.Add(experiment.EndedAt ?? DateTimeOffset.MaxValue, NpgsqlDbType.TimestampTz)}
                AND NOT EXISTS (SELECT FROM unnest({parameters.Add(experiment.Pauses.Select(pause => pause.From).ToArray(), timestamps)},
                    {parameters.Add(experiment.Pauses.Select(pause => pause.To ?? DateTimeOffset.MaxValue).ToArray(), timestamps)}) AS p(since, until) WHERE at >= p.since AND at < p.until)
            GROUP BY unit
            """);
        var count = await arriving.ExecuteNonQueryAsync(cancel);
        await RunAsync(connection, "ANALYZE arrived (unit)", cancel);
        return count;
    }

    /// <summary>Runs a statement without parameters.</summary>
    public static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Does what joins units with every event of theirs, which is never done in a loop, however few the planner believes there are. Where it fails, the transaction ends with the setting.</summary>
    public static async Task<T> WithoutLoopsAsync<T>(NpgsqlConnection connection, Func<Task<T>> work, CancellationToken cancel)
    {
        await RunAsync(connection, "SET LOCAL enable_nestloop = off", cancel);
        var result = await work();
        await RunAsync(connection, "SET LOCAL enable_nestloop = on", cancel);
        return result;
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
