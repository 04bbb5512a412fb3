namespace Togglr.Statistics.Numerics;

/// <summary>The zero of a continuous function of one variable.</summary>
internal static class Roots
{
    /// <summary>
    /// The zero between two ends where the function has different signs, by Brent's method (Brent 1973, Algorithms for Minimization
    /// without Derivatives, ch. 4) with the steps and the stopping rule of SciPy's brentq. Where the signs are equal, the end whose value is
    /// nearer to zero.
    /// </summary>
    internal static double Between(Func<double, double> f, double lower, double upper, double absolute = 1e-300, double relative = 1e-15)
    {
        double before = lower, x = upper, opposite = 0, fBefore = f(before), fx = f(x), fOpposite = 0, lastStep = 0, step = 0;
        if (fBefore == 0 || fx == 0 || fBefore > 0 == fx > 0)
            return Math.Abs(fBefore) < Math.Abs(fx) ? before : x;
        for (var round = 0; round < 200; round++)
        {
            if (fBefore != 0 && fx != 0 && fBefore > 0 != fx > 0)
            {
                (opposite, fOpposite) = (before, fBefore);
                lastStep = step = x - before;
            }
            if (Math.Abs(fOpposite) < Math.Abs(fx))
            {
                (before, x, opposite) = (x, opposite, x);
                (fBefore, fx, fOpposite) = (fx, fOpposite, fx);
            }
            var delta = (absolute + relative * Math.Abs(x)) / 2;
            var half = (opposite - x) / 2;
            if (fx == 0 || Math.Abs(half) < delta)
                return x;
            var attempt = double.NaN;
            if (Math.Abs(lastStep) > delta && Math.Abs(fx) < Math.Abs(fBefore))
            {
                if (before == opposite)
                    attempt = -fx * (x - before) / (fx - fBefore);
                else
                {
                    var (slopeBefore, slopeOpposite) = ((fBefore - fx) / (before - x), (fOpposite - fx) / (opposite - x));
                    attempt = -fx * (fOpposite * slopeOpposite - fBefore * slopeBefore) / (slopeOpposite * slopeBefore * (fOpposite - fBefore));
                }
            }
            var isShort = 2 * Math.Abs(attempt) < Math.Min(Math.Abs(lastStep), 3 * Math.Abs(half) - delta);
            (lastStep, step) = isShort ? (step, attempt) : (half, half);
            (before, fBefore) = (x, fx);
            x += Math.Abs(step) > delta ? step : half > 0 ? delta : -delta;
            fx = f(x);
        }
        return x;
    }

    /// <summary>The zero of an increasing function of a positive variable, found by doubling away from a guess first.</summary>
    internal static double OfIncreasing(Func<double, double> f, double guess, double relative = 1e-15)
    {
        double lower = guess, upper = guess;
        for (var round = 0; round < 1000 && f(lower) > 0; round++)
            lower /= 2;
        for (var round = 0; round < 1000 && f(upper) < 0; round++)
            upper *= 2;
        return Between(f, lower, upper, relative: relative);
    }
}
