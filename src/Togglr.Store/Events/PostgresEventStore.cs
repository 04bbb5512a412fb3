using Npgsql;
using NpgsqlTypes;

namespace Togglr.Store;

/// <summary>Exposures and metric events in tables of the same PostgreSQL, a partition for each day. Written by binary COPY in the transaction that takes the events out of the log, so each is there exactly once.</summary>
public sealed class PostgresEventStore(TogglrDatabase database) : IEventStore
{
    /// <inheritdoc/>
    public async Task PrepareAsync(DateOnly first, DateOnly last, CancellationToken cancellationToken)
    {
        using var command = database.DataSource.CreateCommand("SELECT add_event_partitions($1, $2)");
        command.Parameters.Add(new NpgsqlParameter { Value = first, NpgsqlDbType = NpgsqlDbType.Date });
        command.Parameters.Add(new NpgsqlParameter { Value = last, NpgsqlDbType = NpgsqlDbType.Date });
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IEventWriter Open(long batch) => new Writer(batch);

    /// <inheritdoc/>
    public async Task<int> CleanAsync(DateOnly before, CancellationToken cancellationToken)
    {
        // An id is asked for on the day it came and the day after.
        using var command = database.DataSource.CreateCommand("SELECT remove_event_partitions($1, (now() AT TIME ZONE 'UTC')::date - 1)");
        command.CommandTimeout = 0;
        command.Parameters.Add(new NpgsqlParameter { Value = before, NpgsqlDbType = NpgsqlDbType.Date });
        return (int)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    /// <inheritdoc/>
    public async Task<bool> IndexAsync(DateOnly before, CancellationToken cancellationToken)
    {
        using var command = database.DataSource.CreateCommand("SELECT index_event_day($1)");
        command.CommandTimeout = 0;
        command.Parameters.Add(new NpgsqlParameter { Value = before, NpgsqlDbType = NpgsqlDbType.Date });
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not (null or DBNull);
    }

    /// <inheritdoc/>
    public async Task<long> RemoveAsync(NpgsqlConnection connection, Guid environment, int most, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand("SELECT remove_events_of($1, $2)", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = environment });
        command.Parameters.Add(new NpgsqlParameter { Value = most });
        return (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    private sealed class Writer(long batch) : IEventWriter
    {
        private readonly CopyBuffer _exposures = new();
        private readonly CopyBuffer _metrics = new();

        public void Add(in StoredExposure exposure)
        {
            _exposures.Row(12);
            _exposures.Uuid(exposure.EnvironmentId);
            _exposures.Text(exposure.Experiment);
            if (exposure.Phase > 0)
                _exposures.Integer(exposure.Phase);
            else
                _exposures.Null();
            if (exposure.Flag.IsEmpty)
                _exposures.Null();
            else
                _exposures.Text(exposure.Flag);
            _exposures.Text(exposure.Variant);
            _exposures.Uuid(exposure.Unit);
            _exposures.Long(exposure.At);
            _exposures.Long(exposure.ReceivedAt);
            _exposures.Long(batch);
            Number(_exposures, exposure.Propensity);
            if (exposure.WeightsVersion is { } version)
                _exposures.Long(version);
            else
                _exposures.Null();
            Json(_exposures, exposure.Attributes);
        }

        public void Add(in StoredMetricEvent metric)
        {
            _metrics.Row(8);
            _metrics.Uuid(metric.EnvironmentId);
            _metrics.Text(metric.Event);
            _metrics.Uuid(metric.Unit);
            _metrics.Long(metric.At);
            _metrics.Long(metric.ReceivedAt);
            _metrics.Long(batch);
            Number(_metrics, metric.Value);
            Json(_metrics, metric.Properties);
        }

        public async Task WriteAsync(NpgsqlConnection log, CancellationToken cancellationToken)
        {
            await _exposures.SendAsync(
                log, "COPY events_exposure (environment_id, experiment, phase, flag, variant, unit, at, received_at, batch, propensity, weights_version, attributes) FROM STDIN (FORMAT BINARY)",
                cancellationToken).ConfigureAwait(false);
            await _metrics.SendAsync(
                log, "COPY events_metric (environment_id, event, unit, at, received_at, batch, value, properties) FROM STDIN (FORMAT BINARY)", cancellationToken).ConfigureAwait(false);
        }

        private static void Number(CopyBuffer rows, double? number)
        {
            if (number is { } value)
                rows.Double(value);
            else
                rows.Null();
        }

        private static void Json(CopyBuffer rows, ReadOnlySpan<byte> json)
        {
            if (json.IsEmpty)
                rows.Null();
            else
                rows.Jsonb(json);
        }
    }
}
