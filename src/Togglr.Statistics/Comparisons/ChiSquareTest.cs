using Togglr.Statistics.Distributions;

namespace Togglr.Statistics.Comparisons;

/// <summary>Whether a share of successes differs between arms.</summary>
public static class ChiSquareTest
{
    /// <summary>The outcome of a chi-square test.</summary>
    /// <param name="Statistic">Σ (O − E)² / E.</param>
    /// <param name="Degrees">Arms − 1.</param>
    /// <param name="PValue">The upper tail of the chi-square distribution.</param>
    /// <param name="ExpectedSuccesses">The expected successes of every arm.</param>
    /// <param name="ExpectedFailures">The expected failures of every arm.</param>
    public sealed record Outcome(double Statistic, int Degrees, double PValue, IReadOnlyList<double> ExpectedSuccesses, IReadOnlyList<double> ExpectedFailures)
    {
        /// <summary>The smallest expected count; below five Fisher's exact test is the better one.</summary>
        public double SmallestExpected => ExpectedSuccesses.Concat(ExpectedFailures).Min();
    }

    /// <summary>
    /// Pearson's chi-square test of independence of successes and arms. With <paramref name="yates"/> and two arms |O − E| is reduced by
    /// min(½, |O − E|); without (the default of this engine) its square root is the pooled z. Null where all or none succeeded or an arm is empty.
    /// </summary>
    public static Outcome? Independence(IReadOnlyList<long> successes, IReadOnlyList<long> totals, bool yates = false)
    {
        ArgumentNullException.ThrowIfNull(successes);
        ArgumentNullException.ThrowIfNull(totals);
        var total = (double)totals.Sum();
        var share = successes.Sum() / total;
        if (totals.Count < 2 || totals.Count != successes.Count || totals.Any(n => n <= 0) || !(share > 0 && share < 1))
            return null;
        double[] expectedSuccesses = [.. totals.Select(n => n * share)];
        double[] expectedFailures = [.. totals.Select(n => n * ((totals.Sum() - successes.Sum()) / total))];
        var statistic = 0.0;
        for (var arm = 0; arm < totals.Count; arm++)
        {
            var distance = Math.Abs(successes[arm] - expectedSuccesses[arm]);
            if (yates && totals.Count == 2)
                distance -= Math.Min(0.5, distance);
            statistic += distance * distance * (1 / expectedSuccesses[arm] + 1 / expectedFailures[arm]);
        }
        return new Outcome(statistic, totals.Count - 1, ChiSquare.UpperTail(statistic, totals.Count - 1), expectedSuccesses, expectedFailures);
    }
}
