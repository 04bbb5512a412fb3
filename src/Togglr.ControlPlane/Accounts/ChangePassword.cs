using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>Replaces the password. All other sign-ins end with it.</summary>
internal static class ChangePassword
{
    public static async Task<Results<NoContent, Problem>> HandleAsync(
        ChangePasswordRequest request, HttpContext http, Current current, TogglrDbContext db, Sessions sessions, Passwords passwords, SignInThrottle throttle,
        CancellationToken cancel)
    {
        var user = await db.Users.SingleAsync(row => row.Id == current.Caller.Id, cancel);
        var address = http.Connection.RemoteIpAddress?.ToString() ?? "";
        if (throttle.Begin(user.NormalizedEmail, address) is { Ticks: > 0 } wait)
            return Problem.RateLimited((int)Math.Ceiling(wait.TotalSeconds), "Too many wrong passwords. Wait a moment.");
        try
        {
            if (request.CurrentPassword.Length > Passwords.MaximumLength || !passwords.Verify(user.PasswordHash, request.CurrentPassword))
            {
                throttle.Failed(user.NormalizedEmail, address);
                return Problem.Invalid(new ProblemItem("wrong_password", "/currentPassword", "The current password is wrong."));
            }
        }
        finally
        {
            throttle.End(user.NormalizedEmail, address);
        }
        if (request.NewPassword.Length is < Passwords.MinimumLength or > Passwords.MaximumLength)
            return Problem.Invalid(new ProblemItem(
                "weak_password", "/newPassword", $"A password has {Passwords.MinimumLength} to {Passwords.MaximumLength} characters."));
        if (request.NewPassword == request.CurrentPassword)
            return Problem.Invalid(new ProblemItem("same_password", "/newPassword", "The new password is the old one."));

        user.SetPassword(passwords.Hash(request.NewPassword), mustChange: false);
        await sessions.EndAllAsync(user.Id, keep: current.Caller.Session!.Id, cancel);
        await sessions.TellAsync(user, "user.password_changed", user.Id, reason: null, cancel);
        return TypedResults.NoContent();
    }
}
