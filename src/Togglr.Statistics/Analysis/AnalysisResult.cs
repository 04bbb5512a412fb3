using System.Text.Json.Serialization;
using Togglr.Statistics.Comparisons;

namespace Togglr.Statistics.Analysis;

/// <summary>What to do.</summary>
public enum DecisionState
{
    /// <summary>A variant is better, nothing forbids it.</summary>
    Ship,

    /// <summary>Keep the control.</summary>
    RollBack,

    /// <summary>Not known yet.</summary>
    KeepRunning,

    /// <summary>The data cannot be trusted.</summary>
    Unhealthy,
}

/// <summary>What is recommended, and why.</summary>
/// <param name="State">What to do.</param>
/// <param name="Variant">With <see cref="DecisionState.Ship"/>: which variant.</param>
/// <param name="DaysLeft">With <see cref="DecisionState.KeepRunning"/>: about how long; null where nothing can be said.</param>
/// <param name="Reasons">Stable codes, the most important first: see <see cref="ReasonCode"/>.</param>
public sealed record Decision(DecisionState State, string? Variant, int? DaysLeft, IReadOnlyList<string> Reasons);

/// <summary>An effect with its interval. An end that is null is not bounded or not offered.</summary>
/// <param name="Estimate">Treatment − control, or that as a share of the control.</param>
/// <param name="Lower">The lower end of the interval of level 1 − α.</param>
/// <param name="Upper">The upper end.</param>
public sealed record EffectRange(double? Estimate, double? Lower, double? Upper);

/// <summary>A comparison without adjustment for covariates, always shown beside the adjusted one.</summary>
/// <param name="Estimate">Treatment − control.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Relative">As a share of the control; null without a control to divide by.</param>
public sealed record UnadjustedEffect(double Estimate, double StandardError, double? Relative);

/// <summary>Whether a guardrail holds.</summary>
public enum GuardrailVerdict
{
    /// <summary>Harm of the size of the margin is excluded, or without a margin none is shown.</summary>
    Passes,

    /// <summary>Not known yet.</summary>
    Inconclusive,

    /// <summary>It is worse.</summary>
    Fails,
}

/// <summary>The non-inferiority test of a guardrail: one-sided, not corrected for other tests.</summary>
/// <param name="Verdict">Whether it holds.</param>
/// <param name="Margin">By how much it may be worse, relative.</param>
/// <param name="PValue">Of "worse by the margin or more".</param>
/// <param name="Bound">The worst effect, absolute, that the data leave possible.</param>
public sealed record GuardrailOutcome(GuardrailVerdict Verdict, double? Margin, double? PValue, double? Bound);

/// <summary>Beliefs about an effect.</summary>
/// <param name="ChanceToWin">The probability that the variant is better, whichever way better is.</param>
/// <param name="ExpectedLoss">What choosing the variant is expected to cost, absolute.</param>
/// <param name="Lower">The lower end of the credible interval of the relative effect.</param>
/// <param name="Upper">The upper end.</param>
public sealed record BayesianOutcome(double ChanceToWin, double ExpectedLoss, double? Lower, double? Upper)
{
    /// <summary>The relative effect that is as likely exceeded as not; a prior draws it towards itself, away from the estimate.</summary>
    public double? Median { get; init; }

    /// <summary>What is believed of the relative effect, to be drawn; null without a control to divide by, and within dimensions.</summary>
    public EffectDensity? Density { get; init; }
}

/// <summary>The shape of a belief about a relative effect.</summary>
/// <param name="From">The effect of the first height.</param>
/// <param name="To">The effect of the last height.</param>
/// <param name="Heights">At even steps, the greatest is 1.</param>
public sealed record EffectDensity(double From, double To, IReadOnlyList<double> Heights);

/// <summary>One variant compared with the control in one metric.</summary>
public sealed record ComparisonResult
{
    /// <summary>The variant.</summary>
    public required string Variant { get; init; }

    /// <summary>Its units.</summary>
    public required long Units { get; init; }

    /// <summary>Its value; adjusted for covariates where that was done.</summary>
    public double? Value { get; init; }

    /// <summary>The difference and its interval.</summary>
    public EffectRange Absolute { get; init; } = new(null, null, null);

    /// <summary>The difference as a share of the control, by Fieller, so that it contains zero exactly when the test does not reject.</summary>
    public EffectRange Relative { get; init; } = new(null, null, null);

