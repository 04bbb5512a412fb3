using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.ChangeRequests;

/// <summary>What happens to a request: submit, approve, reject, cancel, apply. Two who do something at once are settled by the version of its row: one of them finds it done.</summary>
internal static class DecideChangeRequest
{
    private const int MaximumComment = 10_000;

    public static Task<Results<Versioned<ChangeRequestView>, Problem>> SubmitAsync(
        int number, ChangeRequestDecisionRequest request, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel) =>
        RunAsync(number, "submitted", request, current, db, time, (row, _) =>
        {
            if (row.AuthorId != current.Caller.Id)
                return Task.FromResult<Problem?>(Problem.Forbidden("Only its author asks for approval of a draft.", "not_your_draft"));
            if (row.Touches.Count == 0)
                return Task.FromResult<Problem?>(Problem.Conflict("There is nothing in it yet.", "changes_nothing"));
            var done = row.Submit(time.GetUtcNow());
            if (done.IsOk && row.Guard.Policies.Count == 0)
                done = row.Approve(isEnough: true);
            return Task.FromResult(done.Error?.ToProblem());
        }, cancel);

    public static async Task<Results<Versioned<ChangeRequestView>, Problem>> ApproveAsync(
        int number, ChangeRequestDecisionRequest request, Current current, TogglrDbContext db, ApplyChangeRequest apply, TimeProvider time, CancellationToken cancel)
    {
        // What was changed meanwhile is not what the approver looked at.
        if (await ChangeRequestViews.FindAsync(db, current, number, cancel) is { State: ChangeRequestState.Pending } seen && EntityTags.Check(current.Http.Request, seen.Version) is null)
        {
            var commands = await db.ChangeCommands.AsNoTracking().Where(row => row.RequestId == seen.Id).ToListAsync(cancel);
            if ((await Bases.FindOutdatedAsync(db, seen.ProjectId, commands.SelectMany(command => command.BaseVersions), cancel)) is [var moved, ..])
                return await apply.ConflictAsync(seen.OrganizationId, seen.Id, current.Actor, ApplyChangeRequest.Moved(moved), cancel);
        }
        return await RunAsync(number, "approved", request, current, db, time, async (row, comment) =>
        {
            var (approvals, groupsOf, problem) = await AdmitAsync(row, current, db, time, cancel);
            if (problem is not null)
                return problem;
            var approval = ApprovalOf(row, current, true, comment, Approvals.AsksAgain(row.Guard), time);
            db.ChangeApprovals.Add(approval);
            return row.Approve(Approvals.AreEnough(row.Guard, [.. approvals, approval], groupsOf)).Error?.ToProblem();
        }, cancel);
    }

    public static Task<Results<Versioned<ChangeRequestView>, Problem>> RejectAsync(
        int number, ChangeRequestDecisionRequest request, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel) =>
        RunAsync(number, "rejected", request, current, db, time, async (row, comment) =>
        {
            if ((await AdmitAsync(row, current, db, time, cancel)).Problem is { Code: not "already_approved" } problem)
                return problem;
            db.ChangeApprovals.Add(ApprovalOf(row, current, false, comment, Approvals.AsksAgain(row.Guard), time));
            return row.Reject(time.GetUtcNow()).Error?.ToProblem();
        }, cancel);

    public static Task<Results<Versioned<ChangeRequestView>, Problem>> CancelAsync(
        int number, ChangeRequestDecisionRequest request, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel) =>
        RunAsync(number, "cancelled", request, current, db, time, (row, _) => Task.FromResult(
            ChangeRequestViews.MayCancel(row, current) ? row.Cancel(time.GetUtcNow()).Error?.ToProblem() : Problem.Forbidden("Only its author and whoever manages the project take a request back.")), cancel);

    public static async Task<Results<Versioned<ChangeRequestView>, NoContent, Problem>> ApplyAsync(
        int number, ChangeRequestDecisionRequest request, Current current, TogglrDbContext db, ApplyChangeRequest apply, TimeProvider time, CancellationToken cancel)
    {
        if (await ChangeRequestViews.FindAsync(db, current, number, cancel) is not { } row)
            return ChangeRequestViews.NotThere;
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        if (!ChangeRequestViews.MayApply(row, current))
            return Problem.Forbidden("Only its author and whoever may approve apply a request.");
        if (await apply.RunAsync(row.OrganizationId, row.ProjectId, row.Id, current.Actor, onlyIfDue: false, cancel) is { } problem)
            return problem;
        // A request that deletes its project goes with it.
        return await current.StartOverAsync(cancel) is null && await ChangeRequestViews.FindAsync(db, current, number, cancel) is { } after
            ? new Versioned<ChangeRequestView>(await ChangeRequestViews.AloneAsync(db, after, current, time, cancel), after.Version)
            : TypedResults.NoContent();
    }

    /// <summary>What somebody said, where they may say it.</summary>
    private static async Task<(List<ChangeApproval> Counting, ILookup<Guid, Guid> GroupsOf, Problem? Problem)> AdmitAsync(
        ChangeRequest row, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        List<ChangeApproval> counting = [.. Approvals.Counting(row, await db.ChangeApprovals.AsNoTracking().Where(approval => approval.RequestId == row.Id).ToListAsync(cancel))];
        var groupsOf = await Approvals.GroupsOfAsync(db, [.. counting.Select(approval => approval.PersonId), current.Caller.Id], cancel);
        var problem = Approvals.Refusal(row, current, counting, groupsOf);
        if (problem is null && Approvals.AsksAgain(row.Guard) && !await Approvals.HasProvedAsync(current, db, time, cancel))
            problem = Problem.Forbidden("Prove again who you are first, with your password or a code.", "reauthentication_required");
        return (counting, groupsOf, problem);
    }

    private static ChangeApproval ApprovalOf(ChangeRequest row, Current current, bool approved, string comment, bool hasProved, TimeProvider time) => new()
    {
        OrganizationId = row.OrganizationId, RequestId = row.Id, PersonId = current.Caller.Id, PersonName = current.Caller.Name, Approved = approved, At = time.GetUtcNow(), Comment = comment,
        CommandsHash = row.CommandsHash, Reauthenticated = hasProved,
    };

    private static async Task<Results<Versioned<ChangeRequestView>, Problem>> RunAsync(
        int number, string kind, ChangeRequestDecisionRequest request, Current current, TogglrDbContext db, TimeProvider time, Func<ChangeRequest, string, Task<Problem?>> transition, CancellationToken cancel)
    {
        var comment = request.Comment ?? "";
        if (comment.Length > MaximumComment || Texts.Fault(comment, "/comment") is not null)
            return Problem.Invalid(new ProblemItem("invalid", "/comment", $"A comment has at most {MaximumComment} characters, all of which can be stored."));
        if (await ChangeRequestViews.FindAsync(db, current, number, cancel) is not { } row)
            return ChangeRequestViews.NotThere;
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        if (await transition(row, comment) is { } refusal)
            return refusal;
        db.ChangeRequestEvents.Add(ChangeRequestViews.Event(row, current.Actor, kind, comment, time));
        if (await current.SaveAsync($"changerequest.{kind}", ChangeRequestViews.KeyOf(row), row.Id, comment.Length is > 0 and <= 1000 ? comment : null, cancel) is { } problem)
            return problem;
        return new Versioned<ChangeRequestView>(await ChangeRequestViews.AloneAsync(db, row, current, time, cancel), row.Version);
    }
}
