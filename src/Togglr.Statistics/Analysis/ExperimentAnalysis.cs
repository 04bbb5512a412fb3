using Togglr.Statistics.Adjustment;
using Togglr.Statistics.Comparisons;

namespace Togglr.Statistics.Analysis;

/// <summary>
/// The analysis of a whole experiment: sufficient statistics in, estimates, licensed tests, health and a recommendation out. Bad input
/// gives warnings, never an exception or a number that is none.
/// </summary>
public sealed class ExperimentAnalysis
{
    private readonly AnalysisPlan _plan;
    private readonly LookRule _rule;
    private readonly ComparisonBuilder _builder;

    /// <summary>The analysis of a plan; one object may serve many analyses, also at the same time, and remembers boundaries between them.</summary>
    public ExperimentAnalysis(AnalysisPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _plan = plan;
        _rule = new LookRule(plan);
        _builder = new ComparisonBuilder(plan, _rule);
    }

    /// <summary>Analyses the data with the looks taken so far, oldest first.</summary>
    public static AnalysisResult Analyse(AnalysisPlan plan, ExperimentData data, IReadOnlyList<LookRecord> looks) => new ExperimentAnalysis(plan).Analyse(data, looks);

    /// <summary>
    /// Analyses the data. When the result says that it is a look, its record must be kept and given to all later analyses: a look that is
    /// forgotten is an error that is not counted.
    /// </summary>
    public AnalysisResult Analyse(ExperimentData data, IReadOnlyList<LookRecord> looks)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(looks);
        var days = double.IsFinite(data.Days) ? Math.Max(0, data.Days) : 0;
        var due = _rule.Due(days, looks);
        var number = due ?? (looks.Count == 0 ? 0 : looks[^1].Number);
        var health = HealthCheck.Of(_plan, data, looks);
        IReadOnlyList<MetricResult> metrics = [.. _plan.Metrics.Select(metric => Compare(metric, data, due, looks))];
        metrics = Corrected(metrics, MetricRole.Primary, MultipleTesting.Holm, "holm", due);
        metrics = Corrected(metrics, MetricRole.Secondary, MultipleTesting.BenjaminiHochberg, "benjaminiHochberg", due);
        int? nextLook = _plan.HasLooks ? _plan.LookDays.Skip(number).Select(day => (int?)day).FirstOrDefault() : null;
        var (dimensions, heterogeneity) = Breakdown(data, due);
        return new AnalysisResult
        {
            Method = _plan.Method,
            OtherMethod = !_plan.BothViews ? null : _plan.Method == AnalysisMethod.Bayesian ? AnalysisMethod.AlwaysValid : AnalysisMethod.Bayesian,
            Alpha = _plan.Alpha,
            Days = days,
            IsLook = due is not null,
            Look = number,
            Looks = _plan.HasLooks ? _plan.LookDays.Count : null,
            NextLookDay = nextLook,
            AlphaSpent = _rule.Spent(number),
            Metrics = metrics,
            Health = health,
            Decision = new DecisionRule(_plan).Decide(metrics, health, days, nextLook, number),
            Dimensions = dimensions,
            Heterogeneity = heterogeneity,
            Warnings = [.. Warnings(data, due)],
        };
    }

    private MetricResult Compare(PlannedMetric metric, ExperimentData data, int? due, IReadOnlyList<LookRecord> looks)
    {
        var variants = data.Variants;
        DimensionData[] strata = [.. data.Dimensions.Where(dimension => dimension.Dimension == _plan.StratifyBy)];
        var control = variants.FirstOrDefault(variant => variant.Key == _plan.Control);
        ComparisonResult[] comparisons = [.. _plan.Variants.Where(variant => variant.Key != _plan.Control).Select(variant =>
        {
            var treatment = variants.FirstOrDefault(candidate => candidate.Key == variant.Key);
            return _builder.Build(
                metric, variant.Key, treatment?.Units ?? 0, control?.Metrics.GetValueOrDefault(metric.Key), treatment?.Metrics.GetValueOrDefault(metric.Key), due, History(metric.Key, variant.Key, looks), true,
                [.. strata.Select(stratum => (Sample(stratum, _plan.Control, metric), Sample(stratum, variant.Key, metric)))]);
        })];
        return new MetricResult(metric.Key, metric.Form, metric.Role, metric.Direction, control?.Units ?? 0, ControlValue(comparisons), comparisons) { Distribution = data.Distributions.GetValueOrDefault(metric.Key) };
    }

    private static MetricSample? Sample(DimensionData stratum, string variant, PlannedMetric metric) =>
        stratum.Variants.FirstOrDefault(candidate => candidate.Key == variant)?.Metrics.GetValueOrDefault(metric.Key);

    private static ComparisonHistory History(string metric, string variant, IReadOnlyList<LookRecord> looks)
    {
        var found = looks.Select(look => (look.Number, Comparison: look.Comparisons.FirstOrDefault(past => past.Metric == metric && past.Variant == variant)))
            .Where(past => past.Comparison is not null)
            .ToList();
        return new ComparisonHistory([.. found.Where(past => past.Comparison!.PValue is not null).Select(past => (past.Number, past.Comparison!.Units))], found.Count == 0 ? null : found[^1].Comparison);
    }

    private static double? ControlValue(ComparisonResult[] comparisons) =>
        comparisons.Select(comparison => comparison.ControlValue).FirstOrDefault(value => value is not null);

    // One family: all comparisons of all metrics of a role.
    private IReadOnlyList<MetricResult> Corrected(
        IReadOnlyList<MetricResult> metrics, MetricRole role, Func<IReadOnlyList<double?>, double?[]> correct, string name, int? due)
    {
        var adjusted = correct([.. metrics.Where(metric => metric.Role == role).SelectMany(metric => metric.Comparisons.Select(comparison => comparison.PValue))]);
        var next = 0;
        return [.. metrics.Select(metric => metric.Role != role ? metric : metric with
        {
            Comparisons = [.. metric.Comparisons.Select(comparison => Judged(comparison with { AdjustedPValue = adjusted[next++], Correction = name }, due))],
        })];
    }

    private ComparisonResult Judged(ComparisonResult comparison, int? due)
    {
        var since = comparison.SignificantSince ?? (comparison.AdjustedPValue <= _plan.Alpha ? due : null);
        return comparison with { SignificantSince = since, IsSignificant = since is not null, WasBetter = comparison.SignificantSince is null && since is not null ? comparison.IsBetter : comparison.WasBetter };
    }

    // What dimensions show is corrected together and decides nothing; history is that of the whole, so a boundary counts its looks.
    private (IReadOnlyList<DimensionResult> Results, IReadOnlyList<HeterogeneityResult> Heterogeneity) Breakdown(ExperimentData data, int? due)
    {
        var results = new List<DimensionResult>();
        var empty = new ComparisonHistory([], null);
        foreach (var dimension in data.Dimensions)
        {
            var control = dimension.Variants.FirstOrDefault(variant => variant.Key == _plan.Control);
            foreach (var metric in _plan.Metrics)
            {
                foreach (var variant in dimension.Variants.Where(variant => variant.Key != _plan.Control && _plan.Variants.Any(planned => planned.Key == variant.Key)))
                {
                    var comparison = _builder.Build(
                        metric, variant.Key, variant.Units, control?.Metrics.GetValueOrDefault(metric.Key), variant.Metrics.GetValueOrDefault(metric.Key), due, empty, false);
                    results.Add(new DimensionResult(dimension.Dimension, dimension.Value, metric.Key, comparison));
                }
            }
        }
        var adjusted = MultipleTesting.BenjaminiHochberg([.. results.Select(result => result.Comparison.PValue)]);
        DimensionResult[] corrected = [.. results.Select((result, i) =>
            result with { Comparison = Judged(result.Comparison with { AdjustedPValue = adjusted[i], Correction = "benjaminiHochberg" }, due) })];
        return (corrected, due is null ? [] : [.. Heterogeneities(corrected)]);
    }

    private static IEnumerable<HeterogeneityResult> Heterogeneities(IEnumerable<DimensionResult> results)
    {
        foreach (var group in results.GroupBy(result => (result.Dimension, result.Metric, result.Comparison.Variant)))
        {
            var outcome = PostStratification.Heterogeneity([.. group
                .Where(result => result.Comparison is { Absolute.Estimate: not null, StandardError: > 0 })
                .Select(result => new EffectEstimate(result.Comparison.Absolute.Estimate!.Value, result.Comparison.StandardError!.Value, double.PositiveInfinity))]);
            if (outcome is not null)
                yield return new HeterogeneityResult(group.Key.Dimension, group.Key.Metric, group.Key.Variant, outcome.PValue, outcome.I2);
        }
    }

    private IEnumerable<string> Warnings(ExperimentData data, int? due)
    {
        if (due is null)
            yield return WarningCode.BetweenLooks;
        if (_plan.Method == AnalysisMethod.Bayesian)
            yield return WarningCode.BayesianPeeking;
        if (!double.IsFinite(data.Days) || data.Days < 0 || data.MixedUnits < 0 || data.Variants.Any(variant => variant.Units < 0))
            yield return WarningCode.InvalidInput;
        if (_plan.Variants.Any(variant => !(variant.Weight > 0) && HealthCheck.Units(data.Variants, variant.Key) > 0))
            yield return WarningCode.UnitsWithoutWeight;
        if (data.Variants.Any(variant => _plan.Variants.All(planned => planned.Key != variant.Key)))
            yield return WarningCode.UnknownVariant;
    }
}