    /// <summary>The standard error of the difference.</summary>
    public double? StandardError { get; init; }

    /// <summary>Degrees of freedom; null for the normal distribution.</summary>
    public double? DegreesOfFreedom { get; init; }

    /// <summary>Difference / standard error of the test.</summary>
    public double? Statistic { get; init; }

    /// <summary>The p-value that this plan licenses at this look; null between looks.</summary>
    public double? PValue { get; init; }

    /// <summary>The p-value corrected for the family of comparisons.</summary>
    public double? AdjustedPValue { get; init; }

    /// <summary>How it was corrected: <c>holm</c>, <c>benjaminiHochberg</c> or <c>none</c>.</summary>
    public string Correction { get; init; } = "none";

    /// <summary>How many standard errors the interval extends.</summary>
    public double? CriticalValue { get; init; }

    /// <summary>What was computed: <c>chiSquare</c>, <c>fisherExact</c>, <c>welch</c>, <c>cuped</c>, <c>delta</c>, <c>cupedDelta</c>, <c>stratified</c>, <c>quantile</c>.</summary>
    public string Test { get; init; } = "";

    /// <summary>Whether the corrected p-value is, or at an earlier look was, at most α.</summary>
    public bool IsSignificant { get; init; }

    /// <summary>Whether it moves the way it should; null without an estimate.</summary>
    public bool? IsBetter { get; init; }

    /// <summary>The first look at which it was significant.</summary>
    public int? SignificantSince { get; init; }

    /// <summary>The value of the control.</summary>
    [JsonIgnore]
    public double? ControlValue { get; init; }

    /// <summary>Which way it moved then. Where <see cref="IsBetter"/> says otherwise now, the effect has changed sides and decides nothing.</summary>
    [JsonIgnore]
    public bool? WasBetter { get; init; }

    /// <summary>The share of the variance that covariates took away; null where none were used.</summary>
    public double? VarianceReduction { get; init; }

    /// <summary>The same without covariates; null where none were used.</summary>
    public UnadjustedEffect? Unadjusted { get; init; }

    /// <summary>The p-value of a difference before the experiment, which there should not be.</summary>
    public double? PrePeriodPValue { get; init; }

    /// <summary>The smallest relative effect that this much data finds with the planned power.</summary>
    public double? DetectableEffect { get; init; }

    /// <summary>For a guardrail.</summary>
    public GuardrailOutcome? Guardrail { get; init; }

    /// <summary>Beliefs at a look. They decide with the Bayesian method, with the prior of the plan; otherwise they are beside what was planned, without a prior, and only of the whole.</summary>
    public BayesianOutcome? Bayesian { get; init; }

    /// <summary>Stable codes: see <see cref="WarningCode"/>.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>One metric over all variants.</summary>
/// <param name="Metric">Its key.</param>
/// <param name="Form">How its numbers behave.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Direction">Which way is better.</param>
/// <param name="ControlUnits">The units of the control.</param>
/// <param name="ControlValue">The value of the control.</param>
/// <param name="Comparisons">All other variants.</param>
public sealed record MetricResult(
    string Metric, MetricForm Form, MetricRole Role, MetricDirection Direction, long ControlUnits, double? ControlValue, IReadOnlyList<ComparisonResult> Comparisons)
{
    /// <summary>How its numbers are spread; null where that is not known, and for shares, of which the value says it all.</summary>
    public MetricDistribution? Distribution { get; init; }
}

/// <summary>The units of a variant against the plan.</summary>
/// <param name="Variant">The variant.</param>
/// <param name="Units">Units that were exposed.</param>
/// <param name="Expected">Units that the weights would have given it; null without a weight.</param>
public sealed record VariantShare(string Variant, long Units, double? Expected);

/// <summary>The split within one value of a dimension.</summary>
/// <param name="Dimension">The dimension.</param>
/// <param name="Value">Its value.</param>
/// <param name="PValue">The p-value, corrected by Holm for all values.</param>
/// <param name="Alert">Whether it is a mismatch.</param>
public sealed record DimensionSplit(string Dimension, string Value, double PValue, bool Alert);

/// <summary>Whether the data can be trusted.</summary>
public sealed record HealthResult
{
    /// <summary>The units of every variant.</summary>
    public required IReadOnlyList<VariantShare> Shares { get; init; }

