using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.Hosting.Problems;

namespace Togglr.ControlPlane.Accounts;

internal static class Refresh
{
    public static async Task<Results<Ok<LoginView>, Problem>> HandleAsync(RefreshRequest? request, HttpContext http, Sessions sessions, CancellationToken cancel)
    {
        if (sessions.TokenOf(http, request) is not { Length: > 0 and <= 200 } token)
            return Problem.Unauthorized("There is no refresh token.");
        if (request?.RefreshToken is null && sessions.CheckCookie(http) is { } refused)
            return refused;
        var answer = await sessions.RefreshAsync(http, token, cookie: request?.RefreshToken is null, cancel);
        return answer is null ? Problem.Unauthorized("The refresh token is not valid any more. Sign in again.") : TypedResults.Ok(answer);
    }
}
