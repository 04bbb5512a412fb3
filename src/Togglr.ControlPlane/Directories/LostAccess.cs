using Microsoft.EntityFrameworkCore;
using Togglr.Store;

namespace Togglr.ControlPlane.Directories;

/// <summary>Ends what somebody has open when they lose their place in an organization.</summary>
internal static class LostAccess
{
    /// <summary>
    /// Ends the person's sign-ins that open this organization only, and all of them where they are at home nowhere else. Takes effect with the next commit.
    /// Their tokens in the organization need nothing: they count no more than the membership.
    /// </summary>
    public static async Task EndSessionsAsync(TogglrDbContext db, Guid user, DateTimeOffset now, CancellationToken cancel)
    {
        var organization = db.OrganizationId;
        var isElsewhere = await db.MembershipsOf(user).AnyAsync(row => row.OrganizationId != organization && row.DisabledAt == null, cancel);
        foreach (var session in await db.Sessions.Where(row => row.UserId == user && row.RevokedAt == null && (row.OrganizationId == organization || !isElsewhere)).ToListAsync(cancel))
            session.Revoke(now);
    }

    /// <summary>Ends the person's sign-ins that open this organization only. Takes effect with the next commit.</summary>
    public static async Task EndConfinedSessionsAsync(TogglrDbContext db, Guid user, DateTimeOffset now, CancellationToken cancel)
    {
        var organization = db.OrganizationId;
        foreach (var session in await db.Sessions.Where(row => row.UserId == user && row.RevokedAt == null && row.OrganizationId == organization).ToListAsync(cancel))
            session.Revoke(now);
    }
}
