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
        {
            var (role, permissions) = row.BuiltIn is { } builtIn ? (KeyOf(builtIn), BuiltInRoles.PermissionsOf(KeyOf(builtIn))) : (row.CustomKey!, row.Custom!.ToHashSet(StringComparer.Ordinal));
            read.Add(new Grant(new Scope(organization, row.ProjectId, row.EnvironmentId), organizationKey, role, permissions));
        }
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

    private sealed record GrantRow(BuiltInRole? BuiltIn, string? CustomKey, IReadOnlyList<string>? Custom, Guid? ProjectId, Guid? EnvironmentId);
}
