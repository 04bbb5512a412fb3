using Npgsql;
using NpgsqlTypes;
using Togglr.Statistics.Analysis;
using Togglr.Statistics.Comparisons;
using Togglr.Statistics.Moments;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>A quantile of the values of events, with its two neighbours, and how the values of a unit hang together.</summary>
internal sealed class QuantileQuery(AnalysedExperiment experiment, MetricDefinition definition, DateTimeOffset end)
{
    /// <summary>The sample of every variant that has values.</summary>
    public async Task<IReadOnlyDictionary<string, MetricSample>> ReadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var samples = new Dictionary<string, MetricSample>(StringComparer.Ordinal);
        foreach (var variation in experiment.Variations)
        {
            if (await ReadAsync(connection, variation.Key, cancel) is { } sample)
                samples[variation.Key] = sample;
        }
        return samples;
    }

    private async Task<MetricSample?> ReadAsync(NpgsqlConnection connection, string variant, CancellationToken cancel)
    {
        var level = definition.Quantile ?? 0.5;
        var parameters = new SqlParameters();
        await using var counting = parameters.Command(connection, $"{Values(parameters, variant)} SELECT count(*) FROM e");
        var count = (long)(await counting.ExecuteScalarAsync(cancel))!;
        if (count < 2)
            return null;
        var levels = QuantileSample.BoundLevels(level, count);
        parameters = new SqlParameters();
        var values = Values(parameters, variant);
        var asked = parameters.Add(new[] { level, levels.Lower, levels.Upper }, NpgsqlDbType.Array | NpgsqlDbType.Double);
        await using var command = parameters.Command(
            connection,
            $"""
            {values}, q AS (SELECT percentile_cont({asked}::float8[]) WITHIN GROUP (ORDER BY v) AS at FROM e),
            k AS (SELECT (count(*) FILTER (WHERE v <= q.at[1]))::float8 AS below, count(*)::float8 AS total FROM e, q GROUP BY unit)
            SELECT (SELECT at FROM q), count(*), avg(below), avg(total), regr_sxx(below, below), regr_sxx(total, total), regr_sxy(below, total) FROM k
            """);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        var at = reader.GetFieldValue<double[]>(0);
        var product = reader.GetDouble(6);
        return new MetricSample
        {
            Quantile = new QuantileSample(count, count, level, at[0], at[1], at[2]),
            QuantileUnits = new JointMoments(reader.GetInt64(1), [reader.GetDouble(2), reader.GetDouble(3)], [reader.GetDouble(4), product, product, reader.GetDouble(5)]),
        };
    }

    private string Values(SqlParameters parameters, string variant)
    {
        var value = EventCondition.Value(definition.Value, parameters);
        var cut = definition.Cap is { } cap ? $"least({value}, {parameters.Add(cap)})" : value;
        return $"""
            WITH u AS ({MetricQuery.Units(parameters, experiment, end, null)}),
            e AS MATERIALIZED (SELECT m.unit, {cut} AS v FROM u JOIN events_metric m ON m.unit = u.unit
                WHERE u.variant = {parameters.Add(variant)} AND m.environment_id = {parameters.Add(experiment.EnvironmentId)} AND m.event = {parameters.Add(definition.Event)}
                    AND m.at >= {parameters.Add(experiment.StartedAt.AddDays(-1))} AND m.at < {parameters.Add(end)} AND {MetricQuery.After(experiment, definition, parameters)}
                    AND {EventCondition.All(definition.Filters, parameters)} AND {value} IS NOT NULL)
            """;
    }
}
