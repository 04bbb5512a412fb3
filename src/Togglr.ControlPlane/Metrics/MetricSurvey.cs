using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Togglr.Statistics.Moments;
using Togglr.Store;

namespace Togglr.ControlPlane.Metrics;

/// <summary>What a metric would have said of everybody who did anything in some days.</summary>
/// <param name="Units">Everybody who was seen.</param>
/// <param name="Active">Those with an event that counts.</param>
/// <param name="Events">Events that count.</param>
/// <param name="Share">The share of people that was looked at; 1: all.</param>
/// <param name="Value">The metric's value; null without data, and for retention, which needs a first exposure.</param>
/// <param name="Deviation">The standard deviation of one unit; for a ratio that of its linear form. Null for quantiles.</param>
/// <param name="Days">Days between the first event and the last.</param>
internal sealed record MetricFindings(long Units, long Active, long Events, double Share, double? Value, double? Deviation, double Days)
{
    /// <summary>How many units have which value.</summary>
    public IReadOnlyList<MetricBucket> Histogram { get; init; } = [];

    /// <summary>Events and units by day.</summary>
    public IReadOnlyList<MetricDay> Daily { get; init; } = [];
}

/// <summary>Tries metrics on events that are there. Where there are very many, a part of the people is looked at: units are hashes, so those with small ones are a fair sample.</summary>
internal sealed class MetricSurvey(TogglrDatabase database)
{
    private const double MostEvents = 1_000_000;
    private const int Buckets = 20;

