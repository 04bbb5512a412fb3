using System.Net;
using Microsoft.AspNetCore.Http;

namespace Togglr.ControlPlane.IdentityProviders;

/// <summary>
/// Where people reach this server, as identity providers must know it: <c>TOGGLR_PUBLIC_URL</c>. Without that option only addresses of this machine are believed, since
/// the Host header is the client's word.
/// </summary>
internal sealed class PublicAddress(ControlPlaneOptions options, IHttpContextAccessor accessor)
{
    private const string Api = "/api/v1";

    /// <summary>Scheme, host and port; null when nobody said.</summary>
    public string? Origin
    {
        get
        {
            if (options.PublicUrl is { } configured)
                return configured.GetLeftPart(UriPartial.Authority);
            var request = accessor.HttpContext?.Request;
            return request is not null && IsLocal(request.Host.Host) ? $"{request.Scheme}://{request.Host}" : null;
        }
    }

    /// <summary>The address of an endpoint; only its path when the origin is not known.</summary>
    public string Of(string path) => Origin + Api + path;

    private static bool IsLocal(string host) => host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
