using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.IdentityProviders;

/// <summary>How a sign-in by way of a provider ends: with cookies and a page of this server, or at the login page with a stable code.</summary>
internal sealed class SignInRedirects(TogglrDbContext db, ExternalSignIn external, SignInRequests requests)
{
    /// <summary>The answer belongs to no sign-in that this browser began, or to one that is over.</summary>
    public const string State = "sso_state";

    /// <summary>The answer came too late.</summary>
    public const string Expired = "sso_expired";

    /// <summary>The person, or the provider, said no.</summary>
    public const string Denied = "sso_denied";

    /// <summary>What the provider answered cannot be believed; the audit log says why.</summary>
    public const string Refused = "sso_failed";

    /// <summary>The provider does not answer.</summary>
    public const string Unavailable = "sso_unavailable";

    /// <summary>The operator did not say under which address people reach this server.</summary>
    public const string NoPublicUrl = "public_url_required";

    /// <summary>A provider that people can come in through, of whatever organization; null when there is none.</summary>
    public Task<IdentityProvider?> FindAsync(Guid id, IdentityProviderKind kind, CancellationToken cancel) =>
        db.IdentityProviders.IgnoreQueryFilters([TogglrDbContext.TenantFilter]).AsNoTracking().SingleOrDefaultAsync(row => row.Id == id && row.Kind == kind && row.Enabled, cancel);

    /// <summary>There is no such provider.</summary>
    public static Problem NotThere() => Problem.NotFound("There is no such identity provider.");

    /// <summary>To the login page, which explains the code.</summary>
    public static IResult ToLogin(HttpContext http, string code)
    {
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Redirect($"/login?error={Uri.EscapeDataString(code)}&requestId={Uri.EscapeDataString(http.TraceIdentifier)}");
    }

    /// <summary>To the login page; the audit log of the provider's organization is told why.</summary>
    /// <param name="http">The request.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="reason">A stable code with all that there is to say.</param>
    /// <param name="code">What the person is told.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<IResult> RefuseAsync(HttpContext http, IdentityProvider provider, string reason, string code, CancellationToken cancel)
    {
        await external.RefuseAsync(provider, provider.Key, reason, cancel);
        return ToLogin(http, code);
    }

    /// <summary>Lets the person in, or not.</summary>
    public async Task<IResult> FinishAsync(HttpContext http, IdentityProvider provider, ExternalPerson person, string returnTo, CancellationToken cancel)
    {
        var result = await external.SignInAsync(http, provider, person, cookie: true, cancel);
        if (result.View is null)
            return ToLogin(http, result.Refusal!);
        requests.Forget(http);
        return TypedResults.Redirect(returnTo);
    }
}
