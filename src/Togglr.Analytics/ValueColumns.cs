using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>
/// The metrics of an experiment whose numbers new events can be added to, as SQL: three numbers per unit and metric (y: the value; d: what it is divided by; x: the same as y from before the
/// exposure), and the moments of these over units. Quantiles and retention are not among them.
/// </summary>
internal sealed class ValueColumns(AnalysedExperiment experiment)
{
    /// <summary>Grows with everything here that would change a number.</summary>
    private const int Version = 2;

    /// <summary>Columns of a metric in <see cref="Moments"/>.</summary>
    public const int Width = 12;

    private readonly List<(string Key, MetricDefinition Definition)> _metrics =
        [.. experiment.Measured.Where(pair => IsAdditive(pair.Definition)).Select(pair => (pair.Planned.Metric, pair.Definition))];

    /// <summary>Keys and definitions, in the order of the columns.</summary>
    public IReadOnlyList<(string Key, MetricDefinition Definition)> Metrics => _metrics;

    /// <summary>Names of all events that count.</summary>
    public string[] Events => [.. _metrics.SelectMany(metric => (IEnumerable<string?>)[metric.Definition.Event, metric.Definition.Denominator?.Event]).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>Stands for everything that the numbers depend on besides events.</summary>
    public string Fingerprint => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(
        new
        {
            Version, experiment.StartedAt, experiment.EndedAt, experiment.Pauses, experiment.Plan.Cuped, experiment.Plan.CupedDays, experiment.Plan.Dimensions,
            Metrics = _metrics.Select(metric => new { metric.Key, metric.Definition }), Variants = experiment.Variations.Select(variation => variation.Key),
        },
        ExperimentJson.Options))));

    /// <summary>Whether new events are added to what there was.</summary>
    public static bool IsAdditive(MetricDefinition definition) => definition.Kind is not (MetricKind.Quantile or MetricKind.Retention);

    /// <summary>Whether a metric has something below the line.</summary>
    public static bool HasDenominator(MetricDefinition definition) => definition.Kind is MetricKind.Mean or MetricKind.Ratio;

    /// <summary>The numbers of a unit <c>u</c> from its events <c>m</c>, as an array that is aggregated.</summary>
    public string Numbers(SqlParameters parameters) => $"ARRAY[{string.Join(", ", _metrics.SelectMany(metric => Numbers(metric.Definition, parameters)))}]::float8[]";

    /// <summary>Which events <c>m</c> can matter to units whose first exposure is not before a time.</summary>
    public string Relevant(SqlParameters parameters, DateTimeOffset firstExposure)
    {
        var earliest = firstExposure.AddDays(experiment.Plan.Cuped ? -experiment.Plan.CupedDays : 0);
        return $"m.environment_id = {parameters.Add(experiment.EnvironmentId)} AND m.event = ANY ({parameters.Add(Events)}) AND m.at >= {parameters.Add(earliest)}"
            + (experiment.EndedAt is { } end ? $" AND m.at < {parameters.Add(end)}" : "");
    }

    /// <summary>The moments of rows <c>(variant, dimensions, numbers)</c> by variant and the values of some dimensions together. Values that are not kept go together.</summary>
    public string Moments(SqlParameters parameters, string rows, IReadOnlyList<double?> caps, IReadOnlyList<IReadOnlyList<string>> kept, Range dimensions)
    {
        List<string> places = [], names = [];
        for (var i = dimensions.Start.Value; i < dimensions.End.Value; i++)
        {
            var value = FormattableString.Invariant($"coalesce(r.dimensions[{i + 1}], '')");
            places.Add(FormattableString.Invariant($"CASE WHEN {value} = ANY ({parameters.Add(kept[i].ToArray())}) THEN {value} ELSE '{MomentState.Others}' END AS g{i}"));
            names.Add(FormattableString.Invariant($"g{i}"));
        }
        var inner = string.Join(", ", _metrics.Select((metric, i) => Cut(metric.Definition, i, caps[i] is { } cap ? parameters.Add(cap) : null)).Prepend("r.variant").Concat(places));
        var outer = string.Join(", ", _metrics.Select((metric, i) => Aggregates(metric.Definition, i, caps[i] is not null)).Prepend($"variant, ARRAY[{string.Join(", ", names)}]::text[], count(*)"));
        return $"SELECT {outer} FROM (SELECT {inner} FROM ({rows}) AS r) AS w GROUP BY {string.Join(", ", names.Prepend("variant"))}";
    }

    /// <summary>The numbers of a metric that are to be cut at a quantile.</summary>
    public static string Raw(int metric) => $"coalesce(r.numbers[{At(metric, 1)}], 0)";

    private static string At(int metric, int number) => (3 * metric + number).ToString(CultureInfo.InvariantCulture);

    private IEnumerable<string> Numbers(MetricDefinition definition, SqlParameters parameters)
    {
        var value = EventCondition.Value(definition.Value, parameters);
        var own = $"m.event = {parameters.Add(definition.Event)} AND {EventCondition.All(definition.Filters, parameters)}";
        var after = MetricQuery.After(experiment, definition, parameters);
        var isCounted = definition.Kind is MetricKind.Conversion or MetricKind.Count || (definition.Kind == MetricKind.Ratio && definition.Numerator != MetricAggregation.Sum);
        string Total(string condition) => isCounted ? $"count(*) FILTER (WHERE {condition})" : $"coalesce(sum({value}) FILTER (WHERE {condition}), 0)";
        yield return Total($"{own} AND {after}");
        if (definition.Kind == MetricKind.Mean)
        {
            yield return $"count({value}) FILTER (WHERE {own} AND {after})";
        }
        else if (definition.Denominator is { } below)
        {
            var condition = $"m.event = {parameters.Add(below.Event)} AND {EventCondition.All(below.Filters, parameters)} AND {after}";
            yield return below.Aggregation == MetricAggregation.Count
                ? $"count(*) FILTER (WHERE {condition})" : $"coalesce(sum({EventCondition.Value(below.Value, parameters)}) FILTER (WHERE {condition}), 0)";
        }
        else
        {
            yield return "0";
        }
        yield return experiment.Plan.Cuped ? Total($"{own} AND m.at < u.first_at AND m.at >= u.first_at - make_interval(days => {parameters.Add(experiment.Plan.CupedDays)})") : "0";
    }

    private static string Cut(MetricDefinition definition, int metric, string? cap)
    {
        // Somebody who bought twice has bought once.
        var limit = definition.Kind == MetricKind.Conversion ? "1" : cap;
        string Number(int number, string? most) => most is null ? $"coalesce(r.numbers[{At(metric, number)}], 0)" : $"least(coalesce(r.numbers[{At(metric, number)}], 0), {most}::float8)";
        return FormattableString.Invariant($"{Number(1, limit)} AS y{metric}, {Number(2, null)} AS d{metric}, {Number(3, limit)} AS x{metric}")
            + (cap is null ? "" : FormattableString.Invariant($", {Raw(metric)} > {cap} AS c{metric}"));
    }

    // Aggregates over the same pair share their work.
    private string Aggregates(MetricDefinition definition, int metric, bool isCut)
    {
        var i = metric.ToString(CultureInfo.InvariantCulture);
        var (below, before) = (HasDenominator(definition), experiment.Plan.Cuped);
        var first = below ? $"y{i}, d{i}" : before ? $"y{i}, x{i}" : $"y{i}, y{i}";
        var d = below ? $"regr_avgx({first})" : "0::float8";
        var dd = below ? $"regr_sxx({first})" : "0::float8";
        var yd = below ? $"regr_sxy({first})" : "0::float8";
        var (x, xx, yx) = before ? ($"regr_avgx(y{i}, x{i})", $"regr_sxx(y{i}, x{i})", $"regr_sxy(y{i}, x{i})") : ("0::float8", "0::float8", "0::float8");
        var dx = below && before ? $"regr_sxy(d{i}, x{i})" : "0::float8";
        return $"regr_avgy({first}), {d}, {x}, regr_syy({first}), {dd}, {xx}, {yd}, {yx}, {dx}, min(y{i}), max(y{i}), {(isCut ? $"count(*) FILTER (WHERE c{i})" : "0::bigint")}";
    }
}
