using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Store;

namespace Togglr.ControlPlane.Grants;

/// <summary>One to whom something is granted.</summary>
/// <param name="Kind">Person, group or service account.</param>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Email">A person's address.</param>
public sealed record PrincipalView(PrincipalKind Kind, Guid Id, string Name, string? Email);

/// <summary>The identity provider that manages something.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
public sealed record ProviderRef(Guid Id, string Name);

/// <summary>A role for somebody in the organization or a part of it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Principal">For whom.</param>
/// <param name="Role">Key of the role.</param>
/// <param name="RoleName">Name of the role.</param>
/// <param name="Project">Key of the project where it holds; null for the whole organization.</param>
/// <param name="Environment">Key of the environment where it holds; null for the whole project.</param>
/// <param name="Provider">The identity provider whose mappings gave it; then it cannot be removed by hand.</param>
/// <param name="CreatedAt">Since when.</param>
/// <param name="CreatedBy">The person who granted it.</param>
public sealed record GrantView(
    Guid Id, PrincipalView Principal, string Role, string RoleName, string? Project, string? Environment, ProviderRef? Provider, DateTimeOffset CreatedAt, PersonRef? CreatedBy);

/// <summary>Turns grants into views: everything that a page of them mentions is read at once.</summary>
internal static class GrantViews
{
    /// <summary>The name of a built-in role.</summary>
    public static string NameOf(BuiltInRole role) => role.ToString();

    /// <summary>Views of grants of the current organization, in the same order.</summary>
    public static async Task<IReadOnlyList<GrantView>> ReadAsync(TogglrDbContext db, IReadOnlyCollection<RoleGrant> rows, CancellationToken cancel)
    {
        if (rows.Count == 0)
            return [];
        var people = await People.ReadAsync(db, rows.Select(row => row.UserId).Concat(rows.Select(row => row.UpdatedBy)), cancel);
        var groupIds = Ids(rows, row => row.GroupId);
        var groups = groupIds.Length == 0 ? [] : await db.Groups.AsNoTracking().Where(row => groupIds.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.Name, cancel);
        var accountIds = Ids(rows, row => row.ServiceAccountId);
        var accounts = accountIds.Length == 0 ? [] : await db.ServiceAccounts.AsNoTracking().Where(row => accountIds.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.Name, cancel);
        var scopes = await ScopeKeys.ReadAsync(db, rows.Select(row => (row.ProjectId, row.EnvironmentId)), cancel);
        var roleIds = Ids(rows, row => row.RoleId);
        var roles = roleIds.Length == 0 ? [] : await db.Roles.AsNoTracking().Where(row => roleIds.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => (row.Key, row.Name), cancel);
        var providers = await ProvidersAsync(db, rows.Select(row => row.ProviderId), cancel);
        var views = new List<GrantView>(rows.Count);
        foreach (var row in rows)
        {
            var principal = row switch
            {
                { UserId: { } user } => new PrincipalView(PrincipalKind.User, user, people[user]?.Name ?? "", people[user]?.Email),
                { GroupId: { } group } => new PrincipalView(PrincipalKind.Group, group, groups.GetValueOrDefault(group, ""), null),
                _ => new PrincipalView(PrincipalKind.ServiceAccount, row.ServiceAccountId!.Value, accounts.GetValueOrDefault(row.ServiceAccountId.Value, ""), null),
            };
            var (key, name) = row.BuiltInRole is { } builtIn ? (GrantReader.KeyOf(builtIn), NameOf(builtIn)) : roles.GetValueOrDefault(row.RoleId!.Value, ("", ""));
            var (project, environment) = scopes.Of(row.ProjectId, row.EnvironmentId);
            views.Add(new GrantView(
                row.Id, principal, key, name, project, environment, row.ProviderId is { } provider ? providers.GetValueOrDefault(provider) : null, row.CreatedAt,
                people[row.UpdatedBy]));
        }
        return views;
    }

    /// <summary>Identity providers of the current organization by id.</summary>
    public static async Task<IReadOnlyDictionary<Guid, ProviderRef>> ProvidersAsync(TogglrDbContext db, IEnumerable<Guid?> ids, CancellationToken cancel)
    {
        var wanted = ids.OfType<Guid>().Distinct().ToArray();
        return wanted.Length == 0
            ? new Dictionary<Guid, ProviderRef>()
            : await db.IdentityProviders.AsNoTracking().Where(row => wanted.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => new ProviderRef(row.Id, row.Name), cancel);
    }

    private static Guid[] Ids(IEnumerable<RoleGrant> rows, Func<RoleGrant, Guid?> id) => [.. rows.Select(id).OfType<Guid>().Distinct()];
}

/// <summary>The keys of projects and environments, read at once.</summary>
internal sealed class ScopeKeys(IReadOnlyDictionary<Guid, string> projects, IReadOnlyDictionary<Guid, string> environments)
{
    public (string? Project, string? Environment) Of(Guid? project, Guid? environment) =>
        (project is { } one ? projects.GetValueOrDefault(one) : null, environment is { } other ? environments.GetValueOrDefault(other) : null);

    public static async Task<ScopeKeys> ReadAsync(TogglrDbContext db, IEnumerable<(Guid? Project, Guid? Environment)> scopes, CancellationToken cancel)
    {
        var all = scopes.ToList();
        var projectIds = all.Select(scope => scope.Project).OfType<Guid>().Distinct().ToArray();
        var environmentIds = all.Select(scope => scope.Environment).OfType<Guid>().Distinct().ToArray();
        Dictionary<Guid, string> projects = projectIds.Length == 0 ? [] : await db.Projects.AsNoTracking().Where(row => projectIds.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.Key, cancel);
        Dictionary<Guid, string> environments = environmentIds.Length == 0 ? [] : await db.Environments.AsNoTracking().Where(row => environmentIds.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.Key, cancel);
        return new ScopeKeys(projects, environments);
    }
}
