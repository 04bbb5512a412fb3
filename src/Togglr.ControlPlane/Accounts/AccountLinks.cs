using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Togglr.ControlPlane.Accounts;

/// <summary>
/// Links that are sent to people. They begin with <c>TOGGLR_PUBLIC_URL</c>, else with the address that the server listens on, and never with what a request says in its Host header: whoever asks
/// for somebody's new password must not choose where the link leads.
/// </summary>
internal sealed class AccountLinks(ControlPlaneOptions options, IServiceProvider services)
{
    /// <summary>The page that accepts an invitation.</summary>
    public Uri Invitation(string token) => Page($"invitations/{token}");

    /// <summary>The page that sets a new password.</summary>
    public Uri PasswordReset(string token) => Page($"reset-password/{token}");

    /// <summary>A page by its path, without a slash before it.</summary>
    public Uri Page(string path)
    {
        var root = options.PublicUrl ?? Listening();
        return new Uri(root.AbsoluteUri.EndsWith('/') ? root : new Uri($"{root.AbsoluteUri}/"), path);
    }

    private Uri Listening()
    {
        var address = services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost:8080";
        return new Uri(address.Replace("0.0.0.0", "localhost", StringComparison.Ordinal).Replace("[::]", "localhost", StringComparison.Ordinal).Replace("//+", "//localhost", StringComparison.Ordinal)
            .Replace("//*", "//localhost", StringComparison.Ordinal));
    }
}
