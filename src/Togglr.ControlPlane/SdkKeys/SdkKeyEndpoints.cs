using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.SdkKeys;

internal static class SdkKeyEndpoints
{
    private static readonly SortKey<SdkKey>[] Sorts =
    [
        SortKey<SdkKey>.Time("createdAt", row => row.CreatedAt, row => row.Id),
        SortKey<SdkKey>.Text("name", row => row.Name, row => row.Id),
    ];

    public static void MapSdkKeys(this IEndpointRouteBuilder project)
    {
        var keys = project.MapGroup("/environments/{env}/keys").WithTags("SDK keys").WithMetadata(new NeverRequested());
        keys.MapGet("", ListAsync).WithName("listSdkKeys").WithSummary("The SDK keys of an environment, never their secrets").RequirePermission(Permissions.KeyManage);
        keys.MapPost("", CreateAsync).WithName("createSdkKey").WithSummary("Issue an SDK key; its secret is shown this once").RequirePermission(Permissions.KeyManage);
        keys.MapGet("/{id:guid}", GetAsync).WithName("getSdkKey").WithSummary("An SDK key, never its secret").RequirePermission(Permissions.KeyManage);
        keys.MapPatch("/{id:guid}", UpdateAsync).WithName("updateSdkKey").WithSummary("Change an SDK key's name, limit, origins or end").RequirePermission(Permissions.KeyManage);
        keys.MapPost("/{id:guid}/rotate", RotateSdkKey.HandleAsync).WithName("rotateSdkKey")
            .WithSummary("Issue the successor of an SDK key; both are good for a while").RequirePermission(Permissions.KeyManage);
        keys.MapDelete("/{id:guid}", RevokeAsync).WithName("revokeSdkKey").WithSummary("Revoke an SDK key").RequirePermission(Permissions.KeyManage);
    }

    private static async Task<Results<Ok<Page<SdkKeyView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var query = db.SdkKeys.AsNoTracking().Where(row => row.EnvironmentId == current.Environment.Id);
        query = query.Search(list.Search, row => row.Name, row => row.Prefix);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => rows.Select(row => View(row, null, db.SdkKeys.Where(next => next.Replaces == row.Id).Select(next => (Guid?)next.Id).FirstOrDefault())), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<CreatedVersion<SdkKeyView>, Problem>> CreateAsync(
        CreateSdkKeyRequest request, Current current, TogglrDbContext db, TimeProvider time, SdkKeyArrival arrival, CancellationToken cancel)
    {
        var created = SdkKey.Create(current.Environment, request.Kind, request.Name, request.ExpiresAt?.ToUniversalTime(), time.GetUtcNow());
        if (!created.IsOk)
            return created.Error.ToProblem();
        var (key, secret) = created.Value;
        if ((key.LimitRate(request.RateLimit?.PerSecond).Error ?? key.AllowOrigins(request.Origins).Error) is { } invalid)
            return invalid.ToProblem();
        db.SdkKeys.Add(key);
        if (await current.SaveAsync("key.created", key.Name, key.Id, request.Reason, cancel, current.Environment.Key) is { } problem)
            return problem;
        await arrival.OfAsync(key, cancel);
        return new CreatedVersion<SdkKeyView>(View(key, secret, replacedBy: null), key.Version, key.Id.ToString());
    }

    private static async Task<Results<Versioned<SdkKeyView>, Problem>> GetAsync(Guid id, Current current, TogglrDbContext db, CancellationToken cancel) =>
        await FindAsync(id, current, db, cancel) is { } key ? new Versioned<SdkKeyView>(View(key, null, await SuccessorOfAsync(id, db, cancel)), key.Version) : NotThere();

    private static async Task<Results<Versioned<SdkKeyView>, Problem>> UpdateAsync(
        Guid id, UpdateSdkKeyRequest request, Current current, TogglrDbContext db, TimeProvider time, SdkKeyArrival arrival, CancellationToken cancel)
    {
        if (await FindAsync(id, current, db, cancel) is not { } key)
            return NotThere();
        if (EntityTags.Check(current.Http.Request, key.Version) is { } stale)
            return stale;
        if (key.RevokedAt is not null)
            return Problem.Conflict("The key is revoked, which is final.");
        var changed = key.Rename(request.Name.Or(key.Name)).Error
            ?? (request.RateLimit.IsSet ? key.LimitRate(request.RateLimit.Value?.PerSecond).Error : null)
            ?? (request.Origins.IsSet ? key.AllowOrigins(request.Origins.Value).Error : null)
            ?? (request.ExpiresAt.IsSet ? key.EndAt(request.ExpiresAt.Value?.ToUniversalTime(), time.GetUtcNow()).Error : null);
        if (changed is not null)
            return changed.ToProblem();
        if (await current.SaveAsync("key.updated", key.Name, key.Id, request.Reason, cancel, current.Environment.Key) is { } problem)
            return problem;
        await arrival.OfAsync(key, cancel);
        return new Versioned<SdkKeyView>(View(key, null, await SuccessorOfAsync(id, db, cancel)), key.Version);
    }

    private static async Task<Results<NoContent, Problem>> RevokeAsync(
        Guid id, Current current, TogglrDbContext db, TimeProvider time, SdkKeyArrival arrival, CancellationToken cancel)
    {
        if (await FindAsync(id, current, db, cancel) is not { } key)
            return NotThere();
        key.Revoke(time.GetUtcNow());
        if (await current.SaveAsync("key.revoked", key.Name, key.Id, reason: null, cancel, current.Environment.Key) is { } problem)
            return problem;
        await arrival.OfAsync(key, cancel);
        return TypedResults.NoContent();
    }

    internal static Task<SdkKey?> FindAsync(Guid id, Current current, TogglrDbContext db, CancellationToken cancel) =>
        db.SdkKeys.SingleOrDefaultAsync(row => row.Id == id && row.EnvironmentId == current.Environment.Id, cancel);

    internal static Task<Guid?> SuccessorOfAsync(Guid id, TogglrDbContext db, CancellationToken cancel) =>
        db.SdkKeys.Where(row => row.Replaces == id).Select(row => (Guid?)row.Id).FirstOrDefaultAsync(cancel);

    internal static Problem NotThere() => Problem.NotFound("There is no such key in this environment.");

    internal static SdkKeyView View(SdkKey row, string? secret, Guid? replacedBy) =>
        new(row.Id, row.Name, row.Kind, row.Prefix, secret, row.ExpiresAt, row.RevokedAt, row.LastUsedAt, row.LastUsedAddress,
            row.RateLimit is { } limit ? new SdkKeyRateLimit(limit) : null, row.Origins, row.Replaces, replacedBy, row.Version, row.CreatedAt);
}
