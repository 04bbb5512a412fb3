using Togglr.Statistics.Adjustment;
using Togglr.Statistics.Comparisons;
using Togglr.Statistics.Moments;
using Togglr.Statistics.Sequential;

namespace Togglr.Statistics.Analysis;

/// <summary>A comparison before any plan judges it: both arms, the effect, and what to know about it.</summary>
internal sealed record EstimatedEffect(ArmEstimate Control, ArmEstimate Treatment, EffectEstimate Effect, string Test)
{
    /// <summary>The successes of both arms, for a metric of zeroes and ones without covariates.</summary>
    internal (Proportion Control, Proportion Treatment)? Shares { get; init; }

    internal EffectEstimate? Unadjusted { get; init; }

    internal double? UnadjustedBaseline { get; init; }

    internal double? VarianceReduction { get; init; }

    internal double? PrePeriodPValue { get; init; }
}

/// <summary>From moments to an effect: validates, chooses the estimator of the metric's form, takes covariates out.</summary>
internal static class EffectEstimator
{
    private const double PrePeriodAlert = 0.01;

    /// <summary>The effect; null with a warning where there is none to estimate.</summary>
    internal static EstimatedEffect? Estimate(MetricForm form, MetricSample? control, MetricSample? treatment, bool useCovariates, List<string> warnings)
    {
        if (control is null || treatment is null)
        {
            warnings.Add(WarningCode.TooFewUnits);
            return null;
        }
        var estimated = form == MetricForm.Quantile ? OfQuantile(control, treatment, warnings) : OfMoments(form, control, treatment, useCovariates, warnings);
        if (estimated is null)
            return null;
        if (!double.IsFinite(estimated.Effect.Value) || !double.IsFinite(estimated.Effect.StandardError))
        {
            warnings.Add(WarningCode.InvalidInput);
            return null;
        }
        if (!(estimated.Effect.StandardError > 0))
            warnings.Add(WarningCode.NoVariance);
        if (Math.Min(estimated.Control.Count, estimated.Treatment.Count) < 100)
            warnings.Add(WarningCode.FewUnits);
        return estimated;
    }

    /// <summary>
    /// The effect weighted over strata, each with its own covariates, in place of the effect over all. Strata in which an arm has fewer than two units are left out, with a warning. Null
    /// where that leaves fewer than two.
    /// </summary>
    internal static EstimatedEffect? Stratify(MetricForm form, EstimatedEffect whole, IReadOnlyList<(MetricSample? Control, MetricSample? Treatment)> samples, bool useCovariates, List<string> warnings)
    {
        if (form == MetricForm.Quantile)
            return null;
        var strata = new List<Stratum>();
        var small = 0L;
        foreach (var (control, treatment) in samples)
        {
            // What is odd about a stratum is told where strata are shown.
            var within = control?.Moments is { Count: >= 2 } && treatment?.Moments is { Count: >= 2 } ? OfMoments(form, control, treatment, useCovariates, []) : null;
            if (within is { Effect.Value: var value } && double.IsFinite(value) && double.IsFinite(within.Effect.StandardError))
                strata.Add(new Stratum(within.Control, within.Treatment));
            else
                small += Math.Max(0, control?.Moments?.Count ?? 0) + Math.Max(0, treatment?.Moments?.Count ?? 0);
        }
        if (small > 0)
            warnings.Add(WarningCode.StrataTooSmall);
        if (strata.Count < 2)
            return null;
        var outcome = PostStratification.Combine(strata);
        var effect = outcome.Unconditional;
        if (!double.IsFinite(effect.Value) || !(effect.StandardError > 0))
            return null;
        // The arms' variances as they enter the effect, so that lifts are bounded by the same numbers.
        var share = whole.Effect.StandardError > 0 ? effect.StandardError * effect.StandardError / (whole.Effect.StandardError * whole.Effect.StandardError) : 1;
        return whole with
        {
            Control = whole.Control with { Value = outcome.Control, UnitVariance = whole.Control.UnitVariance * share },
            Treatment = whole.Treatment with { Value = outcome.Treatment, UnitVariance = whole.Treatment.UnitVariance * share },
            Effect = effect,
            Test = "stratified",
            Shares = null,
            Unadjusted = whole.Unadjusted ?? whole.Effect,
            UnadjustedBaseline = whole.UnadjustedBaseline ?? whole.Control.Value,
            VarianceReduction = whole.Unadjusted is { StandardError: > 0 } plain
                ? 1 - effect.StandardError * effect.StandardError / (plain.StandardError * plain.StandardError) : whole.Effect.StandardError > 0 ? 1 - share : null,
        };
    }

    private static EstimatedEffect? OfQuantile(MetricSample control, MetricSample treatment, List<string> warnings)
    {
        if (Arm(control, warnings) is not { } c || Arm(treatment, warnings) is not { } t)
            return null;
        return new EstimatedEffect(c, t, Welch.Difference(c, t), "quantile");

        static ArmEstimate? Arm(MetricSample sample, List<string> warnings)
        {
            if (sample.Quantile is not { } quantile || quantile.Count < 2)
            {
                warnings.Add(WarningCode.TooFewUnits);
                return null;
            }
            if (!(quantile.Level is > 0 and < 1 && quantile.Lower <= quantile.Value && quantile.Value <= quantile.Upper) || quantile.CountOfBounds < 1
                || (sample.QuantileUnits is { } units && (!IsValid(units) || units.Dimensions != 2)))
            {
                warnings.Add(WarningCode.InvalidInput);
                return null;
            }
            return sample.QuantileUnits is { } clusters ? QuantileMetric.EstimateClustered(quantile, clusters) : QuantileMetric.Estimate(quantile);
        }
    }

