using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Grants;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.EffectivePermissions;

/// <summary>About whom and where.</summary>
internal sealed record ExplainAccessQuery(
    [property: FromQuery(Name = "principal"), Description("user:<id>, group:<id> or service_account:<id>; the caller if absent")] string? Principal,
    [property: FromQuery(Name = "project"), Description("Key of a project; the whole organization if absent")] string? Project,
    [property: FromQuery(Name = "environment"), Description("Key of an environment of the project")] string? Environment);

/// <summary>Tells what somebody may do somewhere and which grants are the reason.</summary>
internal static class ExplainAccess
{
    public static async Task<Results<Ok<EffectivePermissionsView>, Problem>> HandleAsync(
        [AsParameters] ExplainAccessQuery query, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var self = new PrincipalId(current.Caller.Kind == CallerKind.User ? PrincipalKind.User : PrincipalKind.ServiceAccount, current.Caller.Id);
        var principal = query.Principal is null ? self : Principals.Parse(query.Principal);
        if (principal is not { } who)
            return Principals.Malformed();
        var resolved = await GrantResolver.ScopeAsync(db, current.OrganizationId, query.Project, query.Environment, cancel);
        var error = resolved.Error;
        if (resolved.IsOk && resolved.Value.Project is not null && Authorization.Authorize(current.Caller, Permissions.ProjectView, resolved.Value) != Verdict.Allowed)
            error = GrantResolver.NoProject();
        if (error is not null)
            return Problem.Invalid(new ProblemItem("invalid", error.Path!, error.Message));
        var scope = resolved.Value;
        var rows = Conferring.GrantRowsOf(db, who);
        if (who != self)
        {
            if (!current.May(Permissions.MembershipView, scope.Project, scope.Environment))
                return Problem.Forbidden($"Only those with {Permissions.MembershipView} there see what others may do.");
            var sight = new PeopleInSight(current, db);
            if (!await IsInSightAsync(who, sight, cancel))
                return Problem.NotFound("There is no such person, group or service account.");
            var visible = sight.Grants();
            rows = rows.Where(row => visible.Any(grant => grant.Id == row.Id));
        }
        if (await Principals.FindAsync(db, who, cancel) is not { } found)
            return Problem.NotFound("There is no such person, group or service account.");
        return TypedResults.Ok(new EffectivePermissionsView(
            found, new ScopeView(query.Project, query.Environment), await PermissionsAsync(db, rows, who.Kind, scope, cancel), await RestrictionsAsync(db, who, cancel)));
    }

    private static Task<bool> IsInSightAsync(PrincipalId principal, PeopleInSight sight, CancellationToken cancel) => principal.Kind switch
    {
        PrincipalKind.User => sight.Members().AnyAsync(row => row.UserId == principal.Id, cancel),
        PrincipalKind.Group => sight.Groups().AnyAsync(row => row.Id == principal.Id, cancel),
        _ => sight.SeesEverybody ? Task.FromResult(true) : sight.Grants().AnyAsync(row => row.ServiceAccountId == principal.Id, cancel),
    };

    private static async Task<IReadOnlyList<EffectivePermissionView>> PermissionsAsync(
        TogglrDbContext db, IQueryable<RoleGrant> granted, PrincipalKind kind, Scope scope, CancellationToken cancel)
    {
        var rows = await granted.AsNoTracking().Include(row => row.Role).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync(cancel);
        var views = await GrantViews.ReadAsync(db, rows, cancel);
        var groupIds = rows.Select(row => row.GroupId).OfType<Guid>().ToArray();
        var groups = await db.Groups.AsNoTracking().Where(row => groupIds.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.Key, cancel);
        var sources = new List<(Grant[] Gives, PermissionReasonView Reason)>();
        for (var i = 0; i < rows.Count; i++)
        {
            var given = Conferring.Of(rows[i]);
            var isDirect = rows[i].GroupId is null || kind == PrincipalKind.Group;
            sources.Add((
                [.. Authorization.WithSurroundings([new Grant(given.Scope, "", given.RoleKey, given.Permissions)])],
                new PermissionReasonView(
                    views[i].Role, views[i].RoleName, isDirect ? GrantedVia.Direct : GrantedVia.Group, isDirect ? null : groups.GetValueOrDefault(rows[i].GroupId!.Value),
                    new ScopeView(views[i].Project, views[i].Environment), views[i].Id)));
        }
        var permissions = new List<EffectivePermissionView>();
        foreach (var permission in Permissions.All)
        {
            IReadOnlyList<PermissionReasonView> because =
                [.. sources.Where(source => source.Gives.Any(grant => Authorization.Covers(grant.Scope, scope) && grant.Permissions.Contains(permission))).Select(source => source.Reason)];
            permissions.Add(new EffectivePermissionView(permission, because.Count > 0, because));
        }
        return permissions;
    }

    private static async Task<IReadOnlyList<AccessRestrictionView>> RestrictionsAsync(TogglrDbContext db, PrincipalId principal, CancellationToken cancel)
    {
        var restrictions = new List<AccessRestrictionView>();
        if (principal.Kind == PrincipalKind.ServiceAccount && await db.ServiceAccounts.AnyAsync(row => row.Id == principal.Id && row.DisabledAt != null, cancel))
            restrictions.Add(new AccessRestrictionView(AccessRestrictionKind.Deactivated, "The service account is deactivated: its tokens are refused."));
        if (principal.Kind != PrincipalKind.User)
            return restrictions;
        var member = await db.Memberships.AsNoTracking().Include(row => row.User).Include(row => row.Organization).SingleAsync(row => row.UserId == principal.Id, cancel);
        if (member.DisabledAt is not null || member.User!.DisabledAt is not null)
            restrictions.Add(new AccessRestrictionView(AccessRestrictionKind.Deactivated, "The person is deactivated in this organization."));
        if (member.Organization!.RequireTwoFactor && !member.User!.HasTwoFactor)
            restrictions.Add(new AccessRestrictionView(AccessRestrictionKind.TwoFactorRequired, "The organization asks for a second factor, and the person has none: a password alone opens nothing."));
        var isOwner = (await Conferring.GrantsOfAsync(db, principal, cancel)).Any(static grant => grant.Role.BuiltIn == BuiltInRole.Owner && grant.Scope.Project is null);
        if (member.Organization.PasswordSignIn == PasswordSignIn.Owners && !isOwner)
            restrictions.Add(new AccessRestrictionView(AccessRestrictionKind.SsoRequired, "The organization lets the person in through its identity provider only."));
        return restrictions;
    }
}
