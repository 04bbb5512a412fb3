using Togglr.Statistics.Bayesian;

namespace Togglr.Statistics.Bandits;

/// <summary>What one arm has earned. Counts are real numbers, because discounting shrinks them.</summary>
/// <param name="Pulls">Units with an outcome; one that is still pending is not a failure.</param>
/// <param name="Successes">Outcomes that were a success.</param>
/// <param name="Reward">The sum of rewards.</param>
/// <param name="RewardSquares">The sum of squared rewards.</param>
public readonly record struct ArmStatistics(double Pulls, double Successes, double Reward = 0, double RewardSquares = 0)
{
    /// <summary>The share of successes; zero before the first.</summary>
    public double SuccessShare => Pulls > 0 ? Successes / Pulls : 0;

    /// <summary>The posterior of the share of successes, Beta(a + successes, b + failures).</summary>
    public BetaPosterior Posterior(double priorA = 1, double priorB = 1) => new(priorA + Successes, priorB + Math.Max(0, Pulls - Successes));

    /// <summary>Both together: what several nodes counted adds up.</summary>
    public ArmStatistics Plus(ArmStatistics other) =>
        new(Pulls + other.Pulls, Successes + other.Successes, Reward + other.Reward, RewardSquares + other.RewardSquares);

    /// <summary>Forgetting for worlds that drift: everything times γ to the number of periods that passed (Garivier &amp; Moulines 2011).</summary>
    public ArmStatistics Discounted(double gamma, double periods = 1)
    {
        var factor = Math.Pow(gamma, periods);
        return new ArmStatistics(Pulls * factor, Successes * factor, Reward * factor, RewardSquares * factor);
    }
}
