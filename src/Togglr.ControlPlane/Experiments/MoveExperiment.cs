using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Flags;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Experiments;

/// <summary>Pauses, resumes, changes, stops, decides and archives experiments.</summary>
internal static class MoveExperiment
{
    /// <summary>To stop what was approved needs no approval.</summary>
    public static Task<Results<Versioned<ExperimentView>, Problem>> PauseAsync(string experiment, ReasonRequest? request, Current current, TogglrDbContext db, CancellationToken cancel) =>
        MoveAsync(experiment, "experiment.paused", request?.Reason, current, db, stops: true, async row =>
        {
            var paused = row.Pause(db.Now);
            if (paused.IsOk)
                (await PhaseAsync(db, row, cancel))?.Pause(db.Now);
            return Fault(paused);
        }, cancel);

    public static Task<Results<Versioned<ExperimentView>, Problem>> ResumeAsync(string experiment, ReasonRequest? request, Current current, TogglrDbContext db, CancellationToken cancel) =>
        MoveAsync(experiment, "experiment.resumed", request?.Reason, current, db, stops: false, async row =>
        {
            if (ExperimentStore.NotAllowed(current, row) is { } forbidden)
                return forbidden;
            var resumed = row.Resume();
            if (resumed.IsOk)
                (await PhaseAsync(db, row, cancel))?.Resume(db.Now);
            return Fault(resumed);
        }, cancel);

    public static Task<Results<Versioned<ExperimentView>, Problem>> StopAsync(string experiment, ReasonRequest? request, Current current, TogglrDbContext db, CancellationToken cancel) =>
        MoveAsync(experiment, "experiment.stopped", request?.Reason, current, db, stops: true, async row =>
        {
            var stopped = row.Stop(await ExperimentStore.StateAsync(db, row, cancel), db.Now);
            if (stopped.IsOk)
                await EndPhaseAsync(db, row, cancel);
            return Fault(stopped);
        }, cancel);

    public static Task<Results<Versioned<ExperimentView>, Problem>> ArchiveAsync(string experiment, ReasonRequest? request, Current current, TogglrDbContext db, CancellationToken cancel) =>
        MoveAsync(experiment, "experiment.archived", request?.Reason, current, db, stops: false, row => Task.FromResult<Problem?>(Fault(row.Archive())), cancel);

    public static Task<Results<Versioned<ExperimentView>, Problem>> BeginPhaseAsync(string experiment, BeginPhaseRequest request, Current current, TogglrDbContext db, CancellationToken cancel) =>
        MoveAsync(experiment, "experiment.phase_started", request.Reason, current, db, stops: false, async row =>
        {
            if (ExperimentStore.NotAllowed(current, row) is { } forbidden)
                return forbidden;
            var flag = await db.Flags.SingleAsync(flag => flag.Id == row.FlagId, cancel);
            var (before, now) = (await PhaseAsync(db, row, cancel), db.Now);
            var begun = row.BeginPhase(
                flag, request.Traffic is { } traffic ? Shares.Of(traffic) : row.Traffic, request.Variations ?? row.VariationList, request.Reshuffle ?? false, current.Actor.UserId, request.Reason, now);
            if (!begun.IsOk)
                return begun.Error.ToProblem();
            before?.End(now);
            db.ExperimentPhases.Add(begun.Value);
            return null;
        }, cancel);

    public static Task<Results<Versioned<ExperimentView>, Problem>> DecideAsync(string experiment, DecideExperimentRequest request, Current current, TogglrDbContext db, CancellationToken cancel) =>
        MoveAsync(experiment, "experiment.decided", request.Reason, current, db, stops: request.Ship is null, async row =>
        {
            if (request.Ship is not null && ExperimentStore.NotAllowed(current, row) is { } forbidden)
                return forbidden;
            var wasLive = row.IsLive;
            var state = await ExperimentStore.StateAsync(db, row, cancel);
            var decided = row.Decide(request.Decision, request.Reason, request.Ship, request.KeepHoldout ?? true, state, current.Actor.UserId, db.Now);
            if (!decided.IsOk)
                return decided.Error.ToProblem();
            if (wasLive)
                await EndPhaseAsync(db, row, cancel);
            return request.Ship is null ? null : TargetingCheck.Refusal(await TargetingCheck.RunAsync(db, state.Flag!, state, state.Configuration, cancel));
        }, cancel);

    public static async Task<Results<Versioned<ExperimentView>, Problem>> OverrideAsync(
        string experiment, OverrideExperimentRequest request, Current current, TogglrDbContext db, CancellationToken cancel) =>
        await MoveAsync(experiment, "experiment.overridden", request.Reason, current, db, stops: false, async row =>
        {
            if (row.IsLive && ExperimentStore.NotAllowed(current, row) is { } forbidden)
                return forbidden;
            return Fault(row.Override(request.Overrides, await ExperimentStore.StateAsync(db, row, cancel)));
        }, cancel);

    private static async Task<Results<Versioned<ExperimentView>, Problem>> MoveAsync(
        string experiment, string action, string? reason, Current current, TogglrDbContext db, bool stops, Func<Experiment, Task<Problem?>> move, CancellationToken cancel)
    {
        var (row, refusal) = await ExperimentStore.FindToChangeAsync(db, current, experiment, cancel);
        if (row is null)
            return refusal!;
        if (await move(row) is { } fault)
            return fault;
        if (stops)
            current.Authority = Authority.Scheduled();
        return await current.SaveAsync(action, row.Key, row.Id, reason, cancel, row.EnvironmentKey) is { } problem
            ? problem : new Versioned<ExperimentView>(await ExperimentStore.ViewAsync(db, current, row, cancel), row.Version);
    }

    private static Task<ExperimentPhase?> PhaseAsync(TogglrDbContext db, Experiment row, CancellationToken cancel) =>
        db.ExperimentPhases.SingleOrDefaultAsync(phase => phase.ExperimentId == row.Id && phase.Number == row.Phase, cancel);

    private static async Task EndPhaseAsync(TogglrDbContext db, Experiment row, CancellationToken cancel) => (await PhaseAsync(db, row, cancel))?.End(db.Now);

    private static Problem? Fault(Result result) => result.IsOk ? null : result.Error.ToProblem();
}
