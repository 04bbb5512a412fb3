using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace Togglr.Hosting.Sdk;

/// <summary>
/// Lets web pages use the SDK API. Keys travel in a header or the address and never as cookies, so no credentials are allowed. Small enough to
/// need no middleware on the evaluation path.
/// </summary>
/// <param name="origins">The origins allowed; <c>*</c> for any, empty for none.</param>
public sealed class SdkCors(IReadOnlyList<string> origins)
{
    private static readonly StringValues Any = "*";
    private static readonly StringValues Exposed = "ETag, Retry-After";

    private readonly bool _any = origins.Contains("*", StringComparer.Ordinal);
    private readonly HashSet<string> _origins = new(origins, StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds the headers that let the asking page read the answer.</summary>
    public void Allow(HttpContext context)
    {
        var origin = context.Request.Headers.Origin;
        if (origin.Count == 0)
            return;
        var headers = context.Response.Headers;
        if (_any)
        {
            headers.AccessControlAllowOrigin = Any;
        }
        else
        {
            headers.Vary = "Origin";
            if (origin is not [{ } asked] || !_origins.Contains(asked))
                return;
            headers.AccessControlAllowOrigin = origin;
        }
        headers.AccessControlExposeHeaders = Exposed;
    }

    /// <summary>Answers the browser's question before the request itself, for every path that matches.</summary>
    public void MapPreflight(IEndpointRouteBuilder endpoints, string pattern) =>
        endpoints.MapMethods(pattern, ["OPTIONS"], PreflightAsync);

    private Task PreflightAsync(HttpContext context)
    {
        Allow(context);
        var headers = context.Response.Headers;
        if (headers.AccessControlAllowOrigin.Count > 0)
        {
            headers.AccessControlAllowMethods = "GET, POST";
            headers.AccessControlAllowHeaders = "Authorization, Content-Type, If-None-Match, Last-Event-ID, X-API-Key";
            headers.AccessControlMaxAge = "7200";
        }
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
