using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.FileProviders;
using Togglr.Hosting.Configuration;

namespace Togglr.Server.Ui;

/// <summary>Serves the built admin UI: hashed assets for ever, <c>index.html</c> for every address that belongs to no API.</summary>
internal static class AdminUi
{
    private static readonly string[] ApiPrefixes = ["/api", "/sdk", "/ofrep", "/internal", "/scim", "/metrics", "/health", "/ready"];

    /// <summary>
    /// What the page may do: its own scripts only; style sheets of its own and those that carry the page's nonce; small fonts and a QR code are data addresses. <c>'self'</c> covers the WebSocket.
    /// </summary>
    private const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{0}'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
        + "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'";

    /// <summary>Stands in the built page where the nonce belongs (<c>web/vite.config.ts</c>).</summary>
    private const string NoncePlace = "__TOGGLR_NONCE__";

    private static readonly CompositeFormat Policy = CompositeFormat.Parse(PagePolicy);

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
        var index = File.ReadAllText(Path.Combine(directory, "index.html"));
        app.Use((context, next) => context.Request.Path.Value is "/index.html" && IsReading(context) ? WritePageAsync(context, index) : next(context));
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = files,
            OnPrepareResponse = static prepared => prepared.Context.Response.Headers.CacheControl =
                prepared.Context.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache",
        });
        app.Use(async (context, next) =>
        {
            var path = context.Request.Path;
            if (context.GetEndpoint() is not null || !IsReading(context)
                || Array.Exists(ApiPrefixes, prefix => path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase))
                || path.StartsWithSegments("/assets", StringComparison.Ordinal))
            {
                await next(context);
                return;
            }

            await WritePageAsync(context, index);
        });
    }

    private static bool IsReading(HttpContext context) => HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);

    private static Task WritePageAsync(HttpContext context, string page)
    {
        var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18));
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = string.Format(CultureInfo.InvariantCulture, Policy, nonce);
        var body = Encoding.UTF8.GetBytes(page.Replace(NoncePlace, nonce, StringComparison.Ordinal));
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
