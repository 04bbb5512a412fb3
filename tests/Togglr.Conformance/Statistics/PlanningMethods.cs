using System.Text.Json;
using Togglr.Statistics.Power;

namespace Togglr.Conformance.Statistics;

/// <summary>Sample sizes, power and minimum detectable effects.</summary>
internal static class PlanningMethods
{
    internal static Dictionary<string, Func<JsonElement, object>> All { get; } = new(StringComparer.Ordinal)
    {
        ["sample_size_means"] = SampleSizeMeans,
        ["mde_means"] = DetectableMeans,
        ["power_means"] = PowerMeans,
        ["sample_size_proportions"] = SampleSizeProportions,
        ["mde_proportions"] = DetectableProportions,
        ["mde_relative_delta"] = DetectableLift,
    };

    private static PowerGoal Goal(JsonElement inputs) =>
        new(inputs.Number("alpha"), inputs.Optional("power") ?? 0.8, inputs.Has("sides") ? inputs.Integer("sides") : 2);

    private static double Ratio(JsonElement inputs) => inputs.Optional("ratio") ?? 1;

    private static object SampleSizeMeans(JsonElement inputs)
    {
        var (deviation, effect, goal, ratio) = (inputs.Number("sd"), inputs.Number("mde_absolute"), Goal(inputs), Ratio(inputs));
        var units = MeanPower.SampleSizeT(deviation, effect, goal, ratio);
        return new
        {
            n_control_normal_both_tails = MeanPower.SampleSizeBothTails(deviation, effect, goal, ratio),
            n_control_closed_form = MeanPower.SampleSize(deviation, effect, goal, ratio),
            n_control_t = units,
            n_control_ceiling = (long)Math.Ceiling(units),
            mde_relative = effect / inputs.Number("mean"),
        };
    }

    private static double StandardError(JsonElement inputs) => inputs.Number("sd") * Math.Sqrt(1 / inputs.Number("n_control") + 1 / inputs.Number("n_treatment"));

    private static object DetectableMeans(JsonElement inputs) => new
    {
        mde_absolute_t = MeanPower.DetectableEffectT(inputs.Number("sd"), inputs.Number("n_control"), inputs.Number("n_treatment"), Goal(inputs)),
        mde_absolute_normal_both_tails = MeanPower.DetectableEffectBothTails(inputs.Number("sd"), inputs.Number("n_control"), inputs.Number("n_treatment"), Goal(inputs)),
        standard_error = StandardError(inputs),
        mde_from_se = MeanPower.DetectableEffect(StandardError(inputs), Goal(inputs)),
    };

    private static object PowerMeans(JsonElement inputs) => new
    {
        power_t = MeanPower.PowerT(inputs.Number("sd"), inputs.Number("effect"), inputs.Number("n_control"), inputs.Number("n_treatment"), Goal(inputs)),
        power_normal_both_tails = MeanPower.PowerBothTails(StandardError(inputs), inputs.Number("effect"), Goal(inputs)),
    };

    private static object SampleSizeProportions(JsonElement inputs)
    {
        var (baseline, target, goal) = (inputs.Number("baseline"), inputs.Number("target"), Goal(inputs));
        var units = ProportionPower.SampleSize(baseline, target, goal);
        return new
        {
            n_per_arm = units,
            n_per_arm_unpooled = ProportionPower.SampleSizeUnpooled(baseline, target, goal, Ratio(inputs)),
            n_per_arm_cohen_h = ProportionPower.SampleSizeByAngle(baseline, target, goal, Ratio(inputs)),
            n_per_arm_ceiling = (long)Math.Ceiling(units),
            relative_mde = target / baseline - 1,
        };
    }

    private static object DetectableProportions(JsonElement inputs)
    {
        var baseline = inputs.Number("baseline");
        var target = ProportionPower.DetectableTarget(baseline, inputs.Number("n_per_arm"), Goal(inputs));
        return new { target, mde_absolute = target - baseline, mde_relative = target / baseline - 1 };
    }

    private static object DetectableLift(JsonElement inputs)
    {
        var (mean, deviation, units, goal) = (inputs.Number("mean"), inputs.Number("sd"), inputs.Number("n_per_arm"), Goal(inputs));
        var lift = MeanPower.DetectableLift(mean, deviation, units, goal);
        return new { mde_relative = lift, exists = lift is not null, g = MeanPower.DetectableLiftG(mean, deviation, units, goal) };
    }
}
