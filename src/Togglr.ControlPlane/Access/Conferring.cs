using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Access;

/// <summary>Nobody gives or takes what they do not have: the questions that every way of changing rights asks.</summary>
internal static class Conferring
{
    /// <summary>
    /// Finds a role somewhere by keys, for the caller to confer. The problem is <c>validation_failed</c> for keys that mean nothing to this caller (below
    /// <paramref name="path"/>, such as <c>/grants/0</c>) and <c>forbidden</c> for what they may not confer.
    /// </summary>
    public static async Task<(ResolvedGrant? Grant, Problem? Problem)> ResolveAsync(
        this Current current, TogglrDbContext db, string role, string? project, string? environment, CancellationToken cancel, string path = "")
    {
        var resolved = await GrantResolver.ResolveAsync(db, current.OrganizationId, role, project, environment, cancel);
        var error = resolved.Error;
        if (resolved.IsOk && Authorization.Authorize(current.Caller, Permissions.ProjectView, resolved.Value.Scope) == Verdict.Invisible && resolved.Value.Scope.Project is not null)
            error = GrantResolver.NoProject();
        if (error is not null)
            return (null, (error with { Path = $"{path}/{error.Path}" }).ToProblem());
        return current.CheckConfer(resolved.Value!.Permissions, resolved.Value.Scope) is { } refusal ? (null, refusal) : (resolved.Value, null);
    }

    /// <summary>Whether the caller may give or take these permissions in a scope; the refusal names what is missing.</summary>
    public static Problem? CheckConfer(this Current current, IEnumerable<string> permissions, Scope scope)
    {
        if (Authorization.MayConfer(current.Caller, permissions, scope))
            return null;
        var missing = permissions.Prepend(Permissions.MembershipManage).Distinct(StringComparer.Ordinal)
            .Where(permission => Authorization.Authorize(current.Caller, permission, scope) != Verdict.Allowed);
        return Problem.Forbidden($"Nobody gives or takes what they do not have. Missing there: {string.Join(", ", missing)}.", "cannot_confer");
    }

    /// <summary>Whether the caller may give or take everything that some grants give.</summary>
    public static Problem? CheckConfer(this Current current, IEnumerable<ResolvedGrant> grants)
    {
        foreach (var grant in grants)
        {
            if (current.CheckConfer(grant.Permissions, grant.Scope) is { } refusal)
                return refusal;
        }
        return null;
    }

    /// <summary>Everything that is granted in the current organization to a person (by groups too), a group or a service account.</summary>
    public static async Task<IReadOnlyList<ResolvedGrant>> GrantsOfAsync(TogglrDbContext db, PrincipalId principal, CancellationToken cancel) =>
        [.. (await GrantRowsOf(db, principal).AsNoTracking().Include(row => row.Role).ToListAsync(cancel)).Select(Of)];

    /// <summary>The rows behind <see cref="GrantsOfAsync"/>.</summary>
    public static IQueryable<RoleGrant> GrantRowsOf(TogglrDbContext db, PrincipalId principal) => principal.Kind switch
    {
        PrincipalKind.User => db.RoleGrants.Where(row => row.UserId == principal.Id
            || db.GroupMembers.Any(member => member.UserId == principal.Id && member.GroupId == row.GroupId)),
        PrincipalKind.Group => db.RoleGrants.Where(row => row.GroupId == principal.Id),
        _ => db.RoleGrants.Where(row => row.ServiceAccountId == principal.Id),
    };

    /// <summary>What a row gives; its role must be loaded.</summary>
    public static ResolvedGrant Of(RoleGrant row)
    {
        var scope = new Scope(row.OrganizationId, row.ProjectId, row.EnvironmentId);
        if (row.BuiltInRole is { } builtIn)
            return new ResolvedGrant(GrantedRole.Of(builtIn), GrantReader.KeyOf(builtIn), BuiltInRoles.PermissionsOf(GrantReader.KeyOf(builtIn)), scope);
        var role = row.Role ?? throw new InvalidOperationException("The role of the grant is not loaded.");
        return new ResolvedGrant(GrantedRole.Of(role), role.Key, role.Permissions.ToHashSet(StringComparer.Ordinal), scope);
    }

    /// <summary>Whether the caller may give or take everything that is granted to somebody: asked before somebody is let in, kept out or removed.</summary>
    public static async Task<Problem?> CheckCoversAsync(this Current current, TogglrDbContext db, PrincipalId principal, CancellationToken cancel) =>
        current.CheckConfer(await GrantsOfAsync(db, principal, cancel));
}
