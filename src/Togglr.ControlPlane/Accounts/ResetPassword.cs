using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>Sets a new password with the secret from a link.</summary>
public sealed record ResetPasswordRequest
{
    /// <summary>The last part of the link.</summary>
    public required string Token { get; init; }

    /// <summary>The new password.</summary>
    public required string Password { get; init; }
}

/// <summary>Sets a new password without the old one. All sign-ins end; nobody is signed in by it, so a second factor is still asked for.</summary>
internal static class ResetPassword
{
    public static async Task<Results<NoContent, Problem>> HandleAsync(
        ResetPasswordRequest request, TogglrDbContext db, Sessions sessions, Passwords passwords, PasswordRules rules, AccountNotices notices, TimeProvider time, CancellationToken cancel)
    {
        if (request.Token.Length > 100)
            return Invalid();
        var (hash, now) = (SdkKey.HashOf(request.Token), time.GetUtcNow());
        var reset = await db.PasswordResets.Include(row => row.User).SingleOrDefaultAsync(row => row.Hash == hash, cancel);
        if (reset is not { UsedAt: null, User: { DisabledAt: null, PasswordHash: not null } user } || reset.ExpiresAt <= now)
            return Invalid();
        if (rules.Check(request.Password, user.Email, user.Name, "/password") is { } fault)
            return Problem.Invalid(fault);
        user.SetPassword(passwords.Hash(request.Password), mustChange: false);
        await sessions.ForgetResetsAsync(user.Id, cancel);
        await sessions.EndAllAsync(user.Id, keep: null, cancel);
        notices.Add(user, AccountNotice.PasswordReset);
        return await sessions.SaveAsync(user, "user.password_reset", user.Id, reason: null, cancel) is { } problem ? problem : TypedResults.NoContent();
    }

    private static Problem Invalid() =>
        Problem.BadRequest("invalid_token", "The link is not valid", new ProblemItem("invalid_token", "/token", "The link was used, has expired, or a newer one took its place. Ask for a new one."));
}
