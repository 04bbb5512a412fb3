using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Metrics;
using Togglr.Hosting.Problems;
using Togglr.Statistics.Power;
using Togglr.Statistics.Sequential;
using Togglr.Store;
using ScheduleKind = Togglr.Statistics.Sequential.ScheduleKind;

namespace Togglr.ControlPlane.Experiments;

/// <summary>Where a number of units a day comes from.</summary>
public enum TrafficSource
{
    /// <summary>Nobody was seen.</summary>
    None,

    /// <summary>Everybody who was seen in the environment lately, times the share that takes part.</summary>
    Environment,

    /// <summary>Those who took part so far.</summary>
    Experiment,
}

/// <summary>What a metric needs, and what it can find.</summary>
/// <param name="Metric">Key of the metric.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Baseline">Its value among people of the last days; null where that is not known.</param>
/// <param name="Deviation">The standard deviation of one unit.</param>
/// <param name="MinimumEffect">The smallest relative effect that matters, of the plan.</param>
/// <param name="UnitsNeeded">Units of all variants that find it with the planned power; null where nothing can be said.</param>
/// <param name="DaysNeeded">Days until there are so many; null without traffic, or beyond ten years.</param>
/// <param name="DetectableEffect">The smallest relative effect that the planned duration finds; null where there is none.</param>
public sealed record MetricPowerView(
    string Metric, MetricRole Role, double? Baseline, double? Deviation, double? MinimumEffect, long? UnitsNeeded, int? DaysNeeded, double? DetectableEffect);

/// <summary>How long an experiment has to run, from real traffic.</summary>
/// <param name="UnitsPerDay">New units that take part on a day.</param>
/// <param name="Source">Where that comes from.</param>
/// <param name="ObservedDays">The days that were looked at.</param>
/// <param name="PlannedDays">The end of the plan; of methods without looks the minimum duration, two weeks at least.</param>
/// <param name="DaysNeeded">Until all metrics that decide find their smallest effects; null where that is not known for all.</param>
/// <param name="IgnoresAudience">Whether the audience's condition was left out of account: who meets it is not known from events.</param>
/// <param name="Metrics">All metrics of the plan.</param>
public sealed record PowerView(double UnitsPerDay, TrafficSource Source, double ObservedDays, int PlannedDays, int? DaysNeeded, bool IgnoresAudience, IReadOnlyList<MetricPowerView> Metrics);

/// <summary>The power of a plan with the traffic that there is.</summary>
internal static class PowerForecast
{
    private const int LookedDays = 14;
    private const int MostDays = 3650;

    /// <summary>Of methods that are always valid or Bayesian, the units for which the statistics are tuned.</summary>
    private const double TunedUnits = 10_000;

    public static async Task<Results<Ok<PowerView>, Problem>> HandleAsync(
        string experiment, Current current, TogglrDbContext db, TogglrDatabase database, MetricSurvey survey, CancellationToken cancel)
    {
        if (await ExperimentStore.FindAsync(db, current, experiment, cancel) is not { } row)
            return ExperimentStore.NotThere(experiment);
        return await ReadAsync(row, db, database, survey, cancel) is { } view
            ? TypedResults.Ok(view) : Problem.Conflict("There are too many events to look at within ten seconds.", "too_many_events");
    }

    /// <summary>The forecast; null where there is too much to look at.</summary>
    public static async Task<PowerView?> ReadAsync(Experiment row, TogglrDbContext db, TogglrDatabase database, MetricSurvey survey, CancellationToken cancel)
    {
        var plan = row.Analysis;
        string[] keys = [.. row.MetricKeys];
        var definitions = row.StartedAt is not null
            ? row.MetricList.ToDictionary(metric => metric.Key, metric => metric.Definition, StringComparer.Ordinal)
            : await db.Metrics.AsNoTracking().Where(metric => metric.ProjectId == row.ProjectId && keys.Contains(metric.Key)).ToDictionaryAsync(metric => metric.Key, metric => metric.Details, StringComparer.Ordinal, cancel);
        var found = new Dictionary<string, MetricFindings>(StringComparer.Ordinal);
        foreach (var planned in plan.Metrics)
        {
            if (definitions.GetValueOrDefault(planned.Metric) is not { } definition)
                continue;
            if (await survey.ReadAsync(row.EnvironmentId, definition, db.Now.AddDays(-LookedDays), db.Now, inDetail: false, cancel) is not { } findings)
                return null;
            found[planned.Metric] = findings;
        }
        var (perDay, source, observed) = await TrafficAsync(row, db, database, found, cancel);
        var days = plan.HasLooks ? plan.LookDays[^1] : Math.Max(plan.MinimumDays, LookedDays);
        MetricPowerView[] metrics = [.. plan.Metrics.Select(planned => Of(row, plan, planned, definitions.GetValueOrDefault(planned.Metric), found.GetValueOrDefault(planned.Metric), perDay, days))];
        int?[] deciding = [.. metrics.Where(metric => metric.Role == MetricRole.Primary).Select(metric => metric.DaysNeeded)];
        return new PowerView(perDay, source, observed, days, deciding.Length > 0 && deciding.All(needed => needed is not null) ? deciding.Max() : null, row.Audience is not null && source == TrafficSource.Environment, metrics);
    }

