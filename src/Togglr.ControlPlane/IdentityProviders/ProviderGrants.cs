using Microsoft.EntityFrameworkCore;
using Togglr.Store;

namespace Togglr.ControlPlane.IdentityProviders;

/// <summary>Makes what a provider has given to a person equal to what its mappings give. What people granted by hand, or another provider, stays as it is.</summary>
internal sealed class ProviderGrants(TogglrDbContext db, ProviderMappings mappings)
{
    /// <summary>Changes the person's grants; the caller commits. For one person; a directory resolves the mappings once and uses the other one.</summary>
    /// <param name="provider">The provider, of the current organization.</param>
    /// <param name="user">A member of that organization, perhaps only added to the context yet.</param>
    /// <param name="groups">The person's groups or claim values, with the comparer by which they are compared.</param>
    /// <param name="keepOwnership">Leaves the role of an owner of the whole organization where it is: for when the last one would be lost.</param>
    /// <param name="cancel">Cancels.</param>
    /// <returns>How many grants were added or removed.</returns>
    public async Task<int> ApplyAsync(IdentityProvider provider, Guid user, IReadOnlySet<string> groups, bool keepOwnership, CancellationToken cancel) =>
        await ApplyAsync(provider, await mappings.ResolveAsync(provider, cancel), user, groups, keepOwnership, cancel);

    /// <inheritdoc cref="ApplyAsync(IdentityProvider, Guid, IReadOnlySet{string}, bool, CancellationToken)"/>
    public async Task<int> ApplyAsync(
        IdentityProvider provider, IReadOnlyList<ResolvedMapping> resolved, Guid user, IReadOnlySet<string> groups, bool keepOwnership, CancellationToken cancel)
    {
        var given = await db.RoleGrants.Include(row => row.Role).Where(row => row.UserId == user && row.ProviderId == provider.Id).ToListAsync(cancel);
        return Apply(provider, resolved, user, given, groups, keepOwnership);
    }

    /// <summary>The same for many people at once: with what the mappings gave each of them, which was read before.</summary>
    public async Task ApplyAsync(IdentityProvider provider, IReadOnlyList<ResolvedMapping> resolved, IReadOnlyDictionary<Guid, IReadOnlySet<string>> groups, CancellationToken cancel)
    {
        Guid[] users = [.. groups.Keys];
        var given = (await db.RoleGrants.Include(row => row.Role).Where(row => row.UserId != null && users.Contains(row.UserId.Value) && row.ProviderId == provider.Id).ToListAsync(cancel))
            .ToLookup(row => row.UserId!.Value);
        foreach (var (user, names) in groups)
            Apply(provider, resolved, user, given[user], names, keepOwnership: false);
    }

    /// <summary>
    /// Follows a change of the mappings: nobody keeps what none of them gives any more. Who is in which group is known here for SCIM only, so the rest follows with the next
    /// sign-in or sync.
    /// </summary>
    public async Task ReviseAsync(IdentityProvider provider, CancellationToken cancel)
    {
        var resolved = await mappings.ResolveAsync(provider, cancel);
        var given = await db.RoleGrants.Include(row => row.Role).Where(row => row.UserId != null && row.ProviderId == provider.Id).ToListAsync(cancel);
        if (provider.Kind != IdentityProviderKind.Scim)
        {
            var possible = resolved.Select(static mapping => (mapping.Role, mapping.Project, mapping.Environment)).ToHashSet();
            db.RoleGrants.RemoveRange(given.Where(grant => !possible.Contains((RoleOf(grant), grant.ProjectId, grant.EnvironmentId))));
            return;
        }
        var memberships = await db.GroupMembers.AsNoTracking().Where(row => row.Group!.ProviderId == provider.Id)
            .Select(row => new { row.UserId, row.Group!.Name, row.Group.ExternalId }).ToListAsync(cancel);
        var people = await db.ScimPeople.Where(row => row.ProviderId == provider.Id).Select(row => row.UserId).ToListAsync(cancel);
        var names = people.Concat(memberships.Select(row => row.UserId)).Concat(given.Select(grant => grant.UserId!.Value)).Distinct()
            .ToDictionary(user => user, static _ => new HashSet<string>(StringComparer.OrdinalIgnoreCase));
        foreach (var membership in memberships)
        {
            names[membership.UserId].Add(membership.Name);
            if (membership.ExternalId is { } external)
                names[membership.UserId].Add(external);
        }
        var each = given.ToLookup(grant => grant.UserId!.Value);
        foreach (var (user, groups) in names)
            Apply(provider, resolved, user, each[user], groups, keepOwnership: false);
    }

    private static GrantedRole RoleOf(RoleGrant grant) => grant.Role is { } custom ? GrantedRole.Of(custom) : GrantedRole.Of(grant.BuiltInRole!.Value);

    private int Apply(
        IdentityProvider provider, IReadOnlyList<ResolvedMapping> resolved, Guid user, IEnumerable<RoleGrant> given, IReadOnlySet<string> groups, bool keepOwnership)
    {
        var wanted = resolved.Where(mapping => mapping.AppliesTo(groups)).Select(static mapping => (mapping.Role, mapping.Project, mapping.Environment)).ToHashSet();
        var changes = 0;
        foreach (var grant in given)
        {
            var isOwnership = grant is { BuiltInRole: BuiltInRole.Owner, ProjectId: null };
            if (wanted.Remove((RoleOf(grant), grant.ProjectId, grant.EnvironmentId)) || (isOwnership && keepOwnership))
                continue;
            db.RoleGrants.Remove(grant);
            changes++;
        }
        foreach (var (role, project, environment) in wanted)
        {
            db.RoleGrants.Add(RoleGrant.Create(provider.OrganizationId, new PrincipalId(PrincipalKind.User, user), role, project, environment, provider.Id));
            changes++;
        }
        return changes;
    }
}
