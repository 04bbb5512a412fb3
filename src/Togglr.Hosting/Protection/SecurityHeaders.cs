using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Togglr.Hosting.Configuration;

namespace Togglr.Hosting.Protection;

/// <summary>
/// The headers that tell browsers what an answer must not be used for. What an endpoint says itself stays; the rest is filled in when the answer starts, so that
/// failures have them too. SDK answers, which pages of other origins read, get the few that mean something for data.
/// </summary>
public static class SecurityHeaders
{
    /// <summary>Nothing may be loaded or framed: for everything that is not a page.</summary>
    public const string DataPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues CrossOrigin = "cross-origin";
    private static readonly StringValues TransportSecurity = "max-age=31536000";

    /// <summary>Adds the headers to every answer. Belongs before everything else.</summary>
    public static void UseSecurityHeaders(this IApplicationBuilder app, TogglrOptions options)
    {
        var isPublicOverTls = options.PublicUrl?.Scheme == "https";
        Func<object, Task> complete = isPublicOverTls ? static state => Complete((HttpContext)state, true) : static state => Complete((HttpContext)state, false);
        app.Use((context, next) =>
        {
            if (IsSdk(context.Request.Path))
            {
                var headers = context.Response.Headers;
                headers.XContentTypeOptions = NoSniff;
                headers["Cross-Origin-Resource-Policy"] = CrossOrigin;
                if (isPublicOverTls)
                    headers.StrictTransportSecurity = TransportSecurity;
            }
            else
            {
                context.Response.OnStarting(complete, context);
            }
            return next(context);
        });
    }

    private static bool IsSdk(PathString path) =>
        path.StartsWithSegments("/sdk", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/ofrep", StringComparison.OrdinalIgnoreCase);

    private static Task Complete(HttpContext context, bool isPublicOverTls)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers.TryAdd("Referrer-Policy", "same-origin");
        headers.TryAdd("X-Frame-Options", "DENY");
        headers.TryAdd("Permissions-Policy", "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()");
        headers.TryAdd("Cross-Origin-Opener-Policy", "same-origin");
        headers.TryAdd("Cross-Origin-Resource-Policy", "same-origin");
        headers.TryAdd("Content-Security-Policy", DataPolicy);
        headers.TryAdd("Cache-Control", "no-store");
        if (isPublicOverTls)
            headers.StrictTransportSecurity = TransportSecurity;
        return Task.CompletedTask;
    }
}
