using MathNet.Numerics;

namespace Togglr.Statistics.Numerics;

/// <summary>Elementary functions in the forms that keep their digits: differences that would cancel are computed as one.</summary>
internal static class Elementary
{
    internal const double Sqrt2 = 1.4142135623730951;
    internal const double HalfLog2Pi = 0.91893853320467274178;

    /// <summary>ln(1 + u) − u for u &gt; −1. Near zero through the series of atanh(u / (2 + u)), as the difference would lose every digit.</summary>
    internal static double LogOnePlusMinus(double u)
    {
        if (u is < -0.35 or > 0.6)
            return Math.Log(1 + u) - u;
        var r = u / (2 + u);
        var square = r * r;
        var sum = 0.0;
        for (var k = 31; k >= 3; k -= 2)
            sum = sum * square + 1.0 / k;
        return -u * r + 2 * r * square * sum;
    }

    /// <summary>ln(1 + u); the base library's LogP1 is ln(u + 1) and loses small u.</summary>
    internal static double LogOnePlus(double u) => Math.Abs(u) < 0.3 ? u + LogOnePlusMinus(u) : Math.Log(1 + u);

    /// <summary>eˣ − 1 by Kahan's trick; the base library's ExpM1 is exp(x) − 1 and loses small x.</summary>
    internal static double ExpMinusOne(double x)
    {
        var power = Math.Exp(x);
        if (power == 1)
            return x;
        var difference = power - 1;
        return difference is -1 or double.PositiveInfinity ? difference : difference * x / Math.Log(power);
    }

    /// <summary>What Stirling's formula leaves out: lnΓ(x) − ((x − ½) ln x − x + ½ ln 2π), x &gt; 0. Series of Abramowitz &amp; Stegun 6.1.41.</summary>
    internal static double StirlingError(double x)
    {
        if (x < 10)
            return SpecialFunctions.GammaLn(x) - ((x - 0.5) * Math.Log(x) - x + HalfLog2Pi);
        var z = 1 / (x * x);
        return (1.0 / 12 - z * (1.0 / 360 - z * (1.0 / 1260 - z * (1.0 / 1680 - z * (1.0 / 1188 - z * (691.0 / 360360 - z / 156)))))) / x;
    }

    /// <summary>ln Γ(x), x &gt; 0.</summary>
    internal static double LogGamma(double x) => x < 10 ? SpecialFunctions.GammaLn(x) : (x - 0.5) * Math.Log(x) - x + HalfLog2Pi + StirlingError(x);

    /// <summary>A number within a closed range; NaN becomes the lower end.</summary>
    internal static double Clamp(double value, double lower, double upper) => value >= lower ? Math.Min(value, upper) : lower;
}
