using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Togglr.Hosting.Problems;
using Togglr.ControlPlane.Background;
using Togglr.Store;

namespace Togglr.ControlPlane.ChangeRequests;

/// <summary>
/// Applies scheduled requests at their time and ends those that waited too long. Any number of nodes do so on one database: the row of the request is locked by the very transaction that applies it, so
/// it happens once, and whoever comes second finds it done. What is due is decided by the database's clock alone: a node whose own clock is wrong is neither early nor late.
/// </summary>
internal sealed partial class ChangeRequestWorker(IServiceProvider services, IServiceScopeFactory scopes, TimeProvider time, ILogger<ChangeRequestWorker> log) : BackgroundService
{
    private const int AtOnce = 50;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly Dictionary<Guid, (int Failures, DateTimeOffset Until)> _pauses = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (await services.WaitForDatabaseAsync(stoppingToken) is null)
                return;
            while (true)
            {
                await RunAsync(stoppingToken);
                await Task.Delay(Interval, time, stoppingToken);
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or StoreStartException)
        {
            // The host stops, or the database never came.
        }
    }

    private async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
            var due = await db.Database.SqlQuery<Due>(
                $"""
                (SELECT id AS "Id", organization_id AS "OrganizationId", project_id AS "ProjectId", true AS "Apply" FROM change_requests WHERE state = 'scheduled' AND apply_at <= now() ORDER BY apply_at LIMIT {AtOnce})
                UNION ALL
                (SELECT id, organization_id, project_id, false FROM change_requests WHERE state IN ('pending', 'approved', 'conflicted') AND expires_at <= now() ORDER BY expires_at LIMIT {AtOnce})
                """).ToListAsync(cancel);
            foreach (var row in due.Where(row => !_pauses.TryGetValue(row.Id, out var pause) || pause.Until <= time.GetUtcNow()))
                await DoAsync(row, cancel);
        }
        catch (Exception failed) when (TogglrDbContext.IsUnavailable(failed))
        {
            LogUnavailable(failed.Message);
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
            var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, Math.Min(failures, 10))));
            _pauses[row.Id] = (failures, time.GetUtcNow() + pause);
            LogFailed(failed, row.Id, (int)pause.TotalSeconds);
        }
    }

    private async Task ExpireAsync(Due row, ChangeActor actor, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(row.OrganizationId);
        if (await db.ChangeRequests.SingleOrDefaultAsync(request => request.Id == row.Id, cancel) is not { } found || !found.Expire(time.GetUtcNow()).IsOk)
            return;
        db.ChangeRequestEvents.Add(ChangeRequestViews.Event(found, actor, "expired", "", time));
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
