using Togglr.Statistics.Comparisons;
using Togglr.Statistics.Distributions;
using Togglr.Statistics.Power;

namespace Togglr.Statistics.Analysis;

/// <summary>What came before a comparison.</summary>
internal sealed record ComparisonHistory(IReadOnlyList<(int Number, long Units)> Looks, ComparisonLook? Last);

/// <summary>Puts one comparison together: estimate, test at the look, intervals, guardrail, beliefs. Corrections for many comparisons come later.</summary>
internal sealed class ComparisonBuilder(AnalysisPlan plan, LookRule rule)
{
    internal ComparisonResult Build(PlannedMetric metric, string variant, long units, MetricSample? control, MetricSample? treatment, int? look, ComparisonHistory history, bool isWhole,
        IReadOnlyList<(MetricSample? Control, MetricSample? Treatment)>? strata = null)
    {
        var warnings = new List<string>();
        var estimated = EffectEstimator.Estimate(metric.Form, control, treatment, plan.Cuped, warnings);
        if (estimated is not null && strata is { Count: > 0 })
            estimated = EffectEstimator.Stratify(metric.Form, estimated, strata, plan.Cuped, warnings) ?? estimated;
        var result = new ComparisonResult { Variant = variant, Units = units, SignificantSince = history.Last?.SignificantSince, IsSignificant = history.Last?.SignificantSince is not null, WasBetter = history.Last?.WasBetter };
        if (estimated is null)
            return result with { Warnings = [.. warnings.Distinct()] };
        var (effect, baseline) = (estimated.Effect, estimated.Control.Value);
        result = result with
        {
            Value = estimated.Treatment.Value,
            ControlValue = baseline,
            Absolute = new EffectRange(effect.Value, null, null),
            Relative = new EffectRange(Share(effect.Value, baseline), null, null),
            StandardError = effect.StandardError,
            DegreesOfFreedom = double.IsFinite(effect.DegreesOfFreedom) ? effect.DegreesOfFreedom : null,
            Test = estimated.Test,
            IsBetter = effect.Value == 0 ? null : effect.Value > 0 == (metric.Direction == MetricDirection.Increase),
            VarianceReduction = estimated.VarianceReduction,
            Unadjusted = estimated.Unadjusted is { } plain ? new UnadjustedEffect(plain.Value, plain.StandardError, Share(plain.Value, estimated.UnadjustedBaseline ?? 0)) : null,
            PrePeriodPValue = estimated.PrePeriodPValue,
            DetectableEffect = Finite(MeanPower.DetectableEffect(effect.StandardError, new PowerGoal(plan.Alpha, plan.Power)) / Math.Abs(baseline)),
        };
        if (effect.StandardError > 0 && !effect.IsTestable)
            warnings.Add(WarningCode.InvalidInput);
        if (result is { WasBetter: { } was, IsBetter: { } isBetter } && was != isBetter)
            warnings.Add(WarningCode.EffectReversed);
        if (look is { } number && effect.IsTestable)
            result = AtLook(result, metric, estimated, number, history, isWhole, warnings);
        else if (metric.Role == MetricRole.Guardrail && (look is null ? history.Last?.Guardrail : GuardrailVerdict.Inconclusive) is { } verdict)
            result = result with { Guardrail = new GuardrailOutcome(verdict, metric.Margin, null, null) };
        return result with { Warnings = [.. warnings.Distinct()] };
    }

