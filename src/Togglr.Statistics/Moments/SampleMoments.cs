using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Moments;

/// <summary>
/// Count, mean and centred second moment of a sample: all that the tests need to know of it. Merging two of them gives the moments of
/// both samples together (Chan, Golub &amp; LeVeque 1983), so parts may be computed anywhere and added. Sums of squares would lose all
/// digits where the mean is large against the spread; for the same reason the mean carries the part that its double cannot hold.
/// </summary>
/// <param name="Count">The number of values, n.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="M2">Σ (x − mean)².</param>
/// <param name="MeanRest">What the mean rounded away; zero where it is not known.</param>
public readonly record struct SampleMoments(long Count, double Mean, double M2, double MeanRest = 0)
{
    /// <summary>The sample variance, M2 / (n − 1); zero with fewer than two values.</summary>
    public double Variance => Count < 2 ? 0 : Math.Max(0, M2) / (Count - 1);

    /// <summary>The variance of the mean, s²/n.</summary>
    public double VarianceOfMean => Count == 0 ? 0 : Variance / Count;

    /// <summary>Welford's update by one value.</summary>
    public SampleMoments Add(double value)
    {
        var count = Count + 1;
        var delta = value - Mean - MeanRest;
        var (mean, rest) = TwoPart.Add(Mean, MeanRest, delta / count);
        return new SampleMoments(count, mean, M2 + delta * (delta - delta / count), rest);
    }

    /// <summary>The moments of both samples together.</summary>
    public SampleMoments Merge(SampleMoments other)
    {
        if (Count == 0 || other.Count == 0)
            return Count == 0 ? other : this;
        var count = Count + other.Count;
        var delta = other.Mean - Mean + (other.MeanRest - MeanRest);
        var (mean, rest) = TwoPart.Add(Mean, MeanRest, delta * other.Count / count);
        return new SampleMoments(count, mean, M2 + other.M2 + delta * delta * ((double)Count * other.Count / count), rest);
    }

    /// <summary>The moments of some values.</summary>
    public static SampleMoments Of(IEnumerable<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return values.Aggregate(default(SampleMoments), (moments, value) => moments.Add(value));
    }

    /// <summary>From a count, a mean and a sample variance (n − 1).</summary>
    public static SampleMoments FromVariance(long count, double mean, double variance) => new(count, mean, variance * Math.Max(0, count - 1));

    /// <summary>
    /// From sums, Σx² − (Σx)²/n, with the rounding of the square recovered. Only for data that exist as sums already; a result below zero,
    /// which rounding can cause, becomes zero.
    /// </summary>
    public static SampleMoments FromSums(long count, double sum, double sumOfSquares) =>
        count == 0 ? default : new SampleMoments(count, sum / count, Math.Max(0, CentredProduct(count, sum, sum, sumOfSquares)));

    /// <summary>A proportion as moments: its variance is p(1 − p), as is the rule for proportions, not with n − 1.</summary>
    public static SampleMoments OfProportion(long count, long successes)
    {
        if (count == 0)
            return default;
        var p = (double)successes / count;
        return FromVariance(count, p, p * (1 - p));
    }

    /// <summary>Σxy − Σx·Σy/n with the rounding error of the product added back (Dekker's two-product by fused multiply-add).</summary>
    internal static double CentredProduct(long count, double sumX, double sumY, double sumOfProducts)
    {
        var product = sumX * sumY;
        var error = Math.FusedMultiplyAdd(sumX, sumY, -product);
        var quotient = product / count;
        var remainder = Math.FusedMultiplyAdd(-quotient, count, product);
        return sumOfProducts - quotient - (remainder + error) / count;
    }
}
