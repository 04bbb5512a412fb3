using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Bayesian;

/// <summary>Two arms compared by their posteriors. None of this licenses peeking: a rule that stops when a probability is high enough has no error guarantee.</summary>
public static class PosteriorComparison
{
    /// <summary>P(treatment &gt; control) = E[F_control(treatment)].</summary>
    public static double ChanceToBeat(Posterior control, Posterior treatment)
    {
        ArgumentNullException.ThrowIfNull(control);
        ArgumentNullException.ThrowIfNull(treatment);
        return Elementary.Clamp(treatment.Expect(control.Cdf, [control.Core]), 0, 1);
    }

    /// <summary>The loss of choosing <paramref name="chosen"/>: E[max(other − chosen, 0)], in the metric's own unit.</summary>
    public static double ExpectedLoss(BetaPosterior chosen, BetaPosterior other)
    {
        ArgumentNullException.ThrowIfNull(chosen);
        ArgumentNullException.ThrowIfNull(other);
        // For fixed other = y: ∫₀^y (y − x) f(x) dx = y·F(a, b; y) − E[x]·F(a + 1, b; y).
        var raised = new BetaPosterior(chosen.A + 1, chosen.B);
        return Math.Max(0, other.Expect(y => y * chosen.Cdf(y) - chosen.Mean * raised.Cdf(y), [chosen.Core]));
    }

    /// <summary>The equal-tailed interval of the difference of two shares, treatment − control.</summary>
    public static Interval CredibleDifference(BetaPosterior control, BetaPosterior treatment, double alpha)
    {
        ArgumentNullException.ThrowIfNull(control);
        ArgumentNullException.ThrowIfNull(treatment);
        var centre = treatment.Mean - control.Mean;
        var spread = Math.Sqrt(control.Variance + treatment.Variance);
        var core = treatment.Core;
        double Cdf(double d) => control.Expect(x => treatment.Cdf(x + d), [new Interval(core.Lower - d, core.Upper - d)], -d, 1 - d);
        return new Interval(Solve(Cdf, alpha / 2, centre, spread), Solve(Cdf, 1 - alpha / 2, centre, spread));
    }

    /// <summary>P(treatment / control − 1 ≤ x), for values that are positive.</summary>
    public static double ChanceOfUpliftBelow(BetaPosterior control, BetaPosterior treatment, double x)
    {
        ArgumentNullException.ThrowIfNull(control);
        ArgumentNullException.ThrowIfNull(treatment);
        var ratio = 1 + x;
        if (!(ratio > 0))
            return 0;
        var core = treatment.Core;
        return Elementary.Clamp(control.Expect(y => treatment.Cdf(y * ratio), [new Interval(core.Lower / ratio, core.Upper / ratio)], 1 / ratio), 0, 1);
    }

    /// <summary>The x with P(treatment / control − 1 ≤ x) = p, for values that are positive.</summary>
    public static double UpliftQuantile(BetaPosterior control, BetaPosterior treatment, double p)
    {
        ArgumentNullException.ThrowIfNull(control);
        ArgumentNullException.ThrowIfNull(treatment);
        // In logarithms, because a small control makes the ratio as skewed as can be.
        var centre = Math.Log(treatment.Mean / control.Mean);
        var spread = Math.Sqrt(control.Variance / (control.Mean * control.Mean) + treatment.Variance / (treatment.Mean * treatment.Mean));
        return Elementary.ExpMinusOne(Solve(logRatio => ChanceOfUpliftBelow(control, treatment, Elementary.ExpMinusOne(logRatio)), p, centre, spread));
    }

    /// <summary>The equal-tailed interval of treatment / control − 1, for values that are positive.</summary>
    public static Interval CredibleUplift(BetaPosterior control, BetaPosterior treatment, double alpha) =>
        new(UpliftQuantile(control, treatment, alpha / 2), UpliftQuantile(control, treatment, 1 - alpha / 2));

    private static double Solve(Func<double, double> cdf, double p, double centre, double spread)
    {
        double Excess(double x) => cdf(x) - p;
        var (lower, upper) = (centre - 4 * spread, centre + 4 * spread);
        for (var round = 0; round < 60 && Excess(lower) > 0; round++)
            lower -= spread * (1 << Math.Min(round, 20));
        for (var round = 0; round < 60 && Excess(upper) < 0; round++)
            upper += spread * (1 << Math.Min(round, 20));
        return Roots.Between(Excess, lower, upper, 1e-13 * spread, 1e-14);
    }
}
