using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Directories;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Members;

/// <summary>A change of somebody's access.</summary>
public sealed record MemberAccessRequest
{
    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Keeps members out, lets them in again, removes them. All of it takes or gives everything that is granted to them, so only who could confer that may.</summary>
internal static class ChangeMember
{
    public static Task<Results<NoContent, Problem>> DeactivateAsync(
        Guid id, MemberAccessRequest? request, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel) =>
        ChangeAsync(
            id, "member.deactivated",
            row =>
            {
                row.Deactivate(time.GetUtcNow());
                return LostAccess.EndConfinedSessionsAsync(db, id, time.GetUtcNow(), cancel);
            },
            request?.Reason, current, db, cancel);

    public static Task<Results<NoContent, Problem>> ActivateAsync(Guid id, MemberAccessRequest? request, Current current, TogglrDbContext db, CancellationToken cancel) =>
        ChangeAsync(
            id, "member.activated",
            row =>
            {
                row.Activate();
                return Task.CompletedTask;
            },
            request?.Reason, current, db, cancel);

    public static Task<Results<NoContent, Problem>> RemoveAsync(Guid id, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel) =>
        ChangeAsync(id, "member.removed", row => RemoveEverythingAsync(row, db, time.GetUtcNow(), cancel), reason: null, current, db, cancel);

    private static async Task<Results<NoContent, Problem>> ChangeAsync(
        Guid id, string action, Func<Membership, Task> change, string? reason, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await db.Memberships.Include(row => row.User).SingleOrDefaultAsync(row => row.UserId == id, cancel) is not { } member)
            return MemberEndpoints.NotThere();
        if (await current.CheckCoversAsync(db, new PrincipalId(PrincipalKind.User, id), cancel) is { } refusal)
            return refusal;
        await change(member);
        if (await current.SaveAsync(action, member.User!.Email, id, reason, cancel) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }

    /// <summary>The database would take all of this along; named here, the audit log tells of it.</summary>
    private static async Task RemoveEverythingAsync(Membership member, TogglrDbContext db, DateTimeOffset now, CancellationToken cancel)
    {
        db.RoleGrants.RemoveRange(await db.RoleGrants.Where(row => row.UserId == member.UserId).ToListAsync(cancel));
        db.GroupMembers.RemoveRange(await db.GroupMembers.Where(row => row.UserId == member.UserId).ToListAsync(cancel));
        db.ApiTokens.RemoveRange(await db.ApiTokens.Where(row => row.UserId == member.UserId).ToListAsync(cancel));
        db.Memberships.Remove(member);
        await LostAccess.EndConfinedSessionsAsync(db, member.UserId, now, cancel);
    }
}
