using Togglr.Statistics.Comparisons;

namespace Togglr.Statistics.Bandits;

/// <summary>
/// The test of two arms of a bandit: a plain z-test rejects too often and its means are biased, because the shares follow the outcomes.
/// Within one batch the shares are fixed, so each batch's studentised difference is fair, and their sum over √batches is standard normal
/// (Zhang, Janson &amp; Murphy 2020, batched OLS with the pooled variance).
/// </summary>
public static class BatchedDifference
{
    /// <summary>The z-statistic, and the number of batches that could be used; null when none could.</summary>
    public static (double Z, int Batches)? Statistic(IEnumerable<(Proportion Control, Proportion Treatment)> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        var (sum, used) = (0.0, 0);
        foreach (var (control, treatment) in batches)
        {
            if (control.Count == 0 || treatment.Count == 0 || TwoProportions.PooledZ(control, treatment) is not { } z)
                continue;
            sum += z;
            used++;
        }
        return used == 0 ? null : (sum / Math.Sqrt(used), used);
    }
}
