using Togglr.Statistics.Bayesian;
using Togglr.Statistics.Comparisons;

namespace Togglr.Statistics.Analysis;

/// <summary>
/// What is believed of an effect: beta posteriors of shares, a normal one of everything else and wherever there is a prior of the effect. Computed from the same estimate as the test.
/// </summary>
internal static class Beliefs
{
    // So many spreads on both sides are drawn, or so many widths of the interval beyond it, at so many points.
    private const double Reach = 4;
    private const double Margin = 0.6;
    private const int Points = 41;

    /// <summary>Beliefs; null where there is nothing to believe in: no variance, or a prior of a lift without a control that it could be a lift of.</summary>
    internal static BayesianOutcome? Of(AnalysisPlan plan, PlannedMetric metric, EstimatedEffect estimated, bool withDensity)
    {
        var higher = metric.Direction == MetricDirection.Increase;
        return estimated.Shares is { } shares && plan.Prior is null ? OfShares(shares.Control, shares.Treatment, plan.Alpha, higher, withDensity) : OfEffect(plan, estimated, higher, withDensity);
    }

    private static BayesianOutcome OfShares(Proportion controls, Proportion treatments, double alpha, bool higher, bool withDensity)
    {
        var control = new BetaPosterior(1 + controls.Successes, 1 + controls.Count - controls.Successes);
        var treatment = new BetaPosterior(1 + treatments.Successes, 1 + treatments.Count - treatments.Successes);
        var above = PosteriorComparison.ChanceToBeat(control, treatment);
        var loss = PosteriorComparison.ExpectedLoss(treatment, control);
        var uplift = PosteriorComparison.CredibleUplift(control, treatment, alpha);
        // E[max(T − C, 0)] − E[max(C − T, 0)] = E[T − C].
        return new BayesianOutcome(higher ? above : 1 - above, higher ? loss : Math.Max(0, loss + treatment.Mean - control.Mean), Finite(uplift.Lower), Finite(uplift.Upper))
        {
            Median = Finite(PosteriorComparison.UpliftQuantile(control, treatment, 0.5)),
            Density = withDensity ? DensityOf(control, treatment, uplift) : null,
        };
    }

    private static BayesianOutcome? OfEffect(AnalysisPlan plan, EstimatedEffect estimated, bool higher, bool withDensity)
    {
        var baseline = estimated.Control.Value;
        if (plan.Prior is not null && baseline == 0)
            return null;
        if (GaussianEffect.Of(estimated.Effect, plan.Prior?.Scaled(baseline), plan.Alpha) is not { } outcome)
            return null;
        double? Share(double effect) => baseline == 0 ? null : Finite(effect / Math.Abs(baseline));
        var (mean, reach) = (outcome.Posterior.Mean, Reach * outcome.Posterior.StandardDeviation);
        return new BayesianOutcome(
            higher ? outcome.ChanceToWin : 1 - outcome.ChanceToWin, higher ? outcome.RiskOfTreatment : outcome.RiskOfControl, Share(outcome.Credible.Lower), Share(outcome.Credible.Upper))
        {
            Median = Share(mean),
            Density = withDensity && Share(mean - reach) is { } from && Share(mean + reach) is { } to
                ? new EffectDensity(from, to, [.. Steps(-Reach, Reach).Select(z => Math.Round(Math.Exp(-z * z / 2), 4))]) : null,
        };
    }

    // The lift of two shares has no density in closed form: the slope of its distribution function does.
    private static EffectDensity? DensityOf(BetaPosterior control, BetaPosterior treatment, Interval uplift)
    {
        // The interval tells how wide it is, on each side by itself.
        var width = uplift.Upper - uplift.Lower;
        var (from, to) = (Math.Max(-1, uplift.Lower - Margin * width), uplift.Upper + Margin * width);
        if (!double.IsFinite(to) || !(to > from))
            return null;
        var half = (to - from) / (Points - 1) / 2;
        double[] edges = [.. Steps(from, to).Select(lift => lift - half), to + half];
        double[] below = [.. edges.Select(lift => PosteriorComparison.ChanceOfUpliftBelow(control, treatment, lift))];
        double[] slopes = [.. below.Skip(1).Zip(below, (next, last) => Math.Max(0, next - last))];
        var most = slopes.Max();
        return most > 0 ? new EffectDensity(from, to, [.. slopes.Select(slope => Math.Round(slope / most, 4))]) : null;
    }

    private static IEnumerable<double> Steps(double from, double to) => Enumerable.Range(0, Points).Select(i => from + (to - from) * i / (Points - 1));

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
