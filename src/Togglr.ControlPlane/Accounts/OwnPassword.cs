using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>
/// Makes sure that it is really the signed-in person who changes how they sign in, not somebody who found an open page: by their password, or, for people without one, by a fresh sign-in.
/// </summary>
internal sealed class OwnPassword(Current current, TogglrDbContext db, Passwords passwords, SignInGuard guard, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);

    /// <summary>The signed-in person, tracked.</summary>
    public Task<User> ReadAsync(CancellationToken cancel) => db.Users.SingleAsync(row => row.Id == current.Caller.Id, cancel);

    /// <summary>Null when it is the person. A wrong password counts as a failed sign-in.</summary>
    public async Task<Problem?> CheckAsync(User user, string? password, string path, CancellationToken cancel)
    {
        if (user.PasswordHash is not null)
            return password is null ? Problem.Invalid(new ProblemItem("required", path, "Your password is needed for this.")) : await VerifyAsync(user, password, path, cancel);
        var since = await db.Sessions.AsNoTracking().Where(row => row.Id == current.Caller.Session!.Id).Select(row => row.CreatedAt).SingleAsync(cancel);
        if (time.GetUtcNow() - since > Fresh)
            return Problem.Forbidden("Sign in again first: this needs a sign-in of the last ten minutes.", "recent_sign_in_required");
        return await CheckIsAloneAsync(cancel);
    }

    /// <summary>
    /// Null unless the sign-in came from one organization's identity provider and the person belongs elsewhere too: what an organization vouches for must not change anything for another.
    /// </summary>
    public async Task<Problem?> CheckIsAloneAsync(CancellationToken cancel) =>
        current.Caller.Session is { Organization: { } only } && await db.MembershipsOf(current.Caller.Id).AnyAsync(row => row.OrganizationId != only, cancel)
            ? Problem.Conflict("You belong to other organizations too. Sign in with your password to change this.", "shared_account")
            : null;

    private async Task<Problem?> VerifyAsync(User user, string password, string path, CancellationToken cancel)
    {
        var address = current.Http.Connection.RemoteIpAddress?.ToString() ?? "";
        if (await guard.BeginAsync(user.NormalizedEmail, address, cancel) is { } wait)
            return wait;
        try
        {
            if (password.Length <= Passwords.MaximumLength && passwords.Verify(user.PasswordHash, password))
                return null;
            await guard.FailedAsync(user.NormalizedEmail, address, cancel);
            return Problem.Invalid(new ProblemItem("wrong_password", path, "The password is wrong."));
        }
        finally
        {
            guard.End(user.NormalizedEmail, address);
        }
    }
}
