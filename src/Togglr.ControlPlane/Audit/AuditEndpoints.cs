using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Audit;

/// <summary>One change.</summary>
/// <param name="Id">The entry's id.</param>
/// <param name="Sequence">Its place in the organization's chain, from 1 without gaps.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who or what.</param>
/// <param name="Action">Entity and verb: <c>flag.updated</c>.</param>
/// <param name="Entity">The kind of entity.</param>
/// <param name="EntityKey">Its key.</param>
/// <param name="Project">Key of the project.</param>
/// <param name="Environment">Key of the environment.</param>
/// <param name="Reason">Why.</param>
/// <param name="RequestId">The request, as in the logs.</param>
/// <param name="Address">Where the request came from.</param>
/// <param name="Before">The changed rows as they were, by their names (<c>flags/checkout</c>).</param>
/// <param name="After">What they became.</param>
public sealed record AuditEntryView(
    Guid Id,
    long Sequence,
    DateTimeOffset At,
    AuditActorView Actor,
    string Action,
    string Entity,
    string EntityKey,
    string? Project,
    string? Environment,
    string? Reason,
    string? RequestId,
    string? Address,
    JsonElement? Before,
    JsonElement? After);

/// <summary>Who or what changed something.</summary>
/// <param name="Kind"><c>user</c>, <c>token</c> or <c>system</c>.</param>
/// <param name="Id">The user or token; null for the system.</param>
/// <param name="Name">As it was at that time.</param>
public sealed record AuditActorView(string Kind, Guid? Id, string Name);

/// <summary>Which entries of the audit log.</summary>
internal sealed record AuditQuery(
    [property: FromQuery(Name = "project"), Description("Key of a project")] string? Project,
    [property: FromQuery(Name = "environment"), Description("Key of an environment")] string? Environment,
    [property: FromQuery(Name = "entity"), Description("Kind of entity: flag, segment, …")] string? Entity,
    [property: FromQuery(Name = "entityKey"), Description("Key of the entity")] string? EntityKey,
    [property: FromQuery(Name = "actor"), Description("Id or name of a person or token")] string? Actor,
    [property: FromQuery(Name = "action"), Description("Entity and verb: flag.updated")] string? Action,
    [property: FromQuery(Name = "from"), Description("Not before this time")] DateTimeOffset? From,
    [property: FromQuery(Name = "to"), Description("Before this time")] DateTimeOffset? To);

internal static class AuditEndpoints
{
    private static readonly SortKey<AuditEntry>[] Sorts = [SortKey<AuditEntry>.Number("sequence", row => row.Sequence, row => row.Id)];

    public static void MapAudit(this IEndpointRouteBuilder organization) =>
        organization.MapGet("/audit", ListAsync).WithTags("Audit").WithName("listAuditEntries").WithSummary("What was changed, newest first")
            .RequirePermission(Permissions.AuditView);

    private static async Task<Results<Ok<Page<AuditEntryView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, [AsParameters] AuditQuery filter, TogglrDbContext db, CancellationToken cancel)
    {
        var query = db.AuditEntries.AsNoTracking();
        if (filter.Project is { } project)
            query = query.Where(row => row.Project == project);
        if (filter.Environment is { } environment)
            query = query.Where(row => row.Environment == environment);
        if (filter.Entity is { } entity)
            query = query.Where(row => row.Entity == entity);
        if (filter.EntityKey is { } entityKey)
            query = query.Where(row => row.EntityKey == entityKey);
        if (filter.Actor is { } actor)
            query = Guid.TryParse(actor, out var id) ? query.Where(row => row.ActorId == id) : query.Where(row => row.ActorName == actor);
        if (filter.Action is { } action)
            query = query.Where(row => row.Action == action);
        if (filter.From?.ToUniversalTime() is { } from)
            query = query.Where(row => row.At >= from);
        if (filter.To?.ToUniversalTime() is { } to)
            query = query.Where(row => row.At < to);
        if (Paging.Pattern(list.Search) is { } pattern)
            query = query.Where(row => EF.Functions.ILike(row.EntityKey, pattern, Paging.Escape) || EF.Functions.ILike(row.ActorName, pattern, Paging.Escape) || EF.Functions.ILike(row.Reason!, pattern, Paging.Escape));
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => rows.Select(View), cancel, descendingByDefault: true);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static AuditEntryView View(AuditEntry row) => new(
        row.Id, row.Sequence, row.At, new AuditActorView(row.ActorKind, row.ActorId, row.ActorName), row.Action, row.Entity, row.EntityKey,
        row.Project, row.Environment, row.Reason, row.RequestId, row.Address, Json(row.Before), Json(row.After));

    private static JsonElement? Json(string? text) => text is null ? null : JsonColumn.Parse(text);
}
