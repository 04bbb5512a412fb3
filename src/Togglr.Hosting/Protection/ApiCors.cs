using System.Collections.Frozen;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Togglr.Hosting.Configuration;

namespace Togglr.Hosting.Protection;

/// <summary>
/// Lets pages of other origins use the management API where the operator names them; by default none may. They send access tokens; cookies never travel there,
/// because credentials are not allowed.
/// </summary>
public static class ApiCors
{
    private const string Exposed = "ETag, Location, Retry-After, X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Idempotency-Replayed, Content-Disposition";
    private const string Accepted = "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Togglr-Bypass, Togglr-Change-Request, Togglr-Reason, X-Request-Id";

    /// <summary>Answers what browsers ask before a request, and lets pages of the named origins read answers.</summary>
    public static void UseApiCors(this IApplicationBuilder app, TogglrOptions options)
    {
        if (options.ApiCorsOrigins.Count == 0)
            return;
        var origins = options.ApiCorsOrigins.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        app.Use((context, next) =>
        {
            var (asked, isAllowed) = (context.Request.Headers.Origin, false);
            if (asked.Count > 0)
            {
                isAllowed = asked is [{ } origin] && origins.Contains(origin);
                context.Response.OnStarting(static state =>
                {
                    var (http, allow) = ((HttpContext, bool))state;
                    var headers = http.Response.Headers;
                    headers.Append("Vary", "Origin");
                    if (!allow)
                        return Task.CompletedTask;
                    headers.AccessControlAllowOrigin = http.Request.Headers.Origin;
                    headers.AccessControlExposeHeaders = Exposed;
                    headers["Cross-Origin-Resource-Policy"] = "cross-origin";
                    return Task.CompletedTask;
                }, (context, isAllowed));
            }
            if (!isAllowed || !HttpMethods.IsOptions(context.Request.Method) || context.Request.Headers.AccessControlRequestMethod.Count == 0)
                return next(context);
            var preflight = context.Response.Headers;
            preflight.AccessControlAllowMethods = "GET, POST, PUT, PATCH, DELETE";
            preflight.AccessControlAllowHeaders = Accepted;
            preflight.AccessControlMaxAge = "7200";
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
    }
}
