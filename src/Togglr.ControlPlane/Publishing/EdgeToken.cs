using Microsoft.AspNetCore.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;

namespace Togglr.ControlPlane.Publishing;

/// <summary>What separate edges and ingest processes show to be let in.</summary>
internal static class EdgeToken
{
    private const string Scheme = "Bearer ";

    /// <summary>Why the request is refused; null when its token is the one that is configured.</summary>
    public static Problem? Check(HttpContext context, string? token)
    {
        if (token is null)
            return Problem.NotFound("The feed for separate edges is off: set TOGGLR_EDGE_TOKEN.");
        var authorization = context.Request.Headers.Authorization.ToString();
        return authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && Secrets.AreEqual(authorization[Scheme.Length..].Trim(), token)
            ? null
            : Problem.Unauthorized("The edge token is missing or wrong.", "edge_token_invalid");
    }
}
