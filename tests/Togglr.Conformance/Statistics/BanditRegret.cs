using System.Text.Json;
using Togglr.Statistics.Bandits;
using Togglr.Statistics.Numerics;

namespace Togglr.Conformance.Statistics;

/// <summary>Simulated bandits: what choosing worse arms costs.</summary>
internal static class BanditRegret
{
    internal static bool Knows(string method) => method is "regret_epsilon_greedy" or "regret_ucb1" or "regret_thompson" or "regret_thompson_batch" or "regret_thompson_discounted";

    /// <summary>The mean regret of some runs.</summary>
    internal static double Mean(string method, JsonElement inputs, int runs, ulong seed)
    {
        var arms = inputs.Numbers("arms");
        var horizon = inputs.Integer("horizon");
        var swap = inputs.Has("swap") && inputs.GetProperty("swap").GetBoolean();
        var randomTies = !inputs.Has("tie") || inputs.Text("tie") == "random";
        return Simulations.Average(runs, seed, random =>
        {
            var state = new ArmStatistics[arms.Length];
            var choose = Policy(method, inputs, state, random, randomTies);
            var gamma = inputs.Optional("gamma") ?? 1;
            var means = (double[])arms.Clone();
            var (best, regret) = (means.Max(), 0.0);
            for (var step = 0; step < horizon; step++)
            {
                if (swap && step == horizon / 2)
                    Array.Reverse(means);
                var arm = choose(step);
                regret += best - means[arm];
                if (gamma < 1)
                {
                    for (var i = 0; i < state.Length; i++)
                        state[i] = state[i].Discounted(gamma);
                }
                state[arm] = state[arm].Plus(new ArmStatistics(1, random.Uniform() < means[arm] ? 1 : 0));
            }
            return regret;
        });
    }

    private static Func<int, int> Policy(string method, JsonElement inputs, ArmStatistics[] state, RandomSource random, bool randomTies)
    {
        var scores = new double[state.Length];
        switch (method)
        {
            case "regret_epsilon_greedy":
                var epsilon = inputs.Optional("eps") ?? 0.1;
                return step => step < state.Length ? step : random.Uniform() < epsilon ? random.Below(state.Length) : Best(arm => state[arm].SuccessShare);
            case "regret_ucb1":
                return step => step < state.Length ? step : Best(arm => state[arm].SuccessShare + Math.Sqrt(2 * Math.Log(step) / state[arm].Pulls));
            case "regret_thompson_batch":
                var (size, floor) = (inputs.Integer("batch"), inputs.Number("floor"));
                double[] weights = [];
                return step =>
                {
                    if (step % size == 0)
                        weights = BanditWeights.WithFloor(BanditWeights.Thompson([.. state.Select(arm => arm.Posterior())]), floor);
                    return random.Pick(weights);
                };
            default:
                return _ => Best(arm => random.Beta(1 + state[arm].Successes, 1 + Math.Max(0, state[arm].Pulls - state[arm].Successes)));
        }

        int Best(Func<int, double> score)
        {
            var (best, ties) = (0, 1);
            for (var arm = 0; arm < scores.Length; arm++)
            {
                scores[arm] = score(arm);
                if (arm == 0 || scores[arm] < scores[best])
                    continue;
                if (scores[arm] > scores[best])
                    (best, ties) = (arm, 1);
                else if (randomTies && random.Below(++ties) == 0)
                    best = arm;
            }
            return best;
        }
    }
}