    private ComparisonResult AtLook(ComparisonResult result, PlannedMetric metric, EstimatedEffect estimated, int look, ComparisonHistory history, bool isWhole, List<string> warnings)
    {
        var effect = estimated.Effect;
        var (single, statistic) = SingleTest(estimated);
        // A statistic with another standard error than the effect's (pooled shares, exact tests) moves the intervals by the same factor.
        var scale = Math.Abs(statistic) > 0 && Math.Abs(effect.Statistic) > 0 ? Math.Abs(effect.Statistic / statistic) : 1;
        var tested = effect with { StandardError = effect.StandardError * scale };
        var (p, critical) = rule.Judge(tested, single, look, history.Looks, estimated.Control.Count + estimated.Treatment.Count);
        var absolute = AbsoluteInterval(estimated, critical, scale, p <= plan.Alpha, warnings);
        var harm = p;
        if (rule.IsAlwaysValid && history.Last is { } last)
        {
            p = Math.Min(p, last.PValue ?? 1);
            // What was shown of the other side is no evidence of harm on this one.
            if (!(effect.Value > 0 ? last.Upper < 0 : last.Lower > 0))
                harm = p;
            absolute = new EffectRange(effect.Value, Larger(absolute.Lower, last.Lower), Smaller(absolute.Upper, last.Upper));
            if (absolute.Lower > absolute.Upper)
            {
                warnings.Add(WarningCode.EmptyIntersection);
                absolute = new EffectRange(effect.Value, null, null);
            }
        }
        return result with
        {
            Statistic = Finite(statistic),
            PValue = p,
            AdjustedPValue = p,
            CriticalValue = Finite(critical * scale),
            Absolute = absolute,
            Relative = RelativeInterval(estimated, critical * scale, warnings),
            Guardrail = metric.Role == MetricRole.Guardrail ? Guardrail(metric, estimated, harm) : null,
            Bayesian = plan.Method == AnalysisMethod.Bayesian || (plan.BothViews && isWhole) ? Beliefs.Of(plan, metric, estimated, plan.BothViews && isWhole) : null,
        };
    }

    // The p-value of the test that is best for the data, and its statistic.
    private static (double PValue, double Statistic) SingleTest(EstimatedEffect estimated)
    {
        if (estimated.Shares is not { } shares)
            return (estimated.Effect.TwoSided, estimated.Effect.Statistic);
        if (estimated.Test == "fisherExact")
        {
            var exact = FisherExact.TwoSided(shares.Control.Successes, shares.Control.Count, shares.Treatment.Successes, shares.Treatment.Count);
            return (exact, Math.CopySign(Normal.UpperQuantile(Math.Max(exact, 1e-300) / 2), estimated.Effect.Value));
        }
        var z = TwoProportions.PooledZ(shares.Control, shares.Treatment) ?? estimated.Effect.Statistic;
        return (TwoProportions.TwoSided(z), z);
    }

    private static EffectRange AbsoluteInterval(EstimatedEffect estimated, double critical, double scale, bool rejects, List<string> warnings)
    {
        var effect = estimated.Effect;
        if (!double.IsFinite(critical))
            return new EffectRange(effect.Value, null, null);
        if (estimated.Shares is not { } shares)
        {
            var reach = critical * scale * effect.StandardError;
            return new EffectRange(effect.Value, effect.Value - reach, effect.Value + reach);
        }
        var newcombe = TwoProportions.Newcombe(shares.Control, shares.Treatment, critical);
        if (newcombe.Contains(0) == rejects)
            warnings.Add(WarningCode.IntervalDisagrees);
        return new EffectRange(effect.Value, newcombe.Lower, newcombe.Upper);
    }

    private static EffectRange RelativeInterval(EstimatedEffect estimated, double critical, List<string> warnings)
    {
        var lift = Share(estimated.Effect.Value, estimated.Control.Value);
        if (RelativeLift.Fieller(estimated.Control, estimated.Treatment, critical) is { } interval && double.IsFinite(interval.Lower) && double.IsFinite(interval.Upper))
            return new EffectRange(lift, interval.Lower, interval.Upper);
        if (double.IsFinite(critical))
            warnings.Add(WarningCode.RelativeUnbounded);
        return new EffectRange(lift, null, null);
    }

    private GuardrailOutcome Guardrail(PlannedMetric metric, EstimatedEffect estimated, double p)
    {
        var isWorse = estimated.Effect.Value != 0 && estimated.Effect.Value > 0 != (metric.Direction == MetricDirection.Increase);
        var fails = isWorse && p <= plan.Alpha;
        if (metric.Margin is not { } margin)
            return new GuardrailOutcome(fails ? GuardrailVerdict.Fails : GuardrailVerdict.Passes, null, null, null);
        var outcome = NonInferiority.Relative(estimated.Control, estimated.Treatment, margin, metric.Direction, plan.Alpha);
        var verdict = outcome.Passes ? GuardrailVerdict.Passes : fails ? GuardrailVerdict.Fails : GuardrailVerdict.Inconclusive;
        return new GuardrailOutcome(verdict, margin, Finite(outcome.PValue), Finite(outcome.Bound));
    }

    private static double? Share(double effect, double baseline) => baseline == 0 ? null : Finite(effect / Math.Abs(baseline));

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static double? Larger(double? a, double? b) => a is null ? b : b is null ? a : Math.Max(a.Value, b.Value);

    private static double? Smaller(double? a, double? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);
}
