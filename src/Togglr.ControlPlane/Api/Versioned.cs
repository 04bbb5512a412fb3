using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Togglr.Hosting.Http;

#pragma warning disable CA1000 // The framework finds metadata by this static member.

namespace Togglr.ControlPlane.Api;

/// <summary>A single resource with its version as the entity tag.</summary>
public sealed class Versioned<T>(T value, long version) : IResult, IEndpointMetadataProvider
{
    /// <summary>The resource.</summary>
    public T Value { get; } = value;

    /// <summary>Its version.</summary>
    public long Version { get; } = version;

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.ETag = EntityTags.Format(Version);
        return TypedResults.Ok(Value).ExecuteAsync(httpContext);
    }

    /// <inheritdoc/>
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(T), ["application/json"]));
}

/// <summary>A resource that was just created, with its version as the entity tag and its address.</summary>
public sealed class CreatedVersion<T>(T value, long version, string segment) : IResult, IEndpointMetadataProvider
{
    /// <summary>The resource.</summary>
    public T Value { get; } = value;

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.ETag = EntityTags.Format(version);
        return TypedResults.Created($"{httpContext.Request.Path}/{Uri.EscapeDataString(segment)}", Value).ExecuteAsync(httpContext);
    }

    /// <inheritdoc/>
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status201Created, typeof(T), ["application/json"]));
}
