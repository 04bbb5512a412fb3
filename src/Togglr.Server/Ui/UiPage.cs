using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Togglr.Server.Ui;

/// <summary>The page that every address of the admin UI shows. It follows its file: the UI may be built again under a server that runs.</summary>
internal sealed class UiPage(string path)
{
    /// <summary>
    /// What the page may do: its own scripts only; style sheets of its own and those that carry the page's nonce; small fonts and a QR code are data addresses. <c>'self'</c> covers the WebSocket.
    /// </summary>
    private const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{0}'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
        + "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'";

    /// <summary>Stands in the built page where the nonce belongs (<c>web/vite.config.ts</c>).</summary>
    private const string NoncePlace = "__TOGGLR_NONCE__";

    private static readonly CompositeFormat Policy = CompositeFormat.Parse(PagePolicy);

    private Content _content = Read(path, default);

    /// <summary>Answers with the page, which gets a new nonce each time.</summary>
    public Task WriteAsync(HttpContext context)
    {
        var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18));
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = string.Format(CultureInfo.InvariantCulture, Policy, nonce);
        var body = Encoding.UTF8.GetBytes(Current().Replace(NoncePlace, nonce, StringComparison.Ordinal));
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private string Current()
    {
        var stamp = File.GetLastWriteTimeUtc(path);
        if (stamp != _content.Stamp)
            _content = Read(path, _content);
        return _content.Text;
    }

    /// <summary>Between two builds there is no page, or half of one: then the last whole one is shown.</summary>
    private static Content Read(string path, Content? last)
    {
        try
        {
            var stamp = File.GetLastWriteTimeUtc(path);
            var text = File.ReadAllText(path);
            return last is null || text.TrimEnd().EndsWith("</html>", StringComparison.OrdinalIgnoreCase) ? new Content(text, stamp) : last;
        }
        catch (IOException) when (last is not null)
        {
            return last;
        }
    }

    private sealed record Content(string Text, DateTime Stamp);
}
