using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Distributions;

/// <summary>The beta distribution and its integral, the regularised incomplete beta function.</summary>
public static class Beta
{
    /// <summary>The density of Beta(a, b) at x.</summary>
    public static double Density(double x, double a, double b) => x is <= 0 or >= 1 ? 0 : Math.Exp(LogPower(a, b, x, 1 - x) - Math.Log(x) - Math.Log(1 - x));

    /// <summary>P(X ≤ x) = I_x(a, b).</summary>
    public static double Cdf(double x, double a, double b) => x <= 0 ? 0 : x >= 1 ? 1 : Lower(a, b, x, 1 - x);

    /// <summary>P(X &gt; x) = I_{1−x}(b, a).</summary>
    public static double UpperTail(double x, double a, double b) => x <= 0 ? 1 : x >= 1 ? 0 : Lower(b, a, 1 - x, x);

    /// <summary>The x with P(X ≤ x) = p; Newton's method on the smaller tail, kept in a bracket.</summary>
    public static double Quantile(double p, double a, double b)
    {
        if (p is <= 0 or >= 1)
            return p <= 0 ? 0 : 1;
        double lower = 0, upper = 1, x = Elementary.Clamp(a / (a + b), 1e-300, 1 - 1e-16);
        for (var round = 0; round < 200; round++)
        {
            var cdf = Cdf(x, a, b);
            var low = cdf < 0.5;
            var excess = low ? cdf - p : 1 - p - UpperTail(x, a, b);
            if (excess < 0)
                lower = x;
            else
                upper = x;
            var tail = low ? cdf : 1 - cdf;
            var step = low && tail > 0 ? cdf * Math.Log(cdf / p) / Density(x, a, b) : excess / Density(x, a, b);
            var next = x - step;
            if (!(next > lower && next < upper))
                next = lower > 0 && upper / lower > 4 ? Math.Sqrt(lower * upper) : (lower + upper) / 2;
            if (Math.Abs(next - x) <= 1e-15 * x)
                return next;
            x = next;
        }
        return x;
    }

    /// <summary>
    /// ln(x^a y^b / B(a, b)) with x + y = 1, for any a, b &gt; 0. The large parts of the three log-gammas cancel by hand (Loader 2000, Fast and
    /// accurate computation of binomial probabilities), so counts in the millions keep their digits.
    /// </summary>
    internal static double LogPower(double a, double b, double x, double y)
    {
        var total = a + b;
        var (p, q) = (a / total, b / total);
        var (u, v) = ((x * b - y * a) / a, (y * a - x * b) / b);
        // a·ln(x/p) + b·ln(y/q), where the linear terms a·u + b·v are zero.
        var core = Math.Abs(u) < 0.5 && Math.Abs(v) < 0.5
            ? a * Elementary.LogOnePlusMinus(u) + b * Elementary.LogOnePlusMinus(v)
            : a * Math.Log(x / p) + b * Math.Log(y / q);
        return core + 0.5 * Math.Log(a * q) - Elementary.HalfLog2Pi + Elementary.StirlingError(total) - Elementary.StirlingError(a) - Elementary.StirlingError(b);
    }

    /// <summary>ln I_x(a, b), also where the value is too small for a double.</summary>
    internal static double LogLower(double a, double b, double x, double y) =>
        IsLowerSide(a, b, x) ? LogPower(a, b, x, y) - Math.Log(a) + Math.Log(Fraction(a, b, x)) : Math.Log(Lower(a, b, x, y));

    /// <summary>I_x(a, b), given x and y = 1 − x each in full precision.</summary>
    internal static double Lower(double a, double b, double x, double y) => IsLowerSide(a, b, x)
        ? Math.Exp(LogPower(a, b, x, y)) * Fraction(a, b, x) / a
        : 1 - Math.Exp(LogPower(b, a, y, x)) * Fraction(b, a, y) / b;

    // The continued fraction converges fast on this side of the mean.
    private static bool IsLowerSide(double a, double b, double x) => x < (a + 1) / (a + b + 2);

    // Lentz's method (Press et al., Numerical Recipes, 3rd ed., 6.4); about √max(a, b) rounds at worst.
    private static double Fraction(double a, double b, double x)
    {
        const double Tiny = 1e-300;
        var c = 1.0;
        var d = 1 / NotZero(1 - (a + b) * x / (a + 1));
        var h = d;
        for (var m = 1; m < 100_000; m++)
        {
            var even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / NotZero(1 + even * d);
            c = NotZero(1 + even / c);
            h *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / NotZero(1 + odd * d);
            c = NotZero(1 + odd / c);
            h *= d * c;
            if (Math.Abs(d * c - 1) < 1e-16)
                break;
        }
        return h;

        static double NotZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;
    }
}
