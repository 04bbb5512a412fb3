using Togglr.Statistics.Moments;

namespace Togglr.Statistics.Comparisons;

/// <summary>
/// A ratio of two totals, Σm / Σd (clicks per view), where units are randomised and a unit has several events. Treating events as
/// independent would find effects that are not there; the delta method works at the level of the unit (Deng, Knoblich &amp; Lu 2018).
/// </summary>
public static class RatioMetric
{
    /// <summary>
    /// The ratio of one arm and its variance per unit: var(m)/md² + var(d)·mm²/md⁴ − 2·cov(m, d)·mm/md³. Quantity 0 is the numerator,
    /// 1 the denominator. Null where the denominator is zero.
    /// </summary>
    public static ArmEstimate? Estimate(JointMoments moments)
    {
        ArgumentNullException.ThrowIfNull(moments);
        var denominator = moments.Mean(1);
        if (moments.Count == 0 || denominator == 0)
            return null;
        var ratio = moments.Mean(0) / denominator;
        var variance = (moments.Variance(0) + ratio * ratio * moments.Variance(1) - 2 * ratio * moments.Covariance(0, 1)) / (denominator * denominator);
        return new ArmEstimate(moments.Count, ratio, Math.Max(0, variance));
    }
}
