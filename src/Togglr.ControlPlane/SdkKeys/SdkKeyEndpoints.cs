using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.SdkKeys;

/// <summary>A key with which applications read one environment.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">For people.</param>
/// <param name="Kind">What it may see.</param>
/// <param name="Prefix">The beginning of the key, to recognise it by.</param>
/// <param name="Secret">The key itself; in the answer to its creation only.</param>
/// <param name="ExpiresAt">From when on it is refused; null: never.</param>
/// <param name="RevokedAt">Since when it is refused.</param>
/// <param name="CreatedAt">When it was created.</param>
public sealed record SdkKeyView(
    Guid Id,
    string Name,
    SdkKeyKind Kind,
    string Prefix,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Secret,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt,
    DateTimeOffset CreatedAt);

/// <summary>A new SDK key.</summary>
public sealed record CreateSdkKeyRequest
{
    /// <summary>For people.</summary>
    public required string Name { get; init; }

    /// <summary><c>server</c>: the whole snapshot; <c>client</c>: results of client-visible flags only.</summary>
    public required SdkKeyKind Kind { get; init; }

    /// <summary>From when on it is refused; never if absent.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

internal static class SdkKeyEndpoints
{
    private static readonly SortKey<SdkKey>[] Sorts =
    [
        SortKey<SdkKey>.Time("createdAt", row => row.CreatedAt, row => row.Id),
        SortKey<SdkKey>.Text("name", row => row.Name, row => row.Id),
    ];

    public static void MapSdkKeys(this IEndpointRouteBuilder project)
    {
        var keys = project.MapGroup("/environments/{env}/keys").WithTags("SDK keys");
        keys.MapGet("", ListAsync).WithName("listSdkKeys").WithSummary("The SDK keys of an environment, never their secrets").RequirePermission(Permissions.KeyManage);
        keys.MapPost("", CreateAsync).WithName("createSdkKey").WithSummary("Issue an SDK key; its secret is shown this once").RequirePermission(Permissions.KeyManage);
        keys.MapDelete("/{id:guid}", RevokeAsync).WithName("revokeSdkKey").WithSummary("Revoke an SDK key").RequirePermission(Permissions.KeyManage);
    }

    private static async Task<Results<Ok<Page<SdkKeyView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var query = db.SdkKeys.AsNoTracking().Where(row => row.EnvironmentId == current.Environment.Id);
        if (Paging.Pattern(list.Search) is { } pattern)
            query = query.Where(row => EF.Functions.ILike(row.Name, pattern, Paging.Escape) || EF.Functions.ILike(row.Prefix, pattern, Paging.Escape));
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => rows.Select(row => View(row, secret: null)), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<CreatedVersion<SdkKeyView>, Problem>> CreateAsync(
        CreateSdkKeyRequest request, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var created = SdkKey.Create(current.Environment, request.Kind, request.Name, request.ExpiresAt?.ToUniversalTime(), time.GetUtcNow());
        if (!created.IsOk)
            return created.Error.ToProblem();
        var (key, secret) = created.Value;
        db.SdkKeys.Add(key);
        if (await current.SaveAsync("key.created", key.Name, key.Id, request.Reason, cancel, current.Environment.Key) is { } problem)
            return problem;
        return new CreatedVersion<SdkKeyView>(View(key, secret), key.Version, key.Id.ToString());
    }

    private static async Task<Results<NoContent, Problem>> RevokeAsync(Guid id, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var key = await db.SdkKeys.SingleOrDefaultAsync(row => row.Id == id && row.EnvironmentId == current.Environment.Id, cancel);
        if (key is null)
            return Problem.NotFound("There is no such key in this environment.");
        key.Revoke(time.GetUtcNow());
        if (await current.SaveAsync("key.revoked", key.Name, key.Id, reason: null, cancel, current.Environment.Key) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }

    private static SdkKeyView View(SdkKey row, string? secret) =>
        new(row.Id, row.Name, row.Kind, row.Prefix, secret, row.ExpiresAt, row.RevokedAt, row.CreatedAt);
}