    private static EstimatedEffect? OfMoments(MetricForm form, MetricSample control, MetricSample treatment, bool useCovariates, List<string> warnings)
    {
        var own = form == MetricForm.Ratio ? 2 : 1;
        if (control.Moments is not { } c || treatment.Moments is not { } t || !IsValid(c) || !IsValid(t) || c.Dimensions != t.Dimensions || c.Dimensions < own)
        {
            warnings.Add(WarningCode.InvalidInput);
            return null;
        }
        if (c.Count < 2 || t.Count < 2)
        {
            warnings.Add(WarningCode.TooFewUnits);
            return null;
        }
        if (IsDominated(control) || IsDominated(treatment))
            warnings.Add(WarningCode.DominatedByOneUnit);
        if (form == MetricForm.Ratio)
        {
            if (Linearised(c) is not { } linearControl || Linearised(t) is not { } linearTreatment)
            {
                warnings.Add(WarningCode.ZeroDenominator);
                return null;
            }
            (c, t) = (linearControl, linearTreatment);
        }
        if (useCovariates && c.Dimensions > 1)
            return Adjusted(c, t, form, warnings);
        if (form == MetricForm.Proportion)
            return OfProportions(c, t, warnings);
        var (plainControl, plainTreatment) = (ArmEstimate.Of(c.Of(0)), ArmEstimate.Of(t.Of(0)));
        return new EstimatedEffect(plainControl, plainTreatment, Welch.Difference(plainControl, plainTreatment), form == MetricForm.Ratio ? "delta" : "welch");
    }

    private static EstimatedEffect Adjusted(JointMoments control, JointMoments treatment, MetricForm form, List<string> warnings)
    {
        var outcome = Cuped.Adjust(control, treatment);
        if (outcome.IsFallback)
            warnings.Add(WarningCode.CovariateWithoutVariance);
        var before = Welch.Difference(ArmEstimate.Of(control.Of(1)), ArmEstimate.Of(treatment.Of(1)));
        double? prePeriod = before.IsTestable ? before.TwoSided : null;
        if (prePeriod < PrePeriodAlert)
            warnings.Add(WarningCode.PrePeriodImbalance);
        return new EstimatedEffect(outcome.Control, outcome.Treatment, outcome.Absolute, form == MetricForm.Ratio ? "cupedDelta" : "cuped")
        {
            Unadjusted = outcome.Unadjusted,
            UnadjustedBaseline = control.Mean(0),
            VarianceReduction = outcome.VarianceReduction,
            PrePeriodPValue = prePeriod,
        };
    }

    private static EstimatedEffect? OfProportions(JointMoments control, JointMoments treatment, List<string> warnings)
    {
        if (Share(control) is not { } c || Share(treatment) is not { } t)
        {
            warnings.Add(WarningCode.InvalidInput);
            return null;
        }
        var pooled = (double)(c.Successes + t.Successes) / (c.Count + t.Count);
        var smallest = Math.Min(pooled, 1 - pooled) * Math.Min(c.Count, t.Count);
        return new EstimatedEffect(c.Estimate, t.Estimate, TwoProportions.Wald(c, t), smallest < 5 ? "fisherExact" : "chiSquare") { Shares = (c, t) };

        static Proportion? Share(JointMoments arm)
        {
            var successes = arm.Mean(0) * arm.Count;
            var rounded = Math.Round(successes);
            return rounded >= 0 && rounded <= arm.Count && Math.Abs(successes - rounded) < 1e-6 * Math.Max(1, arm.Count) ? new Proportion(arm.Count, (long)rounded) : null;
        }
    }

    /// <summary>
    /// A ratio as the mean of one number per unit, (mᵢ − R·dᵢ)/d̄ + R, which has its value and, by the delta method, its variance; so whatever
    /// is done with a mean can be done with a ratio. Null where the denominator is zero.
    /// </summary>
    private static JointMoments? Linearised(JointMoments arm)
    {
        var denominator = arm.Mean(1);
        if (denominator == 0)
            return null;
        var ratio = arm.Mean(0) / denominator;
        var quantities = arm.Dimensions - 1;
        var means = new double[quantities];
        var products = new double[quantities * quantities];
        means[0] = ratio;
        products[0] = Math.Max(0, arm.Product(0, 0) + ratio * ratio * arm.Product(1, 1) - 2 * ratio * arm.Product(0, 1)) / (denominator * denominator);
        for (var i = 1; i < quantities; i++)
        {
            means[i] = arm.Mean(i + 1);
            products[i] = products[i * quantities] = (arm.Product(0, i + 1) - ratio * arm.Product(1, i + 1)) / denominator;
            for (var j = 1; j < quantities; j++)
                products[i * quantities + j] = arm.Product(i + 1, j + 1);
        }
        return new JointMoments(arm.Count, means, products);
    }

    private static bool IsValid(JointMoments moments)
    {
        if (moments.Count < 0)
            return false;
        for (var i = 0; i < moments.Dimensions; i++)
        {
            if (!double.IsFinite(moments.Mean(i)) || moments.Product(i, i) < -1e-6 * Math.Abs(moments.Mean(i)))
                return false;
            for (var j = 0; j < moments.Dimensions; j++)
            {
                if (!double.IsFinite(moments.Product(i, j)))
                    return false;
            }
        }
        return true;
    }

    private static bool IsDominated(MetricSample sample)
    {
        if (sample.Extreme is not { } extreme || sample.Moments is not { } moments)
            return false;
        var distance = extreme - moments.Mean(0);
        return moments.Count > 2 && distance * distance > 0.5 * moments.Product(0, 0);
    }
}
