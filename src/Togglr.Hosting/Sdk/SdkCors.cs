using System.Collections.Frozen;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;
using Togglr.Hosting.Security;

namespace Togglr.Hosting.Sdk;

/// <summary>
/// Lets web pages use the SDK API. Keys travel in a header or the address and never as cookies, so no credentials are allowed. Small enough to
/// need no middleware on the evaluation path.
/// </summary>
/// <param name="origins">The origins allowed for keys that have no list of their own; <c>*</c> for any, empty for none.</param>
/// <param name="ownOrigins">Every origin that some key's own list has.</param>
public sealed class SdkCors(IReadOnlyList<string> origins, Func<FrozenSet<string>> ownOrigins)
{
    private const string Any = "*";
    private static readonly StringValues AnyHeader = Any;
    private static readonly StringValues Exposed = "ETag, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining";

    private readonly FrozenSet<string> _origins = origins.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds the headers that let the asking page read the answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="own">The key's own list; null where it has none, or nobody knows the key.</param>
    public void Allow(HttpContext context, FrozenSet<string>? own)
    {
        var origin = context.Request.Headers.Origin;
        if (origin.Count == 0)
            return;
        var allowed = own ?? _origins;
        var headers = context.Response.Headers;
        if (allowed.Contains(Any))
        {
            headers.AccessControlAllowOrigin = AnyHeader;
        }
        else
        {
            headers.Vary = "Origin";
            if (origin is not [{ } asked] || !allowed.Contains(asked))
                return;
            headers.AccessControlAllowOrigin = origin;
        }
        headers.AccessControlExposeHeaders = Exposed;
    }

    /// <summary>Answers the browser's question before the request itself, for every path that matches.</summary>
    public void MapPreflight(IEndpointRouteBuilder endpoints, string pattern) =>
        endpoints.MapMethods(pattern, ["OPTIONS"], PreflightAsync).AllowEverybody();

    private Task PreflightAsync(HttpContext context)
    {
        // Browsers do not say which key they will send, so what any key allows may be tried; the answer to the request itself decides.
        Allow(context, null);
        if (context.Response.Headers.AccessControlAllowOrigin.Count == 0)
            Allow(context, ownOrigins());
        var headers = context.Response.Headers;
        if (headers.AccessControlAllowOrigin.Count > 0)
        {
            headers.AccessControlAllowMethods = "GET, POST";
            headers.AccessControlAllowHeaders = "Authorization, Content-Encoding, Content-Type, If-None-Match, Last-Event-ID, X-API-Key";
            headers.AccessControlMaxAge = "7200";
        }
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
