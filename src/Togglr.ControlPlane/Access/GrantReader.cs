using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Access;

/// <summary>
/// Reads what is granted to somebody in one organization, directly and by their groups, and remembers it until the organization's access version moves on.
/// </summary>
internal sealed class GrantReader
{
    private const int Capacity = 20_000;

    private static readonly Func<TogglrDbContext, Guid, Guid, IAsyncEnumerable<GrantRow>> OfUser = EF.CompileAsyncQuery((TogglrDbContext db, Guid organization, Guid user) =>
        db.RoleGrants.IgnoreQueryFilters().AsNoTracking()
            .Where(row => row.OrganizationId == organization && (row.UserId == user
                || db.GroupMembers.IgnoreQueryFilters().Any(member => member.UserId == user && member.GroupId == row.GroupId)))
            .Select(row => new GrantRow(row.BuiltInRole, row.Role!.Key, row.Role!.Permissions, row.ProjectId, row.EnvironmentId)));

    private static readonly Func<TogglrDbContext, Guid, Guid, IAsyncEnumerable<GrantRow>> OfServiceAccount = EF.CompileAsyncQuery((TogglrDbContext db, Guid organization, Guid account) =>
        db.RoleGrants.IgnoreQueryFilters().AsNoTracking()
            .Where(row => row.OrganizationId == organization && row.ServiceAccountId == account)
            .Select(row => new GrantRow(row.BuiltInRole, row.Role!.Key, row.Role!.Permissions, row.ProjectId, row.EnvironmentId)));

    private static readonly Func<TogglrDbContext, Guid, Guid[], IAsyncEnumerable<UserGrantRow>> OfUsers = EF.CompileAsyncQuery((TogglrDbContext db, Guid organization, Guid[] users) =>
        db.RoleGrants.IgnoreQueryFilters().AsNoTracking()
            .Where(row => row.OrganizationId == organization && row.UserId != null && users.Contains(row.UserId.Value))
            .Select(row => new UserGrantRow(row.UserId!.Value, new GrantRow(row.BuiltInRole, row.Role!.Key, row.Role!.Permissions, row.ProjectId, row.EnvironmentId))));

    private static readonly Func<TogglrDbContext, Guid, Guid[], IAsyncEnumerable<UserGrantRow>> OfGroupsOf = EF.CompileAsyncQuery((TogglrDbContext db, Guid organization, Guid[] users) =>
        from member in db.GroupMembers.IgnoreQueryFilters().AsNoTracking()
        where member.OrganizationId == organization && users.Contains(member.UserId)
        join row in db.RoleGrants.IgnoreQueryFilters() on (Guid?)member.GroupId equals row.GroupId
        select new UserGrantRow(member.UserId, new GrantRow(row.BuiltInRole, row.Role!.Key, row.Role!.Permissions, row.ProjectId, row.EnvironmentId)));

    private readonly ConcurrentDictionary<(PrincipalId Principal, Guid Organization), Remembered> _remembered = new();

    /// <summary>Everything granted to <paramref name="principal"/> in an organization that is at <paramref name="accessVersion"/>, its surroundings included.</summary>
    public async Task<IReadOnlyList<Grant>> ReadAsync(
        TogglrDbContext db, PrincipalId principal, Guid organization, string organizationKey, long accessVersion, CancellationToken cancel)
    {
        var key = (principal, organization);
        if (_remembered.TryGetValue(key, out var known) && known.AccessVersion == accessVersion)
            return known.Grants;
        var rows = principal.Kind == PrincipalKind.ServiceAccount ? OfServiceAccount(db, organization, principal.Id) : OfUser(db, organization, principal.Id);
        var read = new List<Grant>();
        await foreach (var row in rows.WithCancellation(cancel))
            read.Add(GrantOf(row, organization, organizationKey));
        return Remember(key, accessVersion, read);
    }

    /// <summary>Reads for many people at once what <see cref="ReadAsync"/> would read for each.</summary>
    public async Task ReadManyAsync(TogglrDbContext db, IReadOnlyCollection<Guid> people, Guid organization, string organizationKey, long accessVersion, CancellationToken cancel)
    {
        Guid[] missing = [.. people.Where(user => !(_remembered.TryGetValue((new PrincipalId(PrincipalKind.User, user), organization), out var known) && known.AccessVersion == accessVersion))];
        if (missing.Length <= 1)
            return;
        var read = missing.ToDictionary(static user => user, static _ => new List<Grant>());
        await foreach (var row in OfUsers(db, organization, missing).WithCancellation(cancel))
            read[row.UserId].Add(GrantOf(row.Grant, organization, organizationKey));
        await foreach (var row in OfGroupsOf(db, organization, missing).WithCancellation(cancel))
            read[row.UserId].Add(GrantOf(row.Grant, organization, organizationKey));
        foreach (var (user, grants) in read)
            Remember((new PrincipalId(PrincipalKind.User, user), organization), accessVersion, grants);
    }

    private static Grant GrantOf(GrantRow row, Guid organization, string organizationKey)
    {
        var (role, permissions) = row.BuiltIn is { } builtIn ? (KeyOf(builtIn), BuiltInRoles.PermissionsOf(KeyOf(builtIn))) : (row.CustomKey!, row.Custom!.ToHashSet(StringComparer.Ordinal));
        return new Grant(new Scope(organization, row.ProjectId, row.EnvironmentId), organizationKey, role, permissions);
    }

    private Grant[] Remember((PrincipalId, Guid) key, long accessVersion, IEnumerable<Grant> read)
    {
        Grant[] grants = [.. Authorization.WithSurroundings(read)];
        if (_remembered.Count >= Capacity)
            _remembered.Clear();
        // What is read now may be newer than the version asked for, never older: the next request then merely reads again.
        _remembered[key] = new Remembered(accessVersion, grants);
        return grants;
    }

    /// <summary>The key by which a built-in role is spoken of.</summary>
    internal static string KeyOf(BuiltInRole role) => role.ToString().ToLowerInvariant();

    private sealed record Remembered(long AccessVersion, IReadOnlyList<Grant> Grants);

    private sealed record UserGrantRow(Guid UserId, GrantRow Grant);

    private sealed record GrantRow(BuiltInRole? BuiltIn, string? CustomKey, IReadOnlyList<string>? Custom, Guid? ProjectId, Guid? EnvironmentId);
}
