using Togglr.Statistics.Comparisons;
using Togglr.Statistics.Distributions;

namespace Togglr.Statistics.Adjustment;

/// <summary>One stratum of a comparison: both arms within it.</summary>
/// <param name="Control">The control's units of the stratum.</param>
/// <param name="Treatment">The treatment's units of the stratum.</param>
public readonly record struct Stratum(ArmEstimate Control, ArmEstimate Treatment)
{
    /// <summary>The units of both arms.</summary>
    public long Count => Control.Count + Treatment.Count;

    /// <summary>The difference within the stratum.</summary>
    public EffectEstimate Effect => Welch.Difference(Control, Treatment);
}

/// <summary>A comparison weighted over strata.</summary>
/// <param name="Weights">The weight of every stratum.</param>
/// <param name="Control">The weighted control.</param>
/// <param name="Treatment">The weighted treatment.</param>
/// <param name="Conditional">Σ w·difference with the variance Σ w²·(vC/nC + vT/nT): the strata's sizes taken as given.</param>
/// <param name="Unconditional">The same with the randomness of the strata's sizes added.</param>
/// <param name="Relative">The unconditional effect as a share of the control; null for a control of zero.</param>
public sealed record PostStratificationOutcome(
    IReadOnlyList<double> Weights, double Control, double Treatment, EffectEstimate Conditional, EffectEstimate Unconditional, EffectEstimate? Relative);

/// <summary>Whether an effect differs between strata.</summary>
/// <param name="Q">Cochran's Q = Σ wᵢ(effectᵢ − fixed effect)² with wᵢ = 1/SEᵢ².</param>
/// <param name="Degrees">Strata − 1.</param>
/// <param name="PValue">The upper tail of chi-square.</param>
/// <param name="I2">The share of the variation that is not chance: max(0, (Q − df)/Q).</param>
/// <param name="FixedEffect">The effect weighted by 1/SE².</param>
public sealed record HeterogeneityOutcome(double Q, int Degrees, double PValue, double I2, EffectEstimate FixedEffect);

/// <summary>Post-stratification: effects per stratum, weighted by the share of units in it (Miratrix, Sekhon &amp; Yu 2013).</summary>
public static class PostStratification
{
    /// <summary>
    /// The weighted effect. The unconditional variance adds what the multinomial sizes contribute, (Σ w·d² − (Σ w·d)²)/n, and their
    /// covariance of both arms to the relative effect. Strata where an arm has fewer than two units must be merged before.
    /// </summary>
    public static PostStratificationOutcome Combine(IReadOnlyList<Stratum> strata, IReadOnlyList<double>? weights = null)
    {
        ArgumentNullException.ThrowIfNull(strata);
        var total = (double)strata.Sum(stratum => stratum.Count);
        var sum = weights?.Sum() ?? total;
        double[] shares = [.. strata.Select((stratum, i) => (weights?[i] ?? stratum.Count) / sum)];
        double control = 0, treatment = 0, controlVariance = 0, treatmentVariance = 0, controlSquares = 0, treatmentSquares = 0, products = 0, degreesBelow = 0;
        for (var i = 0; i < strata.Count; i++)
        {
            var (c, t) = (strata[i].Control, strata[i].Treatment);
            control += shares[i] * c.Value;
            treatment += shares[i] * t.Value;
            controlSquares += shares[i] * c.Value * c.Value;
            treatmentSquares += shares[i] * t.Value * t.Value;
            products += shares[i] * c.Value * t.Value;
            controlVariance += shares[i] * shares[i] * c.Variance;
            treatmentVariance += shares[i] * shares[i] * t.Variance;
            degreesBelow += Below(shares[i], c) + Below(shares[i], t);
        }
        var conditional = controlVariance + treatmentVariance;
        // Satterthwaite over all cells of arm × stratum.
        var degrees = degreesBelow > 0 ? conditional * conditional / degreesBelow : 0;
        controlVariance += Math.Max(0, controlSquares - control * control) / total;
        treatmentVariance += Math.Max(0, treatmentSquares - treatment * treatment) / total;
        var covariance = (products - control * treatment) / total;
        var unconditional = Math.Max(0, controlVariance + treatmentVariance - 2 * covariance);
        return new PostStratificationOutcome(
            shares,
            control,
            treatment,
            new EffectEstimate(treatment - control, Math.Sqrt(conditional), degrees),
            new EffectEstimate(treatment - control, Math.Sqrt(unconditional), degrees),
            control == 0 ? null : Relative(control, treatment, controlVariance, treatmentVariance, covariance, degrees));
    }

    /// <summary>Whether the effects of the strata differ by more than chance (Cochran 1954).</summary>
    public static HeterogeneityOutcome? Heterogeneity(IReadOnlyList<EffectEstimate> effects)
    {
        ArgumentNullException.ThrowIfNull(effects);
        EffectEstimate[] usable = [.. effects.Where(effect => effect.IsTestable)];
        if (usable.Length < 2)
            return null;
        var weight = usable.Sum(effect => 1 / (effect.StandardError * effect.StandardError));
        var mean = usable.Sum(effect => effect.Value / (effect.StandardError * effect.StandardError)) / weight;
        var q = usable.Sum(effect => (effect.Value - mean) * (effect.Value - mean) / (effect.StandardError * effect.StandardError));
        var degrees = usable.Length - 1;
        return new HeterogeneityOutcome(
            q, degrees, ChiSquare.UpperTail(q, degrees), q > 0 ? Math.Max(0, (q - degrees) / q) : 0, new EffectEstimate(mean, Math.Sqrt(1 / weight), double.PositiveInfinity));
    }

    private static double Below(double share, ArmEstimate arm)
    {
        var variance = share * share * arm.Variance;
        return arm.Count > 1 ? variance * variance / (arm.Count - 1) : 0;
    }

    private static EffectEstimate Relative(double control, double treatment, double controlVariance, double treatmentVariance, double covariance, double degrees)
    {
        var ratio = treatment / control;
        var variance = (treatmentVariance + ratio * ratio * controlVariance - 2 * ratio * covariance) / (control * control);
        return new EffectEstimate((treatment - control) / Math.Abs(control), Math.Sqrt(Math.Max(0, variance)), degrees);
    }
}
