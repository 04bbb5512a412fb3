using MathNet.Numerics;
using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Distributions;

/// <summary>The standard normal distribution. Tails are computed as tails, never as 1 − cdf, so that they keep their digits down to 1e-308.</summary>
public static class Normal
{
    /// <summary>φ(z) = exp(−z²/2) / √(2π).</summary>
    public static double Density(double z) => 0.39894228040143267794 * Math.Exp(-0.5 * z * z);

    /// <summary>Φ(z) = ½ erfc(−z/√2).</summary>
    public static double Cdf(double z) => 0.5 * SpecialFunctions.Erfc(-z / Elementary.Sqrt2);

    /// <summary>P(Z &gt; z) = ½ erfc(z/√2).</summary>
    public static double UpperTail(double z) => 0.5 * SpecialFunctions.Erfc(z / Elementary.Sqrt2);

    /// <summary>P(|Z| &gt; |z|) = erfc(|z|/√2).</summary>
    public static double TwoSided(double z) => SpecialFunctions.Erfc(Math.Abs(z) / Elementary.Sqrt2);

    /// <summary>ln P(Z &gt; z), also where the probability itself is too small for a double (asymptotic series, Abramowitz &amp; Stegun 26.2.12).</summary>
    public static double LogUpperTail(double z)
    {
        if (z < 30)
            return Math.Log(UpperTail(z));
        var w = 1 / (z * z);
        return -0.5 * z * z - Math.Log(z) - Elementary.HalfLog2Pi + Math.Log(1 - w * (1 - w * (3 - w * (15 - w * 105))));
    }

    /// <summary>The z with P(Z &gt; z) = p, 0 &lt; p &lt; 1; ±infinity at the ends.</summary>
    public static double UpperQuantile(double p)
    {
        if (p is <= 0 or >= 1)
            return p <= 0 ? double.PositiveInfinity : double.NegativeInfinity;
        if (p > 0.5)
            return -UpperQuantile(1 - p);
        var z = SpecialFunctions.ErfcInv(2 * p) * Elementary.Sqrt2;
        if (!double.IsFinite(z))
            z = Math.Sqrt(-2 * Math.Log(p));
        // Newton's method on the logarithm is safe in the tail and makes the last digits exact.
        for (var round = 0; round < 20; round++)
        {
            var tail = UpperTail(z);
            var step = tail > 0 ? tail * Math.Log(tail / p) / Density(z) : -1;
            z += step;
            if (Math.Abs(step) <= 1e-15 * Math.Max(1, Math.Abs(z)))
                break;
        }
        return z;
    }
}
