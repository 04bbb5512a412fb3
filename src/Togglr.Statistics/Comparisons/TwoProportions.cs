using Togglr.Statistics.Distributions;
using Togglr.Statistics.Moments;

namespace Togglr.Statistics.Comparisons;

/// <summary>Successes among units of one arm.</summary>
/// <param name="Count">The number of units.</param>
/// <param name="Successes">Those that succeeded.</param>
public readonly record struct Proportion(long Count, long Successes)
{
    /// <summary>The share of successes, p.</summary>
    public double Share => (double)Successes / Count;

    /// <summary>The share as an estimate with the variance p(1 − p).</summary>
    public ArmEstimate Estimate => new(Count, Share, Share * (1 - Share));

    /// <summary>The moments of the successes as zeroes and ones, with n − 1.</summary>
    public SampleMoments Moments => SampleMoments.FromSums(Count, Successes, Successes);

    /// <summary>Wilson's score interval without continuity correction (Wilson 1927).</summary>
    public Interval Wilson(double z)
    {
        var square = z * z;
        var centre = (Share + square / (2 * Count)) / (1 + square / Count);
        var half = z / (1 + square / Count) * Math.Sqrt(Share * (1 - Share) / Count + square / (4.0 * Count * Count));
        return new Interval(Successes == 0 ? 0 : centre - half, Successes == Count ? 1 : centre + half);
    }
}

/// <summary>Comparisons of two shares of successes; differences are treatment − control.</summary>
public static class TwoProportions
{
    /// <summary>The z-statistic with the pooled variance of the null hypothesis; its square is chi-square without Yates. Null where nothing varies.</summary>
    public static double? PooledZ(Proportion control, Proportion treatment)
    {
        var pooled = (double)(control.Successes + treatment.Successes) / (control.Count + treatment.Count);
        var error = Math.Sqrt(pooled * (1 - pooled) * (1.0 / control.Count + 1.0 / treatment.Count));
        return error > 0 ? (treatment.Share - control.Share) / error : null;
    }

    /// <summary>The difference with the unpooled variance: pC(1 − pC)/nC + pT(1 − pT)/nT (Wald).</summary>
    public static EffectEstimate Wald(Proportion control, Proportion treatment) =>
        new(treatment.Share - control.Share, Math.Sqrt(control.Estimate.Variance + treatment.Estimate.Variance), double.PositiveInfinity);

    /// <summary>Newcombe's hybrid score interval without continuity correction (Newcombe 1998, method 10).</summary>
    public static Interval Newcombe(Proportion control, Proportion treatment, double z)
    {
        var (c, t) = (control.Wilson(z), treatment.Wilson(z));
        var difference = treatment.Share - control.Share;
        return new Interval(
            difference - Math.Sqrt(Square(treatment.Share - t.Lower) + Square(c.Upper - control.Share)),
            difference + Math.Sqrt(Square(t.Upper - treatment.Share) + Square(control.Share - c.Lower)));
    }

    /// <summary>Wald's interval after adding one success and one failure to each arm (Agresti &amp; Caffo 2000).</summary>
    public static Interval AgrestiCaffo(Proportion control, Proportion treatment, double z)
    {
        var wald = Wald(new Proportion(control.Count + 2, control.Successes + 1), new Proportion(treatment.Count + 2, treatment.Successes + 1));
        return Interval.Around(wald.Value, z * wald.StandardError);
    }

    /// <summary>
    /// The interval of pT/pC − 1 on the logarithmic scale, variance 1/xT − 1/nT + 1/xC − 1/nC (Katz et al. 1978). Null where an arm has no successes.
    /// </summary>
    public static Interval? RelativeLog(Proportion control, Proportion treatment, double z)
    {
        if (control.Successes == 0 || treatment.Successes == 0)
            return null;
        var log = Math.Log(treatment.Share / control.Share);
        var error = Math.Sqrt(1.0 / treatment.Successes - 1.0 / treatment.Count + 1.0 / control.Successes - 1.0 / control.Count);
        return new Interval(Math.Exp(log - z * error) - 1, Math.Exp(log + z * error) - 1);
    }

    /// <summary>The p-value of a z-statistic, two-sided.</summary>
    public static double TwoSided(double z) => Normal.TwoSided(z);

    private static double Square(double value) => value * value;
}
