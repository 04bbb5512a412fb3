using Togglr.Statistics.Bayesian;

namespace Togglr.Statistics.Bandits;

/// <summary>Shares of traffic that bandits give to their arms.</summary>
public static class BanditWeights
{
    /// <summary>
    /// ε-greedy: 1 − ε + ε/K for the arm with the largest mean, ε/K for the others; arms that tie share the greedy part equally.
    /// </summary>
    public static double[] EpsilonGreedy(IReadOnlyList<double> means, double epsilon)
    {
        ArgumentNullException.ThrowIfNull(means);
        var best = means.Max();
        var ties = means.Count(mean => mean == best);
        return [.. means.Select(mean => epsilon / means.Count + (mean == best ? (1 - epsilon) / ties : 0))];
    }

    /// <summary>
    /// UCB1 (Auer, Cesa-Bianchi &amp; Fischer 2002): mean + c·√(2 ln N / n) with N the pulls of all arms; infinite for an arm that was never pulled,
    /// which is so tried first.
    /// </summary>
    public static double[] Ucb1Scores(IReadOnlyList<double> pulls, IReadOnlyList<double> rewards, double c = 1)
    {
        ArgumentNullException.ThrowIfNull(pulls);
        ArgumentNullException.ThrowIfNull(rewards);
        var total = pulls.Sum();
        return [.. pulls.Select((n, arm) => n > 0 ? rewards[arm] / n + c * Math.Sqrt(2 * Math.Log(total) / n) : double.PositiveInfinity)];
    }

    /// <summary>The arm with the largest score, the first of equals.</summary>
    public static int Select(IReadOnlyList<double> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var best = 0;
        for (var arm = 1; arm < scores.Count; arm++)
        {
            if (scores[arm] > scores[best])
                best = arm;
        }
        return best;
    }

    /// <summary>All traffic for the arm with the largest score; equals share.</summary>
    public static double[] Greedy(IReadOnlyList<double> scores) => EpsilonGreedy(scores, 0);

    /// <summary>Thompson sampling in expectation (Thompson 1933): every arm gets its probability of being the best.</summary>
    public static double[] Thompson(IReadOnlyList<Posterior> arms) => BestArm.Probabilities(arms);

    /// <summary>
    /// The floor: w = f + (1 − K·f)·w, uniform when K·f ≥ 1. Unlike clipping it keeps the order of the arms and the ratios above the floor.
    /// </summary>
    public static double[] WithFloor(IReadOnlyList<double> weights, double floor)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var rest = 1 - weights.Count * floor;
        return [.. weights.Select(weight => rest > 0 ? floor + rest * weight : 1.0 / weights.Count)];
    }
}
