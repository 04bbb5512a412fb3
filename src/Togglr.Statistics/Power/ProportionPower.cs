using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Power;

/// <summary>Sample size and minimum detectable effect of a difference of proportions.</summary>
public static class ProportionPower
{
    /// <summary>
    /// Units per arm, as R's power.prop.test: ((z_α·√(2p̄q̄) + z_power·√(p₁q₁ + p₂q₂)) / (p₂ − p₁))², the null's variance pooled, one tail.
    /// </summary>
    public static double SampleSize(double baseline, double target, PowerGoal goal)
    {
        ArgumentNullException.ThrowIfNull(goal);
        var root = Needed(baseline, target, goal) / (target - baseline);
        return root * root;
    }

    /// <summary>Units of the control with the alternative's variance only: (z_α + z_power)²·(p₁q₁ + p₂q₂/ratio)/(p₂ − p₁)².</summary>
    public static double SampleSizeUnpooled(double baseline, double target, PowerGoal goal, double ratio = 1)
    {
        ArgumentNullException.ThrowIfNull(goal);
        var z = goal.TotalZ / (target - baseline);
        return z * z * (baseline * (1 - baseline) + target * (1 - target) / ratio);
    }

    /// <summary>Units of the control by Cohen's effect h = 2·asin√p₂ − 2·asin√p₁, both tails counted.</summary>
    public static double SampleSizeByAngle(double baseline, double target, PowerGoal goal, double ratio = 1) =>
        MeanPower.SampleSizeBothTails(1, 2 * Math.Abs(Math.Asin(Math.Sqrt(target)) - Math.Asin(Math.Sqrt(baseline))), goal, ratio);

    /// <summary>The smallest share above the baseline that can be found; null when not even a share of one could.</summary>
    public static double? DetectableTarget(double baseline, double unitsPerArm, PowerGoal goal)
    {
        ArgumentNullException.ThrowIfNull(goal);
        double Excess(double target) => (target - baseline) * Math.Sqrt(unitsPerArm) - Needed(baseline, target, goal);
        return Excess(1) < 0 ? null : Roots.Between(Excess, baseline, 1);
    }

    private static double Needed(double baseline, double target, PowerGoal goal)
    {
        var pooled = (baseline + target) / 2;
        return goal.CriticalZ * Math.Sqrt(2 * pooled * (1 - pooled)) + (goal.TotalZ - goal.CriticalZ) * Math.Sqrt(baseline * (1 - baseline) + target * (1 - target));
    }
}
