using Togglr.Statistics.Distributions;

namespace Togglr.Statistics.Comparisons;

/// <summary>Quantiles of a sample.</summary>
public static class SampleQuantile
{
    /// <summary>A distribution-free interval of a quantile, by order statistics.</summary>
    /// <param name="LowerRank">The rank of the lower end, from 1; null where it falls outside the sample.</param>
    /// <param name="UpperRank">The rank of the upper end; null where it falls outside the sample.</param>
    /// <param name="Lower">The value at the lower rank.</param>
    /// <param name="Upper">The value at the upper rank.</param>
    /// <param name="Coverage">The actual probability of covering.</param>
    public sealed record OrderStatisticInterval(long? LowerRank, long? UpperRank, double? Lower, double? Upper, double Coverage);

    /// <summary>The quantile with linear interpolation between order statistics (type 7 of Hyndman &amp; Fan 1996) of a sorted sample.</summary>
    public static double Type7(ReadOnlySpan<double> sorted, double quantile)
    {
        if (sorted.IsEmpty)
            throw new ArgumentException("An empty sample has no quantile.", nameof(sorted));
        var position = (sorted.Length - 1) * Math.Clamp(quantile, 0, 1);
        var below = (int)Math.Floor(position);
        return below + 1 >= sorted.Length ? sorted[^1] : sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]);
    }

    /// <summary>
    /// The interval between the ranks l = BinomInv(α/2; n, q) and u = BinomInv(1 − α/2; n, q) + 1; its coverage is F(u − 1) − F(l − 1)
    /// with the Binomial(n, q) distribution (David &amp; Nagaraja 2003, 7.1).
    /// </summary>
    public static OrderStatisticInterval ByOrderStatistics(ReadOnlySpan<double> sorted, double quantile, double alpha)
    {
        var n = sorted.Length;
        var lower = Binomial.Quantile(alpha / 2, n, quantile);
        var upper = Binomial.Quantile(1 - alpha / 2, n, quantile) + 1;
        long? lowerRank = lower >= 1 ? lower : null;
        long? upperRank = upper <= n ? upper : null;
        return new OrderStatisticInterval(
            lowerRank,
            upperRank,
            lowerRank is { } l ? sorted[(int)l - 1] : null,
            upperRank is { } u ? sorted[(int)u - 1] : null,
            Binomial.Cdf(upper - 1, n, quantile) - Binomial.Cdf(lower - 1, n, quantile));
    }
}
