using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.ControlPlane.Flags;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Schedules;

internal static class ScheduleEndpoints
{
    public static void AddSchedules(this IServiceCollection services)
    {
        services.AddSingleton<ScheduleRunner>();
        services.AddHostedService<ScheduleWorker>();
    }

    public static void MapSchedules(this IEndpointRouteBuilder project)
    {
        project.MapGet("/schedules/timeline", GetScheduleTimeline.HandleAsync).WithName("getScheduleTimeline").WithSummary("What schedules do in a range of time").WithTags("Schedules")
            .RequirePermission(Permissions.FlagView);
        project.MapGet("/schedules/next", NextAsync).WithName("listScheduledFlags").WithSummary("The flags for which something is scheduled, and when it comes").WithTags("Schedules")
            .RequirePermission(Permissions.FlagView);
        var schedules = project.MapGroup("/flags/{flag}/environments/{env}/schedules").WithTags("Schedules");
        schedules.MapGet("", ListAsync).WithName("listSchedules").WithSummary("The schedules of a flag in an environment, and what changes next").RequirePermission(Permissions.FlagView);
        schedules.MapPost("", CreateAsync).WithName("createSchedule").WithSummary("Schedule a change of a flag in an environment").RequirePermission(Permissions.ScheduleManage);
        schedules.MapPost("/preview", PreviewSchedule.HandleAsync).WithName("previewSchedule").WithSummary("When a schedule would do something, and what it would meet")
            .RequirePermission(Permissions.FlagView).WithMetadata(new NeverRequested());
        schedules.MapGet("/{id:guid}", GetAsync).WithName("getSchedule").WithSummary("A schedule").RequirePermission(Permissions.FlagView);
        schedules.MapPut("/{id:guid}", UpdateAsync).WithName("updateSchedule").WithSummary("Change a schedule that has not happened yet").RequirePermission(Permissions.ScheduleManage);
        schedules.MapDelete("/{id:guid}", DeleteAsync).WithName("deleteSchedule").WithSummary("Delete a schedule; a window of it that is open closes").RequirePermission(Permissions.ScheduleManage);
    }

