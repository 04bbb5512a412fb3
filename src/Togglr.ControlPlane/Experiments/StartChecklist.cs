using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Flags;
using Togglr.Store;

namespace Togglr.ControlPlane.Experiments;

/// <summary>What there is to say about an experiment before it is started.</summary>
internal static class StartChecklist
{
    private const int ShortDays = 7;

    /// <summary>Everything but what its rule makes of the flag.</summary>
    public static async Task<List<CheckView>> RunAsync(TogglrDbContext db, Experiment row, FlagEnvironment state, IReadOnlyList<Metric> metrics, CancellationToken cancel)
    {
        var checks = new List<CheckView>();
        Flag(row, state, checks);
        Variations(row, state, checks);
        Traffic(row, checks);
        Plan(row, metrics, checks);
        await OthersAsync(db, row, checks, cancel);
        return checks;
    }

    /// <summary>What the analysis of targeting says of the rule that was put into the flag.</summary>
    public static async Task<IReadOnlyList<CheckView>> TargetingAsync(TogglrDbContext db, Experiment row, FlagEnvironment state, CancellationToken cancel)
    {
        var index = state.Rules.EnumerateArray().Select(rule => rule.GetProperty("id").GetString()).ToList().IndexOf(row.RuleId);
        var problems = await TargetingCheck.RunAsync(db, state.Flag!, state, state.Configuration, cancel, starting: row);
        return [.. problems.Where(problem => problem.Severity == ProblemSeverity.Error || Concerns(problem, index))
            .Select(problem => new CheckView(problem.Code, problem.Severity == ProblemSeverity.Error ? CheckSeverity.Blocking : CheckSeverity.Warning, problem.Message, "/audience"))];
    }

    /// <summary>The worst first.</summary>
    public static IReadOnlyList<CheckView> Sorted(IEnumerable<CheckView> checks) => [.. checks.OrderByDescending(check => check.Severity)];

    private static bool Concerns(TargetingProblem problem, int rule) =>
        problem.Severity == ProblemSeverity.Warning && (problem.Path == $"/rules/{rule}" || problem.Path.StartsWith($"/rules/{rule}/", StringComparison.Ordinal));

    private static void Flag(Experiment row, FlagEnvironment state, List<CheckView> checks)
    {
        if (state.Flag!.ArchivedAt is not null)
            checks.Add(new("flag_archived", CheckSeverity.Blocking, "The flag is archived.", "/flag"));
        else if (state.Killed)
            checks.Add(new("flag_killed", CheckSeverity.Blocking, $"The kill switch of {row.FlagKey} is pulled in {row.EnvironmentKey}.", "/flag"));
        else if (!state.Enabled)
            checks.Add(new("flag_off", CheckSeverity.Blocking, $"{row.FlagKey} is off in {row.EnvironmentKey}. Switch it on first.", "/flag"));
        else
            checks.Add(new("flag_on", CheckSeverity.Ok, $"{row.FlagKey} is on in {row.EnvironmentKey}.", "/flag"));
        if (string.IsNullOrWhiteSpace(row.Hypothesis))
            checks.Add(new("no_hypothesis", CheckSeverity.Warning, "There is no hypothesis: say what you expect, and why, before you see any numbers.", "/hypothesis"));
    }

    private static void Variations(Experiment row, FlagEnvironment state, List<CheckView> checks)
    {
        var variations = row.VariationList;
        var weighted = variations.Count(variation => variation.Weight > 0);
        if (variations.FirstOrDefault(variation => state.Flag!.Variants.All(variant => variant.Key != variation.Key)) is { } gone)
            checks.Add(new("unknown_variant", CheckSeverity.Blocking, $"The flag has no variant {gone.Key} any more.", "/variations"));
        if (weighted < 2)
            checks.Add(new("too_few_variations", CheckSeverity.Blocking, "Two variants with a weight are needed to compare them.", "/variations"));
        else if (variations.Any(variation => variation.Key == row.Control && variation.Weight == 0))
            checks.Add(new("control_without_weight", CheckSeverity.Blocking, "Nobody would get the control, so there would be nothing to compare with.", "/variations"));
        else if (weighted < variations.Count)
            checks.Add(new("variation_without_weight", CheckSeverity.Warning, "Nobody gets the variants that have no weight.", "/variations"));
        else
            checks.Add(new("variations", CheckSeverity.Ok, $"{variations.Count} variants are compared with {row.Control} as the control.", "/variations"));
    }

