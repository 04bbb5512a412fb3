using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.ChangeRequests;

/// <summary>Changes what a request asks for: tries all of it anew, so that what is approved is always what was tried.</summary>
internal sealed class EditChangeRequest(Rehearse rehearse, TogglrDbContext db, Current current, TimeProvider time)
{
    /// <summary>A request that the caller may change, at the version that they have seen; otherwise why not.</summary>
    public static async Task<(ChangeRequest Row, Problem? Problem)> FindAsync(TogglrDbContext db, Current current, int number, CancellationToken cancel)
    {
        if (await ChangeRequestViews.FindAsync(db, current, number, cancel) is not { } row)
            return (null!, ChangeRequestViews.NotThere);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return (row, stale);
        return (row, ChangeRequestViews.MayEdit(row, current) ? null : Problem.Forbidden("Only its author and whoever manages the project's flags change a request."));
    }

    /// <summary>The same for one whose calls are to be changed, with its calls in their order.</summary>
    public static async Task<(ChangeRequest Row, List<ChangeCommand> Commands, Problem? Problem)> OpenAsync(TogglrDbContext db, Current current, int number, CancellationToken cancel)
    {
        var (row, refused) = await FindAsync(db, current, number, cancel);
        if (refused is null && !row.IsOpen)
            refused = Problem.Conflict("The request has come to its end.", "wrong_state");
        return (row, refused is null ? await db.ChangeCommands.Where(command => command.RequestId == row.Id).OrderBy(command => command.Position).ToListAsync(cancel) : [], refused);
    }

    /// <summary>Takes over these calls and saves. They have to be possible for the author, and for whoever puts them in.</summary>
    public async Task<Problem?> ReviseAsync(ChangeRequest request, IReadOnlyList<ChangeCommand> commands, Caller editor, string kind, CancellationToken cancel)
    {
        for (var i = 0; i < commands.Count; i++)
            commands[i].Position = i;
        if (await AuthorOfAsync(request, current, cancel) is not { } author)
            return Problem.Conflict("Whoever asked for this is not a member any more.", "author_gone");
        if (commands.Count == 0)
            return await SaveAsync(request, new ChangeRehearsal(Guard.None, [], ChangeCommand.HashOf([])), editor, kind, cancel);
        if (editor.Id != author.Id && (await rehearse.RunAsync(request.OrganizationId, request.ProjectId, request.Id, editor, commands, cancel)).Failure is { } refused)
            return refused.ToProblem();
        var (rehearsal, failure) = await rehearse.RunAsync(request.OrganizationId, request.ProjectId, request.Id, author, commands, cancel);
        return rehearsal is null ? failure!.ToProblem() : await SaveAsync(request, rehearsal, editor, kind, cancel);
    }

    /// <summary>The author as they are now.</summary>
    public static async Task<Caller?> AuthorOfAsync(ChangeRequest request, Current current, CancellationToken cancel)
    {
        // The caller's own token may allow less than they may.
        if (request.AuthorId == current.Caller.Id)
            return current.Caller;
        var callers = (Callers)current.Http.RequestServices.GetService(typeof(Callers))!;
        return await callers.FindPrincipalAsync(request.AuthorKind == "user" ? CallerKind.User : CallerKind.ServiceAccount, request.AuthorId, request.OrganizationId, cancel);
    }

    private async Task<Problem?> SaveAsync(ChangeRequest request, ChangeRehearsal rehearsal, Caller editor, string kind, CancellationToken cancel)
    {
        var isSame = request.CommandsHash.AsSpan().SequenceEqual(rehearsal.CommandsHash);
        var wasConflicted = request.State == ChangeRequestState.Conflicted;
        var revised = request.Revise(rehearsal, kind == "rebased" && isSame ? null : editor.Id);
        if (!revised.IsOk)
            return revised.Error.ToProblem();
        if (kind != "rebased" && editor.Token?.IssuedBy is { } issuer)
            request.AddEditor(issuer);
        // What was approved is still exactly what it does.
        if (wasConflicted && isSame)
        {
            var approvals = await db.ChangeApprovals.AsNoTracking().Where(row => row.RequestId == request.Id).ToListAsync(cancel);
            List<ChangeApproval> counting = [.. Approvals.Counting(request, approvals)];
            if (Approvals.AreEnough(request.Guard, counting, await Approvals.GroupsOfAsync(db, counting.Select(approval => approval.PersonId), cancel)))
                request.Approve(isEnough: true);
        }
        db.ChangeRequestEvents.Add(ChangeRequestViews.Event(request, current.Actor, kind, "", time));
        var change = new Change(current.Actor, $"changerequest.{kind}", ChangeRequestViews.KeyOf(request)) { EntityId = request.Id, Project = await db.Projects.SingleAsync(row => row.Id == request.ProjectId, cancel) };
        return (await db.CommitAsync(change, cancel)).Error?.ToProblem();
    }
}
