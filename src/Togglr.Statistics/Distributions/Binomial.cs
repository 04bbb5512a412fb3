namespace Togglr.Statistics.Distributions;

/// <summary>The binomial distribution.</summary>
public static class Binomial
{
    /// <summary>P(X ≤ k) of n trials with probability p: I_{1−p}(n − k, k + 1).</summary>
    public static double Cdf(long k, long n, double p) => k < 0 ? 0 : k >= n ? 1 : p <= 0 ? 1 : p >= 1 ? 0 : Beta.Lower(n - k, k + 1, 1 - p, p);

    /// <summary>The smallest k with P(X ≤ k) ≥ probability.</summary>
    public static long Quantile(double probability, long n, double p)
    {
        long lower = -1, upper = n;
        while (upper - lower > 1)
        {
            var middle = lower + (upper - lower) / 2;
            if (Cdf(middle, n, p) >= probability)
                upper = middle;
            else
                lower = middle;
        }
        return upper;
    }
}
