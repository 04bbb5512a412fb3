using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Grants;

/// <summary>To whom something is to be granted.</summary>
public sealed record PrincipalRequest
{
    /// <summary>Person, group or service account.</summary>
    public required PrincipalKind Kind { get; init; }

    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }
}

/// <summary>A role for somebody in the organization or a part of it.</summary>
public sealed record CreateGrantRequest
{
    /// <summary>For whom.</summary>
    public required PrincipalRequest Principal { get; init; }

    /// <summary>Key of a built-in role or of one of the organization's own.</summary>
    public required string Role { get; init; }

    /// <summary>Key of the project where it holds; the whole organization if absent.</summary>
    public string? Project { get; init; }

    /// <summary>Key of the environment where it holds; the whole project if absent.</summary>
    public string? Environment { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Which grants.</summary>
internal sealed record GrantQuery(
    [property: FromQuery(Name = "principal"), Description("Of one principal: user:<id>, group:<id> or service_account:<id>")] string? Principal,
    [property: FromQuery(Name = "role"), Description("Key of a role")] string? Role,
    [property: FromQuery(Name = "project"), Description("Key of a project: grants in it or in its environments")] string? Project);

internal static class GrantEndpoints
{
    private static readonly SortKey<RoleGrant>[] Sorts = [SortKey<RoleGrant>.Time("createdAt", row => row.CreatedAt, row => row.Id)];

    public static void MapGrants(this IEndpointRouteBuilder organization)
    {
        var grants = organization.MapGroup("/grants").WithTags("Access");
        grants.MapGet("", ListAsync).WithName("listGrants").WithSummary("Who has which role where, as far as the caller may see").RequirePermissionWithin(Permissions.MembershipView);
        grants.MapPost("", CreateGrant.HandleAsync).WithName("createGrant").WithSummary("Grant a role that one has oneself").RequirePermissionWithin(Permissions.MembershipManage);
        grants.MapDelete("/{id:guid}", DeleteGrant.HandleAsync).WithName("deleteGrant").WithSummary("Take a granted role away").RequirePermissionWithin(Permissions.MembershipManage);
    }

    private static async Task<Results<Ok<Page<GrantView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, [AsParameters] GrantQuery filter, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var query = new PeopleInSight(current, db).Grants().AsNoTracking();
        if (filter.Principal is { } text)
        {
            if (Principals.Parse(text) is not { } principal)
                return Principals.Malformed();
            query = query.Where(row => row.UserId == principal.Id || row.GroupId == principal.Id || row.ServiceAccountId == principal.Id);
        }
        if (filter.Role is { } role)
            query = GrantResolver.BuiltInOf(role) is { } builtIn ? query.Where(row => row.BuiltInRole == builtIn) : query.Where(row => row.Role!.Key == role);
        if (filter.Project is { } project)
            query = query.Where(row => db.Projects.Any(it => it.Id == row.ProjectId && it.Key == project));
        if (Paging.Pattern(list.Search) is { } pattern)
        {
            query = query.Where(row => db.Users.Any(it => it.Id == row.UserId && (EF.Functions.ILike(it.Name, pattern, Paging.Escape) || EF.Functions.ILike(it.Email, pattern, Paging.Escape)))
                || db.Groups.Any(it => it.Id == row.GroupId && EF.Functions.ILike(it.Name, pattern, Paging.Escape))
                || db.ServiceAccounts.Any(it => it.Id == row.ServiceAccountId && EF.Functions.ILike(it.Name, pattern, Paging.Escape)));
        }
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => GrantViews.ReadAsync(db, rows, cancel), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }
}

/// <summary>Principals as queries write them, and their names.</summary>
internal static class Principals
{
    /// <summary>Reads <c>user:&lt;id&gt;</c> and its like; null for anything else.</summary>
    public static PrincipalId? Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        PrincipalKind? kind = (colon < 0 ? "" : text[..colon]) switch
        {
            "user" => PrincipalKind.User,
            "group" => PrincipalKind.Group,
            "service_account" => PrincipalKind.ServiceAccount,
            _ => null,
        };
        return kind is { } known && Guid.TryParse(text.AsSpan(colon + 1), out var id) ? new PrincipalId(known, id) : null;
    }

    /// <summary>The answer to what <see cref="Parse"/> cannot read.</summary>
    public static Problem Malformed() => Problem.Invalid(new ProblemItem("invalid", "principal", "A principal is written user:<id>, group:<id> or service_account:<id>."));

    /// <summary>By what people call a principal of the current organization; null when there is none.</summary>
    public static async Task<PrincipalView?> FindAsync(TogglrDbContext db, PrincipalId principal, CancellationToken cancel) => principal.Kind switch
    {
        PrincipalKind.User => await db.Memberships.Where(row => row.UserId == principal.Id)
            .Select(row => new PrincipalView(PrincipalKind.User, row.UserId, row.User!.Name, row.User!.Email)).SingleOrDefaultAsync(cancel),
        PrincipalKind.Group => await db.Groups.Where(row => row.Id == principal.Id)
            .Select(row => new PrincipalView(PrincipalKind.Group, row.Id, row.Name, null)).SingleOrDefaultAsync(cancel),
        _ => await db.ServiceAccounts.Where(row => row.Id == principal.Id)
            .Select(row => new PrincipalView(PrincipalKind.ServiceAccount, row.Id, row.Name, null)).SingleOrDefaultAsync(cancel),
    };

    /// <summary>As the audit log calls it.</summary>
    public static string LabelOf(PrincipalView principal) => principal.Email ?? principal.Name;
}
