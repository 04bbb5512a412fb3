using Microsoft.AspNetCore.Http;
using Togglr.Hosting.Problems;

namespace Togglr.ControlPlane.Accounts;

/// <summary>
/// Stands before what a refresh cookie alone can do, beside the cookie's <c>SameSite=Strict</c>: a page of another origin can neither send the header (the browser asks first, and is
/// told no) nor choose what its browser writes into <c>Origin</c> and <c>Sec-Fetch-Site</c>.
/// </summary>
internal static class CookieGuard
{
    /// <summary>The header that only a script of the own origin can send. Its value is <c>1</c>.</summary>
    public const string Header = "X-Togglr-Csrf";

    /// <summary>Why the request is refused; null when it comes from a page of this server, or from a program.</summary>
    public static Problem? Check(HttpContext http, Uri? publicUrl)
    {
        var request = http.Request;
        if (request.Headers[Header] is not ["1"])
            return Refused($"Send the header {Header}: 1 with the cookie.");
        if (request.Headers["Sec-Fetch-Site"] is [{ } site] && site is not ("same-origin" or "none"))
            return Refused("The request comes from a page of another site.");
        return request.Headers.Origin is not { Count: > 0 } origin || IsOwn(origin.ToString(), request, publicUrl) ? null : Refused("The request comes from a page of another origin.");
    }

    /// <summary>A proxy that ends TLS may hide the scheme, so the own authority counts; the public address counts as a whole.</summary>
    private static bool IsOwn(string origin, HttpRequest request, Uri? publicUrl)
    {
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var url))
            return false;
        if (publicUrl is not null && origin.Equals(publicUrl.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase))
            return true;
        return request.Host.HasValue && url.Host.Equals(request.Host.Host, StringComparison.OrdinalIgnoreCase) && url.Port == (request.Host.Port ?? (url.Scheme == "https" ? 443 : 80));
    }

    private static Problem Refused(string detail) => Problem.Forbidden(detail, "csrf");
}
