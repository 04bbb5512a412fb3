using Togglr.Statistics.Distributions;
using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Power;

/// <summary>What a test should be able to do.</summary>
/// <param name="Alpha">The error of the first kind.</param>
/// <param name="Power">The probability of finding the effect when it is there.</param>
/// <param name="Sides">One- or two-sided.</param>
public sealed record PowerGoal(double Alpha = 0.05, double Power = 0.8, int Sides = 2)
{
    /// <summary>z of the error: z_{1−α/2} two-sided, z_{1−α} one-sided.</summary>
    public double CriticalZ => Normal.UpperQuantile(Alpha / Sides);

    /// <summary>z of the error plus z of the power: how many standard errors the effect must measure.</summary>
    public double TotalZ => CriticalZ + Normal.UpperQuantile(1 - Power);
}

/// <summary>Sample size, power and minimum detectable effect of a difference of means. The ratio is n treatment / n control.</summary>
public static class MeanPower
{
    /// <summary>
    /// Units of the control: (z_α + z_power)²·sd²·(1 + 1/ratio)/effect². It ignores the rejection in the wrong direction, which only counts for
    /// effects too small to look for.
    /// </summary>
    public static double SampleSize(double deviation, double effect, PowerGoal goal, double ratio = 1)
    {
        ArgumentNullException.ThrowIfNull(goal);
        var z = goal.TotalZ * deviation / effect;
        return z * z * (1 + 1 / ratio);
    }

    /// <summary>The same with both tails counted.</summary>
    public static double SampleSizeBothTails(double deviation, double effect, PowerGoal goal, double ratio = 1) =>
        Roots.OfIncreasing(n => PowerBothTails(deviation / Math.Sqrt(n) * Math.Sqrt(1 + 1 / ratio), effect, goal) - goal.Power, SampleSize(deviation, effect, goal, ratio), 1e-14);

    /// <summary>The same with Student's t: noncentral t with nC + nT − 2 degrees of freedom.</summary>
    public static double SampleSizeT(double deviation, double effect, PowerGoal goal, double ratio = 1) =>
        Roots.OfIncreasing(n => PowerT(deviation, effect, Math.Max(n, 1.5), Math.Max(n, 1.5) * ratio, goal) - goal.Power, SampleSize(deviation, effect, goal, ratio), 1e-12);

    /// <summary>The power of a z-test of an effect with a standard error; both tails when two-sided.</summary>
    public static double PowerBothTails(double standardError, double effect, PowerGoal goal)
    {
        ArgumentNullException.ThrowIfNull(goal);
        var noncentrality = Math.Abs(effect) / standardError;
        return Normal.UpperTail(goal.CriticalZ - noncentrality) + (goal.Sides == 2 ? Normal.UpperTail(goal.CriticalZ + noncentrality) : 0);
    }

    /// <summary>The power of a t-test with one standard deviation for both arms.</summary>
    public static double PowerT(double deviation, double effect, double control, double treatment, PowerGoal goal)
    {
        ArgumentNullException.ThrowIfNull(goal);
        var degrees = control + treatment - 2;
        var noncentrality = Math.Abs(effect) / (deviation * Math.Sqrt(1 / control + 1 / treatment));
        var critical = StudentT.UpperQuantile(goal.Alpha / goal.Sides, degrees);
        return NoncentralT.UpperTail(critical, degrees, noncentrality) + (goal.Sides == 2 ? NoncentralT.Cdf(-critical, degrees, noncentrality) : 0);
    }

    /// <summary>The minimum detectable effect of a standard error: (z_α + z_power)·SE.</summary>
    public static double DetectableEffect(double standardError, PowerGoal goal)
    {
        ArgumentNullException.ThrowIfNull(goal);
        return goal.TotalZ * standardError;
    }

    /// <summary>The effect that a z-test with both tails finds with the wanted power, to 1e-5 standard deviations.</summary>
    public static double DetectableEffectBothTails(double deviation, double control, double treatment, PowerGoal goal) =>
        deviation * StandardisedEffect(effect => PowerBothTails(Math.Sqrt(1 / control + 1 / treatment), effect, goal), goal);

    /// <summary>The effect that a t-test finds with the wanted power, to 1e-5 standard deviations.</summary>
    public static double DetectableEffectT(double deviation, double control, double treatment, PowerGoal goal) =>
        deviation * StandardisedEffect(effect => PowerT(1, effect, control, treatment, goal), goal);

    // In standard deviations, from the same bracket and to the same accuracy as statsmodels' solve_power, so that plans made with it can be
    // compared digit by digit.
    private static double StandardisedEffect(Func<double, double> power, PowerGoal goal)
    {
        ArgumentNullException.ThrowIfNull(goal);
        var upper = 1.0;
        while (power(upper) < goal.Power && upper < 1e9)
            upper *= 10;
        return Roots.Between(effect => power(effect) - goal.Power, 1e-8, upper, 1e-5);
    }

    /// <summary>
    /// The smallest lift d &gt; 0 with d/SE(d) = k = z_α + z_power, where SE(d)² = sd²/(n·mean²)·(1 + (1 + d)²) for equal arms. With
    /// g = k²·sd²/(n·mean²): d²(1 − g) − 2g·d − 2g = 0. Null when g ≥ 1: no lift would be large enough.
    /// </summary>
    public static double? DetectableLift(double mean, double deviation, double unitsPerArm, PowerGoal goal)
    {
        var g = DetectableLiftG(mean, deviation, unitsPerArm, goal);
        return g < 1 ? (g + Math.Sqrt(g * g + 2 * g * (1 - g))) / (1 - g) : null;
    }

    /// <summary>g = k²·sd²/(n·mean²) of <see cref="DetectableLift"/>.</summary>
    public static double DetectableLiftG(double mean, double deviation, double unitsPerArm, PowerGoal goal)
    {
        ArgumentNullException.ThrowIfNull(goal);
        var z = goal.TotalZ * deviation / mean;
        return z * z / unitsPerArm;
    }
}
