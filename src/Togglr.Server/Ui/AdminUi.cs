using Microsoft.Extensions.FileProviders;
using Microsoft.Net.Http.Headers;
using Togglr.Hosting.Configuration;

namespace Togglr.Server.Ui;

/// <summary>Serves the built admin UI: hashed assets for ever, <c>index.html</c> for every address that belongs to no API.</summary>
internal static class AdminUi
{
    private static readonly string[] ApiPrefixes = ["/api", "/sdk", "/ofrep", "/internal", "/metrics", "/health", "/ready"];

    /// <summary>The UI executes its own scripts only. Mantine sets inline styles; the picture of a QR code is a data address.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

    public static void UseAdminUi(this WebApplication app, TogglrOptions options)
    {
        var directory = options.WebDirectory ?? Path.Combine(AppContext.BaseDirectory, "web");
        if (!File.Exists(Path.Combine(directory, "index.html")))
        {
            if (options.WebDirectory is not null)
                throw new ConfigurationException($"TOGGLR_WEB_DIR is `{directory}`, which has no index.html.");
            return;
        }

        var files = new PhysicalFileProvider(Path.GetFullPath(directory));
        var index = files.GetFileInfo("index.html");
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = files,
            OnPrepareResponse = static prepared => SetHeaders(prepared.Context.Response,
                prepared.Context.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache"),
        });
        app.Use(async (context, next) =>
        {
            var path = context.Request.Path;
            if (context.GetEndpoint() is not null || !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method)
                || Array.Exists(ApiPrefixes, prefix => path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase))
                || path.StartsWithSegments("/assets", StringComparison.Ordinal))
            {
                await next(context);
                return;
            }

            context.Response.ContentType = "text/html; charset=utf-8";
            SetHeaders(context.Response, "no-cache");
            await context.Response.SendFileAsync(index, context.RequestAborted);
        });
    }

    private static void SetHeaders(HttpResponse response, string cacheControl)
    {
        var headers = response.Headers;
        headers[HeaderNames.CacheControl] = cacheControl;
        headers[HeaderNames.ContentSecurityPolicy] = ContentSecurityPolicy;
        headers[HeaderNames.XContentTypeOptions] = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
    }
}
