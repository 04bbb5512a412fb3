using Togglr.Statistics.Analysis;
using Togglr.Statistics.Bayesian;
using Togglr.Statistics.Comparisons;
using Togglr.Store;
using PlannedMetric = Togglr.Statistics.Analysis.PlannedMetric;

namespace Togglr.Analytics;

/// <summary>A phase of an experiment, as far as its analysis is concerned.</summary>
internal sealed record AnalysedExperiment
{
    public required Guid Id { get; init; }

    public required Guid EnvironmentId { get; init; }

    public required string Key { get; init; }

    public required string Control { get; init; }

    public required ExperimentPlan Plan { get; init; }

    public required IReadOnlyList<FrozenMetric> Metrics { get; init; }

    public required int Phase { get; init; }

    public required IReadOnlyList<ExperimentVariation> Variations { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the phase was over; null while it goes on.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When nobody was assigned.</summary>
    public IReadOnlyList<ExperimentPause> Pauses { get; init; } = [];

    /// <summary>The days of the phase up to a moment, without its pauses: a plan counts days on which there was an experiment.</summary>
    public double DaysUntil(DateTimeOffset end)
    {
        var span = end - StartedAt;
        foreach (var (from, to) in Pauses)
        {
            var until = to < end ? to.Value : end;
            if (until > from)
                span -= until - from;
        }
        return Math.Max(0, span.TotalDays);
    }

    /// <summary>The metrics of the plan that are known, with what they said at the start.</summary>
    public IEnumerable<(Store.PlannedMetric Planned, MetricDefinition Definition)> Measured => Plan.Metrics
        .Select(planned => (planned, Metrics.FirstOrDefault(metric => metric.Key == planned.Metric)?.Definition))
        .Where(pair => pair.Definition is not null)
        .Select(pair => (pair.planned, pair.Definition!));

    /// <summary>The plan in the words of the statistics.</summary>
    public AnalysisPlan ToAnalysisPlan() => new()
    {
        Control = Control,
        Variants = [.. Variations.Select(variation => new PlannedVariant(variation.Key, variation.Weight))],
        Metrics = [.. Measured.Select(pair => new PlannedMetric(
            pair.Planned.Metric, FormOf(pair.Definition.Kind), Enum.Parse<Statistics.Analysis.MetricRole>(pair.Planned.Role.ToString()),
            Enum.Parse<Statistics.Comparisons.MetricDirection>(pair.Definition.Direction.ToString()),
            pair.Planned.MinimumEffect, pair.Planned.Margin))],
        Alpha = Plan.Alpha,
        Power = Plan.Power,
        Method = Enum.Parse<Statistics.Analysis.AnalysisMethod>(Plan.Method.ToString()),
        LookDays = Plan.LookDays,
        Prior = Plan.Prior is { } prior ? new NormalPrior(prior.Mean, prior.Deviation * prior.Deviation) : null,
        MinimumDays = Plan.MinimumDays,
        Cuped = Plan.Cuped,
        StratifyBy = Plan.StratifyBy,
        BothViews = true,
    };

    private static MetricForm FormOf(MetricKind kind) => kind switch
    {
        MetricKind.Conversion or MetricKind.Retention => MetricForm.Proportion,
        MetricKind.Count or MetricKind.Sum => MetricForm.Mean,
        MetricKind.Mean or MetricKind.Ratio => MetricForm.Ratio,
        _ => MetricForm.Quantile,
    };
}
