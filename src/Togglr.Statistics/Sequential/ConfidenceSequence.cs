using Togglr.Statistics.Distributions;
using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Sequential;

/// <summary>
/// Asymptotic confidence sequences (Waudby-Smith, Arbour, Sinha, Kennedy &amp; Ramdas 2023): intervals that hold at all sample sizes at once. ρ is
/// tuned to be narrowest near N* units; N* must be fixed before the first look.
/// </summary>
public static class ConfidenceSequence
{
    /// <summary>ρ = √((−2 ln α + ln(−2 ln α + 1)) / N*).</summary>
    public static double Rho(double alpha, double tunedFor) => Math.Sqrt((-2 * Math.Log(alpha) + Math.Log(-2 * Math.Log(alpha) + 1)) / tunedFor);

    /// <summary>The half-width SE·√N·√(2(Nρ² + 1)/(N²ρ²) · ln(√(Nρ² + 1)/α)), N the units of both arms.</summary>
    public static double HalfWidth(double standardError, long units, double rho, double alpha)
    {
        var n = units * rho * rho;
        return standardError * Math.Sqrt(2 * (n + 1) / n * (0.5 * Math.Log(n + 1) - Math.Log(alpha)));
    }

    /// <summary>The one-sided half-width, with ln(1 + √(Nρ² + 1)/(2α)) and ρ tuned for 2α.</summary>
    public static double OneSidedHalfWidth(double standardError, long units, double tunedFor, double alpha)
    {
        var rho = Rho(2 * alpha, tunedFor);
        var n = units * rho * rho;
        return standardError * Math.Sqrt(2 * (n + 1) / n * Math.Log(1 + Math.Sqrt(n + 1) / (2 * alpha)));
    }

    /// <summary>The p-value valid at any time: min(1, 1/E) with E = exp(Nρ²·(d/SE)² / (2(Nρ² + 1))) / √(Nρ² + 1).</summary>
    public static double PValue(double estimate, double standardError, long units, double rho)
    {
        var n = units * rho * rho;
        var z = estimate / standardError;
        return Math.Min(1, Math.Exp(0.5 * Math.Log(n + 1) - n * z * z / (2 * (n + 1))));
    }
}

/// <summary>Normal mixture boundaries of a martingale (Howard, Ramdas, McAuliffe &amp; Sekhon 2021).</summary>
public static class NormalMixtureBound
{
    /// <summary>r = v_opt / (2 ln(1/α_opt) + ln(1 + 2 ln(1/α_opt))).</summary>
    public static double Rho(double optimalVariance, double optimalAlpha) => optimalVariance / (2 * Math.Log(1 / optimalAlpha) + Math.Log(1 + 2 * Math.Log(1 / optimalAlpha)));

    /// <summary>√((v + r)(ln((v + r)/r) + 2 ln(1/α))): bounds |S| at intrinsic time v.</summary>
    public static double TwoSided(double variance, double alpha, double rho) => Math.Sqrt((variance + rho) * (Math.Log((variance + rho) / rho) + 2 * Math.Log(1 / alpha)));

    /// <summary>The s with √(4r/(v + r)) · exp(s²/(2(v + r))) · Φ(s/√(v + r)) = 1/α: bounds S; r is optimal for 2α_opt.</summary>
    public static double OneSided(double variance, double alpha, double optimalVariance, double optimalAlpha)
    {
        var rho = Rho(optimalVariance, 2 * optimalAlpha);
        var total = variance + rho;
        double Excess(double s) => 0.5 * Math.Log(4 * rho / total) + s * s / (2 * total) + Math.Log(Normal.Cdf(s / Math.Sqrt(total))) + Math.Log(alpha);
        return Roots.OfIncreasing(Excess, Math.Sqrt(total));
    }
}
