using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Togglr.ControlPlane.Accounts;

internal static class Logout
{
    public static async Task<NoContent> HandleAsync(RefreshRequest? request, HttpContext http, Sessions sessions, CancellationToken cancel)
    {
        await sessions.EndAsync(http, Sessions.TokenOf(http, request), cancel);
        return TypedResults.NoContent();
    }
}
