using System.Text.Json;
using Togglr.Statistics.Bandits;
using Togglr.Statistics.Bayesian;

namespace Togglr.Conformance.Statistics;

/// <summary>Weights, scores and off-policy estimates of bandits.</summary>
internal static class BanditMethods
{
    internal static Dictionary<string, Func<JsonElement, object>> All { get; } = new(StringComparer.Ordinal)
    {
        ["ucb1_score"] = Ucb1,
        ["thompson_state"] = Thompson,
        ["gaussian_thompson_weights"] = GaussianThompson,
        ["epsilon_greedy_weights"] = inputs => new { weights = BanditWeights.EpsilonGreedy(inputs.Numbers("means"), inputs.Number("epsilon")) },
        ["discounted_statistics"] = Discounted,
        ["linucb"] = LinUcb,
        ["off_policy"] = OffPolicyEstimates,
    };

    private static object Ucb1(JsonElement inputs)
    {
        var scores = BanditWeights.Ucb1Scores(inputs.Numbers("pulls"), inputs.Numbers("successes"), inputs.Optional("c") ?? 1);
        return new { scores, selected = BanditWeights.Select(scores) };
    }

    private static object Thompson(JsonElement inputs)
    {
        BetaPosterior[] arms = [.. inputs.Numbers("pulls").Zip(inputs.Numbers("successes"), (pulls, successes) => new ArmStatistics(pulls, successes).Posterior())];
        var best = BanditWeights.Thompson(arms);
        return new
        {
            alpha = arms.Select(arm => arm.A),
            beta = arms.Select(arm => arm.B),
            posterior_mean = arms.Select(arm => arm.Mean),
            posterior_variance = arms.Select(arm => arm.Variance),
            interval_95 = arms.Select(arm => Methods.Ends(arm.Credible(0.05))),
            prob_best = best,
            weights_with_floor = BanditWeights.WithFloor(best, inputs.Number("floor")),
        };
    }

    private static object GaussianThompson(JsonElement inputs)
    {
        var (counts, means, variances) = (inputs.Numbers("n"), inputs.Numbers("means"), inputs.Numbers("variances"));
        var best = BanditWeights.Thompson([.. means.Select((mean, arm) => new NormalPosterior(mean, Math.Sqrt(variances[arm] / counts[arm])))]);
        return new { prob_best = best, weights_with_floor = BanditWeights.WithFloor(best, inputs.Number("floor")) };
    }

    private static object Discounted(JsonElement inputs)
    {
        var gamma = inputs.Number("gamma");
        ArmStatistics[] arms = [];
        foreach (var period in inputs.GetProperty("periods").EnumerateArray())
        {
            ArmStatistics[] batch = [.. period.EnumerateArray().Select(arm => new ArmStatistics(arm.Number("n"), arm.Number("successes")))];
            arms = [.. batch.Select((counts, arm) => arms.Length > arm ? arms[arm].Discounted(gamma).Plus(counts) : counts)];
        }
        return new
        {
            effective_n = arms.Select(arm => arm.Pulls),
            effective_successes = arms.Select(arm => arm.Successes),
            means = arms.Select(arm => arm.SuccessShare),
            thompson_alpha = arms.Select(arm => arm.Posterior().A),
            thompson_beta = arms.Select(arm => arm.Posterior().B),
        };
    }

    private static object LinUcb(JsonElement inputs)
    {
        var contexts = inputs.Rows("contexts");
        var served = inputs.GetProperty("arms").Longs();
        var rewards = inputs.Numbers("rewards");
        LinearArm[] arms = [.. Enumerable.Range(0, inputs.Integer("n_arms")).Select(_ => new LinearArm(contexts[0].Length, inputs.Number("lambda")))];
        for (var i = 0; i < contexts.Length; i++)
            arms[served[i]].Add(contexts[i], rewards[i]);
        double[][] scores = [.. inputs.Rows("query_contexts").Select(context => arms.Select(arm => arm.UpperBound(context, inputs.Number("alpha"))).ToArray())];
        return new
        {
            theta = arms.Select(arm => arm.Theta),
            a_inverse = arms.Select(arm => Rows(arm.Inverse)),
            scores,
            selected = scores.Select(BanditWeights.Select),
            lin_thompson_covariance_alpha_0_3 = arms.Select(arm => Rows(arm.Covariance(0.3))),
        };
    }

    private static double[][] Rows(double[,] matrix) =>
        [.. Enumerable.Range(0, matrix.GetLength(0)).Select(i => Enumerable.Range(0, matrix.GetLength(1)).Select(j => matrix[i, j]).ToArray())];

    private static object OffPolicyEstimates(JsonElement inputs)
    {
        var (rewards, propensities) = (inputs.Numbers("rewards"), inputs.Numbers("propensities"));
        LoggedDecision[] decisions = [.. inputs.GetProperty("actions").Longs().Select((arm, i) => new LoggedDecision((int)arm, rewards[i], propensities[i]))];
        var outcome = OffPolicy.Evaluate(decisions, inputs.Numbers("target_policy"), inputs.Rows("reward_model"))!;
        return new
        {
            ips = outcome.Ips,
            snips = outcome.Snips,
            dm = outcome.Direct,
            dr = outcome.DoublyRobust,
            ips_clipped_10 = outcome.ClippedIps,
            effective_sample_size = outcome.EffectiveSampleSize,
            ips_standard_error = outcome.IpsStandardError,
        };
    }
}
