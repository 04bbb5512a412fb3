using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Comparisons;

/// <summary>Fisher's exact test of a 2×2 table, for counts too small for chi-square.</summary>
public static class FisherExact
{
    /// <summary>
    /// The two-sided p-value: the sum of the hypergeometric probabilities of all tables with the same margins that are not more probable than
    /// the observed one (Fisher 1935; ties within 1e-7, as R counts them).
    /// </summary>
    public static double TwoSided(long successesControl, long control, long successesTreatment, long treatment)
    {
        var successes = successesControl + successesTreatment;
        var (lowest, highest) = (Math.Max(0, successes - treatment), Math.Min(successes, control));
        var constant = LogChoose(control + treatment, successes);
        double LogProbability(long k) => LogChoose(control, k) + LogChoose(treatment, successes - k) - constant;
        var observed = LogProbability(successesControl) + 1e-7;
        var sum = 0.0;
        for (var k = lowest; k <= highest; k++)
        {
            var log = LogProbability(k);
            if (log <= observed)
                sum += Math.Exp(log);
        }
        return Math.Min(1, sum);
    }

    private static double LogChoose(long n, long k) => Elementary.LogGamma(n + 1.0) - Elementary.LogGamma(k + 1.0) - Elementary.LogGamma(n - k + 1.0);
}
