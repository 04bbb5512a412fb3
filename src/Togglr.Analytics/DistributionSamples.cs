using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Togglr.Statistics.Analysis;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>
/// How the numbers of units are spread, from a sample of units, to be drawn. Units are keyed hashes, so those below a bound are a fair sample, and always the same units. Computed anew as often as its
/// cost allows; what is remembered is only a saving, so every process has its own.
/// </summary>
internal sealed class DistributionSamples
{
    /// <summary>So many units tell the shape of anything.</summary>
    private const int MostUnits = 40_000;

    /// <summary>Values of events, of which a unit may have many.</summary>
    private const int MostValues = 200_000;

    private const double RestFactor = 30;
    private const int Quick = 50;

    private readonly ConcurrentDictionary<(Guid, int), Entry> _entries = [];

    private sealed record Entry(IReadOnlyDictionary<string, MetricDistribution> Distributions, DateTimeOffset At, long Milliseconds);

    /// <summary>The distributions by metric. Shares have none: their value says it all.</summary>
    public async Task<IReadOnlyDictionary<string, MetricDistribution>> ReadAsync(
        NpgsqlConnection connection, AnalysedExperiment experiment, ValueColumns columns, MomentState state, DateTimeOffset now, DateTimeOffset end, bool isOver, CancellationToken cancel)
    {
        var key = (experiment.Id, experiment.Phase);
        if (!isOver && _entries.TryGetValue(key, out var known) && now - known.At < Rest.After(known.Milliseconds, Quick, RestFactor))
            return known.Distributions;
        var watch = Stopwatch.StartNew();
        var bound = Bound(state.Units);
        var distributions = new Dictionary<string, MetricDistribution>(StringComparer.Ordinal);
        foreach (var (metric, values) in await NumbersAsync(connection, experiment, columns, state, bound, cancel))
            Add(metric, values);
        foreach (var (planned, definition) in experiment.Measured.Where(pair => pair.Definition.Kind == MetricKind.Quantile))
            Add(planned.Metric, await UnitTable.WithoutLoopsAsync(connection, () => EventsAsync(connection, experiment, definition, end, bound, cancel), cancel));
        if (isOver)
            _entries.TryRemove(key, out _);
        else
            _entries[key] = new Entry(distributions, now, watch.ElapsedMilliseconds);
        return distributions;

        void Add(string metric, Dictionary<string, List<double>> values)
        {
            if (MetricDistribution.Of(values.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<double>)pair.Value, StringComparer.Ordinal)) is { } distribution)
                distributions[metric] = distribution;
        }
    }

    // The greatest hash that belongs to the sample.
    private static Guid Bound(long units)
    {
        var share = units <= MostUnits ? 1 : (double)MostUnits / units;
        return new Guid(((uint)(share * uint.MaxValue)).ToString("x8", CultureInfo.InvariantCulture) + "ffffffffffffffffffffffff");
    }

    private static async Task<Dictionary<string, Dictionary<string, List<double>>>> NumbersAsync(
        NpgsqlConnection connection, AnalysedExperiment experiment, ValueColumns columns, MomentState state, Guid bound, CancellationToken cancel)
    {
        var chosen = columns.Metrics.Select((metric, i) => (metric.Key, metric.Definition, Place: i)).Where(metric => metric.Definition.Kind != MetricKind.Conversion).ToList();
        var values = chosen.ToDictionary(metric => metric.Key, _ => new Dictionary<string, List<double>>(StringComparer.Ordinal), StringComparer.Ordinal);
        if (chosen.Count == 0)
            return values;
        await using var command = new NpgsqlCommand(
            """
            SELECT variant, numbers FROM experiment_units WHERE experiment_id = $1 AND phase = $2 AND unit <= $3 AND NOT mixed
            """, connection)
        { CommandTimeout = 600 };
        command.Parameters.Add(new NpgsqlParameter { Value = experiment.Id });
        command.Parameters.Add(new NpgsqlParameter { Value = experiment.Phase });
        command.Parameters.Add(new NpgsqlParameter { Value = bound });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var variant = reader.GetString(0);
            var numbers = reader.IsDBNull(1) ? null : reader.GetFieldValue<double[]>(1);
            foreach (var (key, definition, place) in chosen)
            {
                var (above, below) = numbers is null ? (0, 0) : (numbers[3 * place], numbers[3 * place + 1]);
                var value = Math.Min(above, state.Caps[place] ?? double.PositiveInfinity);
                // Of units without anything below the line there is no ratio.
                if (ValueColumns.HasDenominator(definition))
                    value = below == 0 ? double.NaN : value / below;
                if (double.IsFinite(value))
                    ListOf(values[key], variant).Add(value);
            }
        }
        return values;
    }

    private static async Task<Dictionary<string, List<double>>> EventsAsync(
        NpgsqlConnection connection, AnalysedExperiment experiment, MetricDefinition definition, DateTimeOffset end, Guid bound, CancellationToken cancel)
    {
        var parameters = new SqlParameters();
        var value = EventCondition.Value(definition.Value, parameters);
        var cut = definition.Cap is { } cap ? $"least({value}, {parameters.Add(cap)})" : value;
        var values = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        await using var command = parameters.Command(
            connection,
            $"""
            WITH u AS ({MetricQuery.Units(parameters, experiment, end, null)} AND unit <= {parameters.Add(bound)})
            SELECT u.variant, {cut} FROM u JOIN events_metric m ON m.unit = u.unit
            WHERE m.environment_id = {parameters.Add(experiment.EnvironmentId)} AND m.event = {parameters.Add(definition.Event)} AND m.at >= {parameters.Add(experiment.StartedAt.AddDays(-1))}
                AND m.at < {parameters.Add(end)} AND {MetricQuery.After(experiment, definition, parameters)} AND {EventCondition.All(definition.Filters, parameters)} AND {value} IS NOT NULL
            LIMIT {parameters.Add(MostValues)}
            """);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            ListOf(values, reader.GetString(0)).Add(reader.GetDouble(1));
        return values;
    }

    private static List<double> ListOf(Dictionary<string, List<double>> values, string variant)
    {
        if (!values.TryGetValue(variant, out var list))
            values[variant] = list = [];
        return list;
    }
}
