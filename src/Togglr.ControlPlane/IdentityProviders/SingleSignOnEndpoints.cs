using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.IdentityProviders.Oidc;
using Togglr.Hosting.Security;

namespace Togglr.ControlPlane.IdentityProviders;

/// <summary>Signing in by way of identity providers.</summary>
internal static class SingleSignOnEndpoints
{
    public static void AddIdentityProviders(this IServiceCollection services)
    {
        services.AddSingleton<ProviderHttp>();
        services.AddSingleton<OidcMetadata>();
        services.AddSingleton<IProviderKind, OidcKind>();
        services.AddSingleton<ProviderSecrets>();
        services.AddSingleton<OidcClient>();
        services.AddSingleton<SignInStarts>();
        services.AddScoped<PublicAddress>();
        services.AddScoped<SignInRequests>();
        services.AddScoped<SignInRedirects>();
        services.AddScoped<ProviderMappings>();
        services.AddScoped<ProviderGrants>();
        services.AddScoped<ExternalSignIn>();
    }

    public static void MapSingleSignOn(this IEndpointRouteBuilder api)
    {
        var auth = api.MapGroup("/auth").WithTags("Sign in");
        auth.MapGet("/providers", ListSignInProviders.HandleAsync).WithName("listSignInProviders").WithSummary("The identity providers that the login page offers").AllowEverybody();
        auth.MapGet("/oidc/{id:guid}/start", OidcSignIn.StartAsync).WithName("startOidc").WithSummary("Go to an OpenID Connect provider to sign in").Produces(302).AllowEverybody();
        auth.MapGet("/oidc/callback", OidcSignIn.CallbackAsync).WithName("finishOidc").WithSummary("Come back from an OpenID Connect provider").Produces(302).AllowEverybody();
    }
}
