using Togglr.Statistics.Bayesian;

namespace Togglr.Statistics.Bandits;

/// <summary>How a bandit shares traffic out.</summary>
public enum BanditRule
{
    /// <summary>1 − ε + ε/K for the best arm, ε/K for the others.</summary>
    EpsilonGreedy,

    /// <summary>Every arm gets its probability of being the best.</summary>
    Thompson,

    /// <summary>All for the arm with the greatest upper confidence bound.</summary>
    Ucb1,

    /// <summary>The same with a linear model per arm.</summary>
    LinUcb,

    /// <summary>Probabilities of being the best from a linear model per arm.</summary>
    LinearThompson,
}

/// <summary>The numbers of a bandit.</summary>
/// <param name="Rule">How it shares traffic out.</param>
/// <param name="Floor">The least share of an arm.</param>
/// <param name="ColdStart">So many outcomes of every arm are needed before the shares leave the uniform.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="Exploration">c of UCB1.</param>
/// <param name="PriorSuccesses">a of the prior Beta(a, b).</param>
/// <param name="PriorFailures">b of the prior Beta(a, b).</param>
/// <param name="Alpha">α of the linear models.</param>
/// <param name="Ridge">λ of the linear models.</param>
/// <param name="IsBinary">Whether rewards are successes and failures; else they are any numbers.</param>
public sealed record BanditNumbers(
    BanditRule Rule, double Floor = 0.01, double ColdStart = 0, double Epsilon = 0.1, double Exploration = 1, double PriorSuccesses = 1, double PriorFailures = 1, double Alpha = 0.5, double Ridge = 1, bool IsBinary = true);

/// <summary>A context that a bandit tells apart, with what every arm has earned in it.</summary>
/// <param name="Features">What linear models see of it.</param>
/// <param name="Arms">What every arm has earned.</param>
public sealed record BanditCell(IReadOnlyList<double> Features, IReadOnlyList<ArmStatistics> Arms);

/// <summary>What a bandit believes and does in one context.</summary>
/// <param name="Weights">The shares of the arms.</param>
/// <param name="Beliefs">What is believed about every arm's mean reward.</param>
/// <param name="BestProbabilities">The probability of every arm of being the best; null where it was not asked for.</param>
public sealed record BanditDecision(IReadOnlyList<double> Weights, IReadOnlyList<Posterior> Beliefs, IReadOnlyList<double>? BestProbabilities);

