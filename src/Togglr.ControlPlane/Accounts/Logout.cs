using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.Hosting.Problems;

namespace Togglr.ControlPlane.Accounts;

internal static class Logout
{
    public static async Task<Results<NoContent, Problem>> HandleAsync(RefreshRequest? request, HttpContext http, Sessions sessions, CancellationToken cancel)
    {
        var token = sessions.TokenOf(http, request);
        if (token is not null && request?.RefreshToken is null && sessions.CheckCookie(http) is { } refused)
            return refused;
        await sessions.EndAsync(http, token, cancel);
        return TypedResults.NoContent();
    }
}
