using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

internal static class Login
{
    public static async Task<Results<Ok<LoginView>, Problem>> HandleAsync(
        LoginRequest request, HttpContext http, TogglrDbContext db, Sessions sessions, Passwords passwords, SignInThrottle throttle, CancellationToken cancel)
    {
        if (request.Email.Length > 254 || request.Password.Length > Passwords.MaximumLength || request.Email.Contains('\0', StringComparison.Ordinal))
            return Refused();
        var email = User.Normalize(request.Email);
        var address = http.Connection.RemoteIpAddress?.ToString() ?? "";
        if (throttle.Begin(email, address) is { Ticks: > 0 } wait)
            return Problem.RateLimited((int)Math.Ceiling(wait.TotalSeconds), "Too many wrong passwords. Wait a moment.");

        User? user;
        try
        {
            user = await db.Users.AsNoTracking().SingleOrDefaultAsync(row => row.NormalizedEmail == email, cancel);
            if (!passwords.Verify(user is { DisabledAt: null } ? user.PasswordHash : null, request.Password))
            {
                throttle.Failed(email, address);
                return Refused();
            }
            throttle.Succeeded(email, address);
        }
        finally
        {
            throttle.End(email, address);
        }
        return TypedResults.Ok(await sessions.BeginAsync(http, user!, new SignIn(SignInMethod.Password), request.Cookie ?? false, cancel));
    }

    private static Problem Refused() => Problem.Unauthorized("The e-mail address or the password is wrong.", "invalid_credentials");
}
