using Togglr.Statistics.Bayesian;
using Togglr.Statistics.Distributions;

namespace Togglr.Statistics.Bandits;

/// <summary>What is known of an arm.</summary>
/// <param name="Exposures">Units that were served it and told so.</param>
/// <param name="Outcomes">How many came back.</param>
/// <param name="Successes">Of these, successes.</param>
/// <param name="Failures">Failures.</param>
/// <param name="Errors">Errors; they count as failures.</param>
/// <param name="Reward">The sum of rewards.</param>
/// <param name="RewardSquares">The sum of their squares.</param>
public readonly record struct ArmTotals(long Exposures, long Outcomes, long Successes, long Failures, long Errors, double Reward, double RewardSquares)
{
    /// <summary>The mean reward; 0 before the first outcome.</summary>
    public double Mean => Outcomes > 0 ? Reward / Outcomes : 0;

    /// <summary>Both together.</summary>
    public ArmTotals Plus(ArmTotals other) => new(
        Exposures + other.Exposures, Outcomes + other.Outcomes, Successes + other.Successes, Failures + other.Failures, Errors + other.Errors, Reward + other.Reward, RewardSquares + other.RewardSquares);
}

/// <summary>Sums over outcomes whose share was known, with w = 1 / share.</summary>
/// <param name="Count">How many.</param>
/// <param name="Weights">Σ w.</param>
/// <param name="WeightSquares">Σ w².</param>
/// <param name="Rewards">Σ w·r.</param>
/// <param name="Squares">Σ w²·r².</param>
/// <param name="Clipped">Σ min(w, 10)·r.</param>
public readonly record struct WeightedSums(long Count, double Weights, double WeightSquares, double Rewards, double Squares, double Clipped)
{
    /// <summary>Both together.</summary>
    public WeightedSums Plus(WeightedSums other) => new(
        Count + other.Count, Weights + other.Weights, WeightSquares + other.WeightSquares, Rewards + other.Rewards, Squares + other.Squares, Clipped + other.Clipped);
}

/// <summary>Everything that was counted of an arm in a context.</summary>
/// <param name="Served">By the weights.</param>
/// <param name="HeldOut">In equal shares.</param>
/// <param name="Learned">What is learned from: all outcomes, the old ones discounted.</param>
/// <param name="Weighted">For the estimates by inverse shares.</param>
public sealed record ArmLedger(ArmTotals Served, ArmTotals HeldOut, ArmStatistics Learned, WeightedSums Weighted);

/// <summary>A context with what was counted in it.</summary>
/// <param name="Key">Its name to machines.</param>
/// <param name="Name">Its name to people; empty: there are no others.</param>
/// <param name="Features">What linear models see of it.</param>
/// <param name="Arms">What was counted of every arm.</param>
public sealed record LedgerCell(string Key, string Name, IReadOnlyList<double> Features, IReadOnlyList<ArmLedger> Arms);

/// <summary>A point of a density.</summary>
/// <param name="X">The value.</param>
/// <param name="Y">The density there.</param>
public sealed record DensityPoint(double X, double Y);

/// <summary>What is believed about a mean reward.</summary>
/// <param name="Mean">The expected value.</param>
/// <param name="Low">Begin of the interval that has it with 95 %.</param>
/// <param name="High">Its end.</param>
/// <param name="Density">To draw.</param>
public sealed record BeliefReport(double Mean, double Low, double High, IReadOnlyList<DensityPoint> Density);

/// <summary>What serving one arm to everybody would have earned per outcome, from what was logged: by inverse shares, because a plain mean of adaptive data is biased.</summary>
/// <param name="Ips">Inverse propensity.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Clipped">With weights cut at 10: less variance, some bias.</param>
/// <param name="Snips">Self-normalised.</param>
/// <param name="EffectiveSampleSize">How many outcomes the weights leave.</param>
public sealed record ArmValue(double Ips, double StandardError, double Clipped, double Snips, double EffectiveSampleSize);

/// <summary>An arm.</summary>
/// <param name="Variant">Its key.</param>
/// <param name="Weight">Its share now, from 0 to 1; over contexts: the mean by their outcomes.</param>
/// <param name="Totals">What was counted, held out or not.</param>
/// <param name="Mean">The mean reward.</param>
/// <param name="Belief">What is believed of the mean.</param>
/// <param name="BestProbability">The probability that it is the best.</param>
/// <param name="Value">What serving it to everybody would have earned; null where nothing is known of that.</param>
public sealed record ArmReport(string Variant, double Weight, ArmTotals Totals, double Mean, BeliefReport Belief, double BestProbability, ArmValue? Value);

