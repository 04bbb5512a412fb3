using System.Text.Json;
using Togglr.Statistics.Adjustment;
using Togglr.Statistics.Comparisons;
using Togglr.Statistics.Moments;

namespace Togglr.Conformance.Statistics;

/// <summary>CUPED, post-stratification and capping.</summary>
internal static class AdjustmentMethods
{
    internal static Dictionary<string, Func<JsonElement, object>> All { get; } = new(StringComparer.Ordinal)
    {
        ["cuped_single"] = CupedSingle,
        ["cuped_degenerate"] = CupedSingle,
        ["cuped_multi"] = CupedMulti,
        ["post_stratification"] = Stratified,
        ["winsorize"] = Winsorize,
    };

    private static object CupedSingle(JsonElement inputs)
    {
        var (control, treatment) = (inputs.GetProperty("control").Joint("post", "pre"), inputs.GetProperty("treatment").Joint("post", "pre"));
        var alpha = inputs.Number("alpha");
        var outcome = Cuped.Adjust(control, treatment);
        var pooled = control.Merge(treatment);
        return new
        {
            theta = outcome.Theta[0],
            grand_mean_x = pooled.Mean(1),
            adjusted_mean_control = outcome.Control.Value,
            adjusted_mean_treatment = outcome.Treatment.Value,
            adjusted_variance_control = outcome.Control.UnitVariance,
            adjusted_variance_treatment = outcome.Treatment.UnitVariance,
            absolute = ComparisonMethods.Effect(outcome.Absolute, alpha),
            relative = outcome.Relative is { } relative ? ComparisonMethods.Effect(relative, alpha) : null,
            unadjusted_difference = outcome.Unadjusted.Value,
            unadjusted_standard_error = outcome.Unadjusted.StandardError,
            variance_reduction = outcome.VarianceReduction,
            correlation = pooled.Product(0, 1) / Math.Sqrt(pooled.Product(0, 0) * pooled.Product(1, 1)),
            difference = outcome.Absolute.Value,
            t = outcome.Absolute.Statistic,
            p_value = outcome.Absolute.TwoSided,
            fallback = outcome.IsFallback ? "unadjusted" : null,
        };
    }

    private static object CupedMulti(JsonElement inputs)
    {
        var (control, treatment) = (Rows(inputs.GetProperty("control")), Rows(inputs.GetProperty("treatment")));
        var outcome = Cuped.Adjust(JointMoments.Of(control), JointMoments.Of(treatment));
        var ancova = RegressionAdjustment.Ancova(control, treatment);
        var lin = RegressionAdjustment.Lin(control, treatment);
        return new
        {
            theta_multi = outcome.Theta,
            adjusted_mean_control = outcome.Control.Value,
            adjusted_mean_treatment = outcome.Treatment.Value,
            adjusted_variance_control = outcome.Control.UnitVariance,
            adjusted_variance_treatment = outcome.Treatment.UnitVariance,
            difference = outcome.Absolute.Value,
            standard_error = outcome.Absolute.StandardError,
            t = outcome.Absolute.Statistic,
            p_value = outcome.Absolute.TwoSided,
            ancova_effect = ancova.Effect,
            ancova_se_classical = ancova.Classical,
            ancova_se_hc2 = ancova.Hc2,
            lin_effect = lin.Effect,
            lin_se_hc2 = lin.Hc2,
            lin_se_hc3 = lin.Hc3,
        };
    }

    private static IReadOnlyList<double>[] Rows(JsonElement arm) => [.. arm.Numbers("post").Zip(arm.Rows("pre"), (post, pre) => (IReadOnlyList<double>)[post, .. pre])];

    private static object Stratified(JsonElement inputs)
    {
        Stratum[] strata = [.. inputs.GetProperty("strata").EnumerateArray().Select(item => new Stratum(item.GetProperty("control").Arm(), item.GetProperty("treatment").Arm()))];
        var outcome = PostStratification.Combine(strata, inputs.Has("weights") ? inputs.Numbers("weights") : null);
        var heterogeneity = PostStratification.Heterogeneity([.. strata.Select(stratum => stratum.Effect)]);
        return new
        {
            weights = outcome.Weights,
            stratum_effects = strata.Select(stratum => stratum.Effect.Value),
            stratum_standard_errors = strata.Select(stratum => stratum.Effect.StandardError),
            conditional_effect = outcome.Conditional.Value,
            conditional_standard_error = outcome.Conditional.StandardError,
            gbstats_absolute_effect = outcome.Unconditional.Value,
            gbstats_absolute_standard_error = outcome.Unconditional.StandardError,
            gbstats_relative_effect = outcome.Relative?.Value,
            gbstats_relative_standard_error = outcome.Relative?.StandardError,
            heterogeneity_q = heterogeneity?.Q,
            heterogeneity_df = heterogeneity?.Degrees,
            heterogeneity_p = heterogeneity?.PValue,
            heterogeneity_i2 = heterogeneity?.I2,
            fixed_effect = heterogeneity?.FixedEffect.Value,
            fixed_effect_standard_error = heterogeneity?.FixedEffect.StandardError,
        };
    }

    private static object Winsorize(JsonElement inputs)
    {
        var (control, treatment) = (inputs.Numbers("control"), inputs.Numbers("treatment"));
        var caps = inputs.Has("absolute_cap")
            ? new CapThresholds(null, inputs.Number("absolute_cap"))
            : Winsorization.Thresholds(
                control.Concat(treatment), inputs.Optional("lower_quantile"), inputs.Optional("upper_quantile"), inputs.Has("ignore_zeros") && inputs.GetProperty("ignore_zeros").GetBoolean());
        var (cutControl, cutTreatment) = (SampleMoments.Of(control.Select(caps.Apply)), SampleMoments.Of(treatment.Select(caps.Apply)));
        var effect = Welch.Difference(ArmEstimate.Of(cutControl), ArmEstimate.Of(cutTreatment));
        return new
        {
            upper_threshold = caps.Upper,
            lower_threshold = caps.Lower,
            mean_control = cutControl.Mean,
            mean_treatment = cutTreatment.Mean,
            variance_control = cutControl.Variance,
            variance_treatment = cutTreatment.Variance,
            capped_count_control = control.Count(caps.Changes),
            capped_count_treatment = treatment.Count(caps.Changes),
            t = effect.Statistic,
            p_value = effect.TwoSided,
        };
    }
}
