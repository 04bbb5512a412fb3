using Microsoft.EntityFrameworkCore;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Access;

/// <summary>A role somewhere, found by the keys that people write.</summary>
/// <param name="Role">What a <see cref="RoleGrant"/> refers to.</param>
/// <param name="RoleKey">The role's key.</param>
/// <param name="Permissions">What it allows now.</param>
/// <param name="Scope">Where.</param>
internal sealed record ResolvedGrant(GrantedRole Role, string RoleKey, IReadOnlySet<string> Permissions, Scope Scope)
{
    /// <summary>Grants it. Whoever calls this has asked whether the actor may confer it.</summary>
    public RoleGrant To(PrincipalId principal, Guid? providerId = null) =>
        RoleGrant.Create(Scope.Organization, principal, Role, Scope.Project, Scope.Environment, providerId);
}

/// <summary>Finds what <c>{role, project?, environment?}</c> means in an organization. Says nothing about who may confer it.</summary>
internal static class GrantResolver
{
    /// <summary>
    /// The role and scope behind keys, whatever the current organization of <paramref name="db"/> is; <c>validation_failed</c> with the path <c>role</c>,
    /// <c>project</c> or <c>environment</c> for keys that mean nothing there.
    /// </summary>
    public static async Task<Result<ResolvedGrant>> ResolveAsync(
        TogglrDbContext db, Guid organizationId, string role, string? project, string? environment, CancellationToken cancel)
    {
        var scope = await ScopeAsync(db, organizationId, project, environment, cancel);
        if (!scope.IsOk)
            return scope.Error;
        if (BuiltInOf(role) is { } builtIn)
            return new ResolvedGrant(GrantedRole.Of(builtIn), role, BuiltInRoles.PermissionsOf(role), scope.Value);
        var custom = await db.Roles.IgnoreQueryFilters([TogglrDbContext.TenantFilter]).AsNoTracking()
            .SingleOrDefaultAsync(row => row.OrganizationId == organizationId && row.Key == role, cancel);
        return custom is null
            ? Result.Invalid("role", "There is no such role.")
            : new ResolvedGrant(GrantedRole.Of(custom), custom.Key, custom.Permissions.ToHashSet(StringComparer.Ordinal), scope.Value);
    }

    /// <summary>The scope behind keys.</summary>
    public static async Task<Result<Scope>> ScopeAsync(TogglrDbContext db, Guid organizationId, string? project, string? environment, CancellationToken cancel)
    {
        if (project is null)
            return environment is null ? new Scope(organizationId) : Result.Invalid("environment", "An environment is in a project: name it too.");
        var projectId = await db.Projects.IgnoreQueryFilters([TogglrDbContext.TenantFilter])
            .Where(row => row.OrganizationId == organizationId && row.Key == project).Select(row => (Guid?)row.Id).SingleOrDefaultAsync(cancel);
        if (projectId is null)
            return NoProject();
        if (environment is null)
            return new Scope(organizationId, projectId);
        var environmentId = await db.Environments.IgnoreQueryFilters([TogglrDbContext.TenantFilter])
            .Where(row => row.ProjectId == projectId && row.Key == environment).Select(row => (Guid?)row.Id).SingleOrDefaultAsync(cancel);
        return environmentId is null ? Result.Invalid("environment", "There is no such environment in the project.") : new Scope(organizationId, projectId, environmentId);
    }

    /// <summary>The built-in role with a key; null for every other key.</summary>
    public static BuiltInRole? BuiltInOf(string role)
    {
        foreach (var known in Enum.GetValues<BuiltInRole>())
        {
            if (GrantReader.KeyOf(known) == role)
                return known;
        }
        return null;
    }

    /// <summary>What is answered for a project that does not exist, and for one that the caller must not know of.</summary>
    public static StoreError NoProject() => Result.Invalid("project", "There is no such project.");
}
