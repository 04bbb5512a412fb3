using Togglr.Statistics.Comparisons;
using Togglr.Statistics.Distributions;

namespace Togglr.Statistics.Bayesian;

/// <summary>A normal belief about an effect before the data.</summary>
/// <param name="Mean">Its mean.</param>
/// <param name="Variance">Its variance, positive.</param>
public sealed record NormalPrior(double Mean, double Variance)
{
    /// <summary>A prior of the relative effect for the absolute one: multiplied by the size of the control.</summary>
    public NormalPrior Scaled(double control) => new(Mean * Math.Abs(control), Variance * control * control);
}

/// <summary>What is believed about an effect after the data.</summary>
/// <param name="Posterior">The normal posterior.</param>
/// <param name="ChanceToWin">P(effect &gt; 0).</param>
/// <param name="Credible">The equal-tailed interval.</param>
/// <param name="RiskOfControl">E[max(effect, 0)]: what keeping the control gives away.</param>
/// <param name="RiskOfTreatment">E[max(−effect, 0)]: what shipping the treatment may cost.</param>
public sealed record GaussianEffectOutcome(NormalPosterior Posterior, double ChanceToWin, Interval Credible, double RiskOfControl, double RiskOfTreatment);

/// <summary>An effect with a normal likelihood and a normal prior, for every metric whose estimate has a standard error.</summary>
public static class GaussianEffect
{
    /// <summary>
    /// The posterior N(m, v): 1/v = 1/SE² + 1/v₀, m = v·(estimate/SE² + m₀/v₀); without a prior the likelihood alone. The risks are
    /// m·Φ(m/s) + s·φ(m/s) and its mirror. Null where the effect cannot be tested.
    /// </summary>
    public static GaussianEffectOutcome? Of(EffectEstimate effect, NormalPrior? prior, double alpha)
    {
        if (!(effect.StandardError > 0) || !double.IsFinite(effect.Value) || !double.IsFinite(effect.StandardError))
            return null;
        var likelihood = 1 / (effect.StandardError * effect.StandardError);
        var belief = prior is null ? 0 : 1 / prior.Variance;
        var mean = (effect.Value * likelihood + (prior?.Mean ?? 0) * belief) / (likelihood + belief);
        var deviation = 1 / Math.Sqrt(likelihood + belief);
        var posterior = new NormalPosterior(mean, deviation);
        var z = mean / deviation;
        return new GaussianEffectOutcome(posterior, Normal.Cdf(z), posterior.Credible(alpha), Positive(z) * deviation, Positive(-z) * deviation);
    }

    // E[max(z + Z, 0)] = z·Φ(z) + φ(z); far below zero as a series, where the two terms cancel (Abramowitz & Stegun 26.2.12).
    private static double Positive(double z)
    {
        if (z > -12)
            return Math.Max(0, z * Normal.Cdf(z) + Normal.Density(z));
        var w = 1 / (z * z);
        return Normal.Density(z) * w * (1 - 3 * w * (1 - 5 * w * (1 - 7 * w * (1 - 9 * w))));
    }
}
