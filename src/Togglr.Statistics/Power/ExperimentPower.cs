using Togglr.Statistics.Sequential;

namespace Togglr.Statistics.Power;

/// <summary>What an experiment looks for in one metric.</summary>
/// <param name="Baseline">The value of the control: a share, or a mean.</param>
/// <param name="Deviation">The standard deviation of a unit's value; null for a share, √(p(1 − p)).</param>
/// <param name="RelativeEffect">The smallest relative effect that matters, such as 0.05.</param>
public sealed record PowerQuestion(double Baseline, double? Deviation, double RelativeEffect);

/// <summary>How units are dealt and looked at.</summary>
/// <param name="ControlWeight">The weight of the control.</param>
/// <param name="TreatmentWeights">The weights of the other variants; the smallest decides.</param>
/// <param name="Schedule">The shape of the looks; null for one look.</param>
/// <param name="Fractions">The looks as increasing fractions of the duration.</param>
public sealed record PowerDesign(double ControlWeight, IReadOnlyList<double> TreatmentWeights, ScheduleKind? Schedule = null, IReadOnlyList<double>? Fractions = null);

/// <summary>How many units it takes.</summary>
/// <param name="Control">Units of the control.</param>
/// <param name="Treatment">Units of the smallest other variant.</param>
/// <param name="Total">Units of all variants.</param>
/// <param name="Inflation">The factor for looking early that is part of them; 1 for one look.</param>
public sealed record PowerAnswer(long Control, long Treatment, long Total, double Inflation)
{
    /// <summary>Whole days at so many new units a day; null without any.</summary>
    public int? Days(double unitsPerDay) => unitsPerDay > 0 && Total / unitsPerDay < 100_000 ? (int)Math.Ceiling(Total / unitsPerDay) : null;
}

/// <summary>The size of an experiment before its start, with unequal shares, several variants and looks.</summary>
public static class ExperimentPower
{
    /// <summary>
    /// Units of the control: (z_α + z_power)²·(var(C) + var(T)/ratio)/effect² with the variances of the alternative, times the inflation of the
    /// looks; for a share var = p(1 − p). All other variants follow from the weights. Null where the question has no answer: no baseline, no
    /// effect, a share that would leave (0, 1), a variant without weight, or more than 1e15 units.
    /// </summary>
    public static PowerAnswer? Units(PowerQuestion question, PowerDesign design, PowerGoal goal)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(design);
        ArgumentNullException.ThrowIfNull(goal);
        var effect = question.Baseline * question.RelativeEffect;
        if (Variances(question) is not { } variances || !(Math.Abs(effect) > 0) || !IsUsable(design) || Inflation(design, goal) is not { } inflation)
            return null;
        var smallest = design.TreatmentWeights.Min();
        var ratio = smallest / design.ControlWeight;
        var z = goal.TotalZ / effect;
        var control = z * z * (variances.Control + variances.Treatment / ratio) * inflation;
        var total = control * (design.ControlWeight + design.TreatmentWeights.Sum()) / design.ControlWeight;
        return total < 1e15 ? new PowerAnswer((long)Math.Ceiling(control), (long)Math.Ceiling(control * ratio), (long)Math.Ceiling(total), inflation) : null;
    }

    /// <summary>The smallest relative effect that so many units of all variants find with the planned power; null where there is none.</summary>
    public static double? DetectableEffect(PowerQuestion question, PowerDesign design, double totalUnits, PowerGoal goal)
    {
        ArgumentNullException.ThrowIfNull(question);
        // The units needed fall as the effect grows, so the effect for which they are just enough is found by halving.
        double lower = 1e-9, upper = question.Deviation is null ? (1 - question.Baseline) / question.Baseline * (1 - 1e-9) : 1e6;
        ArgumentNullException.ThrowIfNull(design);
        ArgumentNullException.ThrowIfNull(goal);
        if (Inflation(design, goal) is not { } inflation)
            return null;
        var once = design with { Schedule = null };
        double? Needed(double effect) => Units(question with { RelativeEffect = effect }, once, goal)?.Total * inflation;
        if (!(totalUnits > 0) || !(upper > lower) || !(Needed(upper) <= totalUnits))
            return null;
        for (var round = 0; round < 100 && upper / lower > 1 + 1e-9; round++)
        {
            var middle = Math.Sqrt(lower * upper);
            if (Needed(middle) <= totalUnits)
                upper = middle;
            else
                lower = middle;
        }
        return upper;
    }

    private static (double Control, double Treatment)? Variances(PowerQuestion question)
    {
        if (!double.IsFinite(question.Baseline) || !double.IsFinite(question.RelativeEffect))
            return null;
        if (question.Deviation is { } deviation)
            return deviation > 0 && double.IsFinite(deviation) ? (deviation * deviation, deviation * deviation) : null;
        var (p, target) = (question.Baseline, question.Baseline * (1 + question.RelativeEffect));
        return p is > 0 and < 1 && target is > 0 and < 1 ? (p * (1 - p), target * (1 - target)) : null;
    }

    private static bool IsUsable(PowerDesign design) =>
        design.ControlWeight > 0 && design.TreatmentWeights.Count > 0 && design.TreatmentWeights.All(weight => weight > 0 && double.IsFinite(weight)) && double.IsFinite(design.ControlWeight);

    private static double? Inflation(PowerDesign design, PowerGoal goal)
    {
        if (design.Schedule is not { } kind || design.Fractions is not { Count: > 1 } fractions)
            return 1;
        if (!(fractions[0] > 0) || fractions.Zip(fractions.Skip(1)).Any(pair => !(pair.Second > pair.First)))
            return null;
        double[] shares = [.. fractions.Select(fraction => fraction / fractions[^1])];
        GroupSequentialDesign looks = kind switch
        {
            ScheduleKind.Pocock => ConstantDesign.Pocock,
            ScheduleKind.ObrienFleming => ConstantDesign.ObrienFleming,
            _ => new SpendingDesign(new SpendingFunction(SpendingKind.LanDeMetsObrienFleming)),
        };
        return looks.Inflation(shares, goal.Alpha, goal.Power, goal.Sides == 2).Factor;
    }
}
