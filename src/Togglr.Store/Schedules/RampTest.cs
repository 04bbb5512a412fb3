namespace Togglr.Store;

/// <summary>What was counted of a variant.</summary>
/// <param name="Evaluations">How often it was served.</param>
/// <param name="Errors">How many errors were reported for it.</param>
public readonly record struct RampCounts(long Evaluations, long Errors)
{
    /// <summary>What came in between.</summary>
    public static RampCounts operator -(RampCounts later, RampCounts earlier) =>
        new(Math.Max(0, later.Evaluations - earlier.Evaluations), Math.Max(0, later.Errors - earlier.Errors));
}

/// <summary>What was counted in a time during which shares stayed the same.</summary>
/// <param name="Ramped">The variant that the ramp brings.</param>
/// <param name="Rest">All others.</param>
public readonly record struct RampInterval(RampCounts Ramped, RampCounts Rest);

/// <summary>
/// Sequential tests that may be looked at as often as one likes: each is a likelihood ratio, mixed over a grid of alternatives, of what was seen. Where nothing is wrong it is a
/// non-negative supermartingale that begins at one, so it ever reaches 1/α with a probability of at most α (Ville 1939; Robbins 1970, "Statistical methods related to the law
/// of the iterated logarithm"). Both are exact for small counts.
/// </summary>
public static class RampTest
{
    /// <summary>How often a ramp without a fault is ever stopped, at most.</summary>
    public const double FalseAlarms = 0.01;

    /// <summary>The evidence (natural logarithm of the mixed likelihood ratio) at which a ramp is stopped.</summary>
    public static double Threshold { get; } = -Math.Log(FalseAlarms);

    /// <summary>How many times worse than tolerated the alternatives are.</summary>
    private static readonly double[] Ratios = [1.2, 1.5, 2, 3, 5, 10, 30];

    /// <summary>
    /// Evidence that the ramped variant's error rate is more than <paramref name="tolerated"/> times that of the rest. Given that an error happened, it is the ramped variant's with
    /// probability q = r·n₁ / (n₀ + r·n₁), where r is the ratio of the rates and n the evaluations of the interval; so the split of errors tests r without knowing how many errors are
    /// usual (the multinomial case of Lindon and Malek, "Anytime-Valid Inference for Multinomial Count Data", NeurIPS 2022).
    /// </summary>
    /// <param name="intervals">What was counted, apart for every share.</param>
    /// <param name="tolerated">The greatest ratio of error rates that is no fault; at least 1.</param>
    public static double Increase(IReadOnlyCollection<RampInterval> intervals, double tolerated) => Mix(ratio =>
    {
        var sum = 0.0;
        foreach (var (ramped, rest) in intervals)
        {
            if (ramped.Evaluations == 0 || rest.Evaluations == 0)
                continue;
            var (usual, worse) = (tolerated * ramped.Evaluations, tolerated * ratio * ramped.Evaluations);
            sum += (ramped.Errors * Math.Log(ratio)) + ((ramped.Errors + rest.Errors) * Math.Log((rest.Evaluations + usual) / (rest.Evaluations + worse)));
        }

        return sum;
    });

    /// <summary>Evidence that an error rate is above a limit, by independent trials.</summary>
    /// <param name="counts">What was counted.</param>
    /// <param name="limit">The greatest rate that is no fault, more than 0 and less than 1.</param>
    public static double Above(RampCounts counts, double limit)
    {
        var errors = Math.Min(counts.Errors, counts.Evaluations);
        return Mix(ratio =>
        {
            var worse = Math.Min(limit * ratio, (1 + limit) / 2);
            return (errors * Math.Log(worse / limit)) + ((counts.Evaluations - errors) * Math.Log((1 - worse) / (1 - limit)));
        });
    }

    /// <summary>The logarithm of the mean of likelihood ratios.</summary>
    private static double Mix(Func<double, double> logarithm)
    {
        var all = Array.ConvertAll(Ratios, ratio => logarithm(ratio));
        var most = all.Max();
        return most + Math.Log(all.Sum(one => Math.Exp(one - most)) / all.Length);
    }
}
