using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Togglr.Store;

namespace Togglr.ControlPlane.Schedules;

/// <summary>
/// Does what is due. Flags of one environment that are to change alike change in one commit; where that is refused, each goes by itself. The commit holds the flag, its
/// schedules and their clock, and is refused when somebody else moved the clock, so that what is due is done once whoever dies when.
/// </summary>
internal sealed partial class ScheduleRunner(IServiceScopeFactory scopes, ILogger<ScheduleRunner> logger)
{
    /// <summary>The most flags of one commit.</summary>
    private const int BatchSize = 100;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);

    /// <summary>Does all of it. False when somebody else was at it at the same time, or the database is away: then ask again what is due.</summary>
    public async Task<bool> RunAsync(DueWork work, CancellationToken cancel)
    {
        var isDone = true;
        foreach (var places in work.Places.GroupBy(place => (place.Organization, place.Project, place.Environment)))
        {
            foreach (var batch in places.Chunk(BatchSize))
                isDone &= await RunAsync(batch, work.Now, null, cancel);
        }

        return isDone;
    }

    private async Task<bool> RunAsync(FlagPlace[] places, DateTimeOffset now, string? refusal, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(places[0].Organization);
        if (await LoadAsync(db, places, now, cancel) is not { } loaded)
            return true;
        var parts = new List<(FlagPlace Place, ChangePart Part)>();
        foreach (var (place, step) in loaded.Steps)
            parts.AddRange((await step.RunAsync(now, refusal, cancel)).Select(part => (place, part)));

        // Those who look at a project are told of one kind of change at a time.
        var kinds = parts.GroupBy(part => part.Part.Action).ToList();
        if (places.Length > 1 && kinds.Count > 1)
            return await ApartAsync(places, parts, now, cancel);
        if (await CommitAsync(db, loaded.Project, parts.ConvertAll(part => part.Part), cancel) is not { } error)
            return true;
        if (error.Code is ErrorCodes.PreconditionFailed or ErrorCodes.Unavailable)
            return false;
        if (places.Length > 1)
            return await EachAsync(places, now, cancel);
        if (refusal is null)
            return await RunAsync(places, now, error.Message, cancel);
        LogRefused(places[0].Flag, error.Message);
        return await PostponeAsync(places[0], now + RetryAfter, cancel);
    }

    private static async Task<StoreError?> CommitAsync(TogglrDbContext db, Project project, List<ChangePart> parts, CancellationToken cancel)
    {
        try
        {
            var first = parts.Count > 0 ? parts[0] : new ChangePart("schedule.done", project.Key, null, []);
            var committed = await db.CommitAsync(
                new Change(ChangeActor.System("schedule"), first.Action, first.EntityKey) { EntityId = first.EntityId, Project = project, Environment = first.Environment, Parts = parts, Authority = Authority.Scheduled() }, cancel);
            return committed.IsOk ? null : committed.Error;
        }
        catch (DbUpdateConcurrencyException)
        {
            return new StoreError(ErrorCodes.PreconditionFailed, "Somebody else was there first.");
        }
    }

    private async Task<bool> ApartAsync(FlagPlace[] places, List<(FlagPlace Place, ChangePart Part)> parts, DateTimeOffset now, CancellationToken cancel)
    {
        var isDone = true;
        var kindOf = parts.GroupBy(part => part.Place).ToDictionary(group => group.Key, group => string.Join(' ', group.Select(part => part.Part.Action)));
        var alike = places.GroupBy(place => kindOf.GetValueOrDefault(place, "")).ToList();
        if (alike.Count == 1)
            return await EachAsync(places, now, cancel);
        foreach (var group in alike)
            isDone &= await RunAsync([.. group], now, null, cancel);
        return isDone;
    }

    private async Task<bool> EachAsync(FlagPlace[] places, DateTimeOffset now, CancellationToken cancel)
    {
        var isDone = true;
        foreach (var place in places)
            isDone &= await RunAsync([place], now, null, cancel);
        return isDone;
    }

    /// <summary>Null when nothing of it is there any more, or nothing is due.</summary>
    private static async Task<(Project Project, List<(FlagPlace Place, ScheduleStep Step)> Steps)?> LoadAsync(
        TogglrDbContext db, FlagPlace[] places, DateTimeOffset now, CancellationToken cancel)
    {
        var environment = places[0].Environment;
        var ids = Array.ConvertAll(places, place => place.Flag);
        // The clocks first: a change of what is read after them moves them, and then the commit is refused.
        var clocks = await db.ScheduleClocks.Where(clock => clock.EnvironmentId == environment && ids.Contains(clock.FlagId) && clock.NextAt <= now).ToListAsync(cancel);
        var flags = await db.Flags.Where(flag => ids.Contains(flag.Id)).Include(flag => flag.Environments.Where(state => state.EnvironmentId == environment)).ToDictionaryAsync(flag => flag.Id, cancel);
        var schedules = (await db.Schedules.Where(schedule => schedule.EnvironmentId == environment && ids.Contains(schedule.FlagId)).ToListAsync(cancel)).ToLookup(schedule => schedule.FlagId);
        if (await db.Projects.SingleOrDefaultAsync(project => project.Id == places[0].Project, cancel) is not { } project)
            return null;
        var steps = new List<(FlagPlace, ScheduleStep)>();
        foreach (var clock in clocks)
        {
            if (flags.GetValueOrDefault(clock.FlagId) is { Environments: [var state] } flag)
                steps.Add((places.First(place => place.Flag == clock.FlagId), new ScheduleStep(db, flag, state, [.. schedules[flag.Id]], clock)));
        }

        return steps.Count == 0 ? null : (project, steps);
    }

    private async Task<bool> PostponeAsync(FlagPlace place, DateTimeOffset until, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(place.Organization);
        if (await db.ScheduleClocks.SingleOrDefaultAsync(clock => clock.FlagId == place.Flag && clock.EnvironmentId == place.Environment, cancel) is not { } clock)
            return true;
        clock.Postpone(until);
        try
        {
            await db.SaveChangesAsync(cancel);
            return true;
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }
    }

    [LoggerMessage(3070, LogLevel.Warning, "What is scheduled for the flag {Flag} cannot be done and is tried again in a minute: {Reason}")]
    private partial void LogRefused(Guid flag, string reason);
}
