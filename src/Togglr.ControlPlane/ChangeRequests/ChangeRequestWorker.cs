using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.ChangeRequests;

/// <summary>
/// Applies scheduled requests at their time, ends those that waited too long, and marks those whose base somebody changed. Any number of nodes do so on one database: the row of the request is locked by the very transaction that applies it, so
/// it happens once, and whoever comes second finds it done. What is due is decided by the database's clock alone: a node whose own clock is wrong is neither early nor late.
/// </summary>
internal sealed partial class ChangeRequestWorker(IServiceProvider services, IServiceScopeFactory scopes, ChangeSignal signal, TimeProvider time, ILogger<ChangeRequestWorker> log)
    : DatabaseWorker(services.GetService<TogglrDatabase>(), time)
{
    private const int AtOnce = 50;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPauseOfOne = TimeSpan.FromMinutes(1);

    private readonly Dictionary<Guid, (int Failures, DateTimeOffset Until)> _pauses = [];
    private readonly ConcurrentDictionary<Guid, Guid> _changedProjects = new();
    private volatile bool _anyChanged = true;

    /// <inheritdoc />
    protected override TimeSpan Pause => Interval;

    /// <inheritdoc />
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        RingFor(signal, NoteChanged, cancellationToken);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        var due = await db.Database.SqlQuery<Due>(
            $"""
            (SELECT id AS "Id", organization_id AS "OrganizationId", project_id AS "ProjectId", true AS "Apply" FROM change_requests WHERE state = 'scheduled' AND apply_at <= now() ORDER BY apply_at LIMIT {AtOnce})
            UNION ALL
            (SELECT id, organization_id, project_id, false FROM change_requests WHERE state IN ('pending', 'approved', 'conflicted') AND expires_at <= now() ORDER BY expires_at LIMIT {AtOnce})
            """).ToListAsync(cancellationToken);
        foreach (var row in due.Where(row => !_pauses.TryGetValue(row.Id, out var pause) || pause.Until <= Time.GetUtcNow()))
            await DoAsync(row, cancellationToken);
        await FindOutdatedAsync(db, cancellationToken);
        return Interval;
    }

    /// <inheritdoc />
    protected override void Tell(Exception failure, TimeSpan pause) => LogUnavailable(failure.Message);

    /// <summary>Whether a change may have made requests outdated. Those of requests themselves do not: they touch nothing else.</summary>
    private bool NoteChanged(ChangeNotice notice)
    {
        if (notice.Resync)
            _anyChanged = true;
        else if (notice is { ProjectId: { } project, Entity: not "changerequest" })
            _changedProjects[project] = notice.OrganizationId;
        else
            return false;
        return true;
    }

    private async Task FindOutdatedAsync(TogglrDbContext db, CancellationToken cancel)
    {
        if (_anyChanged)
        {
            _anyChanged = false;
            foreach (var row in await db.Database.SqlQuery<Due>(
                $"SELECT DISTINCT project_id AS \"Id\", organization_id AS \"OrganizationId\", project_id AS \"ProjectId\", false AS \"Apply\" FROM change_requests WHERE state IN ('pending', 'approved', 'scheduled')").ToListAsync(cancel))
                _changedProjects.TryAdd(row.ProjectId, row.OrganizationId);
        }

        foreach (var (project, organization) in _changedProjects)
        {
            _changedProjects.TryRemove(project, out _);
            try
            {
                await FindOutdatedAsync(organization, project, cancel);
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                _changedProjects.TryAdd(project, organization);
                throw;
            }
        }
    }

    private async Task FindOutdatedAsync(Guid organization, Guid project, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(organization);
        // Without the calls' bodies, which may be large.
        var waiting = await (
            from request in db.ChangeRequests
            where request.ProjectId == project && (request.State == ChangeRequestState.Pending || request.State == ChangeRequestState.Approved || request.State == ChangeRequestState.Scheduled)
            join command in db.ChangeCommands on request.Id equals command.RequestId
            select new { request.Id, request.Version, command.Bases }).ToListAsync(cancel);
        foreach (var request in waiting.GroupBy(row => (row.Id, row.Version), row => row.Bases))
        {
            if (await Bases.FindOutdatedAsync(db, project, request.SelectMany(ChangeCommand.ReadBases), cancel) is [var moved, ..])
                await services.GetRequiredService<ApplyChangeRequest>().ConflictAsync(organization, request.Key.Id, ChangeActor.System("change requests"), ApplyChangeRequest.Moved(moved), cancel, request.Key.Version);
        }
    }

    private async Task DoAsync(Due row, CancellationToken cancel)
    {
        var actor = ChangeActor.System("change requests");
        try
        {
            if (!row.Apply)
                await ExpireAsync(row, actor, cancel);
            else if (await services.GetRequiredService<ApplyChangeRequest>().RunAsync(row.OrganizationId, row.ProjectId, row.Id, actor, onlyIfDue: true, cancel) is { } problem)
                LogNotApplied(row.Id, problem.Code, problem.Detail ?? problem.Title);
            _pauses.Remove(row.Id);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            var failures = 1 + (_pauses.TryGetValue(row.Id, out var earlier) ? earlier.Failures : 0);
            var pause = TimeSpan.FromSeconds(Math.Min(LongestPauseOfOne.TotalSeconds, Math.Pow(2, Math.Min(failures, 10))));
            _pauses[row.Id] = (failures, Time.GetUtcNow() + pause);
            LogFailed(failed, row.Id, (int)pause.TotalSeconds);
        }
    }

    private async Task ExpireAsync(Due row, ChangeActor actor, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(row.OrganizationId);
        if (await db.ChangeRequests.SingleOrDefaultAsync(request => request.Id == row.Id, cancel) is not { } found || !found.Expire(Time.GetUtcNow()).IsOk)
            return;
        db.ChangeRequestEvents.Add(ChangeRequestViews.Event(found, actor, "expired", "", Time));
        var project = await db.Projects.SingleAsync(project => project.Id == row.ProjectId, cancel);
        // Somebody who was quicker is told by the version of the row; then what they did holds.
        await db.CommitAsync(new Change(actor, "changerequest.expired", ChangeRequestViews.KeyOf(found)) { EntityId = found.Id, Project = project }, cancel);
    }

    private sealed record Due(Guid Id, Guid OrganizationId, Guid ProjectId, bool Apply);

    [LoggerMessage(6200, LogLevel.Warning, "The database cannot be asked for due change requests: {Reason}")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(6201, LogLevel.Warning, "The change request {Request} was due and was not applied: {Code}: {Reason}")]
    private partial void LogNotApplied(Guid request, string code, string reason);

    [LoggerMessage(6202, LogLevel.Error, "The change request {Request} was due and failed; it is tried again in {Seconds} s")]
    private partial void LogFailed(Exception failure, Guid request, int seconds);
}
