using Togglr.Statistics.Comparisons;
using Togglr.Statistics.Distributions;
using Togglr.Statistics.Sequential;

namespace Togglr.Statistics.Analysis;

/// <summary>Which look is due, and what a plan makes of an effect at it.</summary>
internal sealed class LookRule
{
    private readonly AnalysisPlan _plan;
    private readonly LookSchedule? _schedule;

    internal LookRule(AnalysisPlan plan)
    {
        _plan = plan;
        ScheduleKind? kind = plan.Method switch
        {
            AnalysisMethod.Pocock => ScheduleKind.Pocock,
            AnalysisMethod.ObrienFleming => ScheduleKind.ObrienFleming,
            AnalysisMethod.LanDeMets => ScheduleKind.LanDeMets,
            _ => null,
        };
        if (kind is { } schedule && plan.LookDays.Count > 0)
            _schedule = new LookSchedule(schedule, [.. plan.LookDays.Select(day => (double)day)], plan.Alpha);
    }

    /// <summary>The number of the look that this analysis is; null between looks.</summary>
    internal int? Due(double days, IReadOnlyList<LookRecord> taken)
    {
        var last = taken.Count == 0 ? 0 : taken[^1].Number;
        if (!_plan.HasLooks)
            return last + 1;
        var passed = _plan.LookDays.Count(day => days >= day);
        return passed > last ? passed : null;
    }

    /// <summary>
    /// Whether tests hold at any time. With the Bayesian method too: beliefs decide, and since every analysis is a look, the test beside them has to be one that may be looked at often.
    /// </summary>
    internal bool IsAlwaysValid => _plan.Method is AnalysisMethod.AlwaysValid or AnalysisMethod.Bayesian;

    /// <summary>The error spent up to a look.</summary>
    internal double Spent(int look) => look == 0 ? 0 : _schedule?.Spent(Math.Min(look, _schedule.Looks)) ?? _plan.Alpha;

    /// <summary>
    /// The p-value that the plan licenses for a statistic at a look, and how many standard errors its interval extends. The single p-value is
    /// that of the exact test, of Student's distribution or of the normal one, whichever the effect has; its normal score goes through the boundary.
    /// </summary>
    internal (double PValue, double Critical) Judge(EffectEstimate effect, double singlePValue, int look, IReadOnlyList<(int Number, long Units)> before, long units)
    {
        if (IsAlwaysValid)
        {
            var rho = ConfidenceSequence.Rho(_plan.Alpha, _plan.TunedUnits);
            return (
                ConfidenceSequence.PValue(effect.Value, effect.StandardError, units, rho),
                ConfidenceSequence.HalfWidth(1, units, rho, _plan.Alpha));
        }
        if (_schedule is null)
            return (singlePValue, effect.CriticalValue(_plan.Alpha));
        TakenLook[] taken = [.. before.Where(past => past.Units < units).Select(past => new TakenLook(past.Number, past.Units)), new TakenLook(look, units)];
        var boundary = _schedule.CriticalValue(taken);
        var score = Normal.UpperQuantile(Math.Max(singlePValue, 1e-300) / 2);
        // The boundary's own tail through the distribution of the effect, so that small samples keep their wider intervals.
        var critical = double.IsInfinity(boundary) ? boundary : StudentT.UpperQuantile(Normal.UpperTail(boundary), effect.DegreesOfFreedom);
        return (_schedule.RepeatedPValue(taken, score), critical);
    }
}
