using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.ChangeRequests;

/// <summary>
/// Makes the calls of an approved request, all or none, in the one transaction that also marks it as applied: after a crash at any moment it is applied or it is not. Under the locks of that
/// transaction it is checked once more that what is done is what was approved, that the rows are the ones that people looked at, and that the policies of this moment are satisfied.
/// </summary>
internal sealed class ApplyChangeRequest(CommandReplay replay, IServiceScopeFactory scopes, TogglrDatabase database, ChangeSignal signal, AuditSeal seal, TimeProvider time)
{
    /// <summary>Null when it was applied. What is in the way for good makes the request conflicted.</summary>
    public async Task<Problem?> RunAsync(Guid organization, Guid project, Guid id, ChangeActor actor, bool onlyIfDue, CancellationToken cancel)
    {
        string? conflict;
        Guard? stricter = null;
        await using (var ambient = await AmbientTransaction.BeginAsync(database, signal, seal, organization, project, cancel))
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
            db.Join(ambient);
            db.UseOrganization(organization);
            await db.Database.ExecuteSqlAsync($"SELECT id FROM change_requests WHERE id = {id} FOR UPDATE", cancel);
            if (await db.ChangeRequests.SingleOrDefaultAsync(row => row.Id == id, cancel) is not { } request)
                return ChangeRequestViews.NotThere;
            if (onlyIfDue && !await db.Database.SqlQuery<bool>($"SELECT state = 'scheduled' AND apply_at <= now() AS \"Value\" FROM change_requests WHERE id = {id}").SingleAsync(cancel))
                return Problem.Conflict("It is not due.", "wrong_state");
            var applied = request.Apply(time.GetUtcNow());
            if (!applied.IsOk)
                return applied.Error.ToProblem();
            var commands = await db.ChangeCommands.AsNoTracking().Where(row => row.RequestId == id).OrderBy(row => row.Position).ToListAsync(cancel);
            db.ChangeRequestEvents.Add(ChangeRequestViews.Event(request, actor, "applied", "", time));
            var change = new Change(actor, "changerequest.applied", ChangeRequestViews.KeyOf(request)) { EntityId = id, Project = await db.Projects.SingleAsync(row => row.Id == project, cancel) };
            var marked = await db.CommitAsync(change, cancel);
            if (!marked.IsOk)
                return marked.Error.ToProblem();

            // A request that deletes its project takes these along.
            List<ChangeApproval> counting = [.. Approvals.Counting(request, await db.ChangeApprovals.AsNoTracking().Where(row => row.RequestId == id).ToListAsync(cancel))];
            conflict = await MakeAsync(request, commands, scope.ServiceProvider.GetRequiredService<Callers>(), ambient, cancel);
            if (conflict is null)
            {
                if (Approvals.AreEnough(ambient.Guard, counting, await Approvals.GroupsOfAsync(db, counting.Select(approval => approval.PersonId), cancel)))
                {
                    await ambient.CommitAsync(cancel);
                    return null;
                }
                stricter = ambient.Guard;
            }
        }
        return stricter is not null ? await ReopenAsync(organization, id, actor, stricter, cancel) : await ConflictAsync(organization, id, actor, conflict!, cancel);
    }

    /// <summary>What is said of a request one of whose rows was changed by somebody else.</summary>
    public static string Moved(string row) => $"{row} was changed after the request was made.";

    /// <summary>Marks a request whose base has changed, unless it is another version already than the one that was looked at; the answer to who asked.</summary>
    public async Task<Problem> ConflictAsync(Guid organization, Guid id, ChangeActor actor, string failure, CancellationToken cancel, int? version = null)
    {
        await MarkAsync(organization, id, actor, "conflicted", failure, request => request.Conflict(failure), cancel, version);
        return Problem.Conflict(failure, "conflicted");
    }

    /// <summary>Why it cannot be done as it was approved; null when it was.</summary>
    private async Task<string?> MakeAsync(ChangeRequest request, List<ChangeCommand> commands, Callers callers, AmbientTransaction ambient, CancellationToken cancel)
    {
        var kind = request.AuthorKind == "user" ? CallerKind.User : CallerKind.ServiceAccount;
        if (await callers.FindPrincipalAsync(kind, request.AuthorId, request.OrganizationId, cancel) is not { } author)
            return $"{request.AuthorName} is not a member any more.";
        var known = commands.SelectMany(command => command.BaseVersions).DistinctBy(row => row.Path).ToDictionary(row => row.Path, StringComparer.Ordinal);
        foreach (var command in commands)
        {
            var before = ambient.Commits.Count;
            if (await replay.RunAsync(command, author, ambient, Authority.Approved(request.Id), cancel) is { } failure)
            {
                if (failure.IsPassing)
                    throw new TimeoutException($"Change {failure.Position + 1} of the change request failed: {failure.Detail}");
                return $"Change {failure.Position + 1}: {failure.Detail}";
            }
            if (ambient.Bases.FirstOrDefault(row => !known.TryGetValue(row.Path, out var approved) || approved != row) is { } moved)
                return Moved(moved.Path);
            if (ambient.Commits.Count == before)
                return $"Change {command.Position + 1} has no effect any more.";
            command.Describe(ambient.Commits[^1], []);
        }
        if (known.Keys.Except(ambient.Bases.Select(row => row.Path), StringComparer.Ordinal).FirstOrDefault() is { } untouched)
            return Moved(untouched);
        return ChangeCommand.HashOf(commands).AsSpan().SequenceEqual(request.CommandsHash) ? null : "It would do something else than what was approved.";
    }

    private async Task<Problem> ReopenAsync(Guid organization, Guid id, ChangeActor actor, Guard guard, CancellationToken cancel)
    {
        await MarkAsync(organization, id, actor, "reopened", "", request => request.Reopen(guard), cancel);
        return Problem.Conflict("The policies ask for more approvals than there are.", "approvals_missing");
    }

    private async Task MarkAsync(Guid organization, Guid id, ChangeActor actor, string kind, string text, Func<ChangeRequest, Result> mark, CancellationToken cancel, int? version = null)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(organization);
        // Somebody may have done something else with it in the meantime: then that holds.
        if (await db.ChangeRequests.SingleOrDefaultAsync(row => row.Id == id, cancel) is not { } request || (version is { } seen && request.Version != seen) || !mark(request).IsOk)
            return;
        db.ChangeRequestEvents.Add(ChangeRequestViews.Event(request, actor, kind, text, time));
        var project = await db.Projects.SingleAsync(row => row.Id == request.ProjectId, cancel);
        await db.CommitAsync(new Change(actor, $"changerequest.{kind}", ChangeRequestViews.KeyOf(request)) { EntityId = id, Project = project }, cancel);
    }
}
