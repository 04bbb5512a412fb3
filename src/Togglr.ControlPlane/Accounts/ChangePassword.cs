using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>Replaces the password. All other sign-ins end with it.</summary>
internal static class ChangePassword
{
    public static async Task<Results<NoContent, Problem>> HandleAsync(
        ChangePasswordRequest request, Current current, OwnPassword own, Sessions sessions, Passwords passwords, PasswordRules rules, AccountNotices notices, CancellationToken cancel)
    {
        var user = await own.ReadAsync(cancel);
        if (user.PasswordHash is null)
            return Problem.Conflict("Your account has no password of Togglr.", "no_password");
        if (await own.CheckAsync(user, request.CurrentPassword, "/currentPassword", cancel) is { } refusal)
            return refusal;
        if (rules.Check(request.NewPassword, user.Email, user.Name, "/newPassword") is { } fault)
            return Problem.Invalid(fault);
        if (request.NewPassword == request.CurrentPassword)
            return Problem.Invalid(new ProblemItem("same_password", "/newPassword", "The new password is the old one."));

        user.SetPassword(passwords.Hash(request.NewPassword), mustChange: false);
        await sessions.EndAllAsync(user.Id, keep: current.Caller.Session!.Id, cancel);
        await sessions.ForgetResetsAsync(user.Id, cancel);
        notices.Add(user, AccountNotice.PasswordChanged);
        return await sessions.SaveAsync(user, "user.password_changed", user.Id, reason: null, cancel) is { } problem ? problem : TypedResults.NoContent();
    }
}
