using Microsoft.AspNetCore.Builder;

namespace Togglr.Hosting.Security;

/// <summary>What an endpoint asks of its caller. Every endpoint has exactly one; a test holds them to it.</summary>
/// <param name="Kind">Nothing, being signed in, or a permission.</param>
/// <param name="Permission">The permission, where the kind is <see cref="AccessKind.Permission"/>.</param>
public sealed record AccessRequirement(AccessKind Kind, string? Permission = null)
{
    /// <summary>As <c>x-permission</c> in the API description: <c>anonymous</c>, <c>signed-in</c>, or the permission key.</summary>
    public override string ToString() => Kind switch
    {
        AccessKind.Anonymous => "anonymous",
        AccessKind.SignedIn => "signed-in",
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

    /// <summary>Whoever has the permission in the scope of the route.</summary>
    Permission,

    /// <summary>Whoever has the permission in any organization.</summary>
    PermissionAnywhere,
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

    /// <summary>The caller needs <paramref name="permission"/> in some organization.</summary>
    public static TBuilder RequirePermissionAnywhere<TBuilder>(this TBuilder builder, string permission)
        where TBuilder : IEndpointConventionBuilder =>
        builder.Require(new AccessRequirement(AccessKind.PermissionAnywhere, permission));

    /// <summary>The caller must be signed in.</summary>
    public static TBuilder RequireSignIn<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.Require(new AccessRequirement(AccessKind.SignedIn));

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