/// <summary>From what arms have earned to the shares that they get. A function of its inputs alone: every node comes to the same shares.</summary>
public static class BanditPolicy
{
    /// <summary>How many outcomes the arm that has the fewest still needs. Counted as they came: where what is old fades, few would never be enough.</summary>
    /// <param name="numbers">The settings.</param>
    /// <param name="outcomes">Outcomes of every arm, over all contexts.</param>
    public static double Needed(BanditNumbers numbers, IEnumerable<double> outcomes)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        return Math.Max(0, Math.Ceiling(Math.Max(1, numbers.ColdStart) - outcomes.Min()));
    }

    /// <summary>The shares in every context, floor included.</summary>
    /// <param name="numbers">The settings.</param>
    /// <param name="cells">What was earned; all with the same arms.</param>
    /// <param name="withProbabilities">Whether the probabilities of being the best are wanted besides.</param>
    public static IReadOnlyList<BanditDecision> Decide(BanditNumbers numbers, IReadOnlyList<BanditCell> cells, bool withProbabilities = false)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        ArgumentNullException.ThrowIfNull(cells);
        var scale = numbers.IsBinary ? 1 : 2 * Spread([.. cells.SelectMany(cell => cell.Arms)]);
        var linear = numbers.Rule is BanditRule.LinUcb or BanditRule.LinearThompson ? Models(numbers, cells, scale) : null;
        return [.. cells.Select(cell => Decide(numbers, cell, linear, scale, withProbabilities))];
    }

    private static BanditDecision Decide(BanditNumbers numbers, BanditCell cell, LinearArm[]? linear, double scale, bool withProbabilities)
    {
        IReadOnlyList<Posterior> beliefs = linear is null ? Beliefs(numbers, cell.Arms) : [.. linear.Select(arm => Belief(arm, cell.Features, numbers.Alpha, scale))];
        var probabilities = withProbabilities || numbers.Rule is BanditRule.Thompson or BanditRule.LinearThompson ? BanditWeights.Thompson(beliefs) : null;
        var weights = numbers.Rule switch
        {
            BanditRule.EpsilonGreedy => BanditWeights.EpsilonGreedy([.. cell.Arms.Select(Mean)], numbers.Epsilon),
            BanditRule.Ucb1 => Optimistic(BanditWeights.Ucb1Scores([.. cell.Arms.Select(arm => arm.Pulls)], [.. cell.Arms.Select(arm => arm.Reward / scale)], numbers.Exploration)),
            BanditRule.LinUcb => BanditWeights.Greedy([.. linear!.Select(arm => arm.UpperBound(cell.Features, numbers.Alpha))]),
            _ => probabilities!,
        };
        return new BanditDecision(BanditWeights.WithFloor(weights, numbers.Floor), beliefs, probabilities);
    }

    /// <summary>All for the greatest bound; arms that were never tried get an equal part each, instead of everything at once.</summary>
    private static double[] Optimistic(double[] scores)
    {
        var untried = scores.Count(double.IsPositiveInfinity);
        if (untried == 0)
            return BanditWeights.Greedy(scores);
        if (untried == scores.Length)
            return [.. scores.Select(_ => 1.0 / scores.Length)];
        var rest = BanditWeights.Greedy([.. scores.Select(score => double.IsPositiveInfinity(score) ? double.NegativeInfinity : score)]);
        return [.. scores.Select((score, arm) => double.IsPositiveInfinity(score) ? 1.0 / scores.Length : rest[arm] * (scores.Length - untried) / scores.Length)];
    }

    private static double Mean(ArmStatistics arm) => arm.Pulls > 0 ? arm.Reward / arm.Pulls : 0;

    /// <summary>What is believed about each arm's mean, whatever the context.</summary>
    public static IReadOnlyList<Posterior> Beliefs(BanditNumbers numbers, IReadOnlyList<ArmStatistics> arms)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        ArgumentNullException.ThrowIfNull(arms);
        if (numbers.IsBinary)
            return [.. arms.Select(arm => arm.Posterior(numbers.PriorSuccesses, numbers.PriorFailures))];
        // Numeric rewards: a normal likelihood with the pooled variance, and a prior that is worth one outcome at the common mean.
        var (pulls, reward) = (arms.Sum(arm => arm.Pulls), arms.Sum(arm => arm.Reward));
        var mean = pulls > 0 ? reward / pulls : 0;
        var deviation = Spread(arms);
        return [.. arms.Select(arm => new NormalPosterior((arm.Reward + mean) / (arm.Pulls + 1), deviation / Math.Sqrt(arm.Pulls + 1)))];
    }

    /// <summary>The standard deviation of rewards within arms; 1 before anything is known of it.</summary>
    private static double Spread(IReadOnlyList<ArmStatistics> arms)
    {
        var (pulls, groups) = (arms.Sum(arm => arm.Pulls), arms.Count(arm => arm.Pulls > 0));
        var within = arms.Sum(arm => arm.Pulls > 0 ? Math.Max(0, arm.RewardSquares - arm.Reward * arm.Reward / arm.Pulls) : 0);
        if (pulls <= groups)
            return 1;
        // Rewards that are all the same say nothing about how far they may lie apart.
        return within > 0 ? Math.Sqrt(within / (pulls - groups)) : Math.Max(1e-9, Math.Abs(arms.Sum(arm => arm.Reward) / pulls) * 1e-6);
    }

    private static NormalPosterior Belief(LinearArm arm, IReadOnlyList<double> features, double alpha, double scale)
    {
        var (mean, deviation) = arm.Belief(features, alpha);
        return new NormalPosterior(mean * scale, Math.Max(deviation * scale, 1e-12));
    }

    private static LinearArm[] Models(BanditNumbers numbers, IReadOnlyList<BanditCell> cells, double scale)
    {
        var models = cells[0].Arms.Select(_ => new LinearArm(cells[0].Features.Count, numbers.Ridge)).ToArray();
        foreach (var cell in cells)
        {
            for (var arm = 0; arm < models.Length; arm++)
            {
                if (cell.Arms[arm].Pulls > 0)
                    models[arm].Add(cell.Features, cell.Arms[arm].Pulls, cell.Arms[arm].Reward / scale);
            }
        }
        return models;
    }
}
