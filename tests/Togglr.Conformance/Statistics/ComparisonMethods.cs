using System.Text.Json;
using Togglr.Statistics.Comparisons;
using Togglr.Statistics.Distributions;
using Togglr.Statistics.Health;
using Togglr.Statistics.Moments;

namespace Togglr.Conformance.Statistics;

/// <summary>Comparisons of two arms, guardrails and sample-ratio mismatch.</summary>
internal static class ComparisonMethods
{
    internal static Dictionary<string, Func<JsonElement, object>> All { get; } = new(StringComparer.Ordinal)
    {
        ["chi_square_independence"] = ChiSquareIndependence,
        ["fisher_exact_two_sided"] = Fisher,
        ["two_proportion"] = TwoProportion,
        ["welch_summary"] = WelchTest,
        ["welch_raw"] = WelchTest,
        ["welch_extreme_tail"] = WelchTest,
        ["relative_lift"] = Lift,
        ["relative_lift_unbounded"] = Lift,
        ["ratio_delta"] = Ratio,
        ["order_statistic_ci"] = OrderStatistic,
        ["quantile_difference"] = QuantileDifference,
        ["quantile_difference_clustered"] = QuantileDifference,
        ["noninferiority_mean_absolute"] = NonInferiorAbsolute,
        ["noninferiority_mean_relative"] = NonInferiorRelative,
        ["noninferiority_proportion_wald"] = NonInferiorProportion,
        ["srm_chi_square"] = Srm,
        ["srm_sequential"] = SrmSequential,
    };

    /// <summary>An effect in the fields that several methods share.</summary>
    internal static object Effect(EffectEstimate effect, double alpha) => new
    {
        estimate = effect.Value,
        standard_error = effect.StandardError,
        df = effect.DegreesOfFreedom,
        ci = Methods.Ends(effect.Interval(alpha)),
        p_value = effect.TwoSided,
    };

    private static object ChiSquareIndependence(JsonElement inputs)
    {
        var outcome = ChiSquareTest.Independence(inputs.GetProperty("successes").Longs(), inputs.GetProperty("totals").Longs(), inputs.GetProperty("yates").GetBoolean());
        return new
        {
            statistic = outcome?.Statistic,
            df = outcome?.Degrees,
            p_value = outcome?.PValue,
            expected_counts = outcome is null ? null : new[] { outcome.ExpectedSuccesses, outcome.ExpectedFailures },
        };
    }

    private static object Fisher(JsonElement inputs)
    {
        var (successes, totals) = (inputs.GetProperty("successes").Longs(), inputs.GetProperty("totals").Longs());
        return new { p_value = FisherExact.TwoSided(successes[0], totals[0], successes[1], totals[1]) };
    }

    private static object TwoProportion(JsonElement inputs)
    {
        var (control, treatment) = (inputs.GetProperty("control").Proportion(), inputs.GetProperty("treatment").Proportion());
        var z = Normal.UpperQuantile(inputs.Number("alpha") / 2);
        var pooled = TwoProportions.PooledZ(control, treatment);
        var wald = TwoProportions.Wald(control, treatment);
        return new
        {
            difference = wald.Value,
            z_pooled = pooled,
            p_value_pooled = pooled is { } statistic ? TwoProportions.TwoSided(statistic) : (double?)null,
            z_unpooled = wald.IsTestable ? wald.Statistic : (double?)null,
            p_value_unpooled = wald.IsTestable ? wald.TwoSided : (double?)null,
            wald_ci = Methods.Ends(Togglr.Statistics.Interval.Around(wald.Value, z * wald.StandardError)),
            newcombe_ci = Methods.Ends(TwoProportions.Newcombe(control, treatment, z)),
            agresti_caffo_ci = Methods.Ends(TwoProportions.AgrestiCaffo(control, treatment, z)),
            relative_log_ci = TwoProportions.RelativeLog(control, treatment, z) is { } log ? Methods.Ends(log) : null,
            wilson_ci_control = Methods.Ends(control.Wilson(z)),
            wilson_ci_treatment = Methods.Ends(treatment.Wilson(z)),
        };
    }

    private static object WelchTest(JsonElement inputs)
    {
        var (control, treatment) = (inputs.GetProperty("control").Moments(), inputs.GetProperty("treatment").Moments());
        var effect = Welch.Difference(ArmEstimate.Of(control), ArmEstimate.Of(treatment));
        return new
        {
            difference = effect.Value,
            standard_error = effect.StandardError,
            t = effect.Statistic,
            df = effect.DegreesOfFreedom,
            p_value_two_sided = effect.TwoSided,
            p_value_greater = effect.Greater,
            p_value_less = effect.Less,
            log10_p_value = effect.Log10TwoSided,
            ci = inputs.Has("alpha") ? Methods.Ends(effect.Interval(inputs.Number("alpha"))) : null,
            mean_control = control.Mean,
            mean_treatment = treatment.Mean,
            variance_control = control.Variance,
            variance_treatment = treatment.Variance,
        };
    }

    private static object Lift(JsonElement inputs)
    {
        var (control, treatment) = (inputs.GetProperty("control").Arm(), inputs.GetProperty("treatment").Arm());
        var alpha = inputs.Number("alpha");
        var delta = RelativeLift.Delta(control, treatment);
        var critical = delta.CriticalValue(alpha);
        var fieller = RelativeLift.Fieller(control, treatment, critical);
        return new
        {
            lift = delta.Value,
            standard_error = delta.StandardError,
            df = delta.DegreesOfFreedom,
            ci_delta = Methods.Ends(delta.Interval(alpha)),
            p_value_delta = delta.TwoSided,
            fieller_g = RelativeLift.FiellerG(control, critical),
            ci_fieller = fieller is { } interval ? Methods.Ends(interval) : null,
            ci_fieller_status = fieller is null ? "unbounded" : "bounded",
            p_value_absolute = Welch.Difference(control, treatment).TwoSided,
        };
    }

