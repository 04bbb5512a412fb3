using Npgsql;
using Togglr.Statistics.Analysis;
using Togglr.Statistics.Moments;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>
/// From events to sufficient statistics, in the database: events become a number per unit (after its first exposure, within the window, cut), and
/// numbers become moments per variant. PostgreSQL's own aggregates center as they go (Youngs &amp; Cramer), so nothing is lost to large means.
/// </summary>
internal sealed class MetricQuery(AnalysedExperiment experiment, MetricDefinition definition, DateTimeOffset end)
{
    private readonly SqlParameters _parameters = new();

    private bool HasDenominator => definition.Kind is MetricKind.Mean or MetricKind.Ratio;

    private bool HasCovariate => experiment.Plan.Cuped && definition.Kind != MetricKind.Retention;

    /// <summary>The sample of every variant that has units.</summary>
    public async Task<IReadOnlyDictionary<string, MetricSample>> ReadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var rows = new List<(string Variant, MetricSample Sample)>();
        var text = Text();
        await using (var command = _parameters.Command(connection, text))
        {
            await using var reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
                rows.Add((reader.GetString(0), Sample(reader)));
        }
        // A covariate that nobody has says nothing, and without one a share keeps its own test.
        var isKnown = HasCovariate && rows.Any(row => row.Sample.Moments is { } moments && moments.Variance(moments.Dimensions - 1) > 0);
        return rows.ToDictionary(row => row.Variant, row => HasCovariate && !isKnown ? row.Sample with { Moments = WithoutLast(row.Sample.Moments!) } : row.Sample, StringComparer.Ordinal);
    }

    private string Text()
    {
        var units = Units(_parameters, experiment, end, definition.Kind == MetricKind.Retention ? (definition.ToDay ?? definition.FromDay ?? 1) + 1 : null);
        var numerator = definition.Kind switch
        {
            MetricKind.Conversion or MetricKind.Retention => Source(definition.Event, definition.Filters, null, condition => $"(count(*) FILTER (WHERE {condition}) > 0)::int::float8"),
            MetricKind.Count => Source(definition.Event, definition.Filters, null, Counted),
            MetricKind.Ratio when definition.Numerator != MetricAggregation.Sum => Source(definition.Event, definition.Filters, null, Counted),
            _ => Source(definition.Event, definition.Filters, definition.Value, null),
        };
        var below = definition is { Kind: MetricKind.Ratio, Denominator: { } denominator }
            ? Source(denominator.Event, denominator.Filters, denominator.Value, denominator.Aggregation == MetricAggregation.Count ? Counted : null)
            : null;
        var cap = definition.Cap is { } fixedCap ? $"{_parameters.Add(fixedCap)}::float8"
            : definition.Winsorize is { } level ? $"(SELECT percentile_cont({_parameters.Add(level)}::float8) WITHIN GROUP (ORDER BY y) FROM v)" : null;
        return $"""
            WITH u AS ({units}), n AS ({numerator}){(below is null ? "" : $", b AS ({below})")},
            v AS (SELECT u.variant, coalesce(n.y, 0) AS y, {(below is null ? "coalesce(n.c, 0)" : "coalesce(b.y, 0)")} AS d, coalesce(n.x, 0) AS x
                FROM u LEFT JOIN n USING (unit){(below is null ? "" : " LEFT JOIN b USING (unit)")}),
            w AS MATERIALIZED (SELECT variant, {(cap is null ? "y, d, x, false AS capped" : $"least(y, cap) AS y, d, least(x, cap) AS x, y > cap AS capped FROM v, (SELECT {cap} AS cap) AS limits")}{(cap is null ? " FROM v" : "")})
            SELECT variant, count(*), avg(y), avg(d), avg(x), regr_sxx(y, y), regr_sxx(d, d), regr_sxx(x, x), regr_sxy(y, d), regr_sxy(y, x), regr_sxy(d, x), min(y), max(y), count(*) FILTER (WHERE capped)
            FROM w GROUP BY variant
            """;
    }

    private static string Counted(string condition) => $"(count(*) FILTER (WHERE {condition}))::float8";

    // Per unit: y after the first exposure, c the number of values, x the same as y before it.
    private string Source(string name, IReadOnlyList<MetricFilter> filters, string? property, Func<string, string>? aggregate)
    {
        var value = EventCondition.Value(property, _parameters);
        var after = After(experiment, definition, _parameters);
        var before = HasCovariate ? $"m.at < u.first_at AND m.at >= u.first_at - make_interval(days => {_parameters.Add(experiment.Plan.CupedDays)})" : "false";
        aggregate ??= condition => $"coalesce(sum({value}) FILTER (WHERE {condition}), 0)";
        var earliest = experiment.StartedAt.AddDays(-(HasCovariate ? experiment.Plan.CupedDays : 0) - 1);
        return $"""
            SELECT u.unit, {aggregate(after)} AS y, (count({value}) FILTER (WHERE {after}))::float8 AS c, {aggregate(before)} AS x
            FROM u JOIN events_metric m ON m.unit = u.unit
            WHERE m.environment_id = {_parameters.Add(experiment.EnvironmentId)} AND m.event = {_parameters.Add(name)} AND m.at >= {_parameters.Add(earliest)} AND m.at < {_parameters.Add(end)}
                AND {EventCondition.All(filters, _parameters)}
            GROUP BY u.unit
            """;
    }

    /// <summary>Which events come after the exposure, within the window and in no pause.</summary>
    internal static string After(AnalysedExperiment experiment, MetricDefinition definition, SqlParameters parameters) =>
        string.Concat(Span(definition, parameters), string.Concat(experiment.Pauses.Select(pause => pause.To is { } to
            ? $" AND NOT (m.at >= {parameters.Add(pause.From)} AND m.at < {parameters.Add(to)})" : $" AND m.at < {parameters.Add(pause.From)}")));

    private static string Span(MetricDefinition definition, SqlParameters parameters) => definition.Kind == MetricKind.Retention
        ? $"m.at >= u.first_at + make_interval(days => {parameters.Add(definition.FromDay ?? 1)}) AND m.at < u.first_at + make_interval(days => {parameters.Add((definition.ToDay ?? definition.FromDay ?? 1) + 1)})"
        : definition.WindowHours is { } hours ? $"m.at >= u.first_at AND m.at < u.first_at + make_interval(hours => {parameters.Add(hours)})"
        : "m.at >= u.first_at";

    /// <summary>The units that count: in one variant only and, where a span of days is asked for, with all of it behind them.</summary>
    internal static string Units(SqlParameters parameters, AnalysedExperiment experiment, DateTimeOffset end, int? days) =>
        $"SELECT unit, variant, first_at FROM experiment_units WHERE experiment_id = {parameters.Add(experiment.Id)} AND phase = {parameters.Add(experiment.Phase)} AND NOT mixed "
        + $"AND first_at < {parameters.Add(days is { } span ? end.AddDays(-span) : end)}";

    private MetricSample Sample(NpgsqlDataReader reader)
    {
        double Number(int column) => reader.IsDBNull(column) ? 0 : reader.GetDouble(column);
        var (y, d, x) = (2, 3, 4);
        int[] chosen = [y, .. HasDenominator ? [d] : (int[])[], .. HasCovariate ? [x] : (int[])[]];
        // Columns of the products: yy dd xx yd yx dx.
        double Product(int i, int j) => Number(i == j ? i + 3 : (Math.Min(i, j), Math.Max(i, j)) switch { (2, 3) => 8, (2, 4) => 9, _ => 10 });
        double[] means = [.. chosen.Select(Number)];
        double[] products = [.. chosen.SelectMany(i => chosen.Select(j => Product(i, j)))];
        var (least, most) = (Number(11), Number(12));
        return new MetricSample
        {
            Moments = new JointMoments(reader.GetInt64(1), means, products),
            Extreme = definition.Kind is MetricKind.Conversion or MetricKind.Retention ? null : most - means[0] > means[0] - least ? most : least,
            Capped = reader.GetInt64(13),
        };
    }

    private static JointMoments WithoutLast(JointMoments moments)
    {
        var kept = moments.Dimensions - 1;
        return new JointMoments(
            moments.Count,
            [.. Enumerable.Range(0, kept).Select(moments.Mean)],
            [.. Enumerable.Range(0, kept).SelectMany(i => Enumerable.Range(0, kept).Select(j => moments.Product(i, j)))]);
    }
}
