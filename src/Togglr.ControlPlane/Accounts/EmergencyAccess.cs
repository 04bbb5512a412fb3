using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>The way in for whoever runs the server, when nobody else can help: what they do there is told in the audit log like everything else.</summary>
public static class EmergencyAccess
{
    private const string NoteKey = "admin_tmp_password";

    /// <summary>
    /// Gives the administrator (the person with <paramref name="adminEmail"/>, else the owner who is there longest) a temporary password, lets them in again if they were kept out or slowed down, and ends their
    /// sign-ins. Once for each password: a restart with the same one changes nothing.
    /// </summary>
    /// <returns>Whose password it is now; null when nothing was done.</returns>
    public static async Task<string?> SetPasswordAsync(IServiceProvider services, string adminEmail, string password, CancellationToken cancel)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        var passwords = scope.ServiceProvider.GetRequiredService<Passwords>();
        var now = scope.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow();
        var applied = await db.Database.SqlQuery<string>($"SELECT value AS \"Value\" FROM installation_notes WHERE key = {NoteKey}").ToListAsync(cancel);
        if (applied is [var hash] && passwords.Verify(hash, password))
            return null;
        if (await FindAdministratorAsync(db, User.Normalize(adminEmail), cancel) is not { } user)
            return null;
        user.SetPassword(passwords.Hash(password), mustChange: true);
        user.Enable();
        await EndSignInsAsync(db, user, now, cancel);
        if (!await CommitAsync(db, user, "user.password_reset", "TOGGLR_ADMIN_TMP_PASSWORD", cancel))
            return null;
        await db.Users.Where(row => row.Id == user.Id).ExecuteUpdateAsync(row => row.SetProperty(it => it.SecondFactorFailures, 0), cancel);
        // Failures are counted by hashes that name nobody, so everybody's are forgotten.
        await db.Database.ExecuteSqlAsync($"DELETE FROM sign_in_failures", cancel);
        var note = passwords.Hash(password);
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO installation_notes (key, value, at) VALUES ({NoteKey}, {note}, {now}) ON CONFLICT (key) DO UPDATE SET value = {note}, at = {now}", cancel);
        return user.Email;
    }

    /// <summary>Turns off a second factor that was lost together with its recovery codes, and ends the person's sign-ins.</summary>
    /// <returns>What is wrong; null when it is done.</returns>
    public static async Task<string?> ResetTwoFactorAsync(IServiceProvider services, string email, CancellationToken cancel)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        var normalized = User.Normalize(email);
        if (await db.Users.SingleOrDefaultAsync(row => row.NormalizedEmail == normalized, cancel) is not { } user)
            return $"There is nobody with the address {email}.";
        if (user.TotpSecret is null)
            return $"{email} has no second factor.";
        user.RemoveTotp();
        db.RecoveryCodes.RemoveRange(await db.RecoveryCodes.Where(row => row.UserId == user.Id).ToListAsync(cancel));
        await EndSignInsAsync(db, user, scope.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow(), cancel);
        return await CommitAsync(db, user, "user.two_factor_reset", "togglr reset-two-factor", cancel) ? null : "Somebody else changed the account in the same moment. Try again.";
    }

    private static async Task<User?> FindAdministratorAsync(TogglrDbContext db, string email, CancellationToken cancel)
    {
        if (await db.Users.SingleOrDefaultAsync(row => row.NormalizedEmail == email, cancel) is { } named)
            return named;
        var owner = await db.RoleGrants.IgnoreQueryFilters([TogglrDbContext.TenantFilter])
            .Where(row => row.BuiltInRole == BuiltInRole.Owner && row.ProjectId == null && row.UserId != null)
            .Join(db.Users, grant => grant.UserId, user => user.Id, (grant, user) => new { user.Id, user.CreatedAt }).OrderBy(row => row.CreatedAt).Select(row => (Guid?)row.Id).FirstOrDefaultAsync(cancel);
        return owner is null ? null : await db.Users.SingleAsync(row => row.Id == owner, cancel);
    }

    private static async Task EndSignInsAsync(TogglrDbContext db, User user, DateTimeOffset now, CancellationToken cancel)
    {
        await db.EndSessionsAsync(user.Id, now, cancel);
        await db.ForgetResetsAsync(user.Id, now, cancel);
    }

    private static async Task<bool> CommitAsync(TogglrDbContext db, User user, string action, string reason, CancellationToken cancel)
    {
        var organizations = await db.MembershipsOf(user.Id).Select(row => row.OrganizationId).ToListAsync(cancel);
        return (await db.CommitAsync(new Change(ChangeActor.System(), action, user.Email) { EntityId = user.Id, Reason = reason, AlsoIn = organizations }, cancel)).IsOk;
    }
}