    /// <summary>What the check-list says of it; nothing where nothing is known.</summary>
    public static CheckView? Check(PowerView? power)
    {
        if (power is null || power.Metrics.FirstOrDefault(metric => metric.Role == MetricRole.Primary) is not { } first)
            return null;
        if (power.Source == TrafficSource.None)
            return new CheckView("unknown_power", CheckSeverity.Warning, "Nobody was seen in this environment lately, so nobody knows how long it takes. Send events first.", "/plan");
        var late = power.Metrics.FirstOrDefault(metric => metric is { Role: MetricRole.Primary, DaysNeeded: null, UnitsNeeded: not null })
            ?? power.Metrics.Where(metric => metric is { Role: MetricRole.Primary, DaysNeeded: not null }).MaxBy(metric => metric.DaysNeeded);
        if (late is null)
            return null;
        if (late.DaysNeeded <= power.PlannedDays)
            return new CheckView("powered", CheckSeverity.Ok, FormattableString.Invariant($"At about {power.UnitsPerDay:0} people a day, {late.Metric} finds its smallest effect within {late.DaysNeeded} days."), "/plan");
        var needed = late.DaysNeeded is { } wait ? FormattableString.Invariant($"about {wait} days") : "more than ten years";
        var instead = late.DetectableEffect is { } effect ? FormattableString.Invariant($" In {power.PlannedDays} days it finds {effect * 100:0.#} % or more.") : "";
        return new CheckView("underpowered", CheckSeverity.Warning, FormattableString.Invariant($"At about {power.UnitsPerDay:0} people a day, {late.Metric} needs {needed} for its smallest effect.{instead}"), "/plan");
    }

    private static async Task<(double PerDay, TrafficSource Source, double Days)> TrafficAsync(
        Experiment row, TogglrDbContext db, TogglrDatabase database, Dictionary<string, MetricFindings> found, CancellationToken cancel)
    {
        if (row.StartedAt is not null)
        {
            var phase = await db.ExperimentPhases.AsNoTracking().SingleOrDefaultAsync(phase => phase.ExperimentId == row.Id && phase.Number == row.Phase, cancel);
            await using var command = database.DataSource.CreateCommand("SELECT count(*) FROM experiment_units WHERE experiment_id = $1 AND phase = $2");
            command.Parameters.Add(new NpgsqlParameter { Value = row.Id });
            command.Parameters.Add(new NpgsqlParameter { Value = row.Phase });
            var units = (long)(await command.ExecuteScalarAsync(cancel))!;
            if (phase is not null && units > 0)
            {
                var days = Math.Max(1.0 / 24, ((phase.EndedAt ?? db.Now) - phase.StartedAt).TotalDays);
                return (units / days, TrafficSource.Experiment, days);
            }
        }
        var most = found.Values.MaxBy(findings => findings.Units);
        if (most is null or { Units: 0 })
            return (0, TrafficSource.None, 0);
        var share = row.Traffic / (double)Experiment.Whole;
        if (row.Layer is { } layer)
            share *= (layer.To - layer.From) / (double)Experiment.Whole;
        var held = row.HoldoutShare ?? (row.HoldoutKey is { } key ? await db.Holdouts.Where(holdout => holdout.ProjectId == row.ProjectId && holdout.Key == key).Select(holdout => holdout.Share).SingleOrDefaultAsync(cancel) : 0);
        share *= 1 - held / (double)Experiment.Whole;
        return (most.Units / most.Days * share, TrafficSource.Environment, most.Days);
    }

    private static MetricPowerView Of(Experiment row, ExperimentPlan plan, PlannedMetric planned, MetricDefinition? definition, MetricFindings? found, double perDay, int days)
    {
        var nothing = new MetricPowerView(planned.Metric, planned.Role, found?.Value, found?.Deviation, planned.MinimumEffect, null, null, null);
        var control = row.VariationList.FirstOrDefault(variation => variation.Key == row.Control)?.Weight ?? 0;
        double[] others = [.. row.VariationList.Where(variation => variation.Key != row.Control && variation.Weight > 0).Select(variation => (double)variation.Weight)];
        if (definition is null || found is not { Value: { } baseline, Deviation: { } deviation } || control == 0 || others.Length == 0)
            return nothing;
        double? spread = definition.Kind == MetricKind.Conversion ? null : deviation;
        var sign = definition.Direction == MetricDirection.Decrease ? -1 : 1;
        var goal = new PowerGoal(plan.Alpha, plan.Power);
        ScheduleKind? schedule = plan.Method switch
        {
            AnalysisMethod.Pocock => ScheduleKind.Pocock,
            AnalysisMethod.ObrienFleming => ScheduleKind.ObrienFleming,
            AnalysisMethod.LanDeMets => ScheduleKind.LanDeMets,
            _ => null,
        };
        var design = new PowerDesign(control, others, schedule, [.. plan.LookDays.Select(day => (double)day)]);
        // Looking at any time costs more the fewer units there are.
        double Waits(double units) => plan.Method != AnalysisMethod.AlwaysValid || units < 2 ? 1
            : Math.Pow((ConfidenceSequence.HalfWidth(1, (long)units, ConfidenceSequence.Rho(plan.Alpha, TunedUnits), plan.Alpha) + goal.TotalZ - goal.CriticalZ) / goal.TotalZ, 2);
        long? needed = null;
        if (planned.MinimumEffect is { } effect && ExperimentPower.Units(new PowerQuestion(baseline, spread, sign * effect), design, goal) is { } answer)
        {
            var total = (double)answer.Total;
            for (var round = 0; round < 5; round++)
                total = answer.Total * Waits(total);
            needed = (long)Math.Ceiling(total);
        }
        var expected = perDay * days;
        var detectable = expected > 0 ? ExperimentPower.DetectableEffect(new PowerQuestion(Math.Abs(baseline), spread, 0.01), design, expected / Waits(expected), goal) : null;
        var wait = needed is { } units && perDay > 0 ? Math.Ceiling(units / perDay) : double.PositiveInfinity;
        return nothing with { UnitsNeeded = needed, DaysNeeded = wait <= MostDays ? (int)Math.Max(wait, plan.MinimumDays) : null, DetectableEffect = detectable };
    }
}
