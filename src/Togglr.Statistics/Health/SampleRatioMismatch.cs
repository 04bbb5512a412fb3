using Togglr.Statistics.Distributions;
using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Health;

/// <summary>A test of the split against the planned weights.</summary>
/// <param name="Statistic">Σ (O − E)² / E over the arms with a weight.</param>
/// <param name="Degrees">Those arms − 1.</param>
/// <param name="PValue">The upper tail of chi-square.</param>
/// <param name="Expected">The expected counts of those arms.</param>
/// <param name="Alert">p below 0.001.</param>
public sealed record RatioMismatchOutcome(double Statistic, int Degrees, double PValue, IReadOnlyList<double> Expected, bool Alert);

/// <summary>
/// Sample-ratio mismatch: the arms hold not the shares of units that the plan gave them, so something lost or moved units and no
/// result can be trusted (Fabijan et al. 2019).
/// </summary>
public static class SampleRatioMismatch
{
    /// <summary>Below this p-value a mismatch is reported.</summary>
    public const double AlertLevel = 0.001;

    /// <summary>
    /// The chi-square test of counts against weights of any scale. Arms of weight zero are left out of the statistic and of its degrees of
    /// freedom. Null where fewer than two arms have a weight or nothing was counted.
    /// </summary>
    public static RatioMismatchOutcome? ChiSquareTest(IReadOnlyList<long> counts, IReadOnlyList<double> weights)
    {
        var (kept, shares) = WithWeight(counts, weights);
        var total = (double)kept.Sum();
        if (kept.Length < 2 || total <= 0)
            return null;
        double[] expected = [.. shares.Select(share => share * total)];
        var statistic = kept.Zip(expected, (observed, mean) => (observed - mean) * (observed - mean) / mean).Sum();
        var p = ChiSquare.UpperTail(statistic, kept.Length - 1);
        return new RatioMismatchOutcome(statistic, kept.Length - 1, p, expected, p < AlertLevel);
    }

    /// <summary>
    /// The logarithm of the e-value for watching continuously: a Dirichlet-multinomial mixture with concentration c against the planned
    /// weights, E = Γ(c)/Γ(c + n) · Π Γ(c·wᵢ + xᵢ)/Γ(c·wᵢ) / Π wᵢ^xᵢ (Lindon &amp; Malek 2020). The smallest 1/E so far is a p-value at any time.
    /// </summary>
    public static double LogEValue(IReadOnlyList<long> counts, IReadOnlyList<double> weights, double concentration)
    {
        var (kept, shares) = WithWeight(counts, weights);
        var total = kept.Sum();
        var log = LogRising(concentration, total);
        var sum = -log;
        for (var arm = 0; arm < kept.Length; arm++)
            sum += LogRising(concentration * shares[arm], kept[arm]) - kept[arm] * Math.Log(shares[arm]);
        return kept.Length < 2 ? 0 : sum;
    }

    // ln Γ(a + n) − ln Γ(a).
    private static double LogRising(double a, long n) => Elementary.LogGamma(a + n) - Elementary.LogGamma(a);

    private static (long[] Counts, double[] Shares) WithWeight(IReadOnlyList<long> counts, IReadOnlyList<double> weights)
    {
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentNullException.ThrowIfNull(weights);
        if (counts.Count != weights.Count)
            throw new ArgumentException("There must be one weight for every count.", nameof(weights));
        int[] used = [.. Enumerable.Range(0, counts.Count).Where(arm => weights[arm] > 0)];
        var sum = used.Sum(arm => weights[arm]);
        return ([.. used.Select(arm => counts[arm])], [.. used.Select(arm => weights[arm] / sum)]);
    }
}
