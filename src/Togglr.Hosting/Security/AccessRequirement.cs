using Microsoft.AspNetCore.Builder;

namespace Togglr.Hosting.Security;

/// <summary>What an endpoint asks of its caller. Every endpoint has exactly one; a test holds them to it.</summary>
/// <param name="Kind">Nothing, being signed in, or a permission.</param>
/// <param name="Permission">The permission, where the kind is <see cref="AccessKind.Permission"/>.</param>
public sealed record AccessRequirement(AccessKind Kind, string? Permission = null)
{
    /// <summary>
    /// As <c>x-permission</c> in the API description: <c>anonymous</c>, <c>signed-in</c>, <c>in-person</c>, the permission key, or that with <c>(within)</c>: somewhere in the
    /// organization or project of the route, or <c>(anywhere)</c>: in some organization. Outside the management API also <c>sdk-key</c>, <c>edge-token</c> and <c>provider-token</c>.
    /// </summary>
    public override string ToString() => Kind switch
    {
        AccessKind.Anonymous => "anonymous",
        AccessKind.SignedIn => "signed-in",
        AccessKind.InPerson => "in-person",
        AccessKind.SdkKey => "sdk-key",
        AccessKind.EdgeToken => "edge-token",
        AccessKind.ProviderToken => "provider-token",
        AccessKind.PermissionWithin => $"{Permission} (within)",
        AccessKind.PermissionAnywhere => $"{Permission} (anywhere)",
        _ => Permission!,
    };
}

/// <summary>See <see cref="AccessRequirement"/>.</summary>
public enum AccessKind
{
    /// <summary>Anybody.</summary>
    Anonymous,

    /// <summary>Anybody who is signed in; the endpoint filters by what they may see.</summary>
    SignedIn,

    /// <summary>A person who has signed in; no token will do.</summary>
    InPerson,

    /// <summary>Whoever has the permission in the scope of the route.</summary>
    Permission,

    /// <summary>Whoever has the permission somewhere in the organization of the route, or in its project if the route names one; the endpoint confines the answer to where.</summary>
    PermissionWithin,

    /// <summary>A signed-in person who has the permission in all of some organization; no token and no sign-in that is confined to one will do.</summary>
    PermissionAnywhere,

    /// <summary>Whoever has an SDK key; the answer is about the key's environment. The endpoint asks itself.</summary>
    SdkKey,

    /// <summary>An edge of this installation, with the installation's token. The endpoint asks itself.</summary>
    EdgeToken,

    /// <summary>An identity provider with its token; the answer is about its organization. The endpoint asks itself.</summary>
    ProviderToken,
}

/// <summary>Marks endpoints that work while a temporary password has not been changed yet.</summary>
public sealed class AllowedBeforePasswordChange;

/// <summary>How endpoints declare what they ask for.</summary>
public static class AccessConventions
{
    /// <summary>The caller needs <paramref name="permission"/> in the organization, project and environment of the route.</summary>
    public static TBuilder RequirePermission<TBuilder>(this TBuilder builder, string permission)
        where TBuilder : IEndpointConventionBuilder =>
        builder.Require(new AccessRequirement(AccessKind.Permission, permission));

    /// <summary>
    /// The caller needs <paramref name="permission"/> somewhere in the organization of the route: in all of it, in a project or an environment; in the project if the route names one. The endpoint itself
    /// asks <c>Current.May</c> about the scope that the request is about.
    /// </summary>
    public static TBuilder RequirePermissionWithin<TBuilder>(this TBuilder builder, string permission)
        where TBuilder : IEndpointConventionBuilder =>
        builder.Require(new AccessRequirement(AccessKind.PermissionWithin, permission));

    /// <summary>The caller must be a person who has signed in: tokens may not do this.</summary>
    public static TBuilder RequireInPerson<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.Require(new AccessRequirement(AccessKind.InPerson));

    /// <summary>The caller needs <paramref name="permission"/> in some organization.</summary>
    public static TBuilder RequirePermissionAnywhere<TBuilder>(this TBuilder builder, string permission)
        where TBuilder : IEndpointConventionBuilder =>
        builder.Require(new AccessRequirement(AccessKind.PermissionAnywhere, permission));

    /// <summary>The caller must be signed in.</summary>
    public static TBuilder RequireSignIn<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.Require(new AccessRequirement(AccessKind.SignedIn));

    /// <summary>Says that the endpoint asks for an SDK key.</summary>
    public static TBuilder RequireSdkKey<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.Require(new AccessRequirement(AccessKind.SdkKey));

    /// <summary>Says that the endpoint asks for the installation's edge token.</summary>
    public static TBuilder RequireEdgeToken<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.Require(new AccessRequirement(AccessKind.EdgeToken));

    /// <summary>Says that the endpoint asks for the token of an identity provider.</summary>
    public static TBuilder RequireProviderToken<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.Require(new AccessRequirement(AccessKind.ProviderToken));

    /// <summary>Anybody may call.</summary>
    public static TBuilder AllowEverybody<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.Require(new AccessRequirement(AccessKind.Anonymous));

    private static TBuilder Require<TBuilder>(this TBuilder builder, AccessRequirement requirement)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(requirement));
        return builder;
    }
}
