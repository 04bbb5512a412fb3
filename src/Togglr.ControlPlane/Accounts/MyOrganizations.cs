using Microsoft.EntityFrameworkCore;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>Tells somebody who they are and what they may do where.</summary>
internal static class MyOrganizations
{
    // The strongest first.
    private static readonly string[] BuiltIn = ["owner", "manager", "member", "viewer"];

    /// <summary>Everything that decides what the pages offer.</summary>
    public static async Task<MeView> DescribeAsync(TogglrDbContext db, Caller caller, CancellationToken cancel)
    {
        var user = caller.Kind == CallerKind.User ? await db.Users.AsNoTracking().SingleOrDefaultAsync(row => row.Id == caller.Id, cancel) : null;
        var session = caller.Session is { Id: var id } ? await db.Sessions.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancel) : null;
        var ids = caller.Grants.Select(grant => grant.Scope.Organization).Distinct().ToArray();
        var organizations = await db.Organizations.AsNoTracking().Where(row => ids.Contains(row.Id)).OrderBy(row => row.Key).ToListAsync(cancel);
        var views = new List<MyOrganizationView>();
        foreach (var organization in organizations)
            views.Add(await DescribeAsync(db, caller, organization, cancel));
        return new MeView(
            caller.Id, caller.Kind, caller.Email, caller.Name, caller.MustChangePassword, user?.HasTwoFactor ?? false, user?.Locale, user?.TimeZone,
            session is null ? null : new MySessionView(session.Id, session.Method, session.SecondFactor), views);
    }

    private static async Task<MyOrganizationView> DescribeAsync(TogglrDbContext db, Caller caller, Organization organization, CancellationToken cancel)
    {
        var grants = caller.Grants.Where(grant => grant.Scope.Organization == organization.Id).ToList();
        var wide = grants.Where(grant => grant.Scope.Project is null).ToList();
        var roles = wide.Where(static grant => grant.Permissions.Count > 1).Select(grant => grant.Role).Distinct(StringComparer.Ordinal).ToList();
        var projectIds = grants.Select(grant => grant.Scope.Project).OfType<Guid>().Distinct().ToArray();
        var projects = new SortedDictionary<string, MyProjectView>(StringComparer.Ordinal);
        if (projectIds.Length > 0)
        {
            // The organization of a description is not that of the request.
            var keys = await db.Projects.IgnoreQueryFilters().AsNoTracking().Where(row => row.OrganizationId == organization.Id && projectIds.Contains(row.Id))
                .Select(row => new { row.Id, row.Key }).ToListAsync(cancel);
            var environments = await db.Environments.IgnoreQueryFilters().AsNoTracking().Where(row => row.OrganizationId == organization.Id && projectIds.Contains(row.ProjectId))
                .Select(row => new { row.Id, row.Key }).ToDictionaryAsync(row => row.Id, row => row.Key, cancel);
            foreach (var project in keys)
            {
                var inside = grants.Where(grant => grant.Scope.Project == project.Id).ToList();
                projects.Add(project.Key, new MyProjectView(
                    PermissionsOf(inside.Where(grant => grant.Scope.Environment is null)),
                    inside.Where(grant => grant.Scope.Environment is { } environment && environments.ContainsKey(environment))
                        .GroupBy(grant => environments[grant.Scope.Environment!.Value], StringComparer.Ordinal)
                        .ToDictionary(group => group.Key, PermissionsOf, StringComparer.Ordinal)));
            }
        }
        var role = Array.Find(BuiltIn, name => roles.Contains(name)) ?? (roles.Count > 0 ? roles[0] : null);
        return new MyOrganizationView(
            organization.Key, organization.Name, role, roles, PermissionsOf(wide), projects, caller.Requirements.GetValueOrDefault(organization.Id));
    }

    private static IReadOnlyList<string> PermissionsOf(IEnumerable<Grant> grants) =>
        [.. grants.SelectMany(grant => grant.Permissions).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