    private static void Traffic(Experiment row, List<CheckView> checks)
    {
        if (row.Traffic == 0)
            checks.Add(new("no_traffic", CheckSeverity.Blocking, "Nobody would take part: the traffic is 0 %.", "/traffic"));
        else
            checks.Add(new("traffic", CheckSeverity.Ok, FormattableString.Invariant($"{row.Traffic / 100.0} % take part."), "/traffic"));
    }

    private static void Plan(Experiment row, IReadOnlyList<Metric> metrics, List<CheckView> checks)
    {
        var plan = row.Analysis;
        var primary = plan.Metrics.Where(metric => metric.Role == MetricRole.Primary).ToList();
        if (primary.Count == 0)
            checks.Add(new("no_primary_metric", CheckSeverity.Blocking, "A primary metric is needed: without one nothing can be decided.", "/plan/metrics"));
        else
            checks.Add(new("primary_metric", CheckSeverity.Ok, $"Decided by {string.Join(", ", primary.Select(metric => metric.Metric))}.", "/plan/metrics"));
        if (plan.Metrics.FirstOrDefault(planned => metrics.All(metric => metric.Key != planned.Metric)) is { } missing)
            checks.Add(new("unknown_metric", CheckSeverity.Blocking, $"There is no metric {missing.Metric} any more.", "/plan/metrics"));
        foreach (var archived in metrics.Where(metric => metric.ArchivedAt is not null))
            checks.Add(new("archived_metric", CheckSeverity.Blocking, $"The metric {archived.Key} is archived.", "/plan/metrics"));
        if (plan.Metrics.All(metric => metric.Role != MetricRole.Guardrail))
            checks.Add(new("no_guardrail", CheckSeverity.Warning, "No guardrail says what must not get worse.", "/plan/metrics"));
        if (primary.Exists(metric => metric.MinimumEffect is null))
            checks.Add(new("no_minimum_effect", CheckSeverity.Warning, "Say which effect would matter: without it nobody knows for how long to wait.", "/plan/metrics"));
        if (plan.MinimumDays < ShortDays)
            checks.Add(new("short_minimum", CheckSeverity.Warning, "Less than a week leaves out what people do on other days.", "/plan/minimumDays"));
        if (plan.Method == AnalysisMethod.Bayesian)
            checks.Add(new("bayesian_peeking", CheckSeverity.Warning, "The Bayesian method does not make up for looking often: decide when you said you would.", "/plan/method"));
    }

    private static async Task OthersAsync(TogglrDbContext db, Experiment row, List<CheckView> checks, CancellationToken cancel)
    {
        var live = await db.Experiments.AsNoTracking()
            .Where(other => other.ProjectId == row.ProjectId && other.EnvironmentId == row.EnvironmentId && other.Id != row.Id && (other.State == ExperimentState.Running || other.State == ExperimentState.Paused))
            .Where(other => other.FlagId == row.FlagId || (row.LayerKey != null && other.LayerKey == row.LayerKey)).ToListAsync(cancel);
        foreach (var other in live)
        {
            if (row.LayerKey is not null && other.LayerKey == row.LayerKey && other.LayerFrom < row.LayerTo && row.LayerFrom < other.LayerTo)
                checks.Add(new("layer_overlap", CheckSeverity.Blocking, $"The experiment {other.Key} runs in that part of the layer {row.LayerKey}.", "/layer"));
            else if (other.FlagId == row.FlagId)
                checks.Add(new("same_flag", CheckSeverity.Warning, $"The experiment {other.Key} runs on the flag as well: who is in both is assigned by the one whose rule comes first.", "/flag"));
        }
    }
}
