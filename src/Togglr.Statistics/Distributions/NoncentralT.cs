using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Distributions;

/// <summary>The noncentral t distribution: (Z + δ) / √(χ²_ν / ν).</summary>
public static class NoncentralT
{
    /// <summary>P(T &gt; t) = ∫ Φ(δ − t·s) f(s) ds, where s = √(χ²_ν / ν), by quadrature over s.</summary>
    public static double UpperTail(double t, double degrees, double noncentrality) => Integrate(degrees, s => Normal.Cdf(noncentrality - t * s));

    /// <summary>P(T ≤ t) = ∫ Φ(t·s − δ) f(s) ds.</summary>
    public static double Cdf(double t, double degrees, double noncentrality) => Integrate(degrees, s => Normal.Cdf(t * s - noncentrality));

    private static double Integrate(double degrees, Func<double, double> f)
    {
        var spread = 1 / Math.Sqrt(2 * degrees);
        var (lower, upper) = (Math.Max(0, 1 - 12 * spread), 1 + 14 * spread);
        // f(s) = 2 (ν/2)^{ν/2} s^{ν−1} exp(−ν s²/2) / Γ(ν/2), with the large parts cancelled.
        var scale = Math.Log(2) + 0.5 * Math.Log(degrees / 2) - Elementary.HalfLog2Pi - Elementary.StirlingError(degrees / 2);
        return Quadrature.Integrate(s => s <= 0 ? 0 : f(s) * Math.Exp(scale + degrees * (Elementary.LogOnePlusMinus(s - 1) - 0.5 * (s - 1) * (s - 1)) - Math.Log(s)),
            Quadrature.Panels(lower, upper, spread));
    }
}
