namespace Togglr.ControlPlane.Impact;

/// <summary>
/// The score interval of a proportion (E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927), which Brown, Cai and DasGupta ("Interval estimation for a
/// binomial proportion", Statistical Science 16, 2001) recommend for small and large samples: with p = k/n and z the normal quantile,
/// <c>(p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)</c>. Where the sample is a notable part of a finite population of N, the variance shrinks by (N − n)/(N − 1).
/// </summary>
internal static class WilsonInterval
{
    /// <summary>The quantile for 95 %.</summary>
    private const double Z = 1.959963984540054;

    /// <summary>The interval for k of n drawn from a population.</summary>
    /// <param name="k">How many of the sample.</param>
    /// <param name="n">Size of the sample, at least 1.</param>
    /// <param name="population">Size of the population, at least n.</param>
    public static (double Low, double High) Of(long k, long n, long population)
    {
        var p = (double)k / n;
        if (population <= n)
            return (p, p);
        // The correction enters as a larger sample: n* = n (N − 1)/(N − n).
        var size = n * ((double)population - 1) / (population - n);
        var z2 = Z * Z;
        var middle = p + (z2 / (2 * size));
        var half = Z * Math.Sqrt((p * (1 - p) / size) + (z2 / (4 * size * size)));
        var scale = 1 + (z2 / size);
        return (k == 0 ? 0 : Math.Max(0, (middle - half) / scale), k == n ? 1 : Math.Min(1, (middle + half) / scale));
    }
}
