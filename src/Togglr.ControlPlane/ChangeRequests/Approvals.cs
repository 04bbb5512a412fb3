using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Accounts;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.ChangeRequests;

/// <summary>Who may approve, and whether it is enough. Every policy that stands before a request must be satisfied by itself.</summary>
internal static class Approvals
{
    /// <summary>The approvals that count: for the changes as they are, by people who put nothing into them.</summary>
    public static IEnumerable<ChangeApproval> Counting(ChangeRequest request, IEnumerable<ChangeApproval> approvals) =>
        approvals.Where(approval => approval.Approved && approval.CommandsHash.AsSpan().SequenceEqual(request.CommandsHash) && !request.EditorIds.Contains(approval.PersonId));

    /// <summary>How many of them a policy counts.</summary>
    public static int Given(GuardingPolicy policy, IEnumerable<ChangeApproval> counting, ILookup<Guid, Guid> groupsOf) =>
        counting.Where(approval => !policy.Reauthenticate || approval.Reauthenticated)
            .Where(approval => policy.ApproverGroups.Count == 0 || policy.ApproverGroups.Any(group => groupsOf[approval.PersonId].Contains(group)))
            .Select(approval => approval.PersonId).Distinct().Count();

    /// <summary>Whether every policy is satisfied.</summary>
    public static bool AreEnough(Guard guard, IReadOnlyCollection<ChangeApproval> counting, ILookup<Guid, Guid> groupsOf) =>
        guard.Policies.All(policy => Given(policy, counting, groupsOf) >= policy.MinApprovals);

    /// <summary>The groups of people, as they are now.</summary>
    public static async Task<ILookup<Guid, Guid>> GroupsOfAsync(TogglrDbContext db, IEnumerable<Guid> people, CancellationToken cancel)
    {
        Guid[] wanted = [.. people.Distinct()];
        return (await db.GroupMembers.AsNoTracking().Where(member => wanted.Contains(member.UserId)).Select(member => new { member.UserId, member.GroupId }).ToListAsync(cancel))
            .ToLookup(member => member.UserId, member => member.GroupId);
    }

    /// <summary>Why the caller cannot approve (or reject) a request; null when they can, apart from proving again who they are.</summary>
    public static Problem? Refusal(ChangeRequest request, Current current, IReadOnlyCollection<ChangeApproval> counting, ILookup<Guid, Guid> groupsOf)
    {
        var (caller, guard) = (current.Caller, request.Guard);
        if (caller.Kind != CallerKind.User)
            return Problem.Forbidden("Only people approve.", "people_only");
        if (request.EditorIds.Contains(caller.Id))
            return Problem.Forbidden("Nobody approves what they asked for or worked on.", "own_change");
        if (!ChangeBypass.IsAllowed(current, Permissions.ChangeApprove, guard))
            return Problem.Forbidden($"This needs the permission {Permissions.ChangeApprove} in everything that the request is about.");
        if (guard.Policies.Count > 0 && guard.Policies.All(policy => policy.ApproverGroups.Count > 0 && !policy.ApproverGroups.Any(group => groupsOf[caller.Id].Contains(group))))
            return Problem.Forbidden("The policies name groups of approvers that you are in none of.", "not_an_approver");
        if (AsksAgain(guard) && caller.Session is null)
            return Problem.Forbidden("This can be done in person only, not with a token.", "in_person_only");
        return counting.Any(approval => approval.PersonId == caller.Id) ? Problem.Conflict("You have approved this already.", "already_approved") : null;
    }

    /// <summary>Whether approvers must have proved again who they are.</summary>
    public static bool AsksAgain(Guard guard) => guard.Policies.Any(policy => policy.Reauthenticate);

    /// <summary>Whether the caller has just proved again who they are.</summary>
    public static async Task<bool> HasProvedAsync(Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        if (current.Caller.Session is not { } session)
            return false;
        var since = time.GetUtcNow() - Reauthenticate.Window;
        return await db.Sessions.AnyAsync(row => row.Id == session.Id && row.ReauthenticatedAt > since, cancel);
    }
}
