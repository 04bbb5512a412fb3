using Togglr.Statistics.Distributions;

namespace Togglr.Statistics.Comparisons;

/// <summary>Which way a metric should move.</summary>
public enum MetricDirection
{
    /// <summary>More is better.</summary>
    Increase,

    /// <summary>Less is better.</summary>
    Decrease,
}

/// <summary>The outcome of a guardrail test.</summary>
/// <param name="Effect">The effect, shifted by the margin: what is tested against zero.</param>
/// <param name="PValue">The one-sided p-value of "worse by the margin or more".</param>
/// <param name="Bound">The worst effect still compatible with the data: the one-sided confidence bound of the unshifted effect.</param>
/// <param name="Passes">Whether harm of the size of the margin is excluded.</param>
public sealed record NonInferiorityOutcome(EffectEstimate Effect, double PValue, double Bound, bool Passes);

/// <summary>
/// Guardrails: a one-sided test that the treatment is not worse than the control by more than a margin. H0 for "higher is better":
/// treatment − control ≤ −margin; for "lower is better": treatment − control ≥ margin. Passing means that H0 is rejected, so too few
/// data never pass. Not corrected for many comparisons, as every guardrail must pass on its own.
/// </summary>
public static class NonInferiority
{
    /// <summary>With a margin in the metric's own unit.</summary>
    public static NonInferiorityOutcome Absolute(EffectEstimate effect, double margin, MetricDirection direction, double alpha)
    {
        var higher = direction == MetricDirection.Increase;
        var shifted = effect.Against(higher ? -margin : margin);
        var p = higher ? shifted.Greater : shifted.Less;
        var reach = StudentT.UpperQuantile(alpha, effect.DegreesOfFreedom) * effect.StandardError;
        return new NonInferiorityOutcome(shifted, p, higher ? effect.Value - reach : effect.Value + reach, p < alpha);
    }

    /// <summary>
    /// With a margin as a share of the control, through the contrast mT − (1 ∓ margin)·mC, so that the uncertainty of the control is part of it.
    /// For a negative control the share is taken of its size. The bound is that of the contrast, shifted back by the margin.
    /// </summary>
    public static NonInferiorityOutcome Relative(ArmEstimate control, ArmEstimate treatment, double margin, MetricDirection direction, double alpha)
    {
        var factor = 1 + (direction == MetricDirection.Increase == control.Value >= 0 ? -margin : margin);
        var scaled = new ArmEstimate(control.Count, control.Value * factor, control.UnitVariance * factor * factor);
        var outcome = Absolute(Welch.Difference(scaled, treatment), 0, direction, alpha);
        return outcome with { Bound = outcome.Bound + scaled.Value - control.Value };
    }
}