/// <summary>A context that is told apart.</summary>
/// <param name="Key">Its name to machines.</param>
/// <param name="Name">Its name to people.</param>
/// <param name="Outcomes">How many came back.</param>
/// <param name="Arms">The arms in it.</param>
public sealed record CellReport(string Key, string Name, long Outcomes, IReadOnlyList<ArmReport> Arms);

/// <summary>What the bandit earned beside those who were held out.</summary>
/// <param name="Outcomes">Outcomes of those who were held out.</param>
/// <param name="Mean">Their mean reward.</param>
/// <param name="ServedOutcomes">Outcomes of the others.</param>
/// <param name="ServedMean">Their mean reward.</param>
/// <param name="Difference">How much more the others earn per outcome.</param>
/// <param name="Low">Begin of its 95 % interval (Welch).</param>
/// <param name="High">Its end.</param>
public sealed record HoldoutReport(long Outcomes, double Mean, long ServedOutcomes, double ServedMean, double Difference, double Low, double High);

/// <summary>What the bandit lost against serving the best arm from the beginning, as far as that can be told from the means.</summary>
/// <param name="Estimate">Over all outcomes that were not held out.</param>
/// <param name="Uniform">The same for equal shares.</param>
/// <param name="PerOutcome">Per outcome.</param>
public sealed record RegretReport(double Estimate, double Uniform, double PerOutcome);

/// <summary>What a bandit has come to.</summary>
/// <param name="IsWarm">Whether every arm has enough outcomes.</param>
/// <param name="OutcomesNeeded">How many are still needed of the arm that has the fewest.</param>
/// <param name="Outcomes">How many came back, held out or not.</param>
/// <param name="Arms">The arms over all contexts.</param>
/// <param name="Cells">By context; one where none are told apart.</param>
/// <param name="Regret">What was lost to the best.</param>
/// <param name="Holdout">What it is worth; null where nobody is held out, or nothing came back.</param>
public sealed record BanditState(
    bool IsWarm, long OutcomesNeeded, long Outcomes, IReadOnlyList<ArmReport> Arms, IReadOnlyList<CellReport> Cells, RegretReport Regret, HoldoutReport? Holdout);

/// <summary>Tells what a bandit has come to, for people.</summary>
public static class BanditReport
{
    private const int Points = 61;

