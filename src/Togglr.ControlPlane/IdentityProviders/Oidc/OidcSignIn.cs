using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.IdentityProviders.Oidc;

/// <summary>Sends the browser to an OpenID Connect provider and takes it back: authorization code with PKCE, state and nonce.</summary>
internal static class OidcSignIn
{
    private const int LongestCode = 4000;

    public static async Task<IResult> StartAsync(
        Guid id, [FromQuery, Description("The local path to go to in the end")] string? returnTo, HttpContext http, SignInRedirects redirects, SignInRequests requests,
        OidcMetadata metadata, PublicAddress address, CancellationToken cancel)
    {
        if (await redirects.FindAsync(id, IdentityProviderKind.Oidc, cancel) is not { } provider)
            return SignInRedirects.NotThere();
        if (address.Origin is null)
            return SignInRedirects.ToLogin(http, SignInRedirects.NoPublicUrl);
        var settings = ProviderSettings.Stored<OidcSettings>(provider.Settings);
        if ((await metadata.FindAsync(settings.Issuer, now: false, cancel)).Configuration is not { } configuration)
            return await redirects.RefuseAsync(http, provider, "oidc.discovery", SignInRedirects.Unavailable, cancel);
        var secret = new OidcSecret(SignInRequests.NewSecret(), SignInRequests.NewSecret());
        var state = await requests.BeginAsync(http, Guid.CreateVersion7(), provider, returnTo, secret, cancel);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Redirect(OidcClient.AuthorizationUrl(configuration, settings, address.Of(OidcKind.CallbackPath), state, secret));
    }

    public static async Task<IResult> CallbackAsync(
        [FromQuery] string? code, [FromQuery] string? state, [FromQuery] string? iss, [FromQuery] string? error, HttpContext http, SignInRedirects redirects, SignInRequests requests,
        OidcMetadata metadata, OidcClient client, PublicAddress address, CancellationToken cancel)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (await requests.TakeAsync<OidcSecret>(state, isAnswered: false, cancel) is not { } request
            || await redirects.FindAsync(request.ProviderId, IdentityProviderKind.Oidc, cancel) is not { } provider)
            return SignInRedirects.ToLogin(http, SignInRedirects.State);
        if (!requests.IsFrom(http, request.BrowserHash))
            return await redirects.RefuseAsync(http, provider, "oidc.other_browser", SignInRedirects.State, cancel);
        if (request.IsExpired)
            return await redirects.RefuseAsync(http, provider, "oidc.request_expired", SignInRedirects.Expired, cancel);
        var settings = ProviderSettings.Stored<OidcSettings>(provider.Settings);
        if ((await metadata.FindAsync(settings.Issuer, now: false, cancel)).Configuration is not { } configuration)
            return await redirects.RefuseAsync(http, provider, "oidc.discovery", SignInRedirects.Unavailable, cancel);
        // Another provider that the browser was lured to must not get the code of this one, nor pass its own for it (RFC 9207).
        if (iss is null ? configuration.SendsIssuer : iss != settings.Issuer)
            return await redirects.RefuseAsync(http, provider, "oidc.other_issuer", SignInRedirects.Refused, cancel);
        if (error is not null)
        {
            return error == "access_denied"
                ? await redirects.RefuseAsync(http, provider, "oidc.denied", SignInRedirects.Denied, cancel)
                : await redirects.RefuseAsync(http, provider, "oidc.provider_error", SignInRedirects.Refused, cancel);
        }
        if (code is not { Length: > 0 and <= LongestCode })
            return await redirects.RefuseAsync(http, provider, "oidc.code", SignInRedirects.Refused, cancel);
        var outcome = await client.RedeemAsync(provider, configuration, settings, code, address.Of(OidcKind.CallbackPath), request.Secret, cancel);
        return outcome.Person is { } person
            ? await redirects.FinishAsync(http, provider, person, request.ReturnTo, cancel)
            : await redirects.RefuseAsync(http, provider, outcome.Error!, outcome.IsUnavailable ? SignInRedirects.Unavailable : SignInRedirects.Refused, cancel);
    }
}
