using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>Signs in with a password of Togglr and, where the person has one, a second factor.</summary>
internal static class Login
{
    public static async Task<Results<Ok<LoginView>, Problem>> HandleAsync(
        LoginRequest request, HttpContext http, TogglrDbContext db, Sessions sessions, SecondFactor secondFactor, Passwords passwords, SignInGuard guard, CancellationToken cancel)
    {
        if (request.Email.Length > 254 || request.Password.Length > Passwords.MaximumLength || request.Email.Contains('\0', StringComparison.Ordinal))
            return Refused();
        var email = User.Normalize(request.Email);
        var address = http.Connection.RemoteIpAddress?.ToString() ?? "";
        if (await guard.BeginAsync(email, address, cancel) is { } wait)
            return wait;
        try
        {
            var user = await db.Users.AsNoTracking().SingleOrDefaultAsync(row => row.NormalizedEmail == email, cancel);
            if (!passwords.Verify(user is { DisabledAt: null } ? user.PasswordHash : null, request.Password))
            {
                await guard.FailedAsync(email, address, cancel);
                await (user is null ? sessions.FailedAsync(email, cancel) : sessions.FailedAsync(user, user.DisabledAt is null ? "wrong password" : "disabled account", cancel));
                return Refused();
            }
            var second = await secondFactor.CheckAsync(user!, request.Code, cancel);
            if (second.Problem is { } problem)
            {
                if (problem.Code == "invalid_code")
                    await guard.FailedAsync(email, address, cancel);
                return problem;
            }
            await guard.SucceededAsync(email, address, cancel);
            return TypedResults.Ok(await sessions.BeginAsync(http, user!, new SignIn(SignInMethod.Password, second.IsShown), request.Cookie ?? false, cancel));
        }
        finally
        {
            guard.End(email, address);
        }
    }

    private static Problem Refused() => Problem.Unauthorized("The e-mail address or the password is wrong.", "invalid_credentials");
}
