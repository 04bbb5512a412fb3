using Togglr.Statistics.Comparisons;
using Togglr.Statistics.Moments;

namespace Togglr.Statistics.Analysis;

/// <summary>What was measured of one metric in one variant.</summary>
public sealed record MetricSample
{
    /// <summary>
    /// Moments over the exposed units: the value (or numerator); for a ratio the denominator; then the covariates from before the exposure.
    /// Not needed for a quantile.
    /// </summary>
    public JointMoments? Moments { get; init; }

    /// <summary>The quantile and its bounds, for a metric of that form.</summary>
    public QuantileSample? Quantile { get; init; }

    /// <summary>For a quantile of values of which a unit has several: per unit, its values not above the quantile and all its values.</summary>
    public JointMoments? QuantileUnits { get; init; }

    /// <summary>The value that is farthest from the mean, where it is known: to tell when one unit decides.</summary>
    public double? Extreme { get; init; }

    /// <summary>The units whose value was cut.</summary>
    public long Capped { get; init; }
}

/// <summary>What was measured in one variant.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Units">Units that were exposed.</param>
/// <param name="Metrics">By the key of the metric.</param>
public sealed record VariantData(string Key, long Units, IReadOnlyDictionary<string, MetricSample> Metrics);

/// <summary>One value of a dimension, such as a country.</summary>
/// <param name="Dimension">Name of the dimension.</param>
/// <param name="Value">The value.</param>
/// <param name="Variants">What was measured among units with the value.</param>
public sealed record DimensionData(string Dimension, string Value, IReadOnlyList<VariantData> Variants)
{
    /// <summary>Stands for the values that have no place of their own.</summary>
    public const string Others = "*";
}

/// <summary>What was measured of an experiment, in one phase, up to a moment.</summary>
public sealed record ExperimentData
{
    /// <summary>Days since the phase began.</summary>
    public required double Days { get; init; }

    /// <summary>Every variant that units were exposed to.</summary>
    public required IReadOnlyList<VariantData> Variants { get; init; }

    /// <summary>Units that were exposed to more than one variant; they are in no variant's numbers.</summary>
    public long MixedUnits { get; init; }

    /// <summary>How the numbers of metrics are spread, by the key of the metric, as far as that is known; it goes into the result as it is.</summary>
    public IReadOnlyDictionary<string, MetricDistribution> Distributions { get; init; } = new Dictionary<string, MetricDistribution>();

    /// <summary>The same by dimensions, where there are any.</summary>
    public IReadOnlyList<DimensionData> Dimensions { get; init; } = [];
}

/// <summary>What must be remembered of a comparison from one look to the next.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Variant">The variant.</param>
/// <param name="Units">Units of both arms.</param>
/// <param name="PValue">The p-value, the smallest so far where the method is valid at any time.</param>
/// <param name="Lower">The lower end of the interval, the intersection so far where the method is valid at any time.</param>
/// <param name="Upper">The upper end.</param>
/// <param name="SignificantSince">The first look at which it was significant.</param>
/// <param name="Guardrail">For a guardrail, whether it held.</param>
/// <param name="WasBetter">Which way it moved at the look at which it was found significant.</param>
public sealed record ComparisonLook(
    string Metric, string Variant, long Units, double? PValue, double? Lower, double? Upper, int? SignificantSince, GuardrailVerdict? Guardrail = null, bool? WasBetter = null);

/// <summary>A look that was taken, as <see cref="AnalysisResult.Record"/> gives it.</summary>
/// <param name="Number">Which of the planned looks, from 1; a running number where none are planned.</param>
/// <param name="Comparisons">All comparisons.</param>
/// <param name="MismatchPValue">The smallest sequential p-value of the split so far.</param>
public sealed record LookRecord(int Number, IReadOnlyList<ComparisonLook> Comparisons, double MismatchPValue = 1);
