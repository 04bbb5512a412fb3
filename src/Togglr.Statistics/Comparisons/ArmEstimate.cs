using Togglr.Statistics.Moments;

namespace Togglr.Statistics.Comparisons;

/// <summary>The estimate of one arm (a mean, a proportion, a ratio, a quantile) with the variance of one unit's contribution.</summary>
/// <param name="Count">The number of units.</param>
/// <param name="Value">The estimate.</param>
/// <param name="UnitVariance">The variance of a unit; divided by the count it is the variance of the estimate.</param>
public readonly record struct ArmEstimate(long Count, double Value, double UnitVariance)
{
    /// <summary>The variance of the estimate.</summary>
    public double Variance => Count == 0 ? 0 : UnitVariance / Count;

    /// <summary>The mean of a sample.</summary>
    public static ArmEstimate Of(SampleMoments moments) => new(moments.Count, moments.Mean, moments.Variance);
}
