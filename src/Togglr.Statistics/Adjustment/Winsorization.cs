using Togglr.Statistics.Comparisons;

namespace Togglr.Statistics.Adjustment;

/// <summary>The values at which a metric is cut; null where it is not.</summary>
/// <param name="Lower">Values below become this one.</param>
/// <param name="Upper">Values above become this one.</param>
public sealed record CapThresholds(double? Lower, double? Upper)
{
    /// <summary>A value after cutting.</summary>
    public double Apply(double value) => value > Upper ? Upper.Value : value < Lower ? Lower.Value : value;

    /// <summary>Whether a value is changed by cutting.</summary>
    public bool Changes(double value) => value > Upper || value < Lower;
}

/// <summary>Capping of extreme values, so that one of them cannot decide an experiment.</summary>
public static class Winsorization
{
    /// <summary>
    /// Thresholds at quantiles (type 7), computed once over the units of all variants together and then applied to every variant; thresholds
    /// per variant would hide an effect in the tail. With <paramref name="ignoreZeros"/> zeros do not count for the quantiles.
    /// </summary>
    public static CapThresholds Thresholds(IEnumerable<double> values, double? lowerQuantile, double? upperQuantile, bool ignoreZeros)
    {
        ArgumentNullException.ThrowIfNull(values);
        double[] sorted = [.. values.Where(value => !ignoreZeros || value != 0).Order()];
        return sorted.Length == 0
            ? new CapThresholds(null, null)
            : new CapThresholds(At(lowerQuantile), At(upperQuantile));

        double? At(double? quantile) => quantile is { } level ? SampleQuantile.Type7(sorted, level) : null;
    }
}
