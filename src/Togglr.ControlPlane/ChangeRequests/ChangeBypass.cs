using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.ChangeRequests;

/// <summary>Changing guarded things without an approval, for those who may. Always with a reason, and always told.</summary>
internal static class ChangeBypass
{
    /// <summary>Set to <c>true</c> by who means it.</summary>
    public const string Header = "Togglr-Bypass";

    public static bool IsAskedFor(HttpContext http) => string.Equals(http.Request.Headers[Header].ToString(), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Null when the caller may.</summary>
    public static async Task<Problem?> RefuseAsync(Current current, TogglrDbContext db, Guard guard, string? reason, CancellationToken cancel)
    {
        if (!await MayAsync(current, db, guard, cancel))
            return Problem.Forbidden($"Going past an approval needs the permission {Permissions.ChangeBypass}, or a group that every policy lets through.", "bypass_not_allowed");
        return string.IsNullOrWhiteSpace(reason) ? Problem.Invalid(new ProblemItem("required", "/reason", "Say why this cannot wait for an approval.")) : null;
    }

    /// <summary>Whether the caller has the permission wherever the change is about, or is in a group that each policy names.</summary>
    public static async Task<bool> MayAsync(Current current, TogglrDbContext db, Guard guard, CancellationToken cancel)
    {
        if (IsAllowed(current, Permissions.ChangeBypass, guard))
            return true;
        if (guard.Policies.Any(policy => policy.BypassGroups.Count == 0) || current.Caller.Kind != CallerKind.User)
            return false;
        var mine = await db.GroupMembers.AsNoTracking().Where(member => member.UserId == current.Caller.Id).Select(member => member.GroupId).ToListAsync(cancel);
        return guard.Policies.All(policy => policy.BypassGroups.Any(mine.Contains));
    }

    /// <summary>Whether the caller has a permission in everything that a guarded change is about.</summary>
    public static bool IsAllowed(Current current, string permission, Guard guard) =>
        guard.IsProjectWide || guard.Environments.Count == 0
            ? current.May(permission, current.Project.Id)
            : guard.Environments.All(environment => current.May(permission, current.Project.Id, environment));
}