    /// <summary>The chi-square p-value of the split; null where it cannot be tested.</summary>
    public double? MismatchPValue { get; init; }

    /// <summary>The p-value of the split that is valid however often it is looked at.</summary>
    public double? SequentialMismatchPValue { get; init; }

    /// <summary>Whether the split is not the planned one: either p-value below 0.001.</summary>
    public bool IsMismatch { get; init; }

    /// <summary>Units seen in more than one variant, as a share of all.</summary>
    public double MixedShare { get; init; }

    /// <summary>Whether those are too many: more than 1 %.</summary>
    public bool IsMixed { get; init; }

    /// <summary>The split within dimensions.</summary>
    public IReadOnlyList<DimensionSplit> Dimensions { get; init; } = [];
}

/// <summary>One metric within one value of a dimension.</summary>
/// <param name="Dimension">The dimension.</param>
/// <param name="Value">Its value.</param>
/// <param name="Metric">The metric.</param>
/// <param name="Comparison">The comparison; its p-value is corrected by Benjamini and Hochberg over everything that dimensions show.</param>
public sealed record DimensionResult(string Dimension, string Value, string Metric, ComparisonResult Comparison);

/// <summary>Whether an effect differs between the values of a dimension.</summary>
/// <param name="Dimension">The dimension.</param>
/// <param name="Metric">The metric.</param>
/// <param name="Variant">The variant.</param>
/// <param name="PValue">Of Cochran's Q.</param>
/// <param name="I2">The share of the variation that is not chance.</param>
public sealed record HeterogeneityResult(string Dimension, string Metric, string Variant, double PValue, double I2);

/// <summary>Everything that is known of an experiment at a moment. No number in it is NaN or infinite.</summary>
public sealed record AnalysisResult
{
    /// <summary>The version of the computations; it changes when a number would.</summary>
    public const string CurrentEngine = "togglr-statistics/3";

    /// <summary>Which computations.</summary>
    public string Engine { get; init; } = CurrentEngine;

    /// <summary>How evidence is judged.</summary>
    public required AnalysisMethod Method { get; init; }

    /// <summary>The other way to look at the same numbers, which was not planned and decides nothing; null where it was not asked for.</summary>
    public AnalysisMethod? OtherMethod { get; init; }

    /// <summary>α.</summary>
    public required double Alpha { get; init; }

    /// <summary>Days since the phase began.</summary>
    public required double Days { get; init; }

    /// <summary>Whether this is a look: one that the plan licenses, and that must be recorded.</summary>
    public required bool IsLook { get; init; }

    /// <summary>The number of the last look, this one included; 0 before the first.</summary>
    public required int Look { get; init; }

    /// <summary>How many looks are planned; null where any number is.</summary>
    public int? Looks { get; init; }

    /// <summary>The day of the next look; null after the last and where none are planned.</summary>
    public int? NextLookDay { get; init; }

    /// <summary>How much of α is spent up to the last look.</summary>
    public double AlphaSpent { get; init; }

    /// <summary>All metrics, in the order of the plan.</summary>
    public required IReadOnlyList<MetricResult> Metrics { get; init; }

    /// <summary>Whether the data can be trusted.</summary>
    public required HealthResult Health { get; init; }

    /// <summary>What is recommended.</summary>
    public required Decision Decision { get; init; }

    /// <summary>Metrics within dimensions.</summary>
    public IReadOnlyList<DimensionResult> Dimensions { get; init; } = [];

    /// <summary>Whether effects differ within dimensions.</summary>
    public IReadOnlyList<HeterogeneityResult> Heterogeneity { get; init; } = [];

    /// <summary>Stable codes: see <see cref="WarningCode"/>.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What the next analysis needs to know of this look; null when it was none. Kept beside the result, not in it.</summary>
    [JsonIgnore]
    public LookRecord? Record => !IsLook ? null : new LookRecord(
        Look,
        [.. Metrics.SelectMany(metric => metric.Comparisons.Select(comparison => new ComparisonLook(
            metric.Metric, comparison.Variant, metric.ControlUnits + comparison.Units, comparison.PValue, comparison.Absolute.Lower, comparison.Absolute.Upper, comparison.SignificantSince,
            comparison.Guardrail?.Verdict, comparison.WasBetter)))],
        Health.SequentialMismatchPValue ?? 1);
}
