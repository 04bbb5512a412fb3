using Microsoft.Extensions.FileProviders;
using Togglr.Hosting.Configuration;

namespace Togglr.Server.Ui;

/// <summary>Serves the built admin UI: hashed assets for ever, <c>index.html</c> for every address that belongs to no API.</summary>
internal static class AdminUi
{
    private static readonly string[] ApiPrefixes = ["/api", "/sdk", "/ofrep", "/internal", "/scim", "/metrics", "/health", "/ready"];

    public static void UseAdminUi(this WebApplication app, TogglrOptions options)
    {
        var directory = Path.GetFullPath(options.WebDirectory ?? Path.Combine(AppContext.BaseDirectory, "web"));
        var index = Path.Combine(directory, "index.html");
        if (!File.Exists(index))
        {
            if (options.WebDirectory is not null)
                throw new ConfigurationException($"TOGGLR_WEB_DIR is `{directory}`, which has no index.html.");
            return;
        }

        var files = new UiFiles(new PhysicalFileProvider(directory));
        var page = new UiPage(index);
        app.Use(async (context, next) =>
        {
            var path = context.Request.Path;
            if (context.GetEndpoint() is not null || !IsReading(context))
                await next(context);
            else if (path.Value is not "/index.html" && await files.TryServeAsync(context))
                return;
            else if (Array.Exists(ApiPrefixes, prefix => path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase)) || path.StartsWithSegments("/assets", StringComparison.Ordinal))
                await next(context);
            else
                await page.WriteAsync(context);
        });
    }

    private static bool IsReading(HttpContext context) => HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
}