    private static async Task<Results<Ok<FlagSchedulesView>, Problem>> ListAsync(string flag, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindStateAsync(flag, current, db, cancel) is not { } state)
            return FlagStore.NotThere(flag);
        var rows = await ScheduleViews.ReadAsync(db, state.FlagId, state.EnvironmentId, cancel);
        var clock = await db.ScheduleClocks.AsNoTracking().SingleOrDefaultAsync(row => row.FlagId == state.FlagId && row.EnvironmentId == state.EnvironmentId, cancel);
        var outlook = new ScheduleOutlook(rows, state.Enabled, clock);
        var views = await ScheduleViews.ViewsAsync(db, rows, db.Now, cancel);
        return TypedResults.Ok(new FlagSchedulesView(
            [.. views.OrderBy(view => view.State is ScheduleState.Done or ScheduleState.Missed or ScheduleState.Failed)
                .ThenBy(view => view.HappenedAt is null ? view.At ?? view.Window?.From ?? DateTimeOffset.MaxValue : DateTimeOffset.MaxValue).ThenByDescending(view => view.HappenedAt).ThenBy(view => view.Id)],
            state.Enabled, clock?.BaseEnabled ?? state.Enabled, clock?.WindowId, outlook.Next(db.Now)));
    }

    private static async Task<Ok<ScheduledFlagsView>> NextAsync(Current current, TogglrDbContext db, CancellationToken cancel)
    {
        const int Most = 10_000;
        var rows = await (
            from clock in db.ScheduleClocks.AsNoTracking()
            join flag in db.Flags on clock.FlagId equals flag.Id
            join environment in db.Environments on clock.EnvironmentId equals environment.Id
            where clock.ProjectId == current.Project.Id && flag.ArchivedAt == null && (clock.NextAt != null || clock.WindowId != null)
            orderby flag.Key, environment.Key
            select new ScheduledFlagView(flag.Key, environment.Key, clock.NextAt, clock.WindowId != null)).Take(Most).ToListAsync(cancel);
        return TypedResults.Ok(new ScheduledFlagsView(rows));
    }

    private static async Task<Results<CreatedVersion<ScheduleView>, Problem>> CreateAsync(
        string flag, ScheduleRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindStateAsync(flag, current, db, cancel) is not { } state)
            return FlagStore.NotThere(flag);
        if (ScheduleViews.NotAllowed(current, request.Action) is { } forbidden)
            return forbidden;
        if (await db.Schedules.CountAsync(row => row.FlagId == state.FlagId && row.EnvironmentId == state.EnvironmentId, cancel) >= Schedule.MaximumPerFlag)
            return Problem.Conflict($"A flag has at most {Schedule.MaximumPerFlag} schedules in an environment. Delete one first.", "too_many");
        var created = Schedule.Create(state.Flag!, state, request.Details(), current.Actor.UserId, db.Now);
        if (!created.IsOk)
            return created.Error.ToProblem();
        if (await PreviewSchedule.FaultAsync(db, state, request, cancel) is { } fault)
            return fault;
        var schedule = created.Value;
        db.Schedules.Add(schedule);
        if (await current.SaveAsync("schedule.created", schedule.Name, schedule.Id, request.Reason, cancel, state.EnvironmentKey) is { } problem)
            return problem;
        return new CreatedVersion<ScheduleView>((await ScheduleViews.ViewsAsync(db, [schedule], db.Now, cancel))[0], schedule.Version, schedule.Id.ToString());
    }

    private static async Task<Results<Versioned<ScheduleView>, Problem>> GetAsync(string flag, Guid id, Current current, TogglrDbContext db, CancellationToken cancel) =>
        await FindAsync(flag, id, current, db, cancel) is { } schedule
            ? new Versioned<ScheduleView>((await ScheduleViews.ViewsAsync(db, [schedule], db.Now, cancel))[0], schedule.Version)
            : NotThere(id);

    private static async Task<Results<Versioned<ScheduleView>, Problem>> UpdateAsync(
        string flag, Guid id, ScheduleRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(flag, id, current, db, cancel) is not { } schedule || await FindStateAsync(flag, current, db, cancel) is not { } state)
            return NotThere(id);
        if (EntityTags.Check(current.Http.Request, schedule.Version) is { } stale)
            return stale;
        if (ScheduleViews.NotAllowed(current, schedule.Action, request.Action) is { } forbidden)
            return forbidden;
        if (state.Flag!.ArchivedAt is not null)
            return Problem.Conflict("The flag is archived. Restore it first.", ErrorCodes.Archived);
        var changed = schedule.Change(request.Details(), db.Now);
        if (!changed.IsOk)
            return changed.Error.ToProblem();
        if (await PreviewSchedule.FaultAsync(db, state, request, cancel) is { } fault)
            return fault;
        if (await current.SaveAsync("schedule.updated", schedule.Name, schedule.Id, request.Reason, cancel, schedule.EnvironmentKey) is { } problem)
            return problem;
        return new Versioned<ScheduleView>((await ScheduleViews.ViewsAsync(db, [schedule], db.Now, cancel))[0], schedule.Version);
    }

    private static async Task<Results<NoContent, Problem>> DeleteAsync(string flag, Guid id, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(flag, id, current, db, cancel) is not { } schedule)
            return NotThere(id);
        if (EntityTags.Check(current.Http.Request, schedule.Version) is { } stale)
            return stale;
        if (ScheduleViews.NotAllowed(current, schedule.Action) is { } forbidden)
            return forbidden;
        db.Schedules.Remove(schedule);
        if (await current.SaveAsync("schedule.deleted", schedule.Name, schedule.Id, reason: null, cancel, schedule.EnvironmentKey) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }

    /// <summary>The state of a flag in the route's environment with the flag, tracked; null when there is no such flag.</summary>
    internal static Task<FlagEnvironment?> FindStateAsync(string flag, Current current, TogglrDbContext db, CancellationToken cancel) =>
        db.FlagEnvironments.Include(row => row.Flag).SingleOrDefaultAsync(row => row.EnvironmentId == current.Environment.Id && row.Flag!.ProjectId == current.Project.Id && row.Flag.Key == flag, cancel);

    private static Task<Schedule?> FindAsync(string flag, Guid id, Current current, TogglrDbContext db, CancellationToken cancel) =>
        db.Schedules.SingleOrDefaultAsync(row => row.Id == id && row.ProjectId == current.Project.Id && row.EnvironmentId == current.Environment.Id && row.FlagKey == flag, cancel);

    private static Problem NotThere(Guid id) => Problem.NotFound($"There is no schedule {id}.");
}
