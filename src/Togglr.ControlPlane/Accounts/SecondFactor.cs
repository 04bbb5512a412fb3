using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>What came of asking for a second factor.</summary>
/// <param name="IsShown">Whether one was shown; false also for people who have none.</param>
/// <param name="Problem">Why the sign-in does not go on; null when it does.</param>
internal readonly record struct SecondFactorCheck(bool IsShown, Problem? Problem = null);

/// <summary>
/// Asks for the second factor of somebody whose password was right. A code works once, also when it is sent twice at once. After five wrong ones in a row the account takes
/// codes at growing intervals only (15 seconds to a quarter of an hour), wherever they come from; since nobody gets here without the password, strangers cannot lock anybody out, and a recovery code always works.
/// </summary>
internal sealed class SecondFactor(TogglrDbContext db, SecretProtector protector, Sessions sessions, AccountNotices notices, TimeProvider time)
{
    /// <summary>How many recovery codes somebody gets.</summary>
    public const int RecoveryCodeCount = 10;

    private const int RecoveryCodeBytes = 10;
    private const int FreeFailures = 5;
    private const int FirstWaitSeconds = 15;
    private const int LongestWaitSeconds = 900;
    private const int LongestCode = 40;

    /// <summary>What the secret of a person is encrypted for.</summary>
    public static string PurposeOf(Guid user) => $"totp:{user}";

    /// <summary>Asks. Every wrong code is told in the audit logs of the person's organizations.</summary>
    /// <param name="user">Somebody whose password was right.</param>
    /// <param name="code">A code of the authenticator app, or a recovery code; null when none was sent.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<SecondFactorCheck> CheckAsync(User user, string? code, CancellationToken cancel)
    {
        if (!user.HasTwoFactor)
            return default;
        if (string.IsNullOrWhiteSpace(code))
            return new SecondFactorCheck(false, Problem.Unauthorized("The code of your second factor is needed too.", "two_factor_code_required"));
        if (code.Length <= LongestCode && Normalize(code) is { Length: > Totp.Digits } recovery)
            return await UseRecoveryCodeAsync(user, recovery, cancel);
        if (await BeginTryAsync(user.Id, cancel) is { } problem)
            return new SecondFactorCheck(false, problem);
        if (await AcceptAsync(user, code.Length <= LongestCode ? Normalize(code) : "", cancel))
            return new SecondFactorCheck(true);
        await sessions.FailedAsync(user, "wrong second factor", cancel);
        var failures = await db.Users.AsNoTracking().Where(row => row.Id == user.Id).Select(row => row.SecondFactorFailures).SingleAsync(cancel);
        if (failures == FreeFailures)
            await notices.SendAsync(user, AccountNotice.CodesGuessed, cancel);
        return new SecondFactorCheck(false, Wrong());
    }

    /// <summary>New recovery codes in the place of all earlier ones. Saved with the next commit.</summary>
    public async Task<IReadOnlyList<string>> ReplaceRecoveryCodesAsync(Guid user, CancellationToken cancel)
    {
        await RemoveRecoveryCodesAsync(user, cancel);
        var codes = new List<string>();
        for (var i = 0; i < RecoveryCodeCount; i++)
        {
            var code = Totp.ToBase32(RandomNumberGenerator.GetBytes(RecoveryCodeBytes));
            db.RecoveryCodes.Add(RecoveryCode.Create(user, HashOf(user, code), time.GetUtcNow()));
            codes.Add($"{code[..4]}-{code[4..8]}-{code[8..12]}-{code[12..]}".ToLowerInvariant());
        }
        return codes;
    }

    /// <summary>Forgets all recovery codes. Saved with the next commit.</summary>
    public async Task RemoveRecoveryCodesAsync(Guid user, CancellationToken cancel) =>
        db.RecoveryCodes.RemoveRange(await db.RecoveryCodes.Where(row => row.UserId == user).ToListAsync(cancel));

    /// <summary>The step of a code by a person's secret, pending or not; null for a wrong one.</summary>
    public long? StepOf(User user, string code) =>
        user.TotpSecret is { } stored && protector.Unprotect(stored, PurposeOf(user.Id)) is { } secret && code.Length <= LongestCode
            ? Totp.FindStep(secret, Normalize(code), time.GetUtcNow()) : null;

    /// <summary>Counts the try before it is known whether it is right: tries sent at once must not all pass before the first has failed.</summary>
    private async Task<Problem?> BeginTryAsync(Guid user, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var counted = await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE users SET second_factor_tried_at = {now},
                second_factor_failures = CASE WHEN second_factor_tried_at < {now - TimeSpan.FromDays(1)} THEN 1 ELSE second_factor_failures + 1 END
            WHERE id = {user} AND (second_factor_failures < {FreeFailures} OR second_factor_tried_at IS NULL OR {now} >= second_factor_tried_at
                + make_interval(secs => least({LongestWaitSeconds}, {FirstWaitSeconds} * power(2, least(second_factor_failures - {FreeFailures}, 10)))))
            """,
            cancel);
        if (counted == 1)
            return null;
        var state = await db.Users.AsNoTracking().Where(row => row.Id == user).Select(row => new { row.SecondFactorFailures, row.SecondFactorTriedAt }).SingleOrDefaultAsync(cancel);
        var wait = state is null ? 1 : Math.Min(LongestWaitSeconds, FirstWaitSeconds * Math.Pow(2, Math.Clamp(state.SecondFactorFailures - FreeFailures, 0, 10)));
        var left = state?.SecondFactorTriedAt is { } tried ? (tried - now).TotalSeconds + wait : wait;
        return Problem.RateLimited(Math.Max(1, (int)Math.Ceiling(left)), "Too many wrong codes. Wait a moment, or use a recovery code.");
    }

    private async Task<bool> AcceptAsync(User user, string code, CancellationToken cancel) =>
        StepOf(user, code) is { } step
        && await db.Users.Where(row => row.Id == user.Id && row.TotpLastStep < step && row.TotpConfirmedAt != null)
            .ExecuteUpdateAsync(row => row.SetProperty(it => it.TotpLastStep, step).SetProperty(it => it.SecondFactorFailures, 0), cancel) == 1;

    private async Task<SecondFactorCheck> UseRecoveryCodeAsync(User user, string code, CancellationToken cancel)
    {
        var (hash, now) = (HashOf(user.Id, code), time.GetUtcNow());
        if (await db.RecoveryCodes.Where(row => row.UserId == user.Id && row.Hash == hash && row.UsedAt == null)
            .ExecuteUpdateAsync(row => row.SetProperty(it => it.UsedAt, now), cancel) != 1)
        {
            await sessions.FailedAsync(user, "wrong recovery code", cancel);
            return new SecondFactorCheck(false, Wrong());
        }
        notices.Add(user, AccountNotice.RecoveryCodeUsed);
        await sessions.TellAsync(user, "user.recovery_code_used", user.Id, reason: null, cancel);
        return new SecondFactorCheck(true);
    }

    private static Problem Wrong() => Problem.Unauthorized("The code is wrong or was used before.", "invalid_code");

    private static string Normalize(string code) => code.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).Trim().ToUpperInvariant();

    /// <summary>Bound to the person, so that one look at the table does not tell two people's codes.</summary>
    private static byte[] HashOf(Guid user, string code) => SHA256.HashData(Encoding.UTF8.GetBytes($"{user} {code}"));
}
