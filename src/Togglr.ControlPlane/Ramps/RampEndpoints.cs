using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.ControlPlane.Flags;
using Togglr.ControlPlane.Schedules;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Ramps;

internal static class RampEndpoints
{
    private const int MostShown = 50;
    private const int MostActive = 200;

    public static void AddRamps(this IServiceCollection services)
    {
        services.AddSingleton<RampMetrics>();
        services.AddHostedService<RampWorker>();
    }

    public static void MapRamps(this IEndpointRouteBuilder project)
    {
        project.MapGet("/ramps", ListActiveAsync).WithName("listActiveRamps").WithSummary("The ramps of a project that go on").WithTags("Ramps").RequirePermission(Permissions.FlagView);
        var ramps = project.MapGroup("/flags/{flag}/environments/{env}/ramps").WithTags("Ramps");
        ramps.MapGet("", ListAsync).WithName("listRamps").WithSummary("The ramps of a flag in an environment").RequirePermission(Permissions.FlagView);
        ramps.MapPost("", StartAsync).WithName("startRamp").WithSummary("Go over from one variant to another in steps").RequirePermission(Permissions.ScheduleManage);
        ramps.MapGet("/{id:guid}", GetAsync).WithName("getRamp").WithSummary("A ramp with what was seen of it").RequirePermission(Permissions.FlagView);
        ramps.MapPost("/{id:guid}/pause", PauseAsync).WithName("pauseRamp").WithSummary("Let a ramp stand still").RequirePermission(Permissions.ScheduleManage).WithMetadata(new NeverRequested());
        ramps.MapPost("/{id:guid}/resume", ResumeAsync).WithName("resumeRamp").WithSummary("Let a paused ramp go on").RequirePermission(Permissions.ScheduleManage);
        ramps.MapPost("/{id:guid}/skip", SkipAsync).WithName("skipRampStep").WithSummary("Do not wait for the rest of a step; gates stay").RequirePermission(Permissions.ScheduleManage);
        ramps.MapPost("/{id:guid}/approve", ApproveAsync).WithName("approveRampStep").WithSummary("Let a ramp through its gate").RequirePermission(Permissions.ChangeApprove).WithMetadata(new NeverRequested());
        ramps.MapPost("/{id:guid}/rollback", RollBackAsync).WithName("rollBackRamp").WithSummary("Serve what was served before a ramp").RequirePermission(Permissions.ScheduleManage).WithMetadata(new NeverRequested());
        ramps.MapPost("/{id:guid}/cancel", CancelAsync).WithName("cancelRamp").WithSummary("Give a ramp up where it stands").RequirePermission(Permissions.ScheduleManage).WithMetadata(new NeverRequested());
    }

