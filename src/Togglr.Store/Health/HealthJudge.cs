namespace Togglr.Store;

/// <summary>How bad it is.</summary>
public enum HealthLevel
{
    /// <summary>Nothing to see.</summary>
    Good,

    /// <summary>Half of what is too much, or more.</summary>
    Poor,

    /// <summary>Too much.</summary>
    Bad,
}

/// <summary>What was counted of a variant in a second.</summary>
/// <param name="Variant">The variant; empty: none was named.</param>
/// <param name="Age">How many seconds ago, from 0.</param>
/// <param name="Evaluations">How often it was served.</param>
/// <param name="Errors">How many errors were reported.</param>
public readonly record struct HealthSlot(string Variant, int Age, long Evaluations, long Errors);

/// <summary>What the window shows of a flag or of one variant.</summary>
/// <param name="Variant">The variant; null: the flag as a whole.</param>
/// <param name="Evaluations">How often it was served, as far as that is known: see <see cref="HealthJudge"/>.</param>
/// <param name="Errors">How many errors were reported.</param>
/// <param name="Rate">Errors by evaluations, 0 to 1.</param>
/// <param name="Level">How bad that is.</param>
public sealed record HealthFigures(string? Variant, long Evaluations, long Errors, double Rate, HealthLevel Level);

/// <summary>What the window shows.</summary>
/// <param name="Whole">The flag as a whole.</param>
/// <param name="Variants">Its variants.</param>
/// <param name="Level">The worst of all.</param>
/// <param name="Finding">What exceeds its threshold most; null where nothing does.</param>
public sealed record HealthVerdict(HealthFigures Whole, IReadOnlyList<HealthFigures> Variants, HealthLevel Level, HealthFinding? Finding);

/// <summary>
/// Judges a flag by what was counted. A report of an error comes at once, the counts of evaluations come every few seconds or once a minute, so that a window may hold all the errors and none of the
/// evaluations that belong to them. So often it was served in a window: what came in the window, or the mean of the last five minutes for as long, or once for every error, whichever is most.
/// </summary>
public static class HealthJudge
{
    /// <summary>Over how many seconds evaluations are averaged.</summary>
    public const int Horizon = 300;

    /// <summary>The part of a threshold from which on it is not good any more.</summary>
    public const double PoorFrom = 0.5;

    /// <summary>How many standard deviations above the threshold a burst is: less than one false alarm in three million looks at a flag that is exactly at its threshold.</summary>
    public const double BurstDeviations = 5;

    /// <summary>How many times the threshold a burst is at least.</summary>
    public const double BurstRatio = 1.5;

    private static readonly int[] Bursts = [1, 2, 3, 5, 10, 20];

    /// <summary>Judges the flag as a whole and each of its variants.</summary>
    /// <param name="slots">What was counted within the window and <see cref="Horizon"/>.</param>
    /// <param name="terms">The thresholds.</param>
    /// <param name="known">For how many seconds it has been counted: what came before counts no more.</param>
    public static HealthVerdict Judge(IReadOnlyCollection<HealthSlot> slots, HealthTerms terms, int known = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(slots);
        ArgumentNullException.ThrowIfNull(terms);
        HealthFinding? worst = null;
        var whole = Figures(null, slots, terms, known, ref worst);
        List<HealthFigures> variants =
        [
            .. slots.Where(slot => slot.Variant.Length > 0 && slot.Age < known).GroupBy(slot => slot.Variant, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => Figures(group.Key, [.. group], terms, known, ref worst)),
        ];
        return new HealthVerdict(whole, variants, variants.Aggregate(whole.Level, static (level, variant) => variant.Level > level ? variant.Level : level), worst);
    }

    private static HealthFigures Figures(string? variant, IReadOnlyCollection<HealthSlot> slots, HealthTerms terms, int known, ref HealthFinding? worst)
    {
        var window = Math.Min(terms.WindowSeconds, Math.Max(1, known));
        var (errors, evaluations) = Sum(slots, window, known);
        var rate = evaluations == 0 ? 0 : (double)errors / evaluations;
        var level = HealthLevel.Good;
        if (terms.MaxErrorRate is { } most && evaluations >= terms.MinEvaluations)
        {
            level = Level(rate, most, isMore: rate > most);
            if (level == HealthLevel.Bad)
                Keep(ref worst, new HealthFinding(HealthRule.Rate, variant, window, errors, evaluations, rate, most), rate / most);
        }

        if (terms.MaxErrors is { } number && Level(errors, number, isMore: errors >= number) is var counted && counted > level)
        {
            level = counted;
            if (counted == HealthLevel.Bad)
                Keep(ref worst, new HealthFinding(HealthRule.Count, variant, window, errors, evaluations, rate, number), (double)errors / number);
        }

        if (terms is { JudgeBursts: true, MaxErrorRate: { } limit } && level != HealthLevel.Bad && Burst(variant, slots, terms, known, limit) is { } burst)
        {
            level = HealthLevel.Bad;
            Keep(ref worst, burst, burst.Rate / limit);
        }

        return new HealthFigures(variant, evaluations, errors, rate, level);
    }

    /// <summary>Seconds at the end of the window that are clearly worse than what is tolerated: too many errors for chance (one-sided, normal approximation of the binomial distribution).</summary>
    private static HealthFinding? Burst(string? variant, IReadOnlyCollection<HealthSlot> slots, HealthTerms terms, int known, double most)
    {
        foreach (var seconds in Bursts)
        {
            if (seconds >= terms.WindowSeconds || seconds > known)
                break;
            var (errors, evaluations) = Sum(slots, seconds, known);
            var rate = evaluations == 0 ? 0 : (double)errors / evaluations;
            if (evaluations >= terms.MinEvaluations && rate >= BurstRatio * most && errors - (evaluations * most) > BurstDeviations * Math.Sqrt(evaluations * most * (1 - most)))
                return new HealthFinding(HealthRule.Burst, variant, seconds, errors, evaluations, rate, most);
        }

        return null;
    }

    private static (long Errors, long Evaluations) Sum(IReadOnlyCollection<HealthSlot> slots, int seconds, int known)
    {
        long errors = 0, evaluations = 0, recent = 0;
        var horizon = Math.Min(Horizon, Math.Max(1, known));
        foreach (var slot in slots)
        {
            if (slot.Age < seconds && slot.Age < known)
                (errors, evaluations) = (errors + slot.Errors, evaluations + slot.Evaluations);
            if (slot.Age < horizon)
                recent += slot.Evaluations;
        }

        if (seconds < horizon)
            evaluations = Math.Max(evaluations, (long)((double)recent * seconds / horizon));
        return (errors, Math.Max(evaluations, errors));
    }

    private static HealthLevel Level(double value, double most, bool isMore) => isMore ? HealthLevel.Bad : value >= most * PoorFrom && value > 0 ? HealthLevel.Poor : HealthLevel.Good;

    private static void Keep(ref HealthFinding? worst, HealthFinding found, double excess)
    {
        if (worst is null || excess > (worst.Rule == HealthRule.Count ? worst.Errors / worst.Threshold : worst.Rate / worst.Threshold))
            worst = found;
    }
}
