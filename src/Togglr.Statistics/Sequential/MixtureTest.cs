namespace Togglr.Statistics.Sequential;

/// <summary>What a mixture sequential probability ratio test says at one look.</summary>
/// <param name="LogLambda">The logarithm of the likelihood ratio.</param>
/// <param name="PValue">min(1, 1/Λ).</param>
/// <param name="Interval">The confidence interval of the effect.</param>
public sealed record MixtureOutcome(double LogLambda, double PValue, Interval Interval);

/// <summary>What it says over all looks so far.</summary>
/// <param name="PValue">The smallest p-value so far.</param>
/// <param name="Interval">The intersection of the intervals so far; null when it is empty, which means that something changed meanwhile.</param>
public sealed record RunningOutcome(double PValue, Interval? Interval);

/// <summary>
/// The mixture sequential probability ratio test (Robbins 1970; Johari, Koomen, Pekelis &amp; Walsh 2017): valid at any number of unplanned
/// looks. The effect under the alternative is mixed over N(0, τ²); τ must be fixed before the first look.
/// </summary>
public static class MixtureTest
{
    /// <summary>
    /// Λ = √(s²/(s² + τ²)) · exp(τ²(d − d0)² / (2s²(s² + τ²))) for an estimate d with standard error s, and the interval
    /// d ± s·√((s² + τ²)/τ² · (ln((s² + τ²)/s²) − 2 ln α)).
    /// </summary>
    public static MixtureOutcome At(double estimate, double standardError, double tauSquared, double alpha, double nullValue = 0)
    {
        var variance = standardError * standardError;
        var total = variance + tauSquared;
        var distance = estimate - nullValue;
        var logLambda = 0.5 * Math.Log(variance / total) + tauSquared * distance * distance / (2 * variance * total);
        var half = standardError * Math.Sqrt(total / tauSquared * (Math.Log(total / variance) - 2 * Math.Log(alpha)));
        return new MixtureOutcome(logLambda, Math.Min(1, Math.Exp(-logLambda)), Interval.Around(estimate, half));
    }

    /// <summary>The running minimum of the p-values and the running intersection of the intervals.</summary>
    public static IReadOnlyList<RunningOutcome> Running(IEnumerable<(double PValue, Interval Interval)> looks)
    {
        ArgumentNullException.ThrowIfNull(looks);
        var result = new List<RunningOutcome>();
        double p = 1, lower = double.NegativeInfinity, upper = double.PositiveInfinity;
        foreach (var look in looks)
        {
            p = Math.Min(p, look.PValue);
            lower = Math.Max(lower, look.Interval.Lower);
            upper = Math.Min(upper, look.Interval.Upper);
            result.Add(new RunningOutcome(p, lower <= upper ? new Interval(lower, upper) : null));
        }
        return result;
    }
}
