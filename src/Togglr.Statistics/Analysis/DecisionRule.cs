namespace Togglr.Statistics.Analysis;

/// <summary>From results to a recommendation. Shipping is withheld on unhealthy data, a guardrail that does not hold, or before the minimum duration.</summary>
internal sealed class DecisionRule(AnalysisPlan plan)
{
    internal Decision Decide(IReadOnlyList<MetricResult> metrics, HealthResult health, double days, int? nextLookDay, int look)
    {
        if (health.IsMismatch || health.IsMixed)
            return new Decision(DecisionState.Unhealthy, null, null, [.. Unhealthy(health)]);
        MetricResult[] primaries = [.. metrics.Where(metric => metric.Role == MetricRole.Primary)];
        if (primaries.Length == 0)
            return Keep(null, ReasonCode.NoPrimaryMetric);
        if (health.Shares.Count(share => share.Units > 0) < 2)
            return Keep(DaysLeft(metrics, days), ReasonCode.NoData);
        string[] variants = [.. primaries[0].Comparisons.Select(comparison => comparison.Variant)];
        Verdict[] verdicts = [.. variants.Select(variant => Judge(variant, metrics))];
        // The largest first statistic among those that may be shipped.
        var best = verdicts.Where(verdict => verdict.MayShip).OrderByDescending(verdict => verdict.Strength).FirstOrDefault();
        if (best is not null)
        {
            return days >= plan.MinimumDays
                ? new Decision(DecisionState.Ship, best.Variant, null, [ReasonCode.PrimaryBetter])
                : Keep((int)Math.Ceiling(plan.MinimumDays - days), ReasonCode.PrimaryBetter, ReasonCode.BeforeMinimumDuration);
        }
        if (verdicts.Length > 0 && verdicts.All(verdict => verdict.IsHarmful))
            return new Decision(DecisionState.RollBack, null, null, [.. verdicts.SelectMany(verdict => verdict.Reasons).Distinct()]);
        var isOver = plan.HasLooks && look > 0 && nextLookDay is null;
        if (isOver && !verdicts.Any(verdict => verdict.IsBetter))
            return new Decision(DecisionState.RollBack, null, null, [ReasonCode.NotSignificant, ReasonCode.PlanCompleted]);
        string[] reasons = [.. verdicts.SelectMany(verdict => verdict.Reasons).Distinct(), .. isOver ? [ReasonCode.PlanCompleted] : plan.HasLooks ? (string[])[ReasonCode.WaitingForLook] : []];
        return new Decision(DecisionState.KeepRunning, null, DaysLeft(metrics, days), reasons);
    }

    private static IEnumerable<string> Unhealthy(HealthResult health)
    {
        if (health.IsMismatch)
            yield return ReasonCode.SampleRatioMismatch;
        if (health.IsMixed)
            yield return ReasonCode.MixedAssignments;
    }

    private static Decision Keep(int? daysLeft, params string[] reasons) => new(DecisionState.KeepRunning, null, daysLeft, reasons);

    private sealed record Verdict(string Variant, bool IsBetter, bool IsHarmful, bool MayShip, double Strength, IReadOnlyList<string> Reasons);

    private Verdict Judge(string variant, IReadOnlyList<MetricResult> metrics)
    {
        bool isBetter = false, isWorse = false, fails = false, isInconclusive = false;
        var strength = 0.0;
        foreach (var metric in metrics)
        {
            if (metric.Comparisons.FirstOrDefault(comparison => comparison.Variant == variant) is not { } comparison)
                continue;
            if (metric.Role == MetricRole.Primary)
            {
                // What was found once decides as long as it stays on its side and can be computed.
                var holds = comparison.IsSignificant && (comparison.WasBetter ?? comparison.IsBetter) == comparison.IsBetter && !comparison.Warnings.Contains(WarningCode.InvalidInput);
                var decides = plan.Method == AnalysisMethod.Bayesian ? Believes(comparison) : holds ? comparison.IsBetter : null;
                isBetter |= decides == true;
                isWorse |= decides == false;
                strength = Math.Max(strength, Math.Abs(comparison.Statistic ?? 0));
            }
            else if (metric.Role == MetricRole.Guardrail)
            {
                fails |= comparison.Guardrail?.Verdict == GuardrailVerdict.Fails;
                isInconclusive |= comparison.Guardrail is null or { Verdict: GuardrailVerdict.Inconclusive };
            }
        }
        var reasons = new List<string>();
        if (isWorse)
            reasons.Add(ReasonCode.PrimaryWorse);
        if (fails)
            reasons.Add(ReasonCode.GuardrailFailed);
        if (isBetter)
            reasons.Add(ReasonCode.PrimaryBetter);
        if (isBetter && isInconclusive)
            reasons.Add(ReasonCode.GuardrailInconclusive);
        if (reasons.Count == 0)
            reasons.Add(ReasonCode.NotSignificant);
        return new Verdict(variant, isBetter, isWorse || fails, isBetter && !isWorse && !fails && !isInconclusive, strength, reasons);
    }

    // Beliefs decide where the chance is as one-sided as α asks.
    private bool? Believes(ComparisonResult comparison) => comparison.Bayesian?.ChanceToWin is not { } chance ? null
        : chance >= 1 - plan.Alpha / 2 ? true
        : chance <= plan.Alpha / 2 ? false
        : null;

    // To the last look; where none are planned, until the data would find the smallest effect that matters at the present pace.
    private int? DaysLeft(IReadOnlyList<MetricResult> metrics, double days)
    {
        if (plan.HasLooks)
            return plan.LookDays.Count == 0 ? null : Math.Max(0, (int)Math.Ceiling(plan.LookDays[^1] - days));
        var needed = 0.0;
        foreach (var metric in metrics.Where(metric => metric.Role == MetricRole.Primary))
        {
            var wanted = plan.Metrics.First(planned => planned.Key == metric.Metric).MinimumEffect;
            foreach (var comparison in metric.Comparisons)
            {
                if (wanted is { } effect && comparison.DetectableEffect is { } detectable && effect > 0)
                    needed = Math.Max(needed, days * (detectable / effect) * (detectable / effect) - days);
            }
        }
        needed = Math.Max(needed, plan.MinimumDays - days);
        return needed is > 0 and < 3650 ? (int)Math.Ceiling(needed) : null;
    }
}
