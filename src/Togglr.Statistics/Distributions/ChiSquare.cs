using MathNet.Numerics;

namespace Togglr.Statistics.Distributions;

/// <summary>The chi-square distribution.</summary>
public static class ChiSquare
{
    /// <summary>P(X &gt; x) = Q(k/2, x/2), the regularised upper gamma function.</summary>
    public static double UpperTail(double x, double degrees) =>
        x <= 0 ? 1 : degrees == 1 ? Normal.TwoSided(Math.Sqrt(x)) : degrees == 2 ? Math.Exp(-x / 2) : SpecialFunctions.GammaUpperRegularized(degrees / 2, x / 2);
}