    private static object Ratio(JsonElement inputs)
    {
        var control = RatioMetric.Estimate(inputs.GetProperty("control").Joint("numerator", "denominator"))!.Value;
        var treatment = RatioMetric.Estimate(inputs.GetProperty("treatment").Joint("numerator", "denominator"))!.Value;
        var alpha = inputs.Number("alpha");
        return new
        {
            ratio_control = control.Value,
            ratio_treatment = treatment.Value,
            unit_variance_control = control.UnitVariance,
            unit_variance_treatment = treatment.UnitVariance,
            absolute = Effect(Welch.Difference(control, treatment), alpha),
            relative = Effect(RelativeLift.Delta(control, treatment), alpha),
        };
    }

    private static object OrderStatistic(JsonElement inputs)
    {
        double[] sorted = [.. inputs.Numbers("values").Order()];
        var interval = SampleQuantile.ByOrderStatistics(sorted, inputs.Number("quantile"), inputs.Number("alpha"));
        return new
        {
            quantile_type7 = SampleQuantile.Type7(sorted, inputs.Number("quantile")),
            lower_rank = interval.LowerRank,
            upper_rank = interval.UpperRank,
            lower = interval.Lower,
            upper = interval.Upper,
            coverage = interval.Coverage,
        };
    }

    private static object QuantileDifference(JsonElement inputs)
    {
        var (control, treatment) = (QuantileArm(inputs.GetProperty("control")), QuantileArm(inputs.GetProperty("treatment")));
        var alpha = inputs.Number("alpha");
        return new
        {
            variance_control = control.UnitVariance,
            variance_treatment = treatment.UnitVariance,
            absolute = Effect(Welch.Difference(control, treatment), alpha),
            relative = Effect(RelativeLift.Delta(control, treatment), alpha),
        };
    }

    private static ArmEstimate QuantileArm(JsonElement arm)
    {
        var sample = new QuantileSample(
            arm.GetProperty("n").GetInt64(), arm.GetProperty("n_star").GetInt64(), arm.Number("nu"), arm.Number("quantile_hat"), arm.Number("quantile_lower"), arm.Number("quantile_upper"));
        return arm.Has("n_clusters")
            ? QuantileMetric.EstimateClustered(sample, JointMoments.FromSums(
                arm.GetProperty("n_clusters").GetInt64(), arm.Number("main_sum"), arm.Number("main_sum_squares"), arm.Number("denominator_sum"), arm.Number("denominator_sum_squares"), arm.Number("main_denominator_sum_product")))
            : QuantileMetric.Estimate(sample);
    }

    private static object NonInferiorAbsolute(JsonElement inputs)
    {
        var effect = Welch.Difference(inputs.GetProperty("control").Arm(), inputs.GetProperty("treatment").Arm());
        var outcome = NonInferiority.Absolute(effect, inputs.Number("margin"), Direction(inputs), inputs.Number("alpha"));
        return new { t = outcome.Effect.Statistic, df = outcome.Effect.DegreesOfFreedom, p_value = outcome.PValue, one_sided_bound = outcome.Bound, pass = outcome.Passes };
    }

    private static object NonInferiorRelative(JsonElement inputs)
    {
        var outcome = NonInferiority.Relative(
            inputs.GetProperty("control").Arm(), inputs.GetProperty("treatment").Arm(), inputs.Number("relative_margin"), Direction(inputs), inputs.Number("alpha"));
        return new { t = outcome.Effect.Statistic, df = outcome.Effect.DegreesOfFreedom, p_value = outcome.PValue, pass = outcome.Passes };
    }

    private static object NonInferiorProportion(JsonElement inputs)
    {
        var effect = TwoProportions.Wald(inputs.GetProperty("control").Proportion(), inputs.GetProperty("treatment").Proportion());
        var outcome = NonInferiority.Absolute(effect, inputs.Number("margin"), Direction(inputs), inputs.Number("alpha"));
        return new { z = outcome.Effect.Statistic, p_value = outcome.PValue, pass = outcome.Passes };
    }

    private static MetricDirection Direction(JsonElement inputs) => inputs.Text("direction") == "higher" ? MetricDirection.Increase : MetricDirection.Decrease;

    private static object Srm(JsonElement inputs)
    {
        var outcome = SampleRatioMismatch.ChiSquareTest(inputs.GetProperty("counts").Longs(), inputs.Numbers("weights"));
        return new { statistic = outcome?.Statistic, df = outcome?.Degrees, p_value = outcome?.PValue, expected_counts = outcome?.Expected, alert = outcome?.Alert ?? false };
    }

    private static object SrmSequential(JsonElement inputs)
    {
        var running = 1.0;
        return new
        {
            looks = inputs.GetProperty("cumulative_counts_per_look").EnumerateArray().Select(counts =>
            {
                var log = SampleRatioMismatch.LogEValue(counts.Longs(), inputs.Numbers("weights"), inputs.Number("concentration"));
                running = Math.Min(running, Math.Exp(-log));
                return new { log_e_value = log, p_value_running = running };
            }).ToArray(),
        };
    }
}
