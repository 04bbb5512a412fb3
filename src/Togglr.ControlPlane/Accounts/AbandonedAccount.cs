using Microsoft.EntityFrameworkCore;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>
/// An account that belongs to no organization. Its address may be somebody else's by now, so an organization that takes it in takes the address and nothing
/// by which the one before could come in.
/// </summary>
internal static class AbandonedAccount
{
    /// <summary>The action of the audit log.</summary>
    public const string TakenIn = "user.taken_in";

    /// <summary>Whether an account belongs to no organization.</summary>
    public static async Task<bool> IsAsync(TogglrDbContext db, User user, CancellationToken cancel) =>
        user.DisabledAt is null && !await db.MembershipsOf(user.Id).AnyAsync(cancel);

    /// <summary>Forgets whose it was, but for the name where the new one cannot be used. The caller saves.</summary>
    public static async Task BeginAnewAsync(TogglrDbContext db, User user, string name, DateTimeOffset now, CancellationToken cancel)
    {
        user.BeginAnew();
        _ = user.Rename(name);
        // Written even where nothing differs: of two organizations that take it in at once, only one does.
        db.Entry(user).Property(row => row.MustChangePassword).IsModified = true;
        db.RecoveryCodes.RemoveRange(await db.RecoveryCodes.Where(row => row.UserId == user.Id).ToListAsync(cancel));
        await db.EndSessionsAsync(user.Id, now, cancel);
        await db.ForgetResetsAsync(user.Id, now, cancel);
    }
}
