using Togglr.Statistics.Moments;

namespace Togglr.Statistics.Bandits;

/// <summary>One logged decision.</summary>
/// <param name="Arm">The arm that was served.</param>
/// <param name="Reward">What it earned.</param>
/// <param name="Propensity">The probability with which it was served, as logged.</param>
public readonly record struct LoggedDecision(int Arm, double Reward, double Propensity);

/// <summary>What another policy would have earned, from decisions that this one logged.</summary>
/// <param name="Ips">Inverse propensity: mean of w·r with w = π(arm)/propensity (Horvitz &amp; Thompson 1952).</param>
/// <param name="IpsStandardError">Its standard error.</param>
/// <param name="ClippedIps">The same with weights above the limit cut to it: less variance, some bias.</param>
/// <param name="Snips">Self-normalised: Σ w·r / Σ w (Swaminathan &amp; Joachims 2015).</param>
/// <param name="EffectiveSampleSize">(Σ w)² / Σ w²: how many decisions the weights leave.</param>
/// <param name="Direct">The reward model alone; null without one.</param>
/// <param name="DoublyRobust">Right when either the model or the propensities are (Dudík, Langford &amp; Li 2011); null without a model.</param>
public sealed record OffPolicyOutcome(
    double Ips, double IpsStandardError, double ClippedIps, double Snips, double EffectiveSampleSize, double? Direct, double? DoublyRobust);

/// <summary>Estimates of a policy's value from adaptive data, which a plain mean would get wrong.</summary>
public static class OffPolicy
{
    /// <summary>The estimates for a target policy (one probability per arm) and, if there is one, a model of every arm's reward per decision.</summary>
    /// <returns>Null without decisions, or with a propensity that is not positive.</returns>
    public static OffPolicyOutcome? Evaluate(
        IReadOnlyList<LoggedDecision> decisions, IReadOnlyList<double> target, IReadOnlyList<IReadOnlyList<double>>? model = null, double clip = 10)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        ArgumentNullException.ThrowIfNull(target);
        if (decisions.Count == 0 || decisions.Any(decision => !(decision.Propensity > 0)))
            return null;
        SampleMoments weighted = default, clipped = default, direct = default, robust = default;
        double weights = 0, squares = 0, rewards = 0;
        for (var i = 0; i < decisions.Count; i++)
        {
            var (arm, reward, propensity) = decisions[i];
            var weight = target[arm] / propensity;
            weighted = weighted.Add(weight * reward);
            clipped = clipped.Add(Math.Min(weight, clip) * reward);
            weights += weight;
            squares += weight * weight;
            rewards += weight * reward;
            if (model is null)
                continue;
            var expected = target.Zip(model[i], (share, value) => share * value).Sum();
            direct = direct.Add(expected);
            robust = robust.Add(expected + weight * (reward - model[i][arm]));
        }
        return new OffPolicyOutcome(
            weighted.Mean,
            Math.Sqrt(weighted.VarianceOfMean),
            clipped.Mean,
            weights > 0 ? rewards / weights : 0,
            squares > 0 ? weights * weights / squares : 0,
            model is null ? null : direct.Mean,
            model is null ? null : robust.Mean);
    }
}
