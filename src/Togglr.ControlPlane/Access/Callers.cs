using Microsoft.EntityFrameworkCore;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Access;

/// <summary>Finds the person behind an access token, with what is granted to them now.</summary>
public sealed class Callers(TogglrDbContext db, AccessTokens tokens)
{
    private static readonly Func<TogglrDbContext, Guid, IAsyncEnumerable<CallerRow>> Rows = EF.CompileAsyncQuery((TogglrDbContext db, Guid user) =>
        from row in db.Users.AsNoTracking()
        where row.Id == user
        from membership in db.Memberships.IgnoreQueryFilters().Where(membership => membership.UserId == row.Id).DefaultIfEmpty()
        select new CallerRow(
            row.Name, row.Email, row.MustChangePassword, row.SecurityStamp, row.DisabledAt,
            membership == null ? null : membership.OrganizationId,
            membership == null ? null : membership.Organization!.Key,
            membership == null ? null : membership.Role));

    /// <summary>The caller; null when the token is not good, or the person is gone, disabled, or changed their password since.</summary>
    public async Task<Caller?> FindAsync(string token, CancellationToken cancel)
    {
        if (tokens.Validate(token) is not { } access)
            return null;
        CallerRow? person = null;
        var grants = new List<Grant>();
        await foreach (var row in Rows(db, access.User).WithCancellation(cancel))
        {
            if (row.DisabledAt is not null || row.SecurityStamp != access.Stamp)
                return null;
            person = row;
            if (row is { OrganizationId: { } organization, OrganizationKey: { } key, Role: { } membership })
            {
                var role = NameOf(membership);
                grants.Add(new Grant(new Scope(organization), key, role, BuiltInRoles.PermissionsOf(role)));
            }
        }
        return person is null ? null : new Caller(access.User, person.Name, person.Email, person.MustChangePassword, grants);
    }

    internal static string NameOf(MembershipRole role) => role.ToString().ToLowerInvariant();

    private sealed record CallerRow(
        string Name, string Email, bool MustChangePassword, Guid SecurityStamp, DateTimeOffset? DisabledAt, Guid? OrganizationId, string? OrganizationKey, MembershipRole? Role);
}