    /// <summary>Looks at the events of an environment; null where that takes longer than ten seconds.</summary>
    public async Task<MetricFindings?> ReadAsync(Guid environment, MetricDefinition definition, DateTimeOffset from, DateTimeOffset to, bool inDetail, CancellationToken cancel)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using (var settings = new NpgsqlCommand("SET LOCAL statement_timeout = '10s'; SET LOCAL jit = off; SET LOCAL work_mem = '64MB'", connection))
            await settings.ExecuteNonQueryAsync(cancel);
        try
        {
            return await ReadAsync(connection, environment, definition, from, to, inDetail, cancel);
        }
        catch (PostgresException failed) when (failed.SqlState == PostgresErrorCodes.QueryCanceled && !cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<MetricFindings> ReadAsync(
        NpgsqlConnection connection, Guid environment, MetricDefinition definition, DateTimeOffset from, DateTimeOffset to, bool inDetail, CancellationToken cancel)
    {
        var (total, first) = await TotalAsync(connection, environment, from, to, cancel);
        var share = Math.Min(1, MostEvents / Math.Max(1, total));
        var parameters = new SqlParameters();
        var scope = new Scope(parameters, parameters.Add(environment), parameters.Add(from), parameters.Add(to), share < 1 ? parameters.Add(Limit(share)) : null);
        long units, active, events;
        JointMoments moments;
        await using (var command = parameters.Command(
            connection,
            $"""
            WITH {Values(definition, scope)}
            SELECT (SELECT count(*) FROM (SELECT unit FROM events_metric m WHERE {scope.Of("m")} UNION SELECT unit FROM events_exposure x WHERE {scope.Of("x")}) AS p),
                count(*), coalesce(sum(n), 0)::bigint, avg(y), avg(d), regr_syy(y, d), regr_sxx(y, d), regr_sxy(y, d) FROM v
            """))
        {
            await using var reader = await command.ExecuteReaderAsync(cancel);
            await reader.ReadAsync(cancel);
            double Number(int column) => reader.IsDBNull(column) ? 0 : reader.GetDouble(column);
            (units, active, events) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
            moments = new JointMoments(active, [Number(3), Number(4)], [Number(5), Number(7), Number(7), Number(6)]);
        }
        // Who did nothing of it has zero.
        moments = moments.Merge(new JointMoments(Math.Max(0, units - active), [0, 0], [0, 0, 0, 0]));
        var days = first is { } begin ? Math.Max(1, (to - (begin > from ? begin : from)).TotalDays) : 0;
        var (value, deviation) = Describe(definition, moments);
        var findings = new MetricFindings(Scaled(units, share), Scaled(active, share), Scaled(events, share), share, value, deviation, days);
        if (definition.Kind == MetricKind.Quantile)
            findings = findings with { Value = await QuantileAsync(connection, definition, scope, cancel) };
        return inDetail
            ? findings with { Histogram = await HistogramAsync(connection, definition, scope, share, cancel), Daily = await DailyAsync(connection, definition, scope, share, cancel) } : findings;
    }

    private static async Task<(double Total, DateTimeOffset? First)> TotalAsync(NpgsqlConnection connection, Guid environment, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            "SELECT coalesce(sum(count), 0)::float8, min(at) FROM event_hours WHERE environment_id = $1 AND kind IN ('metric', 'exposure') AND at >= date_trunc('hour', $2::timestamptz) AND at < $3", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = environment });
        command.Parameters.Add(new NpgsqlParameter { Value = from });
        command.Parameters.Add(new NpgsqlParameter { Value = to });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return (reader.GetDouble(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1));
    }

    private static Guid Limit(double share) => new(((uint)(share * uint.MaxValue)).ToString("x8", CultureInfo.InvariantCulture) + "000000000000000000000000");

    private static long Scaled(long count, double share) => share >= 1 ? count : (long)Math.Round(count / share);

    private static (double? Value, double? Deviation) Describe(MetricDefinition definition, JointMoments moments)
    {
        if (moments.Count < 2 || definition.Kind is MetricKind.Quantile or MetricKind.Retention)
            return (null, null);
        if (definition.Kind is not (MetricKind.Mean or MetricKind.Ratio))
            return (moments.Mean(0), Math.Sqrt(moments.Variance(0)));
        var below = moments.Mean(1);
        if (below == 0)
            return (null, null);
        var ratio = moments.Mean(0) / below;
        var variance = moments.Variance(0) + ratio * ratio * moments.Variance(1) - 2 * ratio * moments.Covariance(0, 1);
        return (ratio, Math.Sqrt(Math.Max(0, variance)) / Math.Abs(below));
    }

    // v: per unit with an event, the number of its events, its value, and what that is divided by.
    private static string Values(MetricDefinition definition, Scope scope)
    {
        var parameters = scope.Parameters;
        var value = EventCondition.Value(definition.Value, parameters);
        var y = definition.Kind switch
        {
            MetricKind.Conversion or MetricKind.Retention => "1::float8",
            MetricKind.Count => "count(*)::float8",
            MetricKind.Ratio when definition.Numerator != MetricAggregation.Sum => "count(*)::float8",
            _ => $"coalesce(sum({value}), 0)",
        };
        if (definition.Cap is { } cap)
            y = $"least({y}, {parameters.Add(cap)})";
        var own = $"SELECT m.unit, count(*) AS n, {y} AS y, {(definition.Kind == MetricKind.Mean ? $"count({value})::float8" : "0::float8")} AS d FROM events_metric m WHERE {scope.Of("m", definition.Event)} AND {EventCondition.All(definition.Filters, parameters)} GROUP BY m.unit";
        if (definition.Denominator is not { } below)
            return $"v AS MATERIALIZED ({own})";
        var divided = below.Aggregation == MetricAggregation.Count ? "count(*)::float8" : $"coalesce(sum({EventCondition.Value(below.Value, parameters)}), 0)";
        return $"""
            a AS MATERIALIZED ({own}),
            b AS MATERIALIZED (SELECT m.unit, {divided} AS d FROM events_metric m WHERE {scope.Of("m", below.Event)} AND {EventCondition.All(below.Filters, parameters)} GROUP BY m.unit),
            v AS MATERIALIZED (SELECT coalesce(a.n, 0) AS n, coalesce(a.y, 0) AS y, coalesce(b.d, 0) AS d FROM a FULL JOIN b USING (unit))
            """;
    }

    private static async Task<double?> QuantileAsync(NpgsqlConnection connection, MetricDefinition definition, Scope from, CancellationToken cancel)
    {
        var scope = from.Again();
        var value = EventCondition.Value(definition.Value, scope.Parameters);
        await using var command = scope.Parameters.Command(
            connection,
            $"SELECT percentile_cont({scope.Parameters.Add(definition.Quantile ?? 0.5)}::float8) WITHIN GROUP (ORDER BY {value}) FROM events_metric m WHERE {scope.Of("m", definition.Event)} AND {EventCondition.All(definition.Filters, scope.Parameters)}");
        return await command.ExecuteScalarAsync(cancel) as double?;
    }

    private static async Task<IReadOnlyList<MetricBucket>> HistogramAsync(NpgsqlConnection connection, MetricDefinition definition, Scope from, double share, CancellationToken cancel)
    {
        if (definition.Kind is MetricKind.Conversion or MetricKind.Retention)
            return [];
        var scope = from.Again();
        // Of quantiles the values of events, of ratios those of units that can be divided.
        var rows = definition.Kind switch
        {
            MetricKind.Quantile => $"w AS MATERIALIZED (SELECT {EventCondition.Value(definition.Value, scope.Parameters)} AS y FROM events_metric m WHERE {scope.Of("m", definition.Event)} AND {EventCondition.All(definition.Filters, scope.Parameters)})",
            MetricKind.Mean or MetricKind.Ratio => $"{Values(definition, scope)}, w AS MATERIALIZED (SELECT y / d AS y FROM v WHERE d <> 0)",
            _ => $"{Values(definition, scope)}, w AS MATERIALIZED (SELECT y FROM v)",
        };
        await using var command = scope.Parameters.Command(
            connection,
            $"""
            WITH {rows}, q AS (SELECT min(y) AS lo, percentile_cont(0.99) WITHIN GROUP (ORDER BY y) AS hi FROM w)
            SELECT least(floor((w.y - q.lo) / (q.hi - q.lo) * {Buckets}), {Buckets} - 1)::int AS b, count(*), min(q.lo), min(q.hi), max(w.y) FROM w, q WHERE w.y IS NOT NULL AND q.hi > q.lo GROUP BY 1 ORDER BY 1
            """);
        var buckets = new List<MetricBucket>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var (place, lowest, highest) = (reader.GetInt32(0), reader.GetDouble(2), reader.GetDouble(3));
            var width = (highest - lowest) / Buckets;
            // The last one holds everything beyond the 99th percentile as well.
            buckets.Add(new MetricBucket(lowest + place * width, place == Buckets - 1 ? Math.Max(highest, reader.GetDouble(4)) : lowest + (place + 1) * width, Scaled(reader.GetInt64(1), share)));
        }
        return buckets;
    }

    private static async Task<IReadOnlyList<MetricDay>> DailyAsync(NpgsqlConnection connection, MetricDefinition definition, Scope from, double share, CancellationToken cancel)
    {
        var scope = from.Again();
        await using var command = scope.Parameters.Command(
            connection,
            $"""
            SELECT (m.at AT TIME ZONE 'UTC')::date, count(*), count(DISTINCT m.unit) FROM events_metric m
            WHERE {scope.Of("m", definition.Event)} AND {EventCondition.All(definition.Filters, scope.Parameters)} GROUP BY 1 ORDER BY 1
            """);
        var days = new List<MetricDay>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            days.Add(new MetricDay(reader.GetFieldValue<DateOnly>(0), Scaled(reader.GetInt64(1), share), Scaled(reader.GetInt64(2), share)));
        return days;
    }

    /// <summary>Which rows are looked at.</summary>
    private sealed record Scope(SqlParameters Parameters, string Environment, string From, string To, string? Limit)
    {
        public string Of(string row, string? name = null) =>
            $"{row}.environment_id = {Environment} AND {row}.at >= {From} AND {row}.at < {To}"
            + (name is null ? "" : $" AND {row}.event = {Parameters.Add(name)}") + (Limit is null ? "" : $" AND {row}.unit < {Limit}");

        /// <summary>The same rows, for another statement.</summary>
        public Scope Again() => this with { Parameters = Parameters.Copy(Limit is null ? 3 : 4) };
    }
}
