using Togglr.Statistics.Comparisons;
using Togglr.Statistics.Bayesian;

namespace Togglr.Statistics.Analysis;

/// <summary>How evidence is judged while it comes in.</summary>
public enum AnalysisMethod
{
    /// <summary>One look, at the end.</summary>
    Fixed,

    /// <summary>Planned looks with equal boundaries.</summary>
    Pocock,

    /// <summary>Planned looks with boundaries that are strict at first.</summary>
    ObrienFleming,

    /// <summary>Planned looks, alpha spent in the manner of O'Brien and Fleming.</summary>
    LanDeMets,

    /// <summary>A look at any time, by a confidence sequence.</summary>
    AlwaysValid,

    /// <summary>Probabilities under a prior; looking often is not made up for.</summary>
    Bayesian,
}

/// <summary>What a metric is for.</summary>
public enum MetricRole
{
    /// <summary>It decides.</summary>
    Primary,

    /// <summary>It explains.</summary>
    Secondary,

    /// <summary>It must not get worse.</summary>
    Guardrail,
}

/// <summary>How the numbers of a metric behave.</summary>
public enum MetricForm
{
    /// <summary>Zero or one per unit: conversion, retention.</summary>
    Proportion,

    /// <summary>A number per unit: counts and sums.</summary>
    Mean,

    /// <summary>A total over another: ratios, and means of events.</summary>
    Ratio,

    /// <summary>A quantile of values.</summary>
    Quantile,
}

/// <summary>An arm of the experiment.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Weight">Its planned share, in any scale; zero: it gets nobody.</param>
public sealed record PlannedVariant(string Key, double Weight);

/// <summary>A metric of the experiment.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Form">How its numbers behave.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Direction">Which way is better.</param>
/// <param name="MinimumEffect">The smallest relative effect that matters; null where nothing was said.</param>
/// <param name="Margin">With a guardrail: by how much it may be worse, relative; null: it fails only when it is shown to be worse.</param>
public sealed record PlannedMetric(
    string Key, MetricForm Form, MetricRole Role = MetricRole.Primary, MetricDirection Direction = MetricDirection.Increase, double? MinimumEffect = null, double? Margin = null);

/// <summary>How an experiment is judged, as it was fixed before its start.</summary>
public sealed record AnalysisPlan
{
    /// <summary>The key of the variant that the others are compared with.</summary>
    public required string Control { get; init; }

    /// <summary>All variants, the control among them.</summary>
    public required IReadOnlyList<PlannedVariant> Variants { get; init; }

    /// <summary>What is measured.</summary>
    public required IReadOnlyList<PlannedMetric> Metrics { get; init; }

    /// <summary>The probability of finding an effect where there is none, two-sided.</summary>
    public double Alpha { get; init; } = 0.05;

    /// <summary>The probability of finding the smallest effect that matters.</summary>
    public double Power { get; init; } = 0.8;

    /// <summary>How evidence is judged while it comes in.</summary>
    public AnalysisMethod Method { get; init; } = AnalysisMethod.Fixed;

    /// <summary>The days after the start on which is looked, growing; the last is the end. Empty for methods that may be looked at any time.</summary>
    public IReadOnlyList<int> LookDays { get; init; } = [14];

    /// <summary>What is believed of relative effects before the data, with <see cref="AnalysisMethod.Bayesian"/>; null: nothing.</summary>
    public NormalPrior? Prior { get; init; }

    /// <summary>Nothing is shipped before so many days.</summary>
    public int MinimumDays { get; init; } = 7;

    /// <summary>Whether what units did before their exposure is used to reduce variance.</summary>
    public bool Cuped { get; init; } = true;

    /// <summary>The dimension whose values are strata; null for none.</summary>
    public string? StratifyBy { get; init; }

    /// <summary>The units of two arms for which <see cref="AnalysisMethod.AlwaysValid"/> is most sensitive.</summary>
    public double TunedUnits { get; init; } = 10_000;

    /// <summary>Whether what was not planned is computed beside what was, and beliefs are drawn: for people who look, not for simulations.</summary>
    public bool BothViews { get; init; }

    /// <summary>Whether looks are planned.</summary>
    public bool HasLooks => Method is AnalysisMethod.Fixed or AnalysisMethod.Pocock or AnalysisMethod.ObrienFleming or AnalysisMethod.LanDeMets;
}