    /// <summary>The report.</summary>
    /// <param name="numbers">The settings.</param>
    /// <param name="arms">Keys of the arms.</param>
    /// <param name="cells">What was counted.</param>
    /// <param name="decisions">What was made of it, with the probabilities of being the best, one for each cell.</param>
    /// <param name="weights">The shares that are served, for each cell.</param>
    public static BanditState Of(
        BanditNumbers numbers, IReadOnlyList<string> arms, IReadOnlyList<LedgerCell> cells, IReadOnlyList<BanditDecision> decisions, IReadOnlyList<IReadOnlyList<double>> weights)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        ArgumentNullException.ThrowIfNull(arms);
        ArgumentNullException.ThrowIfNull(cells);
        ArgumentNullException.ThrowIfNull(decisions);
        ArgumentNullException.ThrowIfNull(weights);
        ArmLedger[] all = [.. arms.Select((_, arm) => cells.Select(cell => cell.Arms[arm]).Aggregate(Sum))];
        var needed = BanditPolicy.Needed(numbers, all.Select(arm => (double)(arm.Served.Outcomes + arm.HeldOut.Outcomes)));
        var outcomes = all.Sum(arm => arm.Served.Outcomes + arm.HeldOut.Outcomes);
        double[] parts = [.. cells.Select(cell => outcomes == 0 ? 1.0 / cells.Count : cell.Arms.Sum(arm => arm.Served.Outcomes + arm.HeldOut.Outcomes) / (double)outcomes)];
        var beliefs = cells.Count == 1 ? decisions[0].Beliefs : BanditPolicy.Beliefs(numbers, [.. all.Select(arm => arm.Learned)]);
        var probabilities = cells.Count == 1 ? decisions[0].BestProbabilities! : BanditWeights.Thompson(beliefs);
        var shares = arms.Select((_, arm) => cells.Select((_, cell) => parts[cell] * weights[cell][arm]).Sum()).ToList();
        return new BanditState(
            needed == 0, (long)needed, outcomes,
            Arms(arms, all, shares, beliefs, probabilities, withValue: true),
            [.. cells.Select((cell, i) => new CellReport(
                cell.Key, cell.Name, cell.Arms.Sum(arm => arm.Served.Outcomes + arm.HeldOut.Outcomes), Arms(arms, cell.Arms, weights[i], decisions[i].Beliefs, decisions[i].BestProbabilities!, withValue: false)))],
            Regret(cells, decisions), Holdout([.. all.Select(arm => arm.Served)], [.. all.Select(arm => arm.HeldOut)]));
    }

    private static ArmLedger Sum(ArmLedger left, ArmLedger right) => new(left.Served.Plus(right.Served), left.HeldOut.Plus(right.HeldOut), left.Learned.Plus(right.Learned), left.Weighted.Plus(right.Weighted));

    private static List<ArmReport> Arms(
        IReadOnlyList<string> keys, IReadOnlyList<ArmLedger> arms, IReadOnlyList<double> weights, IReadOnlyList<Posterior> beliefs, IReadOnlyList<double> probabilities, bool withValue)
    {
        var decisions = arms.Sum(arm => arm.Weighted.Count);
        return [.. keys.Select((key, i) =>
        {
            var totals = arms[i].Served.Plus(arms[i].HeldOut);
            return new ArmReport(key, weights[i], totals, totals.Mean, Belief(beliefs[i], withValue), probabilities[i], withValue ? Value(arms[i].Weighted, decisions) : null);
        })];
    }

    private static BeliefReport Belief(Posterior belief, bool withDensity)
    {
        var interval = belief.Credible(0.05);
        return new BeliefReport(belief.Mean, interval.Lower, interval.Upper, withDensity ? Density(belief) : []);
    }

    private static List<DensityPoint> Density(Posterior belief)
    {
        var (from, to) = (belief.Quantile(0.0005), belief.Quantile(0.9995));
        var step = (to - from) / (Points - 1);
        if (!(step > 0))
            return [];
        // The slope of the distribution function: the same for every kind of belief.
        return [.. Enumerable.Range(0, Points).Select(i => from + i * step).Select(x => new DensityPoint(x, Math.Max(0, (belief.Cdf(x + step / 2) - belief.Cdf(x - step / 2)) / step)))];
    }

    /// <summary>For the policy that always serves one arm, outcomes of other arms have the weight 0.</summary>
    private static ArmValue? Value(WeightedSums sums, long decisions)
    {
        if (sums.Count == 0 || decisions < 2)
            return null;
        var ips = sums.Rewards / decisions;
        var variance = Math.Max(0, (sums.Squares - decisions * ips * ips) / (decisions - 1));
        return new ArmValue(ips, Math.Sqrt(variance / decisions), sums.Clipped / decisions, sums.Rewards / sums.Weights, sums.Weights * sums.Weights / sums.WeightSquares);
    }

    private static RegretReport Regret(IReadOnlyList<LedgerCell> cells, IReadOnlyList<BanditDecision> decisions)
    {
        var (lost, uniform, outcomes) = (0.0, 0.0, 0L);
        for (var i = 0; i < cells.Count; i++)
        {
            var means = decisions[i].Beliefs.Select(belief => belief.Mean).ToList();
            var best = means.Max();
            var served = cells[i].Arms.Sum(arm => arm.Served.Outcomes);
            lost += cells[i].Arms.Select((arm, k) => arm.Served.Outcomes * (best - means[k])).Sum();
            uniform += served * means.Average(mean => best - mean);
            outcomes += served;
        }
        return new RegretReport(lost, uniform, outcomes > 0 ? lost / outcomes : 0);
    }

    private static HoldoutReport? Holdout(IReadOnlyList<ArmTotals> served, IReadOnlyList<ArmTotals> heldOut)
    {
        var (bandit, equal) = (served.Aggregate((left, right) => left.Plus(right)), heldOut.Aggregate((left, right) => left.Plus(right)));
        if (bandit.Outcomes < 2 || equal.Outcomes < 2)
            return null;
        var difference = bandit.Mean - equal.Mean;
        // So many outcomes are needed that the normal and Student's t are the same.
        var reach = Normal.UpperQuantile(0.025) * Math.Sqrt(VarianceOfMean(bandit) + VarianceOfMean(equal));
        return new HoldoutReport(equal.Outcomes, equal.Mean, bandit.Outcomes, bandit.Mean, difference, difference - reach, difference + reach);
    }

    private static double VarianceOfMean(ArmTotals totals) =>
        Math.Max(0, totals.RewardSquares - totals.Outcomes * totals.Mean * totals.Mean) / (totals.Outcomes - 1) / totals.Outcomes;
}
