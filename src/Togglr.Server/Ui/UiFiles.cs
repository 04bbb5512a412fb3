using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Net.Http.Headers;

namespace Togglr.Server.Ui;

/// <summary>
/// The files of the built admin UI. Where the build left a compressed copy beside a file (<c>web/precompress.ts</c>) that copy is sent to whoever accepts it: nothing is compressed while
/// somebody waits.
/// </summary>
internal sealed class UiFiles(PhysicalFileProvider files)
{
    private static readonly FileExtensionContentTypeProvider ContentTypes = new();
    private static readonly Dictionary<string, string> Copies = new(StringComparer.Ordinal) { ["br"] = ".br", ["gzip"] = ".gz" };

    /// <summary>Sends the file at the address of a request; false when there is none.</summary>
    public async Task<bool> TryServeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        if (!IsFile(path, out var contentType) || files.GetFileInfo(path) is not { Exists: true } file)
            return false;
        var response = context.Response;
        var available = Copies.Keys.Where(coding => files.GetFileInfo(path + Copies[coding]).Exists).ToList();
        var coding = AcceptedCoding.Choose(context.Request.Headers.AcceptEncoding, available);
        if (coding is not null)
        {
            file = files.GetFileInfo(path + Copies[coding]);
            response.Headers.ContentEncoding = coding;
        }
        if (available.Count > 0)
            response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        response.Headers.CacheControl = context.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
        // Ranges of different codings must never be put together, so each has a name of its own.
        var version = string.Create(CultureInfo.InvariantCulture, $"\"{file.LastModified.UtcTicks:x}-{file.Length:x}{coding}\"");
        await TypedResults.PhysicalFile(file.PhysicalPath!, contentType, lastModified: file.LastModified, entityTag: new EntityTagHeaderValue(version), enableRangeProcessing: true)
            .ExecuteAsync(context);
        return true;
    }

    /// <summary>What a browser may ask for by name; the copies have none of their own.</summary>
    private static bool IsFile(string path, [NotNullWhen(true)] out string? contentType)
    {
        contentType = null;
        return !Copies.Values.Any(extension => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase)) && ContentTypes.TryGetContentType(path, out contentType);
    }
}
