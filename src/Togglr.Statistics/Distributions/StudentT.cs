using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Distributions;

/// <summary>Student's t distribution; degrees of freedom are any positive number, and above 1e10 the normal distribution stands in.</summary>
public static class StudentT
{
    private const double NormalFrom = 1e10;

    /// <summary>P(T &gt; t) = ½ I_{ν/(ν+t²)}(ν/2, ½) for t ≥ 0.</summary>
    public static double UpperTail(double t, double degrees)
    {
        if (t < 0)
            return 1 - UpperTail(-t, degrees);
        if (degrees > NormalFrom)
            return Normal.UpperTail(t);
        var (x, y) = Arguments(t, degrees);
        return t == 0 ? 0.5 : double.IsInfinity(t) ? 0 : 0.5 * Beta.Lower(degrees / 2, 0.5, x, y);
    }

    /// <summary>P(|T| &gt; |t|).</summary>
    public static double TwoSided(double t, double degrees) => Math.Min(1, 2 * UpperTail(Math.Abs(t), degrees));

    /// <summary>ln P(T &gt; t), also where the probability is too small for a double.</summary>
    public static double LogUpperTail(double t, double degrees)
    {
        if (t <= 0)
            return Math.Log(UpperTail(t, degrees));
        if (degrees > NormalFrom)
            return Normal.LogUpperTail(t);
        var (x, y) = Arguments(t, degrees);
        return Beta.LogLower(degrees / 2, 0.5, x, y) - Math.Log(2);
    }

    /// <summary>The t with P(T &gt; t) = p, 0 &lt; p &lt; 1; ±infinity at the ends.</summary>
    public static double UpperQuantile(double p, double degrees)
    {
        if (p is <= 0 or >= 1)
            return p <= 0 ? double.PositiveInfinity : double.NegativeInfinity;
        if (p > 0.5)
            return -UpperQuantile(1 - p, degrees);
        if (p == 0.5)
            return 0;
        var z = Normal.UpperQuantile(p);
        if (degrees > NormalFrom)
            return z;
        // ln P(T > t) against ln t is almost a straight line in the tail, so Newton's method is quick there.
        var target = Math.Log(p);
        double lower = 0, upper = double.PositiveInfinity, t = z * (1 + (z * z + 1) / (4 * degrees));
        for (var round = 0; round < 200; round++)
        {
            var excess = LogUpperTail(t, degrees) - target;
            if (excess > 0)
                lower = t;
            else
                upper = t;
            var (x, y) = Arguments(t, degrees);
            var slope = Math.Exp(Beta.LogPower(degrees / 2, 0.5, x, y) - LogUpperTail(t, degrees));
            var next = t * Math.Exp(Math.Clamp(excess / slope, -5, 5));
            if (!(next > lower && next < upper))
                next = double.IsInfinity(upper) ? 2 * t : (lower + upper) / 2;
            if (Math.Abs(next - t) <= 1e-15 * t)
                return next;
            t = next;
        }
        return t;
    }

    private static (double X, double Y) Arguments(double t, double degrees)
    {
        var square = t * t;
        return (degrees / (degrees + square), square / (degrees + square));
    }
}
