using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Metrics;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Experiments;

/// <summary>Starts an experiment once nothing on its check-list blocks it.</summary>
internal static class StartExperiment
{
    public static async Task<Results<Ok<ChecklistView>, Problem>> ChecklistAsync(
        string experiment, [Microsoft.AspNetCore.Mvc.FromQuery(Name = "beforeRule"), System.ComponentModel.Description("Id of the rule before which the experiment's rule would be put")] string? beforeRule,
        Current current, TogglrDbContext db, TogglrDatabase database, MetricSurvey survey, CancellationToken cancel)
    {
        if (await ExperimentStore.FindAsync(db, current, experiment, cancel) is not { } row)
            return ExperimentStore.NotThere(experiment);
        if (row.State != ExperimentState.Draft)
            return Problem.Conflict("Only a draft has a check-list.");
        // Before the start is tried on the row.
        var power = PowerForecast.Check(await PowerForecast.ReadAsync(row, db, database, survey, cancel));
        var checks = await RunAsync(row, beforeRule, current, db, null, cancel);
        if (power is not null)
            checks = StartChecklist.Sorted(checks.Append(power));
        return TypedResults.Ok(new ChecklistView(checks.All(check => check.Severity != CheckSeverity.Blocking), checks));
    }

    public static async Task<Results<Versioned<ExperimentView>, Problem>> HandleAsync(
        string experiment, StartExperimentRequest? request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var (row, refusal) = await ExperimentStore.FindToChangeAsync(db, current, experiment, cancel);
        if (row is null)
            return refusal!;
        if (ExperimentStore.NotAllowed(current, row) is { } forbidden)
            return forbidden;
        if (row.State != ExperimentState.Draft)
            return Problem.Conflict("Only a draft can be started.");
        var started = default(Result<ExperimentPhase>);
        var checks = await RunAsync(row, request?.BeforeRule, current, db, phase => started = phase, cancel, request?.Reason);
        if (checks.Where(check => check.Severity == CheckSeverity.Blocking).ToList() is { Count: > 0 } blocking)
            return Problem.Conflict(blocking[0].Message, "not_ready", [.. blocking.Select(check => new ProblemItem(check.Code, check.Path ?? "", check.Message))]);
        db.ExperimentPhases.Add(started.Value!);
        if (await current.SaveAsync("experiment.started", row.Key, row.Id, request?.Reason, cancel, row.EnvironmentKey) is { } problem)
            return problem;
        return new Versioned<ExperimentView>(await ExperimentStore.ViewAsync(db, current, row, cancel), row.Version);
    }

    /// <summary>Tries the start on the tracked rows, which the caller saves or forgets, and says what there is to say.</summary>
    private static async Task<IReadOnlyList<CheckView>> RunAsync(
        Experiment row, string? before, Current current, TogglrDbContext db, Action<Result<ExperimentPhase>>? then, CancellationToken cancel, string? reason = null)
    {
        var state = await ExperimentStore.StateAsync(db, row, cancel);
        var holdout = row.HoldoutKey is { } key ? await db.Holdouts.SingleOrDefaultAsync(item => item.ProjectId == row.ProjectId && item.Key == key, cancel) : null;
        string[] wanted = [.. row.MetricKeys];
        var metrics = await db.Metrics.Where(metric => metric.ProjectId == row.ProjectId && wanted.Contains(metric.Key)).ToListAsync(cancel);
        var checks = await StartChecklist.RunAsync(db, row, state, metrics, cancel);
        if (checks.Exists(check => check.Severity == CheckSeverity.Blocking))
            return StartChecklist.Sorted(checks);
        var started = row.Start(state, metrics, holdout, before, current.Actor.UserId, reason, db.Now);
        then?.Invoke(started);
        if (started.IsOk)
            checks.AddRange(await StartChecklist.TargetingAsync(db, row, state, cancel));
        else
            checks.Add(new CheckView(started.Error.Code, CheckSeverity.Blocking, started.Error.Message, started.Error.Path is { } path ? $"/{path}" : null));
        return StartChecklist.Sorted(checks);
    }
}
