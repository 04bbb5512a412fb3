using Togglr.Statistics.Moments;

namespace Togglr.Statistics.Comparisons;

/// <summary>What is known of a quantile of one arm.</summary>
/// <param name="Count">The number of values, n.</param>
/// <param name="CountOfBounds">The number of values that the bounds were computed for, n* (the same as n unless it grew meanwhile).</param>
/// <param name="Level">The level of the quantile, ν.</param>
/// <param name="Value">The sample quantile.</param>
/// <param name="Lower">The sample quantile at ν − z√(ν(1 − ν)/n*).</param>
/// <param name="Upper">The sample quantile at ν + z√(ν(1 − ν)/n*).</param>
public sealed record QuantileSample(long Count, long CountOfBounds, double Level, double Value, double Lower, double Upper)
{
    internal const double Z = 1.959963984540054;

    /// <summary>The levels at which the bounds are taken.</summary>
    public static Interval BoundLevels(double level, long count)
    {
        var reach = count == 0 ? 1 : Z * Math.Sqrt(level * (1 - level) / count);
        return new Interval(Math.Max(0, level - reach), Math.Min(1, level + reach));
    }
}

/// <summary>Comparisons of quantiles.</summary>
public static class QuantileMetric
{
    /// <summary>
    /// The quantile with the variance that the distance of its bounds implies: ((Q_U − Q_L)/(2z))² · (n*/n) · (n − 1) per value
    /// (Deng, Knoblich &amp; Lu 2018, section 4: the density at the quantile is never estimated).
    /// </summary>
    public static ArmEstimate Estimate(QuantileSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        if (sample.Count < 2)
            return new ArmEstimate(sample.Count, sample.Value, 0);
        var deviation = (sample.Upper - sample.Lower) / (2 * QuantileSample.Z);
        return new ArmEstimate(sample.Count, sample.Value, deviation * deviation * sample.CountOfBounds / sample.Count * (sample.Count - 1));
    }

    /// <summary>
    /// The same where a unit has several values: the variance is multiplied by the ratio of the clustered (delta method over the units) to
    /// the independent variance of the share of values not above the quantile. Quantity 0 of <paramref name="units"/> counts a unit's values
    /// not above the quantile, quantity 1 all its values.
    /// </summary>
    public static ArmEstimate EstimateClustered(QuantileSample sample, JointMoments units)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var independent = Estimate(sample);
        if (RatioMetric.Estimate(units) is not { } share)
            return independent;
        var expected = sample.Level * (1 - sample.Level) / sample.Count;
        return independent with { UnitVariance = independent.UnitVariance * share.Variance / expected };
    }
}