    private static async Task<Results<Ok<FlagRampsView>, Problem>> ListAsync(string flag, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await ScheduleEndpoints.FindStateAsync(flag, current, db, cancel) is not { } state)
            return FlagStore.NotThere(flag);
        var rows = await db.Ramps.AsNoTracking().Where(row => row.FlagId == state.FlagId && row.EnvironmentId == state.EnvironmentId)
            .OrderBy(row => row.EndedAt != null).ThenByDescending(row => row.CreatedAt).Take(MostShown).ToListAsync(cancel);
        return TypedResults.Ok(new FlagRampsView(await ViewsAsync(db, rows, current, cancel)));
    }

    private static async Task<Ok<ActiveRampsView>> ListActiveAsync(
        [FromQuery(Name = "environment"), Description("Key of an environment")] string? environment, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var rows = await db.Ramps.AsNoTracking()
            .Where(row => row.ProjectId == current.Project.Id && (row.State == RampState.Running || row.State == RampState.Waiting || row.State == RampState.Paused))
            .Where(row => environment == null || row.EnvironmentKey == environment)
            .OrderBy(row => row.HoldUntil == null).ThenBy(row => row.HoldUntil).ThenBy(row => row.FlagKey).Take(MostActive + 1).ToListAsync(cancel);
        var environments = await db.Environments.AsNoTracking().Where(row => row.ProjectId == current.Project.Id).ToDictionaryAsync(row => row.Id, cancel);
        Guid[] flags = [.. rows.Select(row => row.FlagId).Distinct()];
        var names = await db.Flags.AsNoTracking().Where(row => flags.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.Name, cancel);
        var shown = rows.Take(MostActive).Where(row => environments.ContainsKey(row.EnvironmentId) && names.ContainsKey(row.FlagId)).ToList();
        var views = await ViewsAsync(db, shown, current, row => environments[row.EnvironmentId], cancel);
        return TypedResults.Ok(new ActiveRampsView([.. views.Zip(shown, (view, row) => new ActiveRampView(names[row.FlagId], view))], rows.Count > MostActive));
    }

    private static async Task<Results<Ok<RampDetailView>, Problem>> GetAsync(string flag, Guid id, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(flag, id, current, db, cancel) is not { } ramp)
            return NotThere(id);
        var seen = await db.RampObservations.AsNoTracking().Where(row => row.RampId == id).OrderBy(row => row.At).ToListAsync(cancel);
        // What was counted before the ramp began is not its own.
        var first = seen.FirstOrDefault();
        return TypedResults.Ok(new RampDetailView(
            (await ViewsAsync(db, [ramp], current, cancel))[0],
            [.. seen.Select(row => new RampObservationView(
                row.At, row.Share / 100.0, row.Evaluations - first!.Evaluations, row.Errors - first.Errors, row.RestEvaluations - first.RestEvaluations, row.RestErrors - first.RestErrors, row.Evidence))],
            RampTest.Threshold));
    }

    private static async Task<Results<CreatedVersion<RampView>, Problem>> StartAsync(string flag, StartRampRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (NotAllowed(current) is { } forbidden)
            return forbidden;
        if (await ScheduleEndpoints.FindStateAsync(flag, current, db, cancel) is not { } state)
            return FlagStore.NotThere(flag);
        if (request.Steps is null == request.Preset is null)
            return Problem.Invalid(new ProblemItem("required", "/steps", "Name steps or a preset."));
        if (await db.Ramps.AnyAsync(row => row.FlagId == state.FlagId && row.EnvironmentId == state.EnvironmentId && row.RuleId == request.Rule
            && (row.State == RampState.Running || row.State == RampState.Waiting || row.State == RampState.Paused), cancel))
            return Problem.Conflict("A ramp goes on there already. End it first.", "ramp_active");
        if (!state.Enabled || state.Killed)
            return Problem.Conflict("The flag is off there. Switch it on first.", "flag_off");
        var guard = request.Guard is { } given ? new RampGuard(given.MaxErrorRate, given.MaxIncrease, given.MinEvaluations ?? 100, given.Action == RampReaction.RollBack, given.Metrics ?? false) : null;
        var started = Ramp.Start(state.Flag!, state, request.Rule, request.From, request.To, Steps(request), guard, current.Actor.UserId, db.Now);
        if (!started.IsOk)
            return started.Error.ToProblem();
        var problems = await TargetingCheck.RunAsync(db, state.Flag!, state, state.Configuration, cancel);
        if (TargetingCheck.Refusal(problems) is { } refusal)
            return refusal;
        var ramp = started.Value;
        db.Ramps.Add(ramp);
        db.RampClocks.Add(RampClock.Of(ramp, db.Now));
        return await SaveAsync("ramp.started", ramp, state, request.Reason, current, db, cancel) is { } problem
            ? problem
            : new CreatedVersion<RampView>((await ViewsAsync(db, [ramp], current, cancel))[0], ramp.Version, ramp.Id.ToString());
    }

    private static Task<Results<Versioned<RampView>, Problem>> PauseAsync(string flag, Guid id, ReasonRequest? request, Current current, TogglrDbContext db, CancellationToken cancel) =>
        MoveAsync(flag, id, "ramp.paused", request, current, db, isWithinPlan: true, (ramp, _) => ramp.Pause(request?.Reason, db.Now), cancel);

    private static Task<Results<Versioned<RampView>, Problem>> ResumeAsync(string flag, Guid id, ReasonRequest? request, Current current, TogglrDbContext db, CancellationToken cancel) =>
        MoveAsync(flag, id, "ramp.resumed", request, current, db, isWithinPlan: false, (ramp, state) => ramp.Resume(state, db.Now), cancel);

    private static Task<Results<Versioned<RampView>, Problem>> SkipAsync(string flag, Guid id, ReasonRequest? request, Current current, TogglrDbContext db, CancellationToken cancel) =>
        MoveAsync(flag, id, "ramp.skipped", request, current, db, isWithinPlan: false, (ramp, state) => ramp.Skip(state, db.Now), cancel);

    private static Task<Results<Versioned<RampView>, Problem>> RollBackAsync(string flag, Guid id, ReasonRequest? request, Current current, TogglrDbContext db, CancellationToken cancel) =>
        MoveAsync(flag, id, "ramp.rolledback", request, current, db, isWithinPlan: true, (ramp, state) => ramp.RollBack(state, request?.Reason, db.Now), cancel);

    private static Task<Results<Versioned<RampView>, Problem>> CancelAsync(string flag, Guid id, ReasonRequest? request, Current current, TogglrDbContext db, CancellationToken cancel) =>
        MoveAsync(flag, id, "ramp.cancelled", request, current, db, isWithinPlan: true, (ramp, _) => ramp.Cancel(request?.Reason, db.Now), cancel);

    private static async Task<Results<Versioned<RampView>, Problem>> ApproveAsync(string flag, Guid id, ReasonRequest? request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(flag, id, current, db, cancel) is { } ramp && IsOwn(ramp, current.Environment, current))
            return Problem.Forbidden("In a critical environment somebody else than the one who started the ramp lets it through.", "own_ramp");
        return await MoveAsync(flag, id, "ramp.approved", request, current, db, isWithinPlan: true, (row, state) => row.Pass(state, db.Now), cancel, needsManage: false);
    }

    /// <summary>
    /// What was approved with the ramp, to stop it and to let it through its gates, needs no approval again: <paramref name="isWithinPlan"/>.
    /// </summary>
    private static async Task<Results<Versioned<RampView>, Problem>> MoveAsync(
        string flag, Guid id, string action, ReasonRequest? request, Current current, TogglrDbContext db, bool isWithinPlan, Func<Ramp, FlagEnvironment, Result> move, CancellationToken cancel,
        bool needsManage = true)
    {
        if (needsManage && NotAllowed(current) is { } forbidden)
            return forbidden;
        if (await db.RampClocks.SingleOrDefaultAsync(row => row.RampId == id, cancel) is not { } clock || await FindAsync(flag, id, current, db, cancel) is not { } ramp
            || await ScheduleEndpoints.FindStateAsync(flag, current, db, cancel) is not { } state)
            return NotThere(id);
        if (EntityTags.Check(current.Http.Request, ramp.Version) is { } stale)
            return stale;
        var moved = move(ramp, state);
        if (!moved.IsOk)
            return moved.Error.ToProblem();
        clock.Set(ramp, db.Now);
        if (isWithinPlan)
            current.Authority = Authority.Scheduled();
        return await SaveAsync(action, ramp, state, request?.Reason, current, db, cancel) is { } problem
            ? problem
            : new Versioned<RampView>((await ViewsAsync(db, [ramp], current, cancel))[0], ramp.Version);
    }

    private static Task<Problem?> SaveAsync(string action, Ramp ramp, FlagEnvironment state, string? reason, Current current, TogglrDbContext db, CancellationToken cancel) =>
        current.SaveAsync(action, ramp.FlagKey, ramp.Id, reason, cancel, state.EnvironmentKey);

    /// <summary>What is served changes, step by step.</summary>
    private static Problem? NotAllowed(Current current) =>
        current.May(Permissions.FlagManage, current.Project.Id, current.Environment.Id) ? null : Problem.Forbidden($"Ramps need the permission {Permissions.FlagManage} as well.");

    private static bool IsOwn(Ramp ramp, ProjectEnvironment environment, Current current) => environment.Critical && ramp.StartedBy is { } starter && starter == current.Signed;

    private static IReadOnlyList<RampStep> Steps(StartRampRequest request) => request.Preset switch
    {
        RampPreset.Careful => [new(100, 60, false), new(500, 240, false), new(1000, 1440, false), new(2500, 1440, true), new(5000, 1440, false), new(Ramp.Whole, 0, false)],
        RampPreset.Normal => [new(500, 60, false), new(2500, 240, false), new(5000, 240, false), new(Ramp.Whole, 0, false)],
        RampPreset.Fast => [new(1000, 10, false), new(5000, 10, false), new(Ramp.Whole, 0, false)],
        _ => [.. request.Steps!.Select(step => new RampStep(Share(step.Percentage), step.HoldMinutes ?? 0, step.Gate ?? false))],
    };

    /// <summary>Hundredths of a percent; 0, which is refused, for what is none.</summary>
    private static int Share(double percentage) =>
        percentage is > 0 and <= 100 && Math.Abs((percentage * 100) - Math.Round(percentage * 100)) < 1e-6 ? (int)Math.Round(percentage * 100) : 0;

    private static Task<IReadOnlyList<RampView>> ViewsAsync(TogglrDbContext db, IReadOnlyList<Ramp> rows, Current current, CancellationToken cancel) =>
        ViewsAsync(db, rows, current, _ => current.Environment, cancel);

    private static async Task<IReadOnlyList<RampView>> ViewsAsync(
        TogglrDbContext db, IReadOnlyList<Ramp> rows, Current current, Func<Ramp, ProjectEnvironment> environmentOf, CancellationToken cancel)
    {
        var people = await People.ReadAsync(db, rows.Select(row => row.StartedBy), cancel);
        return [.. rows.Select(row => new RampView(
            row.Id, row.FlagKey, row.EnvironmentKey, row.RuleId, row.FromVariant, row.ToVariant, row.State, row.Step, row.StepList[row.Step].Share / 100.0,
            [.. row.StepList.Select(step => new RampStepBody { Percentage = step.Share / 100.0, HoldMinutes = step.HoldMinutes, Gate = step.Gate })],
            row.Watch is { } guard
                ? new RampGuardBody { MaxErrorRate = guard.MaxErrorRate, MaxIncrease = guard.MaxIncrease, MinEvaluations = guard.MinEvaluations, Metrics = guard.Metrics, Action = guard.RollsBack ? RampReaction.RollBack : RampReaction.Pause }
                : null,
            row.StepAt, row.HoldUntil, row.Detail, row.State == RampState.Waiting && current.May(Permissions.ChangeApprove, current.Project.Id, row.EnvironmentId) && !IsOwn(row, environmentOf(row), current), row.CreatedAt, people[row.StartedBy], row.EndedAt, row.Version))];
    }

    private static Task<Ramp?> FindAsync(string flag, Guid id, Current current, TogglrDbContext db, CancellationToken cancel) =>
        db.Ramps.SingleOrDefaultAsync(row => row.Id == id && row.ProjectId == current.Project.Id && row.EnvironmentId == current.Environment.Id && row.FlagKey == flag, cancel);

    private static Problem NotThere(Guid id) => Problem.NotFound($"There is no ramp {id}.");
}
