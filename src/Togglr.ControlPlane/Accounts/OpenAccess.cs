using Microsoft.EntityFrameworkCore;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>Ends what lets somebody into an account. Takes effect with the next commit of the context.</summary>
internal static class OpenAccess
{
    /// <summary>Ends all sign-ins of a person, perhaps but one.</summary>
    public static async Task EndSessionsAsync(this TogglrDbContext db, Guid user, DateTimeOffset now, CancellationToken cancel, Guid? keep = null)
    {
        foreach (var session in await db.Sessions.Where(row => row.UserId == user && row.RevokedAt == null && row.Id != keep).ToListAsync(cancel))
            session.Revoke(now);
    }

    /// <summary>Forgets all permissions of a person to set a new password: whoever was mailed one may not be who reads the address now.</summary>
    public static async Task ForgetResetsAsync(this TogglrDbContext db, Guid user, DateTimeOffset now, CancellationToken cancel)
    {
        foreach (var reset in await db.PasswordResets.Where(row => row.UserId == user && row.UsedAt == null).ToListAsync(cancel))
            reset.Use(now);
    }
}
