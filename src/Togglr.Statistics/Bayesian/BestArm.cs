using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Bayesian;

/// <summary>Which of several arms is the best, from their independent posteriors.</summary>
public static class BestArm
{
    /// <summary>
    /// P(arm i is the largest) = ∫ fᵢ(x) Π_{j≠i} F_j(x) dx for every arm, by quadrature and not by drawing: equal inputs give equal weights
    /// on every node. Normalised, so that they add up to one to the last digit.
    /// </summary>
    public static double[] Probabilities(IReadOnlyList<Posterior> arms)
    {
        ArgumentNullException.ThrowIfNull(arms);
        if (arms.Count == 1)
            return [1];
        if (arms.Count == 2)
        {
            var second = PosteriorComparison.ChanceToBeat(arms[0], arms[1]);
            return [1 - second, second];
        }
        Interval[] cores = [.. arms.Select(arm => arm.Core)];
        var probabilities = new double[arms.Count];
        for (var i = 0; i < arms.Count; i++)
        {
            var self = i;
            probabilities[i] = Elementary.Clamp(arms[i].Expect(x => ProductOfOthers(arms, self, x), cores), 0, 1);
        }
        var total = probabilities.Sum();
        for (var i = 0; i < probabilities.Length; i++)
            probabilities[i] /= total;
        return probabilities;
    }

    private static double ProductOfOthers(IReadOnlyList<Posterior> arms, int self, double x)
    {
        var product = 1.0;
        for (var j = 0; j < arms.Count && product > 0; j++)
        {
            if (j != self)
                product *= arms[j].Cdf(x);
        }
        return product;
    }
}
