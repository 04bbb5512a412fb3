using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.IdentityProviders.Oidc;
using Togglr.ControlPlane.IdentityProviders.Saml;
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
        services.AddSingleton<SamlKind>();
        services.AddSingleton<IProviderKind>(static provider => provider.GetRequiredService<SamlKind>());
        services.AddSingleton<OidcClient>();
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
        auth.MapGet("/saml/{id:guid}/metadata", SamlSignIn.MetadataAsync).WithName("getSamlMetadata").WithSummary("The metadata of this SAML service provider").Produces(200, contentType: "application/samlmetadata+xml")
            .AllowEverybody();
        auth.MapGet("/saml/{id:guid}/start", SamlSignIn.StartAsync).WithName("startSaml").WithSummary("Go to a SAML provider to sign in").Produces(302).AllowEverybody();
        auth.MapPost("/saml/{id:guid}/acs", SamlSignIn.ReceiveAsync).WithName("receiveSaml").WithSummary("Take a SAML provider's response: a form").Produces(303).AllowEverybody();
        auth.MapGet("/saml/complete", SamlSignIn.CompleteAsync).WithName("finishSaml").WithSummary("Go on after a SAML provider's response").Produces(302).AllowEverybody();
    }
}
